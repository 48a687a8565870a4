"""What a fake Ollama writes: three words, or a call of the first function it is given."""

from typing import Any

Line = dict[str, Any]

WORDS = ("One", " two", " three.")
WINDOW = 4096
"""What it loads a model with unless it is asked for more."""


def said_in_chat(body: Line) -> list[Line]:
    counts = {"eval_count": 3, "prompt_eval_count": read_of(body["messages"], body)}
    said = (
        [called(body)] if body.get("tools") else [{"content": each} for each in WORDS]
    )
    lines = [{"message": {"role": "assistant", "content": "", **each}} for each in said]
    end = {"message": {"role": "assistant", "content": ""}, **counts}
    return finished(body, [*lines, end])


def generated(body: Line) -> list[Line]:
    read = read_of([{"content": body["prompt"]}], body)
    counts = {"eval_count": 3, "prompt_eval_count": read}
    lines = [{"response": each} for each in WORDS]
    return finished(body, [*lines, {"response": "", **counts}])


def finished(body: Line, lines: list[Line]) -> list[Line]:
    *before, last = ({"model": body["model"], **each, "done": False} for each in lines)
    return [*before, {**last, "done": True, "done_reason": "stop"}]


def whole_of(lines: list[Line]) -> Line:
    *before, last = lines
    if "response" in last:
        return {**last, "response": "".join(each["response"] for each in before)}
    messages = [each["message"] for each in before]
    content = "".join(each["content"] for each in messages)
    return {**last, "message": {**messages[0], "content": content}}


def called(body: Line) -> Line:
    name = body["tools"][0]["function"]["name"]
    return {"tool_calls": [{"function": {"name": name, "arguments": {"city": "Oslo"}}}]}


def read_of(messages: list[Line], body: Line) -> int:
    """Each word is a token, and half of the window is kept of what is more than it."""
    window = int(body.get("options", {}).get("num_ctx", WINDOW))
    sent = sum(len(each["content"].split()) for each in messages) + 5
    return sent if sent <= window else window // 2 + 2
