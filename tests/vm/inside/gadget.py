"""Barcode scanners that this box plugs into itself: USB gadgets on emulated host controllers.

To the kernel's host side they are real: enumeration, drivers, udev, unplugging in the middle of a
transfer. dummy_hcd joins both sides, configfs describes the device.
"""

import glob
import os
import subprocess
import termios
import time
import tty

import keys

CONFIGFS = "/sys/kernel/config"
GADGETS = CONFIGFS + "/usb_gadget"

# HID 1.11, appendix B.1: the boot keyboard, as scanners in keyboard mode have it.
KEYBOARD = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810395057501"
    "0508190129059102950175039103950675081500256505071900296581 00c0".replace(" ", "")
)
# Usage page 8C (bar code scanner), usage 02: report 2 is a length, an AIM identifier, 56 bytes of
# data, a vendor's byte, a reserved one, and "more follows"; 64 bytes with the report's id.
POINT_OF_SALE = bytes.fromhex(
    "058c"
    "0902"
    "a101"
    "8502"
    "1500"
    "26ff00"
    "7508"
    "0501"
    "093b"
    "9501"
    "8102"  # byte count
    "058c"
    "09fb"
    "09fc"
    "09fd"
    "9503"
    "8102"  # symbology identifier
    "09fe"
    "9538"
    "8102"  # decoded data
    "06ff00"
    "0901"
    "9502"
    "8102"  # a vendor's byte and a reserved one
    "058c"
    "09ff"
    "7501"
    "9501"
    "8102"
    "9507"
    "8103"  # decoded data continued
    "c0"
)
POINT_OF_SALE_DATA = 56

HID = {
    # kind: protocol, subclass, report length, descriptor
    "keyboard": (1, 1, 8, KEYBOARD),
    "hidpos": (0, 0, 64, POINT_OF_SALE),
}


def prepare():
    """Loads the drivers of the device's side; those of the host's side are udev's business."""
    subprocess.run(["modprobe", "-a", "dummy_hcd", "libcomposite"], check=True)
    if not os.path.isdir(GADGETS):
        subprocess.run(["mount", "-t", "configfs", "none", CONFIGFS], check=True)


class Gadget:
    """One scanner at one of the emulated ports. It is made unplugged."""

    def __init__(
        self, name, kind, vendor, product, port=0, serial=None, maker="Box", model="Scanner"
    ):
        self.kind, self.port = kind, port
        self.path = f"{GADGETS}/{name}"
        os.makedirs(self.path + "/strings/0x409")
        self._write("idVendor", f"{vendor:#06x}")
        self._write("idProduct", f"{product:#06x}")
        self._write("strings/0x409/manufacturer", maker)
        self._write("strings/0x409/product", model)
        if serial:
            self._write("strings/0x409/serialnumber", serial)
        os.makedirs(self.path + "/configs/c.1")
        function = f"functions/{'acm' if kind == 'serial' else 'hid'}.{name}"
        os.makedirs(f"{self.path}/{function}")
        if kind != "serial":
            protocol, subclass, length, descriptor = HID[kind]
            self._write(function + "/protocol", str(protocol))
            self._write(function + "/subclass", str(subclass))
            self._write(function + "/report_length", str(length))
            with open(f"{self.path}/{function}/report_desc", "wb") as file:
                file.write(descriptor)
        os.symlink(f"{self.path}/{function}", f"{self.path}/configs/c.1/function")
        self.function = function

    def _write(self, attribute, text):
        with open(f"{self.path}/{attribute}", "w") as file:
            file.write(text)

    def _read(self, attribute):
        with open(f"{self.path}/{attribute}") as file:
            return file.read().strip()

    def plug(self):
        self._write("UDC", f"dummy_udc.{self.port}")

    def unplug(self):
        if self._read("UDC"):
            self._write("UDC", "\n")

    def discard(self):
        """Takes it apart: the kernel has room for four HID functions, plugged in or not."""
        self.unplug()
        os.unlink(f"{self.path}/configs/c.1/function")
        for part in (self.function, "configs/c.1", "strings/0x409", ""):
            os.rmdir(f"{self.path}/{part}")

    def nodes(self):
        """What the box sees of it, as device names such as `input/event3`."""
        usb = f"/sys/devices/platform/dummy_hcd.{self.port}/usb*/*-1/*:*"
        events = glob.glob(usb + "/*/input/input*/event*")
        nodes = ["input/" + os.path.basename(event) for event in events]
        nodes += [os.path.basename(tty) for tty in glob.glob(usb + "/tty/tty*")]
        nodes += [os.path.basename(raw) for raw in glob.glob(usb + "/*/hidraw/hidraw*")]
        return [node for node in nodes if os.path.exists("/dev/" + node)]

    def scan(self, text, end="enter", interval=0.001, first=None):
        """Sends one code, or only its `first` characters and no terminator. Returns how many
        seconds that took. `interval` is the time between two reports of a keyboard."""
        if first is not None:
            text, end = text[:first], "none"
        begun = time.monotonic()
        if self.kind == "serial":
            self._send(text.encode() + {"enter": b"\r", "tab": b"\t", "none": b""}[end])
        elif self.kind == "keyboard":
            self._report(keys.reports(text, end), interval)
        else:
            self._report(point_of_sale(text.encode()), interval)
        return time.monotonic() - begun

    def _report(self, reports, interval):
        # Major and minor number, in the order in which the functions were made.
        number = self._read(self.function + "/dev").split(":")[1]
        device = os.open(f"/dev/hidg{number}", os.O_WRONLY)
        try:
            due = time.monotonic()
            for report in reports:
                os.write(device, report)
                due += interval
                pause = due - time.monotonic()
                if pause > 0:
                    time.sleep(pause)
        finally:
            os.close(device)

    def _send(self, data):
        device = os.open(
            "/dev/ttyGS" + self._read(self.function + "/port_num"), os.O_WRONLY | os.O_NOCTTY
        )
        try:
            tty.setraw(device, termios.TCSANOW)
            while data:
                data = data[os.write(device, data) :]
            termios.tcdrain(device)
        finally:
            os.close(device)


def point_of_sale(data):
    """The reports of one code in HID-POS mode, a QR code by its AIM identifier."""
    reports = []
    for start in range(0, len(data), POINT_OF_SALE_DATA):
        part = data[start : start + POINT_OF_SALE_DATA]
        more = start + POINT_OF_SALE_DATA < len(data)
        body = part.ljust(POINT_OF_SALE_DATA, b"\0")
        reports.append(bytes([2, len(part)]) + b"]Q1" + body + bytes([0, 0, int(more)]))
    return reports
