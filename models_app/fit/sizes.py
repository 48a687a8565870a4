"""Amounts of memory: the units, and the one way in which people are shown them.

Every size of a file, a model in memory or what a card holds is written in decimal units,
as Ollama and the lists of files print them: so two that stand side by side can be compared.
What is reckoned with is bytes; powers of two are for limits that engines have in them.
"""

from typing import Final

from django.utils.formats import number_format

MIB: Final = 2**20
GIB: Final = 2**30
GIGA: Final = 10**9
MEGA: Final = 10**6


def size(amount: float) -> str:
    """An amount in GB, or MB where it is less, as the reader's language writes numbers."""
    # What rounds up to a GB is one.
    unit, name = (GIGA, "GB") if amount >= GIGA - MEGA / 2 else (MEGA, "MB")
    digits = 1 if unit == GIGA and amount < 100 * GIGA else 0
    # Django cuts decimals off where it should round.
    return f"{number_format(round(amount / unit, digits), digits)} {name}"


def up_to(amount: int, step: int) -> int:
    """The next multiple of the step that is not smaller."""
    return -(-amount // step) * step
