import random

import pytest

from chat.blocks import MATH_REACH, BlockSplitter, split
from chat.markdown import render

LINES = """
Some text.
More text:
- item
- **item**: x
* star
1. one
2. two
   - nested
  - nested
   text
  text
   ```python
   ```
  ```bash
  ```
```python
```
~~~
````
def f():
    return 1
## Head
> quote
| a | b |
|---|---|
| 1 | 2 |
---
$$
x^2
\\[
\\]
$$y$$
[^1]: note
    of a note
""".splitlines()


SEEDS = range(100)


def soup(seed: int) -> str:
    """Lines that models write, in an order in which they would not."""
    chance = random.Random(seed)  # noqa: S311
    lines = chance.choices([*LINES, "", "", "", ""], k=chance.randint(2, 14))
    return "\n".join(lines) + chance.choice(["", "\n"])


def fed_in_pieces(text: str, seed: int) -> tuple[list[str], str]:
    chance, splitter, blocks = random.Random(seed), BlockSplitter(), []  # noqa: S311
    while text:
        size = chance.randint(1, 9)
        blocks += splitter.feed(text[:size])
        text = text[size:]
    return blocks, splitter.rest


@pytest.mark.parametrize("seed", SEEDS)
def test_it_does_not_matter_in_which_pieces_a_text_comes(seed: int) -> None:
    text = soup(seed)

    assert fed_in_pieces(text, seed) == split(text)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_and_nothing_doubled(seed: int) -> None:
    blocks, rest = split(soup(seed))

    assert "".join(blocks) + rest == soup(seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_blocks_look_alone_as_they_do_in_the_whole(seed: int) -> None:
    blocks, rest = split(soup(seed))

    assert "".join(render(block) for block in [*blocks, rest]) == render(soup(seed))


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        ("One.\n\nTwo", ["One.\n\n"]),
        ("One.\n", []),
        ("One\ntwo.\n\n", ["One\ntwo.\n\n"]),
        ("# Head\nText", ["# Head\n"]),
        ("Text\n## Head\n", ["Text\n", "## Head\n"]),
        ("Head\n====\nText", ["Head\n====\n"]),
        ("Text\n- a\n", ["Text\n"]),
        ("| a |\n|---|\n| 1 |\n\nText", ["| a |\n|---|\n| 1 |\n\n"]),
        ("> a\nb\n\nText", ["> a\nb\n\n"]),
        ("```\na\n```\nText", ["```\na\n```\n"]),
        ("Text\n```\na\n", ["Text\n"]),
        ("One.\r\n\r\nTwo", ["One.\r\n\r\n"]),
        ("\n\nOne.\n\n", ["\n\nOne.\n\n"]),
        ("Text[^1].\n[^1]: a\n", ["Text[^1].\n"]),
        ("[^1]: a\n[^2]: b\n", ["[^1]: a\n"]),
        ("[^1]: a\n\n    b\n\nText\n", ["[^1]: a\n\n    b\n\n"]),
        ("[^1]: a\n- b\n", ["[^1]: a\n"]),
    ],
)
def test_a_block_is_finished_when_nothing_can_change_it(
    text: str, finished: list[str]
) -> None:
    assert split(text)[0] == finished


@pytest.mark.parametrize(
    "text",
    [
        "```\na\n\nb\n",
        "```py\na\n\n~~~\n\n``\n\n",
        "````\n```\n\n```\n\n",
        "~~~ py `x`\na\n\n```\n\n",
        "  ```\na\n\n    ```\n\n",
        "- a\n\n- b\n\n",
        "- a\n\n  text\n\n      code\n\n",
        "1. a\n\n   ```py\n   x\n\n   y\n   ```\n\n2. b\n\n",
        "- a\n  - b\n\n    - c\n\n",
        "- a\nlazy\n\n- b\n",
        "    code\n\n    code\n\n",
        "$$\nx\n\ny\n\n",
        "\\[\nx\n\n",
        "| a |\n|---|\n| 1 |\n",
        "[^1]: a\n\n    b\n\n",
        "[^1]: a\nlazy\n2. b\n",
        "[^1]: ```\n    a\n\n    - b\n\n",
    ],
)
def test_a_block_stays_open_while_it_may_go_on(text: str) -> None:
    assert split(text) == ([], text)


@pytest.mark.parametrize(
    "listed", ["- a\n\n- b\n\n", "1. a\n\n   b\n\n", "- a\n\n  ```\n  x\n  ```\n\n"]
)
def test_a_list_ends_at_text_that_is_not_indented(listed: str) -> None:
    assert split(f"{listed}Text") == ([], f"{listed}Text")
    assert split(f"{listed}Text\n") == ([listed], "Text\n")


@pytest.mark.parametrize(
    "math", ["$$\nx\n\ny\n$$\n", "\\[\nx\n\n\\]\n", "$$x$$\n", "\\[ x \\]\n"]
)
def test_display_math_is_finished_where_it_closes(math: str) -> None:
    assert split(f"{math}Text") == ([math], "Text")


def test_a_stray_opener_of_math_holds_the_reply_only_so_far() -> None:
    text = "$$ is the process id.\n\n" + "Text.\n\n" * MATH_REACH

    assert len(split(text)[0]) == MATH_REACH + 1


def test_a_line_is_not_judged_before_it_ends() -> None:
    splitter = BlockSplitter()

    assert splitter.feed("```\na\n```") == []
    assert splitter.feed("x\n") == []
    assert splitter.feed("```\nText") == ["```\na\n```x\n```\n"]
    assert splitter.rest == "Text"
