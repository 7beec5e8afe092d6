"""Scanners that are fast, overrun, pulled out, taken, doubled and chattering (scanner-facts E)."""

import json
import os

from case import case, check, equal
from cases_sale import KEYBOARD, SERIAL

TEST = ["/usr/bin/tillscan", "devices", "--test", "--json"]
RELOAD = "udevadm control --reload"


def codes(count, kind=0):
    """Codes that are no wallet's, so that they are printed whole; each but once."""
    return [f"99{kind:02}{number:014}" for number in range(1, count + 1)]


class Test:
    """`tillscan devices --test` with the daemon's rights, in the daemon's place."""

    def __init__(self, counter, scanners, hold_up=0):
        self.box, self.scanners, self.hold_up = counter.box, scanners, hold_up

    def __enter__(self):
        self.box.sh("systemctl stop tillscan")
        self.pid = self.box.ask(
            "start", name="test", argv=TEST, user="tillscan", hold_up=self.hold_up
        )
        for scanner in self.scanners:
            seen = len(self.out())
            self.box.ask("plug", name=scanner)
            self.box.ask(
                "until_line", name="test", wanted={"event": "state", "state": "ready"}, since=seen
            )
        return self

    def __exit__(self, *_):
        self.box.ask("tidy")
        self.box.sh("systemctl start tillscan")

    def out(self):
        return self.box.ask("lines", name="test")["out"]

    def events(self, event):
        return [found for found in map(json.loads, self.out()) if found["event"] == event]

    def until(self, **wanted):
        self.box.ask("until_line", name="test", wanted=wanted)

    def scanned(self):
        return [found["text"] for found in self.events("scan")]


def typed(counter, wanted, hold_up=0):
    """Types codes as fast as the box polls; returns what was read, what was rejected, how long it
    took and how often the reader's main thread was held up."""
    scanners = [counter.scanner("wedge", **KEYBOARD, port=1)]
    with Test(counter, scanners, hold_up) as test:
        took = 0.0
        # In parts, so that no answer takes too long.
        for start in range(0, len(wanted), 100):
            part = wanted[start : start + 100]
            took += counter.box.ask(
                "burst", patience=300, name="wedge", codes=part, gap=0.02, interval=0
            )
        test.until(event="scan", text=wanted[-1])
        rejected = test.events("rejected")
        return test.scanned(), rejected, took, counter.box.ask("held_up", name="test")


@case("E1", "1,000 codes at a poll each millisecond are read exactly")
def e1_fast(counter):
    wanted = codes(1000)
    found, rejected, took, _ = typed(counter, wanted)
    note = ""
    if len(found) + len(rejected) == len(wanted) and rejected:
        # The emulator itself stood still, on a busy machine: each loss was told. Once.
        note = f"; {len(rejected)} losses were told, and the second time:"
        found, rejected, took, _ = typed(counter, wanted)
    wrong = [text for text in found if text not in wanted]
    check(found == wanted, f"{len(found)} codes{note} wrong: {wrong[:5]}")
    equal(rejected, [], "rejected")
    return f"{took / 38:.2f} ms for each report{note}"


@case("E1-held-up", "a runtime that stands still for 200 ms again and again costs no key")
def e1_held_up(counter):
    wanted = codes(200, kind=1)
    found, rejected, _, times = typed(counter, wanted, hold_up=0.2)
    check(found == wanted, f"{len(found)} codes of {len(wanted)}, {len(rejected)} rejected")
    check(times >= 5, f"held up only {times} times")
    return f"held up {times} times"


@case("E2", "keys that the kernel had to drop make no code, and the next scan is fine")
def e2_overrun(counter):
    lost, good = codes(2, kind=2)
    with Test(counter, [counter.scanner("wedge", **KEYBOARD, port=1)]) as test:
        counter.box.ask("scan_while_stopped", name="wedge", text=lost, pid=test.pid)
        test.until(event="rejected", reason="overrun")
        counter.box.ask("scan", name="wedge", text=good)
        test.until(event="scan", text=good)
        equal(test.scanned(), [good], "scans")
        equal(len(test.events("rejected")), 1, "rejected readings")


