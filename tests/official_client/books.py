"""200 sales and 60 refunds: a real daemon and the official client share one account of a sandbox, and at the end the
client's view of it agrees with the counter's journal to the satang. Prints what it compared.

Usage: books.py TILLSCAN
"""

import http.client
import json
import os
import pty
import random
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import tty

import omise

SALES = 200
# Refunds that the counter makes, and that somebody makes elsewhere, with the official client. Each of the counter's
# reads its charge first, and the counter reads one charge a second beside its customers.
REFUNDS_HERE, REFUNDS_ELSEWHERE = 40, 20
# The last two digits of the customers' codes: paid, paid at once, an answer that is lost, one that is a 500, declined,
# refused; and what the sandbox does with the first refund of a charge: its answer lost, a 500, refused once.
PAID = ["00"] * 6 + ["01"] * 6 + ["40", "45", "81", "82", "90"]
UNPAID = ["10", "12", "16"]
# Nothing here waits as long.
PATIENCE = 60
KEY = "skey_test_official_client"


class Local(http.client.HTTPConnection):
    """The counter's API on its Unix socket."""

    def __init__(self, path):
        super().__init__("tillscan", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.path)


class Counter:
    """A daemon in a directory of its own, and its scanner."""

    def __init__(self, binary, directory, gateway):
        self.binary, self.directory = binary, directory
        self.scanner, device = pty.openpty()
        tty.setraw(device)
        self.config = os.path.join(directory, "tillscan.toml")
        key = os.open(os.path.join(directory, "key"), os.O_WRONLY | os.O_CREAT, 0o600)
        os.write(key, KEY.encode())
        os.close(key)
        with open(self.config, "w") as file:
            file.write(CONFIGURATION % {"gateway": gateway, "directory": directory, "scanner": os.ttyname(device)})
        self.log = open(os.path.join(directory, "log"), "w")
        command = [binary, "run", "--config", self.config]
        self.process = subprocess.Popen(command, stderr=self.log)
        wait("a counter that is ready", self.is_ready)

    def is_ready(self):
        assert self.process.poll() is None, "the daemon ended"
        try:
            scanners = self.ask("GET", "/v1/status")["scanners"]
        except OSError:
            return False
        return all(scanner["state"] == "ready" for scanner in scanners)

    def ask(self, method, path, document=None):
        connection = Local(os.path.join(self.directory, "tillscan.sock"))
        connection.request(method, path, None if document is None else json.dumps(document))
        answer = connection.getresponse()
        body = json.loads(answer.read())
        connection.close()
        assert answer.status == 200, (method, path, document, answer.status, body)
        return body

    def sell(self, reference, amount, digits):
        self.ask("PUT", "/v1/sales/" + reference, {"amount": baht(amount)})
        code = "13%014d%s" % (int(reference[4:]), digits)
        os.write(self.scanner, (code + "\r").encode())
        return self.ask("GET", "/v1/sales/%s?wait=%d" % (reference, PATIENCE))

    def refund(self, reference, name, amount):
        order = {"refund": name} if amount is None else {"refund": name, "amount": baht(amount)}
        return self.ask("POST", "/v1/sales/%s/refunds" % reference, order)

    def run(self, *arguments):
        command = [self.binary, "--config", self.config, "--json", *arguments]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=PATIENCE).stdout)

    def end(self):
        self.process.terminate()
        assert self.process.wait(PATIENCE) == 0, "SIGTERM"


# The times of a counter, 20 times shorter; no look of the watch comes within this run.
CONFIGURATION = """
gateway.base_url = "%(gateway)s"
gateway.secret_key_file = "%(directory)s/key"
gateway.request_timeout = "1s"
payment.deadline = "3s"
payment.cancel_not_before = "750ms"
payment.quarantine = "4500ms"
payment.watch = ["1h"]
payment.poll_first = "50ms"
payment.poll_fast = "50ms"
payment.poll_fast_until = "500ms"
payment.poll_slow_min = "150ms"
payment.poll_slow_max = "250ms"
payment.backoff_max = "400ms"
journal.path = "%(directory)s/journal.db"
api.socket = "%(directory)s/tillscan.sock"

[[scanner]]
kind = "serial"
path = "%(scanner)s"
idle = "20ms"
"""


def wait(what, happened):
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "waited in vain: " + what
        time.sleep(0.01)


def baht(satang):
    return "%d.%02d" % divmod(satang, 100)


def satang(text):
    whole, part = text.split(".")
    assert len(part) == 2, text
    return int(whole) * 100 + int(part)


