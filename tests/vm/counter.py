"""A shop's counter: the box, the package in it, scanners, sales, and the gateway's truth."""

import json

from case import check, equal

KEY = "skey_test_tillscanwholesystem0"
TOLD = "/var/lib/tillscan/told"
CONFIG = "/etc/tillscan/tillscan.toml"
# The times of a payment are the real ones, but for what the cases would only wait for.
CONFIGURATION = """
[gateway]
base_url = "http://127.0.0.1:8484"

[payment]
cancel_not_before = "1s"

[[hook]]
command = ["/box/hook", "/var/lib/tillscan/told"]
"""


class Counter:
    def __init__(self, box, gateway):
        self.box, self.gateway = box, gateway
        self.made, self.codes, self.special = set(), 0, False

    def configure(self, more="", at=CONFIG):
        self.box.sh(f"cat > {at}", stdin=CONFIGURATION + more)
        self.special = bool(more) and at == CONFIG

    def restart(self):
        self.box.sh("systemctl restart tillscan")

    def tidy(self):
        """Leaves the box to the next case as this one found it."""
        self.box.unplug_all()
        self.box.ask("tidy")
        if self.special:
            self.configure()
            self.restart()

    def status(self):
        return self.box.ask("api", method="GET", path="/v1/status")[1]

    def scanner(self, name, kind, vendor, product, **more):
        """Makes a scanner that can be plugged in; the same one if it was made before."""
        if name not in self.made:
            self.made.add(name)
            self.box.ask("make", name=name, kind=kind, vendor=vendor, product=product, **more)
        return name

    def discard(self, name):
        """Takes a scanner apart that no other case will use."""
        self.made.remove(name)
        self.box.ask("discard", name=name)

    def plugged(self, name, **wanted):
        """Plugs it in and waits until the daemon has it; returns its nodes."""
        nodes = self.box.ask("plug", name=name)
        self.until_scanner("ready", **wanted)
        return nodes

    def until_scanner(self, state, **wanted):
        seen = self.box.ask("until_scanner", state=state, **wanted)
        check(
            seen["took"] is not None, f"no scanner {wanted} is {state}:", json.dumps(seen["seen"])
        )
        return seen["took"]

    def code(self, digits):
        """A payment code nobody has used yet, which makes the sandbox behave so."""
        self.codes += 1
        return f"13{81_000_000 + self.codes:014}{digits:02}"

    def arm(self, reference):
        self.box.sh(f"tillscan sale 150.00 --reference {reference}")

    def sell(self, reference, scanner, digits, outcome):
        """A sale from its amount to its outcome."""
        self.arm(reference)
        self.box.ask("scan", name=scanner, text=self.code(digits))
        self.until_sale(reference, outcome)

    def until_sale(self, reference, outcome, wait=60):
        seen = self.box.ask(
            "until_sale", reference=reference, outcome=outcome, wait=wait, patience=wait + 30
        )
        sale = seen["seen"]
        if isinstance(sale, dict):
            # Its words in three languages tell nothing more.
            sale.pop("message", None)
        check(seen["took"] is not None, f"{reference} is not {outcome}:", json.dumps(sale))

    def told(self, reference):
        """What the hook was told of a sale; + marks what is repeated."""
        told = []
        for line in self.box.sh(f"cat {TOLD}").splitlines():
            try:
                told.append(json.loads(line.strip("\0")))
            except json.JSONDecodeError:
                # The power went while the hook wrote it.
                continue
        mine = [one for one in told if one["sale"]["reference"] == reference]
        return [one["event"] + ("+" if one["repeated"] else "") for one in mine]

    def until_told(self, reference, words):
        self.box.until(f"[ $(grep -ac '\"{reference}\"' {TOLD}) -ge {len(words)} ]")
        equal(self.told(reference), words, f"what the hook was told of {reference}")

    def charged_once(self, reference, status):
        """The gateway has one charge for this sale, in this status, from one create."""
        charges = self.gateway.charges(reference)
        equal([charge["status"] for charge in charges], [status], f"charges of {reference}")
        more = {attempt: count for attempt, count in self.gateway.creates().items() if count != 1}
        equal(more, {}, "attempts with more than one create")

    def evidence(self):
        """What tells most about a failed case."""
        parts = {
            "log": "journalctl -q -u 'tillscan*' -n 15 --no-pager -o cat",
            "status": "tillscan status",
            "kernel": "dmesg | tail -n 5",
        }
        told = []
        for name, command in parts.items():
            done = self.box.ask("run", command=command, patience=40)
            told.append(f"--- {name}\n{done['out']}{done['err']}")
        # A sale that stays open would be in the way of the next case.
        self.box.sh("tillscan cancel $(tillscan list --limit 1 | cut -d ' ' -f 1)", code=None)
        return "\n".join(told)
