"""The package: installed without a network, with its service, its user and its files."""

from case import case, check, equal
from counter import KEY

APT = "DEBIAN_FRONTEND=noninteractive apt-get -q -y"
# What `stat -c '%a %U:%G'` must say.
MODES = {
    "/usr/bin/tillscan": "755 root:root",
    "/etc/tillscan": "755 root:root",
    "/etc/tillscan/tillscan.toml": "644 root:root",
    "/var/lib/tillscan": "700 tillscan:tillscan",
    "/run/tillscan": "750 tillscan:tillscan",
    "/run/tillscan/tillscan.sock": "660 tillscan:tillscan",
    "/usr/share/man/man1/tillscan.1.gz": "644 root:root",
    "/usr/share/man/man5/tillscan.toml.5.gz": "644 root:root",
    "/usr/share/bash-completion/completions/tillscan": "644 root:root",
}


@case("install", "apt installs it offline, and the service runs without a key", always=True)
def install(counter):
    box = counter.box
    box.sh(f"{APT} install /box/tillscan.deb", timeout=180)
    equal(box.sh("systemctl is-active tillscan", code=None), "active", "service")
    equal(box.sh("systemctl is-enabled tillscan", code=None), "enabled", "service")
    said = box.sh("tillscan status")
    check("no key: no sale is taken" in said and "problem" in said, "status does not say what is missing:", said)
    equal(box.sh("systemctl --failed --plain --no-legend"), "", "failed units")


@case("files", "the files, the user and the sandbox are as promised")
def files(counter):
    box = counter.box
    found = {path: box.sh(f"stat -L -c '%a %U:%G' {path}", code=None) for path in MODES}
    equal(found, MODES, "modes and owners")
    groups = box.sh("id -nG tillscan").split()
    check("input" not in groups, "tillscan can read every keyboard:", groups)
    equal(box.sh("dpkg --verify tillscan"), "", "files that differ from the package's")
    # Exposure 1.3, as packaging/check; here with what systemd made of the unit in a real system.
    box.sh("systemd-analyze security --threshold=13 tillscan.service")


@case("key", "with a key it takes sales, and the key is in no log", always=True)
def key(counter):
    box = counter.box
    box.sh("install -m 600 /dev/stdin /etc/tillscan/opn-secret-key", stdin=KEY + "\n")
    counter.configure()
    box.sh("tillscan config check")
    counter.restart()
    status = counter.status()
    equal((status["key"], status["gateway"]), ("test", "http://127.0.0.1:8484/"), "key and gateway")
    equal(box.sh(f"journalctl -q | grep -c {KEY}", code=1), "0", "lines of the journal with the key")
