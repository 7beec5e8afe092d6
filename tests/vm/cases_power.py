"""The power goes at five moments of a payment. The gateway remembers; the box has its disk."""

from case import case, check, equal
from cases_sale import SERIAL
from counter import TOLD


def begin(counter, reference, digits):
    """A sale whose code was just scanned; none is scanned where there are no digits."""
    scanner = counter.scanner("com", **SERIAL, port=0)
    counter.plugged(scanner, holds="ttyACM")
    counter.arm(reference)
    if digits is not None:
        counter.box.ask("scan", name=scanner, text=counter.code(digits))


def until_state(counter, reference, state):
    seen = counter.box.ask("until_state", reference=reference, state=state)
    check(seen["took"] is not None, f"{reference} is not {state}:", seen["seen"])


def cut(counter):
    """The power goes and comes back, and the service starts by itself."""
    counter.box.cut()
    counter.made.clear()
    counter.box.boot()
    counter.box.ask("until_daemon")
    equal(counter.box.sh("systemctl is-active tillscan", code=None), "active", "service")


@case("cut-armed", "power cut while the counter waits for a code: the sale lapses, no charge")
def cut_armed(counter):
    begin(counter, "cut-armed", None)
    cut(counter)
    counter.until_sale("cut-armed", "expired")
    equal(counter.gateway.charges("cut-armed"), [], "charges")


@case("cut-create", "power cut after the create, before its answer: found, paid, never sent again")
def cut_create(counter):
    creates = counter.gateway.requests("create")
    begin(counter, "cut-create", 44)
    counter.gateway.until_requests("create", creates + 1)
    cut(counter)
    counter.until_sale("cut-create", "paid", wait=120)
    counter.until_told("cut-create", ["paid"])
    counter.charged_once("cut-create", "successful")


@case("cut-awaiting", "power cut while the customer types the password: paid in the end")
def cut_awaiting(counter):
    begin(counter, "cut-awaiting", 3)
    until_state(counter, "cut-awaiting", "awaiting_customer")
    cut(counter)
    counter.until_sale("cut-awaiting", "paid", wait=120)
    counter.until_told("cut-awaiting", ["paid"])
    counter.charged_once("cut-awaiting", "successful")


@case(
    "cut-cancel", "power cut after a cancel was asked for, before any answer: cancelled, no money"
)
def cut_cancel(counter):
    begin(counter, "cut-cancel", 6)
    until_state(counter, "cut-cancel", "awaiting_customer")
    counter.gateway.freeze()
    try:
        counter.box.sh("tillscan cancel cut-cancel")
        until_state(counter, "cut-cancel", "stopping")
        counter.box.cut()
    finally:
        counter.gateway.thaw()
    cut(counter)
    counter.until_sale("cut-cancel", "cancelled", wait=120)
    counter.until_told("cut-cancel", ["cancelled"])
    counter.charged_once("cut-cancel", "expired")


@case("cut-paid", "power cut as soon as paid was shown: still paid, and told again as a repetition")
def cut_paid(counter):
    begin(counter, "cut-paid", 1)
    counter.until_sale("cut-paid", "paid")
    cut(counter)
    counter.until_sale("cut-paid", "paid")
    # The power may have gone before the hook was told at all.
    counter.box.until(f'grep -aq \'"repeated":true.*"cut-paid"\' {TOLD}')
    told = counter.told("cut-paid")
    check(told in (["paid", "paid+"], ["paid+"]), "what the hook was told:", told)
    counter.charged_once("cut-paid", "successful")
