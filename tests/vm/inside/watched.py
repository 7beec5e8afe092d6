"""Programs that run on while the test goes on; each line that they print is kept with its time."""

import array
import fcntl
import json
import os
import signal
import subprocess
import termios
import threading
import time

ALL = {}


class Watched:
    def __init__(self, argv, user, hold_up=0):
        self.held_up = 0
        groups = ["dialout"] if user else None
        self.process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            user=user, group=user, extra_groups=groups,
        )  # fmt: skip
        self.changed = threading.Condition()
        self.out, self.err, self.over = [], [], False
        out = self._holding_up(hold_up) if hold_up else self.process.stdout
        for stream, lines in ((out, self.out), (self.process.stderr, self.err)):
            threading.Thread(target=self._read, args=(stream, lines), daemon=True).start()

    def _holding_up(self, seconds):
        """Its lines, read so that its main thread stands still for that long again and again: the
        pipe is as small as can be, and nothing is taken out of it until a write is stuck in it."""
        pipe = self.process.stdout.fileno()
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 4096)
        filled, since, rest = array.array("i", [0]), time.monotonic(), b""
        while True:
            before = filled[0]
            fcntl.ioctl(pipe, termios.FIONREAD, filled)
            since = since if filled[0] == before else time.monotonic()
            if self._writes():
                time.sleep(seconds)
                self.held_up += self._writes()
            elif time.monotonic() - since < 1:
                time.sleep(0.005)
                continue
            read = os.read(pipe, 65536)
            if not read:
                return
            *whole, rest = (rest + read).split(b"\n")
            yield from whole

    def _writes(self):
        """Whether its main thread is stuck in a write."""
        try:
            with open(f"/proc/{self.process.pid}/syscall") as state:
                return state.read().split()[0] == "1"
        except (OSError, IndexError):
            return False

    def _read(self, stream, lines):
        for line in stream:
            now = time.monotonic()
            with self.changed:
                lines.append((now, line.decode(errors="replace").rstrip("\n")))
                self.changed.notify_all()
        with self.changed:
            self.over = True
            self.changed.notify_all()

    def count(self):
        with self.changed:
            return len(self.out)

    def until(self, seen, wanted, wait):
        """Waits for a line of JSON with these fields behind the first `seen` ones; returns when it
        came."""
        end = time.monotonic() + wait
        with self.changed:
            while True:
                for came, line in self.out[seen:]:
                    document = json.loads(line)
                    if all(document.get(name) == value for name, value in wanted.items()):
                        return came
                seen = len(self.out)
                left = end - time.monotonic()
                if left <= 0 or self.over:
                    raise TimeoutError(
                        f"no {wanted} in {wait} s; last: {self.out[-5:]} {self.err[-5:]}"
                    )
                self.changed.wait(left)


def start(name, argv, user=None, hold_up=0):
    """Starts a program, as this user with the groups of the service; returns its process id. Its
    main thread can be held up for so many seconds whenever it has printed some lines."""
    ALL[name] = Watched(argv, user, hold_up)
    return ALL[name].process.pid


def lines(name, since=0):
    """What it printed: standard output from that line on, and all of standard error."""
    watched = ALL[name]
    with watched.changed:
        return {
            "out": [line for _, line in watched.out[since:]],
            "err": [line for _, line in watched.err],
        }


def until_line(name, wanted, wait=10, since=0):
    """Waits for a line of JSON with these fields."""
    ALL[name].until(since, wanted, wait)


def stop(name):
    """Ends it; returns its exit code."""
    watched = ALL.pop(name)
    watched.process.send_signal(signal.SIGTERM)
    try:
        return watched.process.wait(10)
    except subprocess.TimeoutExpired:
        watched.process.kill()
        return watched.process.wait()


def held_up(name):
    """How often its main thread was held up."""
    return ALL[name].held_up


def descriptors(pid):
    """How many files a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))
