"""Every case, in the order in which they are played. Each boot of the box costs half a minute,
so the cases share one; only those that cut the power start it again."""

from cases_package import files, install, key, lane2, purge, remove, upgrade
from cases_power import cut_armed, cut_awaiting, cut_cancel, cut_create, cut_paid
from cases_sale import (
    e6_keyboard, sale_cable, sale_hidpos, sale_keyboard, sale_keypad, sale_serial,
)  # fmt: skip
from cases_scanner import (
    e1_fast, e1_held_up, e2_overrun, e3_daemon, e3_keyboard, e3_serial, e4_busy, e5_twins,
    e14_denied, e15_junk,
)  # fmt: skip

ALL = [
    install, files, key,
    sale_serial, sale_keyboard, sale_hidpos, sale_keypad, sale_cable, e6_keyboard,
    e1_fast, e1_held_up, e2_overrun, e3_serial, e3_keyboard, e3_daemon, e4_busy, e5_twins, e14_denied, e15_junk,
    cut_armed, cut_create, cut_awaiting, cut_cancel, cut_paid,
    lane2, upgrade, remove, purge,
]  # fmt: skip
