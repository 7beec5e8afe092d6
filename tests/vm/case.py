"""A case: a rule, the function that tries it in the box, and what a failed one says."""

import fnmatch


class Failed(Exception):
    """The rule does not hold; the text is the evidence."""


class Case:
    def __init__(self, name, rule, play, always):
        self.name, self.rule, self.play, self.always = name, rule, play, always

    def wanted(self, names):
        return self.always or not names or any(fnmatch.fnmatch(self.name, name) for name in names)


def case(name, rule, always=False):
    """Makes a function that plays it a case. Those that the later ones build on are played
    `always`. What the function returns is told beside its verdict."""
    return lambda play: Case(name, rule, play, always)


def check(holds, *evidence):
    """Fails the case unless this holds."""
    if not holds:
        raise Failed(" ".join(str(part) for part in evidence))


def equal(found, wanted, what):
    check(found == wanted, f"{what}: {found!r}, not {wanted!r}")
