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


def refunds_of(charge):
    """What the gateway says of a charge's refunds: each as its own name and amount."""
    listed = omise.Charge.retrieve(charge.id).list_refunds()
    return [(one._attributes["metadata"].get("refund"), one.amount) for one in listed]


def paid(digits, **changes):
    return reload_until(omise.Charge.create(**order(digits, **changes)), "successful")


@check
def refund_in_parts_and_in_full():
    charge = paid("00")
    assert charge.refundable and charge._attributes["partially_refundable"]
    for own, amount, left in [("r-1", 100000, 50000), ("r-2", 49999, 1), ("r-3", 1, 0)]:
        made = charge.refund(amount=amount, metadata={"refund": own})
        assert (made.status, made.charge, made.currency) == ("closed", charge.id, "THB")
        assert made.id.startswith("rfnd_test_") and made.transaction.startswith("trxn_test_")
        charge.reload()
        assert charge.refunded_amount == 150000 - left
        assert charge.refundable == charge._attributes["partially_refundable"] == (left > 0)
        assert (charge.status, charge.amount) == ("successful", 150000)
    assert refunds_of(charge) == [("r-1", 100000), ("r-2", 49999), ("r-3", 1)]
    over = "amount is more than what is left of the charge"
    raises(errors.FailedRefundError, over, charge.refund, amount=1)


@check
def refunds_are_in_events():
    charge = paid("00")
    made = charge.refund(amount=70000)
    event = list(charge.list_events())[-1]
    assert event.key == "refund.create"
    assert isinstance(event.data, omise.Refund)
    assert (event.data.id, event.data.charge, event.data.amount) == (made.id, charge.id, 70000)


@check
def refund_number_16_and_too_late_and_in_part():
    for digits, message in [
        ("96", "charge already has 15 refunds"),
        ("91", "charge is older than 90 days"),
    ]:
        charge = paid(digits)
        assert not charge.refundable and not charge._attributes["partially_refundable"]
        raises(errors.FailedRefundError, message, charge.refund, amount=100)
    charge = paid("92")
    assert charge.refundable and not charge._attributes["partially_refundable"]
    message = "charge can be refunded in full only"
    raises(errors.FailedRefundError, message, charge.refund, amount=100)
    assert charge.refund(amount=150000).amount == 150000


@check
def refused_refunds():
    always = paid("80")
    for _ in range(2):
        raises(errors.FailedRefundError, "refund failed", always.refund, amount=100)
    assert refunds_of(always) == []
    once = paid("90")
    raises(errors.FailedRefundError, "insufficient balance", once.refund, amount=100)
    assert once.refund(amount=100).amount == 100


@check
def refunds_without_an_answer_are_found_in_the_list():
    # The client knows nothing of lost answers: whatever it raises, the list says what is true.
    for digits, made in [("81", True), ("82", True), ("83", False), ("87", True), ("88", False)]:
        charge = paid(digits)
        try:
            answer = charge.refund(amount=30000, metadata={"refund": "r-1"})
        except Exception as raised:  # Not one class: a cut, a page in HTML, an error of the API.
            answer = raised
        assert isinstance(answer, Exception), (digits, answer)
        expected = [("r-1", 30000)] if made else []
        assert refunds_of(charge) == expected, (digits, refunds_of(charge))


@check
def a_refund_may_be_slow_or_come_later_than_its_answer():
    charge = paid("84")
    assert charge.refund(amount=100).amount == 100
    # 15 s at 20 times the speed, and the connection ends after 60 s.
    charge = paid("85")
    try:
        charge.refund(amount=30000, metadata={"refund": "r-1"})
    except Exception:  # A connection that ends without a byte.
        assert refunds_of(charge) == [("r-1", 30000)]
    else:
        raise AssertionError("an answer")


@check
def refunds_made_elsewhere():
    for digits, given_back in [("94", 150000), ("95", 60000)]:
        charge = paid(digits)
        end = time.monotonic() + 10
        while charge.refunded_amount != given_back and time.monotonic() < end:
            time.sleep(0.02)
            charge.reload()
        assert charge.refunded_amount == given_back, charge.refunded_amount
        assert refunds_of(charge) == [(None, given_back)]
        assert charge.refundable == (given_back < 150000)


@check
def mark_as_paid_and_failed():
    # The client has no calls for these; it sees what came of them.
    for action, status in [("mark_as_paid", "successful"), ("mark_as_failed", "failed")]:
        charge = omise.Charge.create(**order("06"))
        made = charge._request("post", ("charges", charge.id, action))
        assert made["status"] == status
        charge.reload()
        assert charge.status == status
        assert [event.key for event in charge.list_events()] == ["charge.create", "charge.complete"]


@check
def books_agree_after_many_sales_and_refunds():
    """All that the lists say of 40 sales and 12 refunds adds up to the satang."""
    sold, returned = {}, {}
    for number in range(40):
        amount = 2000 + 137 * number
        charge = omise.Charge.create(**order("01", amount=amount))
        sold[charge.id] = amount
        if number % 4 == 0 or number in (1, 2):
            part = amount if number % 8 == 0 else amount // 3
            returned[charge.refund(amount=part).id] = (charge.id, part)
    newest = omise.Charge.list().offset(limit=100, offset=0, order="reverse_chronological")
    found = {one.id: one for one in newest if one.id in sold}
    assert {key: one.amount for key, one in found.items()} == sold
    refunds = omise.Refund.list().offset(limit=100, offset=0, order="reverse_chronological")
    found_refunds = {one.id: (one.charge, one.amount) for one in refunds if one.id in returned}
    assert found_refunds == returned and len(returned) == 12
    given_back = sum(one.refunded_amount for one in found.values())
    assert given_back == sum(part for _, part in returned.values())


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