def play(counter, dice):
    """Sells and gives back, as a day goes; returns which sales were given back elsewhere and not looked at since."""
    paid, unseen = [], []
    here, elsewhere = 0, 0
    for number in range(SALES):
        reference, amount = "INV-%d" % number, dice.randint(2000, 500000)
        digits = dice.choice(UNPAID) if number % 25 == 7 else dice.choice(PAID)
        sale = counter.sell(reference, amount, digits)
        if sale["outcome"] == "paid":
            paid.append((reference, amount))
        else:
            assert digits in UNPAID, sale
        # A fifth of what is given back here went back in part elsewhere before.
        due = (number + 1) * REFUNDS_HERE // SALES
        while here < due:
            reference, amount = paid.pop(dice.randrange(len(paid)))
            if here % 5 == 0 and elsewhere < REFUNDS_ELSEWHERE:
                refund_elsewhere(counter, reference, dice.randint(1, amount // 3))
                elsewhere += 1
            part = None if here % 2 == 0 else dice.randint(1, amount // 3)
            counter.refund(reference, "R-%d" % here, part)
            here += 1
    while elsewhere < REFUNDS_ELSEWHERE:
        reference, amount = paid.pop(dice.randrange(len(paid)))
        refund_elsewhere(counter, reference, dice.choice([amount, 1, amount // 2]))
        unseen.append(reference)
        elsewhere += 1
    return unseen


def refund_elsewhere(counter, reference, amount):
    charge = omise.Charge.retrieve(counter.ask("GET", "/v1/sales/" + reference)["charge_id"])
    try:
        charge.refund(amount=amount)
    except Exception:  # An answer that is lost, a page in HTML: the client knows nothing of them, and asks once more.
        charge.reload()
        if charge.refunded_amount == 0:
            charge.refund(amount=amount)


def everything(collection):
    """All pages of a list, oldest first."""
    found = []
    while True:
        page = list(collection.list().offset(limit=100, offset=len(found), order="chronological"))
        found += page
        if len(page) < 100:
            return found


def gateway_says():
    """Of each sale that has charges: what was paid for it, the refunds of ours, all that went back."""
    sales, of_charge = {}, {}
    for charge in everything(omise.Charge):
        reference = charge._attributes["metadata"]["reference"]
        sale = sales.setdefault(reference, {"paid": 0, "refunded": 0, "refunds": {}})
        sale["paid"] += charge.amount if charge.status == "successful" else 0
        of_charge[charge.id] = sale
        # What a charge says of itself and what the list of all refunds says is compared below.
        sale["said"] = sale.get("said", 0) + charge.refunded_amount
    refunds = everything(omise.Refund)
    for refund in refunds:
        sale, own = of_charge[refund.charge], refund._attributes["metadata"].get("refund")
        sale["refunded"] += refund.amount
        if own is not None:
            assert own not in sale["refunds"], "made twice: " + own
            sale["refunds"][own] = refund.amount
    for reference, sale in sales.items():
        assert sale.pop("said") == sale["refunded"], reference
    return sales, len(refunds)


def counter_says(counter):
    """The same, as the journal has it."""
    sales = {}
    for sale in counter.run("list", "--limit", "500")["sales"]:
        shown = counter.run("show", sale["reference"]) if sale["refunds"] else sale
        assert shown == sale, (shown, sale)
        made = [refund for refund in sale["refunds"] if refund["state"] == "refunded"]
        sales[sale["reference"]] = {
            "paid": sale["amount_satang"] if sale["outcome"] == "paid" else 0,
            "refunded": satang(sale["refunded"]),
            "refunds": {refund["id"]: satang(refund["amount"]) for refund in made},
        }
    return sales


def table_says(path):
    """What the shop itself reads with sqlite3: what was paid for each sale, and what went back of it."""
    with sqlite3.connect("file:%s?mode=ro" % path, uri=True) as database:
        rows = database.execute("SELECT reference, outcome = 'paid', amount_satang, refunded_satang FROM sale")
        return {reference: (amount if paid else 0, back) for reference, paid, amount, back in rows}


def wait_for_refunds(counter, unseen):
    """Until every refund has its end, and what went back elsewhere was looked at; how many were asked for."""
    asked = 0
    for reference in unseen:
        counter.ask("POST", "/v1/sales/%s/check" % reference)
    for number in range(SALES):
        refunds = counter.ask("GET", "/v1/sales/INV-%d?wait=%d" % (number, PATIENCE))["refunds"]
        assert all(refund["state"] in ("refunded", "refused") for refund in refunds), refunds
        asked += len(refunds)
    seen = lambda: all(counter.ask("GET", "/v1/sales/" + one)["refunded"] != "0.00" for one in unseen)
    wait("a look at what went back elsewhere", seen)
    return asked


def compare(counter, dice):
    asked = wait_for_refunds(counter, play(counter, dice))
    of_gateway, made = gateway_says()
    of_counter = counter_says(counter)
    assert len(of_counter) == SALES
    for reference, sale in of_counter.items():
        nothing = {"paid": 0, "refunded": 0, "refunds": {}}
        assert of_gateway.pop(reference, nothing) == sale, (reference, sale)
    assert of_gateway == {}, "charges that the counter does not know"
    counter.end()
    table = table_says(os.path.join(counter.directory, "journal.db"))
    assert table == {reference: (sale["paid"], sale["refunded"]) for reference, sale in of_counter.items()}
    # Some are refused by the gateway, once each; most are not.
    all_refunds = asked + REFUNDS_ELSEWHERE
    assert asked == REFUNDS_HERE and all_refunds * 3 // 4 < made <= all_refunds, (asked, made)
    paid = sum(sale["paid"] for sale in of_counter.values())
    back = sum(sale["refunded"] for sale in of_counter.values())
    print("%d sales, %s baht paid; %d of %d refunds made, %s baht back; client and journal agree" % (
        SALES, baht(paid), made, all_refunds, baht(back)))


def main():
    binary = sys.argv[1]
    command = [binary, "sandbox", "--listen", "127.0.0.1:0", "--speed", "20"]
    sandbox = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    counter = None
    try:
        gateway = sandbox.stdout.readline().strip().removeprefix("sandbox listening on ")
        omise.api_main = omise.api_vault = gateway
        omise.api_secret, omise.api_version = KEY, "2019-05-29"
        with tempfile.TemporaryDirectory() as directory:
            counter = Counter(binary, directory, gateway)
            try:
                compare(counter, random.Random(5))
            except BaseException:
                with open(counter.log.name) as log:  # It tells more about a failure than the assertion.
                    sys.stdout.write(log.read())
                raise
    finally:
        if counter is not None:
            counter.process.kill()
        sandbox.kill()


if __name__ == "__main__":
    main()
