"""The daemon's API on its Unix socket, asked from inside, so that times are the box's own."""

import http.client
import json
import socket
import time

SOCKET = "/run/tillscan/tillscan.sock"


class Connection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("tillscan", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def api(method, path, body=None, wait=10, at=SOCKET):
    """One request; returns the status and the document."""
    connection = Connection(at, wait)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None)
        answer = connection.getresponse()
        return [answer.status, json.loads(answer.read() or "null")]
    finally:
        connection.close()


def until(look, wait):
    """Looks until there is something to see; returns it and the seconds that it took, or what was
    seen last and None."""
    begun = time.monotonic()
    while True:
        found, seen = look()
        took = time.monotonic() - begun
        if found:
            return {"seen": seen, "took": took}
        if took > wait:
            return {"seen": seen, "took": None}
        time.sleep(0.02)


def until_scanner(state, kind=None, holds=None, wait=10, at=SOCKET):
    """Waits until a scanner (of this kind, with this text in its description) is in this state;
    `absent` is also one that is not in the list any more."""

    def look():
        try:
            scanners = api("GET", "/v1/status", at=at)[1]["scanners"]
        except (OSError, http.client.HTTPException) as error:
            return False, str(error)
        mine = [
            scanner
            for scanner in scanners
            if kind in (None, scanner.get("kind")) and (holds or "") in json.dumps(scanner)
        ]
        return any(scanner["state"] == state for scanner in mine), scanners

    return until(look, wait)


def _until_field(reference, field, word, wait, at):
    def look():
        try:
            sale = api("GET", f"/v1/sales/{reference}", at=at)[1]
        except (OSError, http.client.HTTPException) as error:
            return False, str(error)
        return sale.get(field) == word, sale

    return until(look, wait)


def until_sale(reference, outcome, wait=60, at=SOCKET):
    """Waits until the sale has this outcome."""
    return _until_field(reference, "outcome", outcome, wait, at)


def until_state(reference, state, wait=30, at=SOCKET):
    """Waits until the sale is in this state."""
    return _until_field(reference, "state", state, wait, at)


def until_daemon(wait=60, at=SOCKET):
    """Waits until the daemon answers."""

    def look():
        try:
            return api("GET", "/v1/status", at=at)[0] == 200, None
        except (OSError, http.client.HTTPException) as error:
            return False, str(error)

    return until(look, wait)
