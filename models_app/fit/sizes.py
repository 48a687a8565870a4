"""Amounts of memory: the units, and how a person reads them."""

from typing import Final

from django.utils.formats import number_format

MIB: Final = 2**20
GIB: Final = 2**30


def gib(amount: float) -> str:
    """An amount in GiB with one decimal, as the reader's language writes numbers."""
    # Django cuts decimals off where it should round.
    return f"{number_format(round(amount / GIB, 1), 1)} GiB"


def up_to(amount: int, step: int) -> int:
    """The next multiple of the step that is not smaller."""
    return -(-amount // step) * step
