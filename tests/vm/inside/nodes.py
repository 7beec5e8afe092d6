"""Other programs at a scanner's event node: one that grabs it, one that only listens."""

import fcntl
import os
import select
import struct

# <linux/input.h>: _IOW('E', 0x90, int).
EVIOCGRAB = 0x40044590
# struct input_event on a 64-bit machine.
EVENT = struct.Struct("llHHi")
EV_KEY = 1

opened = {}


def hold(node):
    """Grabs a node, as another program might have done first."""
    opened[node] = os.open("/dev/" + node, os.O_RDONLY | os.O_NONBLOCK)
    fcntl.ioctl(opened[node], EVIOCGRAB, 1)


def listen(node):
    """Reads a node without grabbing it, as a desktop does."""
    opened[node] = os.open("/dev/" + node, os.O_RDONLY | os.O_NONBLOCK)


def heard(node, silence=1.0):
    """How many keys went down or up for the listener, until so many seconds brought nothing."""
    keys = 0
    while select.select([opened[node]], [], [], silence)[0]:
        events = os.read(opened[node], 64 * EVENT.size)
        keys += sum(
            kind == EV_KEY and value in (0, 1) for _, _, kind, _, value in EVENT.iter_unpack(events)
        )
    return keys


def release(node):
    os.close(opened.pop(node))
