"""Numbers out of JSON that somebody else wrote."""


def whole(value: object) -> int | None:
    """A count; None for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def decimal(value: object) -> float | None:
    """A measured amount; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def milliseconds(nanoseconds: object) -> float | None:
    amount = decimal(nanoseconds)
    return None if amount is None else amount / 1e6
