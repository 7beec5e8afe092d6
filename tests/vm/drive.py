"""Plays the cases in the box and reports each of them on one line."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

import case
import cases_package  # noqa: F401  each registers its cases, which are played in this order
from box import Box, Trouble
from counter import Counter
from gateway import Gateway

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True, help="the directory of root.ext4, vmlinuz and initrd.img")
    parser.add_argument("--package", required=True, help="the Debian package")
    parser.add_argument("cases", nargs="*", help="names or patterns of cases; all of them if there is none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tillscan-vm.") as directory:
        sys.exit(play(options, directory))


def play(options, directory):
    cases = [one for one in case.ALL if one.wanted(options.cases)]
    tree = os.path.join(directory, "tree")
    shutil.copytree(os.path.join(HERE, "inside"), tree, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(options.package, os.path.join(tree, "tillscan.deb"))
    subprocess.run(["dpkg-deb", "-x", options.package, os.path.join(directory, "package")], check=True)
    gateway = Gateway(os.path.join(directory, "package/usr/bin/tillscan"))
    box = Box(options.root, directory, gateway.port)
    try:
        box.bring(tree)
        say(f"     boot {box.boot():.1f} s")
        return report(cases, Counter(box, gateway))
    finally:
        box.cut()
        gateway.close()


def report(cases, counter):
    begun, failed = time.monotonic(), []
    for one in cases:
        start = time.monotonic()
        evidence = attempt(one, counter)
        verdict = "ok  " if evidence is None else "FAIL"
        say(f"{verdict} {one.name:<16} {one.rule}  {time.monotonic() - start:.1f} s")
        if evidence is not None:
            failed.append(one.name)
            say("     " + evidence.replace("\n", "\n     "))
            if one.always:
                say("     the other cases build on this one and were not played")
                break
    say(f"{len(cases)} cases, {counter.box.boots} boots, {time.monotonic() - begun:.0f} s; failed: {' '.join(failed) or 'none'}")
    return 1 if failed else 0


def attempt(one, counter):
    """Plays a case; returns the evidence if it fails."""
    try:
        one.play(counter)
        return None
    except (case.Failed, Trouble, TimeoutError) as failure:
        told = str(failure)
    except Exception:
        told = traceback.format_exc()
    try:
        return f"{told}\n{counter.evidence()}"
    except Exception as failure:
        return f"{told}\nno evidence: {failure}\n{counter.box.console()[-2000:]}"


def say(line):
    print(line, flush=True)


if __name__ == "__main__":
    main()
