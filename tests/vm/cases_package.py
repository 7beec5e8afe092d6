"""The package: installed without a network, with its service, its user and its files."""

from case import case, check, equal
from cases_sale import KEYBOARD
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


@case("install", "apt installs it offline; the service runs without a key", always=True)
def install(counter):
    box = counter.box
    there = counter.scanner("wedge", **KEYBOARD, port=1)
    nodes = box.ask("plug", name=there)
    box.sh(f"{APT} install /box/tillscan.deb", timeout=180)
    equal(box.sh("systemctl is-active tillscan", code=None), "active", "service")
    equal(box.sh("systemctl is-enabled tillscan", code=None), "enabled", "service")
    said = box.sh("tillscan status")
    check(
        "no key: no sale is taken" in said and "problem" in said,
        "status does not say what is missing:",
        said,
    )
    equal(box.sh("systemctl --failed --plain --no-legend"), "", "failed units")
    owners = box.sh(f"cd /dev; udevadm settle; stat -c %G {' '.join(nodes)}").split()
    equal(set(owners), {"tillscan"}, "groups of a scanner that was plugged in before")


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
    # What a person writes is on disk some seconds later; a power cut before that is not ours.
    box.sh("sync")
    box.sh("tillscan config check")
    counter.restart()
    status = counter.status()
    equal((status["key"], status["gateway"]), ("test", "http://127.0.0.1:8484/"), "key and gateway")
    equal(
        box.sh(f"journalctl -q | grep -c {KEY}", code=1), "0", "lines of the journal with the key"
    )


LANE = """
[journal]
path = "/var/lib/tillscan-lane2/journal.db"

[api]
socket = "/run/tillscan-lane2/tillscan.sock"
"""


@case(
    "lane2", "a second lane runs beside the first, with its own configuration, journal and socket"
)
def lane2(counter):
    box = counter.box
    counter.configure(LANE, at="/etc/tillscan/lane2.toml")
    box.sh("sed -i s:/tillscan/told:/tillscan-lane2/told: /etc/tillscan/lane2.toml")
    box.sh("systemctl enable --now tillscan@lane2")
    equal(box.sh("systemctl is-active tillscan tillscan@lane2"), "active\nactive", "services")
    box.sh("tillscan --config /etc/tillscan/lane2.toml sale 20.00 --reference second")
    box.sh("tillscan --config /etc/tillscan/lane2.toml cancel second")
    equal(
        box.ask("api", method="GET", path="/v1/sales/second")[0],
        404,
        "the first lane's answer for a sale of the second",
    )
    equal(box.sh("stat -c '%a %U' /var/lib/tillscan-lane2"), "700 tillscan", "the lane's state")


@case(
    "upgrade",
    "an upgrade keeps the edited configuration and the journal, and starts the lanes again",
)
def upgrade(counter):
    box = counter.box
    before = box.ask("api", method="GET", path="/v1/sales?limit=50")[1]
    pids = "systemctl show -P MainPID tillscan tillscan@lane2"
    old = box.sh(pids).split()
    config = box.sh("sha256sum /etc/tillscan/tillscan.toml")
    box.sh(f"{APT} install /box/tillscan-next.deb", timeout=180)
    equal(box.sh("dpkg-query -W -f '${Version}' tillscan"), "99.0", "version")
    equal(box.sh("sha256sum /etc/tillscan/tillscan.toml"), config, "configuration")
    box.ask("until_daemon")
    new = box.sh(pids).split()
    check(set(new).isdisjoint(old) and "0" not in new, f"processes {old} before and {new} after")
    equal(box.ask("api", method="GET", path="/v1/sales?limit=50")[1], before, "sales")


@case("remove", "apt remove leaves no unit; the journal and the configuration stay")
def remove(counter):
    box = counter.box
    box.sh(f"{APT} remove tillscan", timeout=180)
    equal(box.sh("systemctl list-units --plain --no-legend 'tillscan*'"), "", "units")
    equal(box.sh("systemctl --failed --plain --no-legend"), "", "failed units")
    equal(box.sh("pgrep -u tillscan", code=None), "", "processes")
    box.sh("test -s /var/lib/tillscan/journal.db && test -e /etc/tillscan/opn-secret-key")


@case("purge", "apt purge takes the key and the configuration; the journal only when told to")
def purge(counter):
    box = counter.box
    said = box.sh(f"{APT} purge tillscan", timeout=180)
    check("TILLSCAN_PURGE_JOURNAL=1" in said, "nothing is said of the journal:", said)
    units = "systemctl list-unit-files --plain --no-legend 'tillscan*' || true"
    left = f"find /etc -path '*tillscan*'; {units}"
    # The second lane's configuration is the administrator's own file.
    equal(box.sh(left), "/etc/tillscan\n/etc/tillscan/lane2.toml", "left of it")
    box.sh("test -s /var/lib/tillscan/journal.db && test -s /var/lib/tillscan-lane2/journal.db")
    box.sh(f"{APT} install /box/tillscan.deb", timeout=180)
    box.ask("until_daemon")
    box.sh(f"TILLSCAN_PURGE_JOURNAL=1 {APT} purge tillscan", timeout=180)
    box.sh("! ls -d /var/lib/tillscan*")
