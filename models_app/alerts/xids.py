"""What the numbers of NVIDIA's driver errors (Xid) are about, as far as they are known."""

HARDWARE = frozenset({48, 63, 64, 74, 79, 94, 95, 119, 120})
"""The card, its memory, its links or its firmware."""
OFF_THE_BUS = 79
"""The host does not find the card any more, which is lost then."""
PROGRAM = frozenset({13, 31, 43, 45})
"""Usually the program that ran on the card, which has ended or was ended."""


def is_of_program(code: int) -> bool:
    """Whether it usually says nothing bad of the card; unknown ones may."""
    return code in PROGRAM
