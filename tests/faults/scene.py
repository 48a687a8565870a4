"""The people and conversations of the fault test."""

import json
import subprocess
import sys
from dataclasses import dataclass

from dashboard.runner.programs import BASE_DIR
from tests.house import House, environment

PASSWORD = "correct horse battery staple"
NAMES = ("ada", "ben", "cleo", "dora")
TOGETHER = (
    ("ada",),
    ("ben",),
    ("cleo",),
    ("dora",),
    ("ada", "ben"),
    ("cleo", "dora"),
    ("ada", "cleo", "dora"),
)
LONGEST_REPLY = 48
"""In tokens, so that the small engine is done within seconds."""
WINDOW = 320
"""In tokens: what the engine must read again after every kill does not grow."""
SET_UP = f"""
import json
from chat.models import Participant
from chat.services.conversations import begin_conversation
from dashboard.people.models import User
from models_app.services.presets import Wanted, add_preset
from models_app.services.starter import MODEL

people = {{
    name: User.objects.create_user(username=name, password={PASSWORD!r})
    for name in {NAMES!r}
}}
limits = "PARAMETER num_predict {LONGEST_REPLY}\\nPARAMETER num_ctx {WINDOW}"
preset = add_preset(Wanted("Brief", f"FROM {{MODEL}}\\n{{limits}}"), by=None)
made = []
for first, *others in {TOGETHER!r}:
    conversation = begin_conversation(people[first])
    for other in others:
        Participant.objects.create(conversation=conversation, person=people[other])
    made.append([conversation.pk, [first, *others]])
print(json.dumps([f"preset:{{preset}}", made]))
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """Who answers, and who is in which conversation."""

    target: str
    conversations: dict[int, list[str]]


def set_scene(house: House) -> Scene:
    done = subprocess.run(
        (sys.executable, "manage.py", "shell", "-v", "0", "-c", SET_UP),
        cwd=BASE_DIR,
        env=environment(house.data),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    target, made = json.loads(done.stdout)
    return Scene(target, dict(made))
