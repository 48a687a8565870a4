"""A turn: a person's message, and the reply row it opens."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.branch import path_to, said_on, tree_of, window_on
from chat.draft import NOTHING, Kept
from chat.markdown import render
from chat.models import Message, Participant, Unsent
from chat.prompt import Prompt, build_prompt
from chat.queries import message_in, writer_and_audience
from chat.services.conversations import begin_conversation, changed, lock, touch
from chat.services.drafts import storable
from chat.services.places import stand
from chat.services.windows import Wide, wide_for
from chat.tree import Tree
from dashboard.errors import ChatError, ConversationBusy, MessageUnfit, NotFound
from dashboard.live.bus import publish
from dashboard.live.events import ConversationStarted, MessageAdded
from dashboard.people.models import User
from models_app.modelfile.recipe import Recipe
from models_app.queries import Target, target_for
from models_app.resolve import opening
from models_app.serving.ask import Ask
from models_app.wider import WINDOW


@dataclass(frozen=True, slots=True)
class Turn:
    """An open reply, and what to ask for it."""

    conversation: int
    message: int
    ask: Ask
    kept: Kept = NOTHING
    recipe: Recipe | None = None
    """The preset, where one answers."""
    taken_up: bool = False
    """Whether it waited with another process before, which may hold its place yet."""


class How(StrEnum):
    """What a new message is to the one that it names."""

    FOLLOW = "follow"
    BRANCH = "branch"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in the tree a message is meant to stand; 0 is the end of one's own branch."""

    at: int = 0
    how: str = How.FOLLOW


@dataclass(frozen=True, slots=True)
class Words:
    """What a person sends: a text, the page's key for it, who shall answer, and where."""

    text: str
    key: UUID
    target: str = ""
    spot: Spot = Spot()


def start_turn(conversation_id: int, *, person: User, words: Words) -> Turn | None:
    """Keep what the person said and open the reply; None when the key is known already.

    Raises `NotFound`, `NotAllowed`, `MessageUnfit`, `NothingToAnswer` or
    `ConversationBusy`, and then nothing has changed.
    """
    try:
        return _write_turn(conversation_id, person=person, words=words)
    except (ChatError, NotFound, IntegrityError) as failure:
        # Asked only now: a resend is rare, and each query costs the first token time.
        if _said_before(person, words.key):
            return None
        if isinstance(failure, IntegrityError):
            raise ConversationBusy from failure
        raise


@transaction.atomic
def _write_turn(conversation_id: int, *, person: User, words: Words) -> Turn:
    conversation = lock(conversation_id)
    place, audience = writer_and_audience(person, conversation_id)
    answers = target_for(person, words.target or conversation.target)
    text = _fit(words.text)
    tree = tree_of(conversation_id)
    said = Message.objects.create(
        conversation=conversation,
        parent_id=_parent_at(words.spot, place, tree),
        author=person,
        key=words.key,
        status=Message.Status.SAID,
        text=text,
        html=render(text, breaks=True),
    )
    turn = open_reply(said, person=person, answers=answers, tree=tree)
    stand(place, at=turn.message)
    Unsent.objects.filter(person=person, conversation=conversation).delete()
    touch(conversation, target=answers.key, first_line=said.text)
    # Pages that hear of the message fetch the reply row along with it.
    publish(added(said), *changed(conversation, audience))
    return turn


def _parent_at(spot: Spot, place: Participant, tree: Tree) -> int | None:
    """The message that the new one answers; `NotFound` where a branch is gone."""
    if spot.how == How.FOLLOW:
        at = spot.at if spot.at in tree else place.leaf_id
        return tree.tip(_followed(at, tree, place) if at in tree else None)
    named = message_in(place.conversation, spot.at)
    return named.parent_id if spot.how == How.EDIT else named.pk


def _followed(at: int | None, tree: Tree, place: Participant) -> int | None:
    """What the page showed last; its retry, if that broke off and the person moved along.

    The page may not have heard of the retry yet, and the message would be out of sight.
    """
    if at is None or at == place.leaf_id or tree.children(at):
        return at
    newest = tree.siblings(at)[-1]
    if newest != at and Message.objects.get(pk=at).is_unfinished:
        return newest
    return at


