"""Sales over every kind of scanner. Those on USB are in no configuration, unless it says so."""

import socket

from case import case, check, equal

NEWLAND = 0x1EAB
# Newland's product ids tell its modes: xx03 keyboard, xx06 CDC, xx10 HID-POS.
SERIAL = {"kind": "serial", "vendor": NEWLAND, "product": 0x8306}
KEYBOARD = {"kind": "keyboard", "vendor": NEWLAND, "product": 0x8303}
HIDPOS = {"kind": "hidpos", "vendor": NEWLAND, "product": 0x8310}


def sold(counter, reference, scanner):
    """A sale that is paid, charged once, told once."""
    counter.sell(reference, scanner, 1, "paid")
    counter.until_told(reference, ["paid"])
    counter.charged_once(reference, "successful")


def properties(counter, node):
    """What udev says of a node, and who may open it."""
    said = counter.box.sh(f"udevadm info --query=property --name={node}").splitlines()
    owner = counter.box.sh(f"stat -c '%U:%G %a' /dev/{node}")
    return dict(line.split("=", 1) for line in said), owner


@case("sale-serial", "a USB COM scanner works as it is plugged in, and no modem manager probes it")
def sale_serial(counter):
    scanner = counter.scanner("com", **SERIAL, port=0)
    node = counter.plugged(scanner, kind="serial")[0]
    said, owner = properties(counter, node)
    equal(owner, "root:tillscan 660", node)
    equal(said.get("ID_MM_DEVICE_IGNORE"), "1", "ID_MM_DEVICE_IGNORE")
    sold(counter, "serial", scanner)


@case("sale-keyboard", "a keyboard scanner works as it is plugged in, and types into nothing else")
def sale_keyboard(counter):
    scanner = counter.scanner("wedge", **KEYBOARD, port=1)
    nodes = counter.plugged(scanner, kind="keyboard")
    node = next(node for node in nodes if "event" in node)
    said, owner = properties(counter, node)
    equal(owner, "root:tillscan 660", node)
    equal(said.get("LIBINPUT_IGNORE_DEVICE"), "1", "LIBINPUT_IGNORE_DEVICE")
    counter.box.ask("listen", node=node)
    sold(counter, "keyboard", scanner)
    equal(counter.box.ask("heard", node=node), 0, "keys that another program read")


@case("sale-hidpos", "a HID-POS scanner works as it is plugged in")
def sale_hidpos(counter):
    scanner = counter.scanner("pos", **HIDPOS, port=2)
    counter.plugged(scanner, kind="hid_pos")
    sold(counter, "hidpos", scanner)


@case("sale-keypad", "an amount typed on a configured keypad is paid on a scanner that is not")
def sale_keypad(counter):
    rule = (
        'SUBSYSTEMS=="usb", ATTRS{idVendor}=="13ba", ATTRS{idProduct}=="0001", '
        'ENV{TILLSCAN_SCANNER}="1"'
    )
    rules = "/etc/udev/rules.d/59-tillscan-local.rules"
    counter.box.sh(f"cat > {rules} && udevadm control --reload", stdin=rule + "\n")
    counter.configure('[keypad]\nusb = "13ba:0001"\n')
    counter.restart()
    keypad = counter.scanner("keypad", kind="keyboard", vendor=0x13BA, product=0x0001, port=3)
    counter.plugged(keypad, kind="keypad")
    scanner = counter.scanner("com", **SERIAL, port=0)
    counter.plugged(scanner, kind="serial")
    counter.box.ask("scan", name=keypad, text="150.5")
    counter.box.until("tillscan status --json | grep -q scan_code")
    sale = counter.status()["screen"]["sale"]
    equal(sale["amount"], "150.50", "amount")
    counter.box.ask("scan", name=scanner, text=counter.code(1))
    counter.until_sale(sale["reference"], "paid")
    counter.charged_once(sale["reference"], "successful")
    counter.discard(keypad)
    counter.box.sh(f"rm {rules} && udevadm control --reload")


@case("sale-cable", "a scanner on an adapter cable works by its configured path")
def sale_cable(counter):
    box = counter.box
    path = f"{box.directory}/cable.sock"
    address = {"type": "unix", "data": {"path": path}}
    backend = {"type": "socket", "data": {"addr": address, "server": True, "wait": False}}
    box.monitor("chardev-add", id="cable", backend=backend)
    # An FTDI chip, which stands for anything: nothing tells that there is a scanner behind it.
    box.plug("cable", "usb-serial", chardev="cable", **{"always-plugged": True})
    counter.configure('[[scanner]]\nkind = "serial"\npath = "/dev/ttyUSB0"\n')
    counter.restart()
    counter.until_scanner("ready", holds="/dev/ttyUSB0")
    counter.arm("cable")
    with socket.socket(socket.AF_UNIX) as cable:
        cable.connect(path)
        cable.sendall(counter.code(1).encode() + b"\r")
        counter.until_sale("cable", "paid")
    counter.charged_once("cable", "successful")
    box.unplug("cable")
    counter.until_scanner("lost", holds="/dev/ttyUSB0")


@case("E6", "a keyboard beside the scanner is nobody's business: not opened, not grabbed")
def e6_keyboard(counter):
    box = counter.box
    box.plug("keys", "usb-kbd")
    link = "/dev/input/by-id/usb-QEMU_*-event-kbd"
    box.until(f"test -e {link}")
    node = "input/" + box.sh(f"basename $(readlink {link})")
    equal(properties(counter, node)[1], "root:input 660", node)
    counter.plugged(counter.scanner("wedge", **KEYBOARD, port=1), kind="keyboard")
    box.ask("listen", node=node)
    for down in (True, False):
        key = {"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": "a"}}}
        box.monitor("input-send-event", events=[key])
    equal(box.ask("heard", node=node, silence=3), 2, "keys that another program read")
    opened = box.sh("ls -l /proc/$(systemctl show -P MainPID tillscan)/fd")
    check("/dev/input/event" in opened, "the daemon has not even opened the scanner:", opened)
    check(f"/dev/{node}\n" not in opened + "\n", "the daemon has opened it:", opened)
