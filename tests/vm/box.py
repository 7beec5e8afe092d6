"""The box: one emulated machine on one disk, which may lose its power and be started again."""

import json
import os
import queue
import socket
import subprocess
import threading
import time

BOOT_PATIENCE = 240
COMMAND_PATIENCE = 90
# However this program ends, what it started ends with it.
ENDS_WITH_US = ["setpriv", "--pdeathsig", "KILL"]


class Trouble(Exception):
    """The box did not do what it was asked to; says what it said."""


class Line:
    """A socket that speaks JSON by the line, as QMP and the agent do."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.lock = threading.Lock()

    def send(self, document):
        with self.lock:
            self.socket.sendall(json.dumps(document).encode() + b"\n")

    def received(self):
        buffer = b""
        while chunk := self._chunk():
            buffer += chunk
            *whole, buffer = buffer.split(b"\n")
            yield from map(json.loads, filter(None, map(bytes.strip, whole)))

    def _chunk(self):
        try:
            return self.socket.recv(65536)
        except OSError:
            return b""


class Box:
    """A machine on `disk`. Everything that it writes stays in `directory`."""

    def __init__(self, root, directory, gateway_port):
        self.root, self.directory, self.gateway_port = root, directory, gateway_port
        self.disk = self._file("disk.qcow2")
        self.tools = self._file("tools.ext4")
        # A layer over the cached root. What was not flushed within it is lost with QEMU itself, as
        # its tables are written on the guest's flushes: a harder power cut than a plain file's.
        # (`cache=unsafe` below only spares the disk of the machine outside, whose power stays on.)
        self._tool(
            "qemu-img",
            "create",
            "-q",
            "-f",
            "qcow2",
            "-F",
            "raw",
            "-b",
            f"{root}/root.ext4",
            self.disk,
        )
        self.machine, self.boots, self.plugged = None, 0, set()

    def _file(self, name):
        return os.path.join(self.directory, name)

    @staticmethod
    def _tool(*argv):
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)

    def bring(self, tree):
        """Makes the second disk of a directory; the box has it at /box."""
        self._tool("mke2fs", "-q", "-t", "ext4", "-d", tree, "-F", self.tools, "64M")

    def boot(self):
        """Turns it on; returns how many seconds it took until the agent answered."""
        begun = time.monotonic()
        self.boots += 1
        agent, qmp = self._file("agent.sock"), self._file("qmp.sock")
        with open(self._file("qemu.log"), "ab") as log:
            self.machine = subprocess.Popen(
                self._command(agent, qmp), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.agent, self.qmp = self._line(agent), self._line(qmp)
        # The agent's first word answers nobody.
        self.answers, self.next = {0: queue.SimpleQueue()}, 1
        self.qmp_answers = queue.SimpleQueue()
        threading.Thread(
            target=self._hear_agent, args=(self.agent, self.answers), daemon=True
        ).start()
        threading.Thread(
            target=self._hear_qmp, args=(self.qmp, self.qmp_answers), daemon=True
        ).start()
        self.qmp_answers.get(timeout=10)
        self.monitor("qmp_capabilities")
        try:
            self.answers[0].get(timeout=BOOT_PATIENCE)
        except queue.Empty:
            raise Trouble(f"no boot in {BOOT_PATIENCE} s: {self.console()[-2000:]}") from None
        return time.monotonic() - begun

    def _command(self, agent, qmp):
        command = "root=/dev/vda rw console=ttyS0 quiet systemd.show_status=0 net.ifnames=0"
        # An emulated processor has nothing to leak, and pays most for hiding it.
        command += " mitigations=off audit=0"
        return [
            *ENDS_WITH_US, "qemu-system-x86_64", "-accel", "tcg", "-machine", "q35,i8042=off",
            "-cpu", "max", "-smp", "2", "-m", "768",
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-kernel", f"{self.root}/vmlinuz", "-initrd", f"{self.root}/initrd.img",
            "-append", f"{command} box.gateway={self.gateway_port}",
            "-drive", f"file={self.disk},if=virtio,format=qcow2,cache=unsafe",
            "-drive", f"file={self.tools},if=virtio,format=raw,read-only=on",
            "-serial", f"file:{self._file(f'console-{self.boots}.log')}",
            "-qmp", f"unix:{qmp},server=on,wait=off",
            "-device", "virtio-rng-pci", "-device", "qemu-xhci,id=usb",
            "-device", "virtio-serial-pci", "-device", "virtserialport,chardev=agent,name=box",
            "-chardev", f"socket,id=agent,path={agent},server=on,wait=off",
            "-device", "virtio-net-pci,netdev=net,romfile=", "-netdev", "user,id=net",
        ]  # fmt: skip

    def _line(self, path):
        """Connects as soon as QEMU listens."""
        end = time.monotonic() + 20
        while True:
            try:
                return Line(path)
            except OSError:
                if self.machine.poll() is not None or time.monotonic() > end:
                    raise Trouble(f"QEMU does not start: {self.qemu_log()}") from None
                time.sleep(0.05)

    def _hear_agent(self, line, answers):
        for answer in line.received():
            answers[answer["id"]].put(answer)

    def _hear_qmp(self, line, answers):
        for answer in line.received():
            if "event" not in answer:
                answers.put(answer)

    def begin(self, op, **arguments):
        """Asks the agent for something and returns what waits for its answer."""
        identity, self.next = self.next, self.next + 1
        self.answers[identity] = queue.SimpleQueue()
        self.agent.send({"id": identity, "op": op, **arguments})

        def finish(patience=COMMAND_PATIENCE):
            try:
                answer = self.answers[identity].get(timeout=patience)
            except queue.Empty:
                raise Trouble(f"no answer to {op} {arguments} in {patience} s") from None
            if "error" in answer:
                raise Trouble(f"{op} {arguments}: {answer['error'].strip()}")
            return answer["result"]

        return finish

    def ask(self, op, patience=COMMAND_PATIENCE, **arguments):
        """Asks the agent for something and waits for it."""
        return self.begin(op, **arguments)(patience)

    def sh(self, command, code=0, **arguments):
        """Runs a command that must end with this code; returns its standard output."""
        done = self.ask(
            "run", command=command, patience=arguments.get("timeout", 60) + 30, **arguments
        )
        if code is not None and done["code"] != code:
            raise Trouble(f"`{command}` ended with {done['code']}: {done['out']}{done['err']}")
        return done["out"].strip()

    def until(self, command, wait=20):
        """Runs a command again and again until it ends with 0."""
        if not self.ask("until_run", command=command, wait=wait):
            raise Trouble(f"`{command}` did not end well within {wait} s")

    def monitor(self, command, **arguments):
        """Asks QEMU itself."""
        self.qmp.send({"execute": command, "arguments": arguments})
        answer = self.qmp_answers.get(timeout=30)
        if "error" in answer:
            raise Trouble(f"QMP {command}: {answer['error']}")
        return answer["return"]

    def plug(self, name, driver, **properties):
        """Plugs a device into the box from outside."""
        self.monitor("device_add", id=name, driver=driver, bus="usb.0", **properties)
        self.plugged.add(name)

    def unplug(self, name):
        self.monitor("device_del", id=name)
        self.plugged.remove(name)

    def unplug_all(self):
        for name in list(self.plugged):
            self.unplug(name)

    def cut(self):
        """Cuts the power: no signal to anybody inside, no flush."""
        if self.machine and self.machine.poll() is None:
            self.machine.kill()
        if self.machine:
            self.machine.wait()
        self.machine = None
        self.plugged.clear()

    def console(self):
        return self._text(f"console-{self.boots}.log")

    def qemu_log(self):
        return self._text("qemu.log")

    def _text(self, name):
        try:
            with open(self._file(name), errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""