def _said_before(person: User, key: UUID) -> bool:
    """Whether this key is known; then its page is told that the message is in."""
    known = Message.objects.filter(author=person, key=key)
    for message in known.only("conversation", "parent", "author", "key"):
        publish(added(message))
        return True
    return False


@transaction.atomic
def begin_turn(person: User, *, words: Words) -> tuple[int, Turn | None]:
    """A conversation with its first turn, or neither; a known key leads to where it is."""
    known = Message.objects.filter(author=person, key=words.key).first()
    if known is not None:
        return _begun(known.conversation_id, words, person), None
    conversation = begin_conversation(person)
    turn = start_turn(conversation.pk, person=person, words=words)
    if turn is None:
        # The same key came twice at once: the other one has the conversation.
        conversation.delete()
        known = Message.objects.get(author=person, key=words.key)
        return _begun(known.conversation_id, words, person), None
    Unsent.objects.filter(person=person, conversation=None).delete()
    return _begun(conversation.pk, words, person), turn


def _begun(conversation: int, words: Words, person: User) -> int:
    publish(ConversationStarted(person.pk, conversation, str(words.key)))
    return conversation


def added(message: Message) -> MessageAdded:
    return MessageAdded(
        message.conversation_id,
        message.pk,
        parent=message.parent_id or 0,
        author=message.author_id or 0,
        key=str(message.key) if message.key else "",
    )


def _fit(text: str) -> str:
    most = settings.MESSAGE_MAX_LENGTH
    text = storable(text).strip()
    if not 0 < len(text) <= most:
        raise MessageUnfit(most=most)
    return text


def open_reply(
    said: Message,
    *,
    person: User,
    answers: Target,
    tree: Tree | None = None,
    window: int = 0,
) -> Turn:
    """Open a reply to a message; the database refuses a second for it, or for the person.

    `tree` is that of the conversation, where it is known: each query costs time. A
    `window` that somebody chose counts, else that of the last reply of the same target;
    `WindowNotOffered` where no server can be asked for the one that was chosen.
    """
    path = path_to(said, tree or tree_of(said.conversation_id))
    known = window or window_on(path, answers.key)
    wide = wide_for(person, answers, known, chosen=bool(window))
    prompt = prompt_of(path, answers=answers, wide=wide)
    reply = Message.objects.create(
        conversation_id=said.conversation_id,
        parent=said,
        status=Message.Status.OPEN,
        asked_by=person,
        target=answers.key,
        speaker=answers.label,
        icon=answers.icon,
        left_out=prompt.left_out,
        window=wide.window if wide else None,
        beat_at=timezone.now(),
    )
    place = said.conversation_id
    ask = asked_of(person, answers, prompt, wide, conversation=place)
    return Turn(place, reply.pk, ask, recipe=recipe_of(answers))


def recipe_of(answers: Target) -> Recipe | None:
    return answers.recipe if answers.is_preset else None


def asked_of(
    person: User,
    answers: Target,
    prompt: Prompt,
    wide: Wide | None,
    *,
    conversation: int,
) -> Ask:
    """The ask for a reply; a window goes to the server that was found to have room."""
    ask = Ask(
        person,
        answers.model,
        prompt.messages,
        answers.parameters,
        preset=answers.preset,
        conversation=conversation,
    )
    if wide is None:
        return ask
    parameters = {**answers.parameters, WINDOW: wide.window}
    return replace(ask, parameters=parameters, server=wide.server)


def prompt_to(message: Message, *, answers: Target, wide: Wide | None = None) -> Prompt:
    """What the target is shown of the conversation up to this message."""
    path = path_to(message, tree_of(message.conversation_id))
    return prompt_of(path, answers=answers, wide=wide)


def prompt_of(path: Sequence[Message], *, answers: Target, wide: Wide | None) -> Prompt:
    return build_prompt(
        said_on(path),
        opening=opening(answers.recipe),
        context=wide.window if wide else answers.context,
    )
