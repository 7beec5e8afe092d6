"""The box's side of the test: does what it is asked to on a virtio-serial port.

A request is a line of JSON with an `id`, an `op` and the operation's arguments; its answer is a
line with the `id` and either `result` or `error`. Requests run at the same time, so that a sale may
be waited for while a code is typed.
"""

import json
import os
import threading
import traceback

import operations

PORT = "/dev/virtio-ports/box"


def serve(port):
    lock = threading.Lock()

    def answer(**document):
        rest = json.dumps(document).encode() + b"\n"
        with lock:
            while rest:
                rest = rest[os.write(port, rest) :]

    def perform(request):
        identity = request.pop("id")
        try:
            answer(id=identity, result=operations.ALL[request.pop("op")](**request))
        except Exception:
            # Whatever went wrong in here is for the one who asked.
            answer(id=identity, error=traceback.format_exc())

    answer(id=0, result="ready")
    with open(port, "rb", closefd=False) as lines:
        for line in lines:
            threading.Thread(target=perform, args=(json.loads(line),), daemon=True).start()


if __name__ == "__main__":
    serve(os.open(PORT, os.O_RDWR))
