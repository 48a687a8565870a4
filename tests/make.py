"""Rows for tests, made as the services would leave them."""

import itertools
import uuid
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from chat.models import Conversation, Message, Participant
from dashboard.people.models import User
from models_app.batches.places import new_batch_name, new_file_name, written
from models_app.gpu.metrics import DriverState, Metric
from models_app.gpu.samples import Card, NodeSample, Process
from models_app.modelfile.recipe import Recipe, commands_of
from models_app.modelfile.write import write
from models_app.models import (
    ApiFile,
    Backend,
    Batch,
    Errand,
    Generation,
    Gpu,
    LanguageModel,
    Node,
    Preset,
    Pull,
)
from models_app.models.batch import WINDOW
from models_app.services.presets import derived
from models_app.snapshot import name_key

_count = itertools.count(1)

PASSWORD = "correct horse battery staple"


def make_person(username: str = "", **fields: Any) -> User:
    """An account; its password is `PASSWORD`."""
    name = username or f"person-{next(_count)}"
    return User.objects.create_user(username=name, password=PASSWORD, **fields)


def make_admin(username: str = "") -> User:
    return make_person(username, is_staff=True, is_superuser=True)


def make_puller(username: str = "") -> User:
    """Somebody who may pull, and is no administrator."""
    person = make_person(username)
    person.user_permissions.add(Permission.objects.get(codename="add_pull"))
    return person


def make_backend(**fields: Any) -> Backend:
    defaults = {
        "name": f"server-{next(_count)}",
        "kind": "openai",
        "base_url": "http://127.0.0.1:9",
    }
    return Backend.objects.create(**{**defaults, **fields})


def make_hidden_backend(**fields: Any) -> Backend:
    """A server that is for a group alone that nobody is in yet."""
    backend = make_backend(**fields)
    backend.groups.add(Group.objects.create(name=f"group-{next(_count)}"))
    return backend


def make_model(name: str = "tiny", **fields: Any) -> LanguageModel:
    backend = fields.pop("backend", None) or make_backend()
    return LanguageModel.objects.create(
        backend=backend, name=name, **{"seen_at": timezone.now(), **fields}
    )


def make_preset(**fields: Any) -> Preset:
    """Its text may be given, or be written from the other columns."""
    defaults = {"name": f"preset-{next(_count)}", "text": preset_text(fields)}
    wanted = {**defaults, **{k: v for k, v in fields.items() if k not in SAID}}
    said = derived(str(wanted["text"]))
    preset = Preset.objects.create(**{**wanted, **said, "revision": 1})
    preset.revisions.create(number=1, name=preset.name, text=preset.text)
    return preset


SAID = ("model", "system", "parameters")


def preset_text(fields: dict[str, Any]) -> str:
    recipe = Recipe(
        bases=(fields.get("model", "tiny"),),
        system=fields.get("system", ""),
        parameters=fields.get("parameters", {}),
    )
    return write(commands_of(recipe))


def make_pull(name: str = "tiny", **fields: Any) -> Pull:
    """A pull that waits for a puller."""
    backend = fields.pop("backend", None) or make_backend()
    return Pull.objects.create(backend=backend, name=name, key=name_key(name), **fields)


def make_running_pull(name: str = "tiny", **fields: Any) -> Pull:
    """A pull whose puller was heard a moment ago."""
    return make_pull(name, **{"status": Pull.Status.RUNNING, "turn": 1, **fields})


def make_generation(**fields: Any) -> Generation:
    """A reply of two seconds that ended now, unless its times are given."""
    ended = fields.get("ended_at", timezone.now())
    began = ended - timedelta(seconds=2)
    defaults = {
        "ticket": uuid.uuid4().hex,
        "origin": Generation.Origin.PERSON,
        "model": "tiny",
        "status": Generation.Status.DONE,
        "asked_at": fields.get("began_at", began),
        "began_at": began,
        "ended_at": ended,
    }
    return Generation.objects.create(**{**defaults, **fields})


def make_file(person: User, **fields: Any) -> ApiFile:
    """A file that a program left; it has no bytes."""
    defaults = {
        "name": new_file_name(),
        "purpose": ApiFile.Purpose.BATCH,
        "filename": "asks.jsonl",
        "size": 0,
    }
    return ApiFile.objects.create(person=person, **{**defaults, **fields})


