from chat.prompt import Said, build_prompt, tokens
from models_app.adapters.base import ChatMessage


def test_the_system_prompt_comes_first() -> None:
    prompt = build_prompt(
        [Said("hi", "olive")], opening=[ChatMessage("system", "Be kind.")]
    )

    assert prompt.messages == (
        ChatMessage("system", "Be kind."),
        ChatMessage("user", "hi"),
    )


def test_a_lone_person_is_not_named() -> None:
    prompt = build_prompt([Said("hi", "olive"), Said("yes?"), Said("bye", "olive")])

    assert [each.text for each in prompt.messages] == ["hi", "yes?", "bye"]


def test_several_people_are_named_so_that_the_model_can_tell_them_apart() -> None:
    prompt = build_prompt([Said("hi", "olive"), Said("yes?"), Said("bye", "max")])

    assert [each.text for each in prompt.messages] == ["olive: hi", "yes?", "max: bye"]


def test_neighbours_of_one_role_are_joined() -> None:
    prompt = build_prompt([Said("one", "olive"), Said("two", "olive")])

    assert prompt.messages == (ChatMessage("user", "one\n\ntwo"),)


def test_what_does_not_fit_goes_from_the_oldest_turn_on() -> None:
    turn = "word " * 100
    branch = [Said(turn, "olive"), Said(turn), Said(turn, "olive"), Said(turn)]
    branch.append(Said("last", "olive"))

    prompt = build_prompt(branch, context=tokens(turn) * 3)

    assert prompt.left_out == 2
    assert [each.role for each in prompt.messages] == ["user", "assistant", "user"]


def test_the_newest_message_is_sent_however_long_it_is() -> None:
    prompt = build_prompt([Said("word " * 10_000, "olive")], context=64)

    assert len(prompt.messages) == 1
    assert prompt.left_out == 0


def test_a_reply_to_go_on_with_is_sent_with_its_question_however_long_it_is() -> None:
    old = [Said("old", "olive"), Said("reply")]
    newest = [Said("word " * 10_000, "olive"), Said("so far ")]

    prompt = build_prompt([*old, *newest], context=64)

    assert [each.role for each in prompt.messages] == ["user", "assistant"]
    assert prompt.messages[-1].text == "so far "
    assert prompt.left_out == 2


def test_without_a_known_window_everything_is_sent() -> None:
    branch = [Said("word " * 1000, "olive"), Said("reply")] * 50 + [Said("x", "olive")]

    assert build_prompt(branch).left_out == 0
