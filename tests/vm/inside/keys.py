"""The reports of a boot keyboard that types a text on the American layout."""

import string

RELEASED = bytes(8)
SHIFT = 0x02
END = {"enter": [0x28], "kpenter": [0x58], "tab": [0x2B], "none": []}
# HID usage tables, page 07.
DIGITS = {digit: 0x1E + index for index, digit in enumerate("1234567890")}
LETTERS = {letter: 0x04 + index for index, letter in enumerate(string.ascii_lowercase)}
PLAIN = {
    **DIGITS,
    **LETTERS,
    "-": 0x2D,
    "=": 0x2E,
    "/": 0x38,
    ".": 0x37,
    ",": 0x36,
    ";": 0x33,
    " ": 0x2C,
}
SHIFTED = {
    **{letter.upper(): usage for letter, usage in LETTERS.items()},
    **{sign: DIGITS[digit] for sign, digit in zip("!@#$%^&*()", "1234567890")},
    ":": 0x33,
    "_": 0x2D,
    "?": 0x38,
}


def reports(text, end):
    """Each key goes down alone and up again, as scanners do it."""
    typed = []
    for sign in text:
        usage, modifier = (PLAIN[sign], 0) if sign in PLAIN else (SHIFTED[sign], SHIFT)
        typed += [bytes([modifier, 0, usage, 0, 0, 0, 0, 0]), RELEASED]
    for usage in END[end]:
        typed += [bytes([0, 0, usage, 0, 0, 0, 0, 0]), RELEASED]
    return typed