def replugged(counter, name, scanner, times):
    """Pulled out in mid-code and put back, again and again."""
    wanted, lost, ready = codes(times, kind=3), [], []
    with Test(counter, [counter.scanner(name, **scanner)]) as test:
        opened = counter.box.ask("descriptors", pid=test.pid)
        for number, code in enumerate(wanted):
            took = counter.box.ask(
                "replug", name=name, text=f"97{number:016}", first=9, until="test"
            )
            lost.append(took["lost"])
            ready.append(took["ready"])
            counter.box.ask("scan", name=name, text=code)
            test.until(event="scan", text=code)
        equal(test.scanned(), wanted, "scans")
        equal(counter.box.ask("descriptors", pid=test.pid), opened, "open files")
    check(max(lost) < 1, f"lost only after {max(lost):.2f} s")
    check(max(ready) < 3, f"ready only after {max(ready):.2f} s")
    return f"{times} times; lost within {max(lost):.2f} s, ready within {max(ready):.2f} s"


@case("E3-serial", "unplugged in mid-code and back: no lost or wrong code, no leak (USB COM)")
def e3_serial(counter):
    return replugged(counter, "com", {**SERIAL, "port": 0}, 50)


@case("E3-keyboard", "unplugged in mid-code and back: no lost or wrong code, no leak (keyboard)")
def e3_keyboard(counter):
    return replugged(counter, "wedge", {**KEYBOARD, "port": 1}, 50)


@case("E3-daemon", "unplugged in mid-code with a sale armed: the daemon stays, the sale goes on")
def e3_daemon(counter):
    pid = counter.box.sh("systemctl show -P MainPID tillscan")
    scanner = counter.scanner("com", **SERIAL, port=0)
    counter.plugged(scanner, holds="ttyACM")
    counter.arm("replug")
    counter.box.ask("scan", name=scanner, text=counter.code(1), first=9)
    counter.box.ask("unplug", name=scanner)
    took = counter.until_scanner("lost", holds="ttyACM")
    check(took < 1, f"lost only after {took:.2f} s")
    counter.plugged(scanner, holds="ttyACM")
    counter.box.ask("scan", name=scanner, text=counter.code(1))
    counter.until_sale("replug", "paid")
    counter.charged_once("replug", "successful")
    equal(counter.box.sh("systemctl show -P MainPID tillscan"), pid, "process of the daemon")


@case("E4", "a scanner that another program holds is busy, and used as soon as it is free")
def e4_busy(counter):
    box = counter.box
    scanner = counter.scanner("wedge", **KEYBOARD, port=1)
    box.sh("systemctl stop tillscan")
    node = next(node for node in box.ask("plug", name=scanner) if "event" in node)
    box.ask("hold", node=node)
    box.sh("systemctl start tillscan")
    counter.until_scanner("busy", kind="keyboard")
    box.ask("release", node=node)
    counter.until_scanner("ready", kind="keyboard")


@case("E5", "two scanners that are the same in all but their port are two, and never mixed")
def e5_twins(counter):
    box, count = counter.box, 20
    scanners = [counter.scanner(f"twin{port}", **KEYBOARD, port=port) for port in (2, 3)]
    with Test(counter, scanners) as test:
        batches = [codes(count, kind=50 + index) for index in range(2)]
        typing = [
            box.begin("burst", name=name, codes=batch, gap=0.2, interval=0.004)
            for name, batch in zip(scanners, batches)
        ]
        for finish in typing:
            finish()
        for batch in batches:
            test.until(event="scan", text=batch[-1])
        of = {}
        for found in test.events("scan"):
            of.setdefault(found["device"], []).append(found["text"])
        equal(sorted(of.values()), batches, "codes of each device")


@case("E14", "a scanner that may not be opened yet is used as soon as it may")
def e14_denied(counter):
    box = counter.box
    rule = 'SUBSYSTEM=="tty", ATTRS{serial}=="DENIED", GROUP="root", MODE="0600"'
    file = "/run/udev/rules.d/99-denied.rules"
    box.sh(f"mkdir -p {os.path.dirname(file)}; cat > {file}; {RELOAD}", stdin=rule + "\n")
    scanner = counter.scanner("denied", **SERIAL, port=0, serial="DENIED")
    node = box.ask("plug", name=scanner)[0]
    counter.until_scanner("denied", holds="ttyACM")
    box.sh(f"chgrp tillscan /dev/{node}; chmod 660 /dev/{node}")
    counter.until_scanner("ready", holds="ttyACM")
    box.sh(f"rm {file}; {RELOAD}")


@case("E15", "what a modem manager makes a scanner echo is no code")
def e15_junk(counter):
    scanner = counter.scanner("com", **SERIAL, port=0)
    counter.plugged(scanner, holds="ttyACM")
    counter.arm("junk")
    for junk in ("AT", "AT+GCAP", "ATI"):
        counter.box.ask("scan", name=scanner, text=junk)
    counter.box.ask("scan", name=scanner, text=counter.code(1))
    counter.until_sale("junk", "paid")
    counter.charged_once("junk", "successful")
