"""The least that a text can be, whatever tokenizer reads it."""

from hypothesis import given
from hypothesis import strategies as st

from models_app.serving.least import least_tokens


def test_it_is_most_of_what_prose_comes_to() -> None:
    assert least_tokens("The fox doesn't jump over the dog's bed. ") == 8


def test_what_has_no_words_may_be_next_to_nothing() -> None:
    assert least_tokens("😀🎉🚀👩‍💻❤️" + "-" * 1000) == 0


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=24)))
def test_each_word_is_one_at_least_whatever_is_known_of_it(words: list[str]) -> None:
    assert least_tokens(" ".join(words)) == len(words)


@given(st.text(), st.text())
def test_more_text_is_never_less(one: str, other: str) -> None:
    assert least_tokens(f"{one} {other}") >= max(least_tokens(one), least_tokens(other))
