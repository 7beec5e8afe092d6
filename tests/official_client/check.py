"""Drives a sandbox with the unmodified official client; prints 'N passed, N failed'.

Usage: check.py http://127.0.0.1:PORT
"""

import sys
import time
import traceback

import omise
from omise import errors

CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def order(digits="00", **changes):
    """What a create call needs, with a payment code of these last two digits."""
    source = {"type": "wechat_pay_upm", "barcode": "1309912925527250" + digits}
    return {"amount": 150000, "currency": "THB", "source": source, **changes}


def reload_until(charge, status):
    """Polls as a shop would, for 10 s at most."""
    end = time.monotonic() + 10
    while charge.status != status and time.monotonic() < end:
        time.sleep(0.02)
        charge.reload()
    assert charge.status == status, charge.status
    return charge


def raises(error, message, call, *arguments, **named):
    """The call fails with exactly this class and message."""
    try:
        result = call(*arguments, **named)
    except errors.BaseError as raised:
        assert type(raised) is error, (type(raised), raised)
        assert str(raised) == message, str(raised)
        return
    raise AssertionError("no error, but %r" % (result,))


@check
def create():
    metadata = {"attempt": "A1", "lane": 2, "first": True}
    charge = omise.Charge.create(**order("06", description="Order 7", metadata=metadata))
    assert isinstance(charge, omise.Charge)
    assert charge.id.startswith("chrg_test_") and len(charge.id) == 29
    assert (charge.status, charge.amount, charge.currency) == ("pending", 150000, "THB")
    assert (charge.fee, charge.fee_vat, charge.net) == (2475, 173, 147352)
    assert charge._attributes["metadata"] == metadata
    assert isinstance(charge.source, omise.Source)
    assert charge.source.type == "wechat_pay_upm"


@check
def retrieve_and_reload():
    charge = omise.Charge.create(**order("00"))
    same = omise.Charge.retrieve(charge.id)
    assert same.id == charge.id
    reload_until(same, "successful")
    assert same.paid and same.authorized and same.refundable and same.transaction


@check
def update():
    charge = omise.Charge.create(**order("06"))
    charge.update(description="changed", metadata={"k": "v"})
    again = omise.Charge.retrieve(charge.id)
    assert again.description == "changed" and again._attributes["metadata"] == {"k": "v"}


@check
def list_pages():
    made = [omise.Charge.create(**order("06")).id for _ in range(3)]
    charges = omise.Charge.list()
    total = len(charges)
    assert total >= 3
    assert {charge.id for charge in charges} >= set(made)
    newest = charges.offset(limit=2, offset=0, order="reverse_chronological")
    assert len(newest) == 2 and newest[0].created_at >= newest[1].created_at
    assert isinstance(omise.Charge.retrieve(), omise.Collection)
    assert len(omise.Charge.list(fromDate="2999-01-01T00:00:00Z")) == 0


@check
def search():
    charge = omise.Charge.create(**order("06", amount=123400, description="find-me-in-search"))
    query = {"query": "find-me-in-search", "filters": {"amount": "1234.00"}}
    end = time.monotonic() + 10
    found = omise.Search.execute("charge", **query)
    while len(found) == 0 and time.monotonic() < end:
        time.sleep(0.05)
        found = omise.Search.execute("charge", **query)
    assert isinstance(found, omise.Search)
    assert [one.id for one in found] == [charge.id] and found.total == 1


@check
def expire():
    charge = omise.Charge.create(**order("06"))
    charge.expire()
    assert charge.status == "expired" and charge.expired
    assert charge.expires_at == charge.expired_at
    assert omise.Charge.retrieve(charge.id).status == "expired"


@check
def declined():
    charge = reload_until(omise.Charge.create(**order("10")), "failed")
    assert charge.failure_code == "insufficient_fund" and charge.failure_message


@check
def refund():
    charge = reload_until(omise.Charge.create(**order("00")), "successful")
    made = charge.refund(amount=10000, metadata={"why": "returned"})
    assert isinstance(made, omise.Refund) and made.amount == 10000
    assert charge.refunded_amount == 10000 and charge.status == "successful"
    made.reload()
    assert made.charge == charge.id
    assert [one.id for one in charge.list_refunds()] == [made.id]
    assert charge.refunds.retrieve(made.id).amount == 10000
    assert made.id in [one.id for one in omise.Refund.list()]


@check
def events():
    charge = reload_until(omise.Charge.create(**order("00")), "successful")
    own = list(charge.list_events())
    assert [event.key for event in own] == ["charge.create", "charge.complete"]
    event = omise.Event.retrieve(own[1].id)
    assert isinstance(event, omise.Event) and event.data.id == charge.id
    assert len(omise.Event.list()) >= 2


@check
def account_and_capability():
    account = omise.Account.retrieve()
    assert isinstance(account, omise.Account) and account.api_version == "2019-05-29"
    capability = omise.Capability.retrieve()
    assert isinstance(capability, omise.Capability)
    names = [method["name"] for method in capability.payment_methods]
    assert names == ["wechat_pay_upm", "alipayplus_upm"]


@check
def authentication_failure():
    omise.api_secret, right = "skey_live_not_accepted", omise.api_secret
    try:
        kind = errors.AuthenticationFailureError
        raises(kind, "authentication failed", omise.Account.retrieve)
    finally:
        omise.api_secret = right


@check
def not_found():
    message = "charge chrg_test_none was not found"
    raises(errors.NotFoundError, message, omise.Charge.retrieve, "chrg_test_none")


@check
def invalid_charge():
    message = "amount must be greater than or equal to 2000 (thb subunits)"
    raises(errors.InvalidChargeError, message, omise.Charge.create, **order(amount=1999))
    raises(errors.InvalidChargeError, "barcode is invalid", omise.Charge.create, **order("16"))


@check
def bad_request():
    # The client has no class of its own for this code, nor for failed_expire.
    message = "amount is not a number"
    raises(errors.BaseError, message, omise.Charge.create, **order(amount="x"))
    raises(errors.BaseError, "bad request", omise.Charge.create, **order("17"))


@check
def failed_expire():
    charge = omise.Charge.create(**order("01"))
    raises(errors.BaseError, "expire failed", charge.expire)
    charge = omise.Charge.create(**order("30"))
    raises(errors.BaseError, "expire failed", charge.expire)
    charge.reload()
    assert charge.status == "successful"


@check
def failed_refund():
    charge = omise.Charge.create(**order("01"))
    message = "amount is more than what is left of the charge"
    raises(errors.FailedRefundError, message, charge.refund, amount=150001)
    charge = omise.Charge.create(**order("06"))
    raises(errors.FailedRefundError, "charge is not paid", charge.refund, amount=100)


@check
def failed_reverse():
    charge = omise.Charge.create(**order("06"))
    message = "only uncaptured authorized charges can be reversed"
    raises(errors.BaseError, message, charge.reverse)


def main():
    omise.api_main = omise.api_vault = sys.argv[1]
    omise.api_secret = "skey_test_official_client"
    omise.api_public = "pkey_test_official_client"
    omise.api_version = "2019-05-29"
    failed = 0
    for function in CHECKS:
        try:
            function()
        except Exception:  # Each failure is told, and the next check still runs.
            failed += 1
            print("FAILED %s" % function.__name__)
            traceback.print_exc(file=sys.stdout)
    print("%d passed, %d failed" % (len(CHECKS) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
