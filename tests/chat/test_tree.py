from hypothesis import given
from hypothesis import strategies as st

from chat.tree import Link, Tree


@st.composite
def links(draw: st.DrawFn) -> list[Link]:
    """Any tree: each message hangs on an earlier one, or on none."""
    size = draw(st.integers(0, 40))
    parents = [draw(st.integers(0, number)) for number in range(size)]
    return [(number + 1, parent or None) for number, parent in enumerate(parents)]


@given(links())
def test_a_path_leads_from_the_beginning_by_parents(known: list[Link]) -> None:
    tree, parents = Tree(known), dict(known)

    for message in parents:
        path = tree.path(message)
        assert path[-1] == message
        assert [parents[each] for each in path] == [None, *path[:-1]]


@given(links())
def test_a_tip_has_no_answer_and_its_path_goes_through(known: list[Link]) -> None:
    tree = Tree(known)

    for message, _ in known:
        tip = tree.tip(message)
        assert tip is not None
        assert tree.children(tip) == []
        assert message in tree.path(tip)


@given(links())
def test_what_is_under_a_message_is_all_whose_path_goes_through_it(
    known: list[Link],
) -> None:
    tree = Tree(known)

    for message, _ in known:
        through = {each for each, _ in known if message in tree.path(each)}
        assert set(tree.under(message)) == through


@given(links())
def test_siblings_answer_the_same_and_are_in_order(known: list[Link]) -> None:
    tree = Tree(known)

    for message, parent in known:
        siblings = tree.siblings(message)
        assert siblings == sorted(each for each, above in known if above == parent)


def test_an_empty_tree_has_no_tip() -> None:
    assert Tree([]).tip(None) is None
    assert Tree([]).path(None) == []


def test_a_branch_of_thousands_is_walked() -> None:
    tree = Tree((number, number - 1 or None) for number in range(1, 20_001))

    assert len(tree.path(20_000)) == len(tree.under(1)) == 20_000
    assert tree.tip(None) == 20_000
