"""Plays the cases in the box and reports each of them on one line."""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import case
import cases
from box import Box, Trouble
from counter import Counter
from gateway import Gateway

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--root", required=True, help="the directory of root.ext4, vmlinuz and initrd.img"
    )
    parser.add_argument("--package", required=True, help="the Debian package")
    parser.add_argument(
        "cases", nargs="*", help="names or patterns of cases; all of them if there is none"
    )
    options = parser.parse_args()
    for end in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(end, lambda number, _: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="tillscan-vm.") as directory:
        sys.exit(play(options, directory))


def play(options, directory):
    wanted = [one for one in cases.ALL if one.wanted(options.cases)]
    tree = os.path.join(directory, "tree")
    shutil.copytree(
        os.path.join(HERE, "inside"), tree, ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(options.package, os.path.join(tree, "tillscan.deb"))
    unpacked = repack(
        options.package, os.path.join(directory, "package"), os.path.join(tree, "tillscan-next.deb")
    )
    gateway = Gateway(os.path.join(unpacked, "usr/bin/tillscan"))
    box = Box(options.root, directory, gateway.port)
    try:
        box.bring(tree)
        say(f"     boot {box.boot():.1f} s")
        return report(wanted, Counter(box, gateway))
    finally:
        box.cut()
        gateway.close()


def repack(package, directory, higher):
    """Unpacks the package and packs it again as a higher version, for the upgrade."""
    subprocess.run(["dpkg-deb", "-R", package, directory], check=True)
    control = os.path.join(directory, "DEBIAN/control")
    with open(control) as file:
        text = re.sub("(?m)^Version: .*$", "Version: 99.0", file.read())
    with open(control, "w") as file:
        file.write(text)
    subprocess.run(
        ["dpkg-deb", "-Zgzip", "-b", directory, higher], check=True, stdout=subprocess.DEVNULL
    )
    return directory


def report(wanted, counter):
    begun, failed = time.monotonic(), []
    for one in wanted:
        start = time.monotonic()
        holds, told = attempt(one, counter)
        verdict, took = "ok  " if holds else "FAIL", time.monotonic() - start
        say(f"{verdict} {one.name:<14} {one.rule}  {took:.1f} s")
        if told:
            say("     " + told.replace("\n", "\n     "))
        if not holds:
            failed.append(one.name)
            if one.always:
                say("     the other cases build on this one and were not played")
                break
    took, boots = time.monotonic() - begun, counter.box.boots
    say(f"{len(wanted)} cases, {boots} boots, {took:.0f} s; failed: {' '.join(failed) or 'none'}")
    return 1 if failed else 0


def attempt(one, counter):
    """Plays a case; returns whether its rule holds, and what there is to tell of it."""
    try:
        told = one.play(counter)
        counter.tidy()
        return True, told
    except (case.Failed, Trouble, TimeoutError) as failure:
        told = str(failure)
    except Exception:
        told = traceback.format_exc()
    try:
        told += f"\n{counter.evidence()}"
        counter.tidy()
    except Exception as failure:
        told += f"\nand the box: {failure}\n{counter.box.console()[-2000:]}"
    return False, told


def say(line):
    print(line, flush=True)


if __name__ == "__main__":
    main()
