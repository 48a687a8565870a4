from models_app.energy.covering import Window, chosen, gaps

DAY, HOUR = 24, 1
WEEK = Window(100, 100 + 7 * DAY)
DAYS = [Window(at, at + DAY) for at in range(100, 268, DAY)]
HOURS = [Window(at, at + HOUR) for at in range(300)]


def test_the_longest_stand_for_a_time() -> None:
    assert chosen(WEEK, [*HOURS, *DAYS]) == DAYS


def test_shorter_ones_fill_what_the_longest_leave() -> None:
    found = chosen(Window(98, 126), [*HOURS, *DAYS])

    assert found == [(98, 99), (99, 100), (100, 124), (124, 125), (125, 126)]


def test_no_moment_is_covered_twice() -> None:
    other_zone = [Window(at, at + DAY) for at in range(105, 268, DAY)]

    found = chosen(WEEK, [*other_zone, *DAYS, *HOURS])

    assert found == DAYS


def test_what_is_not_covered_is_left() -> None:
    found = [Window(100, 124), Window(130, 140)]

    assert gaps(Window(90, 150), found) == [(90, 100), (124, 130), (140, 150)]
    assert gaps(Window(100, 140), found) == [(124, 130)]
    assert gaps(Window(90, 90), []) == []


def test_nothing_reaches_over_the_ends() -> None:
    assert chosen(Window(101, 123), DAYS) == []
