"""The gateway's sandbox, outside the box: it keeps the truth when the box loses its power."""

import http.client
import json
import signal
import subprocess
import time

from box import ENDS_WITH_US


class Gateway:
    def __init__(self, binary):
        self.process = subprocess.Popen(
            [*ENDS_WITH_US, binary, "sandbox", "--listen", "127.0.0.1:0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])

    def _read(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def charges(self, reference):
        """The charges of one sale, as they are at the gateway."""
        charges = self._read("/sandbox/charges")["charges"]
        return [charge for charge in charges if charge["metadata"].get("reference") == reference]

    def creates(self):
        """How many create calls came for each attempt."""
        return self._read("/sandbox/charges")["creates_by_attempt"]

    def requests(self, kind):
        """How many requests of this kind came: create, get, list, expire."""
        return self._read("/sandbox/requests").get(kind, 0)

    def until_requests(self, kind, count, patience=60):
        """Waits until so many have come."""
        end = time.monotonic() + patience
        while self.requests(kind) < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{self.requests(kind)} requests {kind}, not {count}")
            time.sleep(0.02)

    def freeze(self):
        """From here on it takes requests and answers none."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        """Does and answers what has come in the meantime."""
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        self.process.kill()
        self.process.wait()
