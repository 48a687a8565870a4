"""A real Ollama's model as looks find it: on disk, in memory, and what it is made of."""

from tests.fakes.replay import Answer, told
from tests.recordings import recorded_case

STATE, SHOW = "real-ollama-state.json", "real-ollama-show.json"
LOADS = "real-ollama-load-unload.json"
NAME = "smollm2:135m"


def answers(case: str = "ps, nothing loaded", **more: Answer) -> dict[str, Answer]:
    """The server with its one model, in memory as that case has it."""
    file = STATE if case == "ps, nothing loaded" else LOADS
    tags = recorded_case(STATE, "tags")["body"]["models"]
    return {
        "/api/tags": told({"models": [each for each in tags if each["name"] == NAME]}),
        "/api/ps": told(recorded_case(file, case)["body"]),
        "/api/show": told(recorded_case(SHOW, "show")["body"]),
        **more,
    }