def make_batch(person: User, **fields: Any) -> Batch:
    """A batch that waits for a puller; its file has no bytes."""
    input_name = make_file(person).name
    defaults = {
        "name": new_batch_name(),
        "endpoint": "/v1/chat/completions",
        "filename": "asks.jsonl",
        "input_name": input_name,
        "output_name": new_file_name(),
        "errors_name": new_file_name(),
        "expires_at": timezone.now() + WINDOW,
    }
    return Batch.objects.create(asked_by=person, **{**defaults, **fields})


def make_ended_batch(person: User, **fields: Any) -> Batch:
    """A batch of two lines, of which one was answered and one failed."""
    ended = {"status": Batch.Status.DONE, "ended_at": timezone.now()}
    counts = {"total": 2, "completed": 1, "failed": 1, "model": "tiny"}
    batch = make_batch(person, **{**ended, **counts, **fields})
    for name, text in ((batch.output_name, b'{"a":1}\n'), (batch.errors_name, b"{}\n")):
        with written(name) as file:
            file.write(text)
        ApiFile.objects.create(
            name=name,
            person=person,
            purpose=ApiFile.Purpose.OUTPUT,
            filename=f"{name}.jsonl",
            size=len(text),
        )
    return batch


def make_errand(model: LanguageModel, **fields: Any) -> Errand:
    """A load that waits for a worker."""
    defaults = {"action": Errand.Action.LOAD}
    return Errand.objects.create(
        backend=model.backend, name=model.name, **{**defaults, **fields}
    )


def make_conversation(owner: User, *members: User, **fields: Any) -> Conversation:
    conversation = Conversation.objects.create(**{"target": "model:tiny", **fields})
    roles = [(owner, Participant.Role.OWNER)]
    roles += [(member, Participant.Role.MEMBER) for member in members]
    for person, role in roles:
        Participant.objects.create(conversation=conversation, person=person, role=role)
    return conversation


def make_message(
    conversation: Conversation, text: str = "hello", **fields: Any
) -> Message:
    defaults: dict[str, Any] = {
        "status": Message.Status.SAID,
        "html": f"<p>{text}</p>",
        "key": uuid.uuid4(),
    }
    return Message.objects.create(
        conversation=conversation, text=text, **{**defaults, **fields}
    )


def make_reply(conversation: Conversation, text: str = "", **fields: Any) -> Message:
    """An open reply, as its writer left it a moment ago."""
    defaults: dict[str, Any] = {
        "status": Message.Status.OPEN,
        "speaker": "tiny",
        "target": "model:tiny",
        "beat_at": timezone.now(),
        "html": "",
        "key": None,
    }
    return make_message(conversation, text, **{**defaults, **fields})


def make_broken_reply(
    conversation: Conversation, text: str = "so far", **fields: Any
) -> Message:
    """A question of its owner, and a reply to it that broke off."""
    said = make_message(conversation, author=conversation.participants.get().person)
    return make_reply(conversation, text, parent=said, **{"status": "failed", **fields})


def make_node(name: str = "gpu-01", **fields: Any) -> Node:
    """The host of our own worker, unless it has a secret."""
    return Node.objects.create(name=name, **fields)


def make_gpu(node: Node | None = None, uuid: str = "GPU-1", **fields: Any) -> Gpu:
    return Gpu.objects.create(node=node or make_node(), uuid=uuid, **fields)


VALUES = {
    Metric.UTIL: 40.0,
    Metric.MEMORY_USED: 8.0 * 2**30,
    Metric.MEMORY_TOTAL: 24.0 * 2**30,
    Metric.TEMPERATURE: 50.0,
    Metric.POWER: 200.0,
}


def make_card(uuid: str = "GPU-1", **fields: Any) -> Card:
    """A card that is busy; `values` come on top of what it says."""
    values = {**VALUES, **fields.pop("values", {})}
    processes = (Process(pid=7, memory=2**30, name="ollama"),)
    told = {"name": "RTX 4090", "processes": processes, "values": values}
    return Card(uuid=uuid, **{**told, **fields})


def make_sample(node: str, at: float, **fields: Any) -> NodeSample:
    """What the agent of a host sends at that moment, if its clock is right."""
    told: dict[str, Any] = {
        "boot": "boot-1",
        "seq": int(at),
        "sent_at": at,
        "mono": at,
        "interval": 1.0,
        "driver": DriverState.OK,
        "driver_version": "580.65",
        "cards": (make_card(),),
    }
    return NodeSample(node=node, **{**told, **fields})
