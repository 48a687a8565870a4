"""Every kind of person around one conversation, for the matrix of who may do what."""

from dataclasses import dataclass
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from chat.models import Conversation, Message, Participant, ShareLink
from chat.services.share_links import Lifetime, make_share_link
from dashboard.people.models import Invite, User
from dashboard.people.services import seal_invite
from models_app.models import (
    ApiFile,
    ApiKey,
    Batch,
    FoundServer,
    Gpu,
    LanguageModel,
    Preset,
    Pull,
)
from models_app.services.api_keys import make_key
from models_app.services.pull_requests import ask_for_model
from tests.make import (
    make_admin,
    make_backend,
    make_batch,
    make_conversation,
    make_ended_batch,
    make_file,
    make_gpu,
    make_message,
    make_model,
    make_person,
    make_preset,
    make_pull,
    make_reply,
)

ROLES = ("owner", "member", "viewer", "stranger", "anonymous", "admin")
SIGN_IN = 302
"""Where whoever is not signed in is sent to."""


@dataclass(frozen=True)
class House:
    people: dict[str, User | None]
    conversation: Conversation
    message: Message
    broken: Message
    found: FoundServer
    preset: Preset
    invite: str
    link: ShareLink
    token: str
    pull: Pull
    request: int
    model: LanguageModel
    gpu: Gpu
    key: ApiKey
    batch: Batch
    ended_batch: Batch
    file: ApiFile


def make_house() -> House:
    owner, member = make_person("owner"), make_person("member")
    viewer = make_person("viewer")
    people = {
        "owner": owner,
        "member": member,
        "viewer": viewer,
        "stranger": make_person("stranger"),
        "anonymous": None,
        "admin": make_admin("admin"),
    }
    make_model("tiny")
    conversation = make_conversation(owner, member)
    conversation.participants.create(person=viewer, role=Participant.Role.VIEWER)
    message = make_message(conversation, author=owner)
    broken = make_reply(
        conversation, "so far", parent=message, status="failed", target="model:gone"
    )
    invite = Invite(note="x", expires_at=timezone.now() + timedelta(hours=1))
    path = seal_invite(invite)
    invite.save()
    shared = make_share_link(
        conversation.pk, by=owner, role="viewer", lifetime=Lifetime.DAY
    )
    return House(
        people=people,
        conversation=conversation,
        message=message,
        broken=broken,
        found=FoundServer.objects.create(
            base_url="http://127.0.0.1:9", kind="ollama", seen_at=timezone.now()
        ),
        preset=make_preset(),
        invite=token_in(path),
        link=ShareLink.objects.get(),
        token=token_in(shared),
        pull=make_pull(backend=make_backend(kind="ollama")),
        request=ask_for_model("large", backend=None, person=member),
        model=make_model("managed:latest", backend=make_backend(kind="ollama")),
        gpu=make_gpu(),
        key=make_key(owner, "laptop").key,
        batch=make_batch(owner),
        ended_batch=make_ended_batch(owner),
        file=make_file(owner),
    )


def client_of(person: User | None) -> Client:
    client = Client()
    if person:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def token_in(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]
