"""Everything that the box can be asked to do. Each public name in ALL is an operation."""

import os
import signal
import subprocess
import time

import gadget
import local
import nodes
import watched

gadgets = {}


def run(command, timeout=60, stdin=""):
    """Runs a shell's command line to its end."""
    done = subprocess.run(
        ["/bin/sh", "-c", command], input=stdin.encode(), capture_output=True, timeout=timeout
    )
    out, err = (text.decode(errors="replace") for text in (done.stdout, done.stderr))
    return {"code": done.returncode, "out": out, "err": err}


def until_run(command, wait):
    """Runs a command again and again until it ends with 0; tells whether it did in time."""
    end = time.monotonic() + wait
    while run(command)["code"] != 0:
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def tidy():
    """Unplugs everything and ends what a case left running, for the next one."""
    for scanner in gadgets.values():
        scanner.unplug()
    for node in list(nodes.opened):
        nodes.release(node)
    for name in list(watched.ALL):
        watched.stop(name)


def make(name, **identity):
    """Makes a scanner, unplugged."""
    if not gadgets:
        gadget.prepare()
    gadgets[name] = gadget.Gadget(name, **identity)


def plug(name, wait=10):
    """Plugs a scanner in and waits until its nodes are there and udev is done with them."""
    gadgets[name].plug()
    end = time.monotonic() + wait
    while not gadgets[name].nodes():
        if time.monotonic() > end:
            raise TimeoutError(f"no device of {name} appeared")
        time.sleep(0.01)
    subprocess.run(["udevadm", "settle", "--timeout=10"], check=True)
    return gadgets[name].nodes()


def unplug(name):
    gadgets[name].unplug()


def discard(name):
    gadgets.pop(name).discard()


def scan(name, text, **how):
    return gadgets[name].scan(text, **how)


def burst(name, codes, gap=0.05, **how):
    """Many codes one after the other, with so many seconds of silence behind each; returns the
    seconds of all but the silence."""
    took = 0.0
    for code in codes:
        took += gadgets[name].scan(code, **how)
        time.sleep(gap)
    return took


def scan_while_stopped(name, text, pid, **how):
    """Sends a code while a process does not run at all, so that it reads nothing of it in time."""
    os.kill(pid, signal.SIGSTOP)
    try:
        return gadgets[name].scan(text, **how)
    finally:
        os.kill(pid, signal.SIGCONT)


def replug(name, text, first, until):
    """Unplugs a scanner within a code and plugs it in again. `until` names what tells of it: the
    watched process whose states are read. Returns the seconds to each."""
    scanner, process = gadgets[name], watched.ALL[until]
    seen = process.count()
    scanner.scan(text, first=first)
    begun = time.monotonic()
    scanner.unplug()
    lost = process.until(seen, {"event": "state", "state": "lost"}, 5) - begun
    seen = process.count()
    begun = time.monotonic()
    scanner.plug()
    ready = process.until(seen, {"event": "state", "state": "ready"}, 10) - begun
    return {"lost": lost, "ready": ready}


ALL = {
    operation.__name__: operation
    for operation in (
        run, until_run, tidy, make, plug, unplug, discard, scan, burst, scan_while_stopped, replug,
        local.api, local.until_scanner, local.until_sale, local.until_state, local.until_daemon,
        nodes.hold, nodes.release, nodes.listen, nodes.heard,
        watched.start, watched.lines, watched.until_line, watched.stop, watched.descriptors,
        watched.held_up,
    )
}  # fmt: skip
