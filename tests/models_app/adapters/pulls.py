"""Downloads on servers of each kind that can pull, and what is to be read out of them.

A new kind that can pull takes part in the contract by an entry here.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models_app.adapters.base import PullStep
from tests.fakes.replay import NOT_FOUND, Answer, End, told
from tests.models_app.adapters.servers import NO_FILE, NO_ROUTE
from tests.recordings import recorded

SMOL = "sha256:941f309b54caaad6747569ba43712bcde44a2be3bae16c3282ff499c37c54af5"
GRANITE, JOB = "ibm/granite-4-micro", "job_71f0c2aa19"
TINY = "example/Tiny-Chat-GGUF:Q4_K_M"
FILE = "https://huggingface.co/example/Tiny-Chat-GGUF/resolve/main/tiny-q4.gguf"
JOBS = json.loads(recorded("lmstudio-download-status.json"))


@dataclass(frozen=True, slots=True)
class Pull:
    """A model that a server downloads, and what its adapter is to tell of it."""

    kind: str
    name: str
    answers: Mapping[str, Answer | Sequence[Answer]]
    path: str
    """Where the progress comes from."""
    steps: int
    last: PullStep
    layers: Mapping[str, tuple[int | None, int | None]]
    asked: object
    """The body that asks for it."""
    otherwise: Answer = NOT_FOUND

    @property
    def progress(self) -> Answer:
        """The answer that tells it, or the first of them."""
        answer = self.answers[self.path]
        return answer if isinstance(answer, Answer) else answer[0]

    @property
    def streams(self) -> bool:
        return self.progress.kind != "application/json"


def ndjson(name: str) -> Answer:
    return Answer(recorded(name), kind="application/x-ndjson")


def job(*cases: str) -> list[Answer]:
    """What LM Studio says of a download, one after the other."""
    return [told(JOBS[case]["body"], status=JOBS[case]["status"]) for case in cases]


def listed(**statuses: object) -> Answer:
    """A router's models, each with its status."""
    return told({"data": [{"id": TINY, "status": statuses}] if statuses else []})


def downloading(done: int) -> Answer:
    return listed(value="downloading", progress={FILE: {"done": done, "total": 9}})


STATUS = f"/api/v1/models/download/status/{JOB}"
TOLD_BY_JOB = job("poll_downloading", "poll_downloading", "poll_completed")
SSE = recorded("llamacpp-router-events.sse")
PULLS = {
    "ollama": Pull(
        kind="ollama",
        name="smollm2:135m",
        answers={"/api/pull": ndjson("real-ollama-pull.ndjson")},
        path="/api/pull",
        steps=60,
        last=PullStep("success"),
        layers={SMOL: (98_362_432, 97_058_816)},
        asked={"model": "smollm2:135m", "stream": True},
    ),
    "lmstudio": Pull(
        kind="lmstudio",
        name=GRANITE,
        answers={"/api/v1/models/download": job("start"), STATUS: TOLD_BY_JOB},
        path=STATUS,
        steps=4,
        last=PullStep("completed", GRANITE, 2_279_145_003, 2_279_145_003, JOB),
        layers={GRANITE: (2_279_145_003, 2_279_145_003)},
        asked={"model": GRANITE},
        otherwise=NO_ROUTE,
    ),
    "llamacpp": Pull(
        kind="llamacpp",
        name=TINY,
        answers={
            "/models/sse": Answer(SSE, end=End.HANG),
            "/models": [listed(), told({"success": True})],
        },
        path="/models/sse",
        steps=2,
        last=PullStep("downloaded"),
        layers={FILE: (219_307_424, 195_963_406)},
        asked={"model": TINY},
        otherwise=NO_FILE,
    ),
    "llamacpp-without-events": Pull(
        kind="llamacpp",
        name=TINY,
        answers={
            "/models": [
                listed(),
                told({"success": True}),
                downloading(3),
                downloading(8),
                listed(value="unloaded"),
            ]
        },
        path="/models",
        steps=2,
        last=PullStep("downloading", FILE, 9, 8),
        layers={FILE: (9, 8)},
        asked={"model": TINY},
        otherwise=NO_FILE,
    ),
}
