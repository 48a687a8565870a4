"""How much of what was sent a model read: worked out when a reply is closed, and kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chat.branch import path_to, said_on, tree_of
from chat.models import Message
from chat.prompt import build_prompt, tokens
from chat.services.replies import Closing
from chat.services.turns import Turn
from dashboard.errors import PromptTooLong
from models_app.adapters import ADAPTERS
from models_app.adapters.base import ChatMessage
from models_app.modelfile.recipe import Recipe
from models_app.models import LanguageModel
from models_app.resolve import opening, window_of
from models_app.serving.alarm import USUAL, Alarm, Answered, Earlier, Sent, alarm_of
from models_app.serving.least import least_sent, scarce_sent
from models_app.snapshot import name_key
from models_app.wider import Need, Offer, Way, offer_for

LEFT_OUT = "left_out"
"""The kind of an alarm about what we did not send."""
LOOKED_AT = 5000
"""So many of the newest messages are looked through for what a model has read."""
LEARNED_FROM = 50
FEWEST = 50
"""A shorter prompt teaches more of the template than of the text."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a prompt came to, by the counts that need no tokenizer."""

    least: int
    scarce: int


def counted_in(messages: Sequence[ChatMessage]) -> Counted:
    return Counted(least_sent(messages), scarce_sent(messages))


def alarm_kept(
    turn: Turn, closing: Closing, *, kind: str, counted: Counted
) -> dict[str, object]:
    """What is said of a reply, as its row keeps it; nothing where all was read."""
    reply = Message.objects.filter(pk=turn.message).first()
    if reply is None or kind not in ADAPTERS:
        return {}
    model = _model_of(turn, closing.server)
    before = _before(reply, closing.server) if ADAPTERS[kind].silent else None
    answered = _answered(turn, closing, kind, model)
    sent = Sent(counted.least, counted.scarce, before)
    if alarm_of(sent, answered) is None and not reply.left_out:
        return {}
    ratio = _learned(reply)
    alarm = alarm_of(Sent(sent.least, sent.scarce, before, ratio), answered)
    need = _need(turn, reply, alarm, ratio or USUAL)
    offer = _offer(model, need, answered.window if alarm is None else alarm.window)
    return {**_told(alarm, answered), **_offered(offer, need)}


def _answered(
    turn: Turn, closing: Closing, kind: str, model: LanguageModel | None
) -> Answered:
    usage = closing.done.usage if closing.done else None
    return Answered(
        read=usage.prompt_tokens if usage else None,
        written=usage.completion_tokens if usage else None,
        window=_window(turn, kind, model),
        silent=ADAPTERS[kind].silent,
        refusal=_refusal(closing),
    )


def _refusal(closing: Closing) -> str:
    error = closing.error
    return str(error.facts["detail"]) if isinstance(error, PromptTooLong) else ""


def _model_of(turn: Turn, server: str) -> LanguageModel | None:
    rows = LanguageModel.objects.filter(backend__name=server, listed=True)
    key = name_key(turn.ask.model)
    named = rows.filter(name__istartswith=key).select_related("backend")
    return next((each for each in named if name_key(each.name) == key), None)


def _window(turn: Turn, kind: str, model: LanguageModel | None) -> int | None:
    """What the question asked for; else what the model was last seen loaded with, or
    could be at the most."""
    trained = model.context if model else None
    asked = window_of(Recipe(parameters=turn.ask.parameters), kind)
    if asked is not None:
        return min(asked, trained or asked)
    return (model.window if model else None) or trained


def _before(reply: Message, server: str) -> Earlier | None:
    """The prompt of the turn before, which this one contains: read by the same model on
    the same server, and begun at the same message."""
    above = tree_of(reply.conversation_id).path(reply.parent_id)
    rows = Message.objects.filter(
        pk__in=above, target=reply.target, server=server, left_out=reply.left_out
    )
    known = rows.filter(least_sent__gt=0, prompt_tokens__gt=0).order_by("-pk")
    last = known.values_list("least_sent", "prompt_tokens").first()
    return Earlier(last[0] or 0, last[1] or 0) if last else None


def _learned(reply: Message) -> float | None:
    """How many tokens the model reads for each of the least, of what it read whole."""
    newest = Message.objects.filter(pk__gt=reply.pk - LOOKED_AT, target=reply.target)
    known = newest.filter(least_sent__gte=FEWEST, prompt_tokens__gt=0).order_by("-pk")
    rows = known.values_list("least_sent", "prompt_tokens", "alarm")[:LEARNED_FROM]
    whole = [(least or 0, read or 0) for least, read, alarm in rows if not alarm]
    least = sum(each for each, _ in whole)
    return sum(read for _, read in whole) / least if least else None


def _need(turn: Turn, reply: Message, alarm: Alarm | None, ratio: float) -> Need:
    """What a window must hold for all of the conversation to be read, and the reply."""
    path = path_to(reply, tree_of(reply.conversation_id))[:-1]
    start = opening(turn.recipe) if turn.recipe else ()
    whole = build_prompt(said_on(path), opening=start).messages
    about = round(least_sent(whole) * ratio)
    told = max(alarm.sent, alarm.used) if alarm else 0
    return Need(cautious=_cautious(whole), about=max(about, told))


def _cautious(messages: Iterable[ChatMessage]) -> int:
    return sum(tokens(each.text) for each in messages)


def _offer(model: LanguageModel | None, need: Need, window: int | None) -> Offer:
    """A window that is no larger than what there is helps nobody."""
    if model is None:
        return Offer(Way.UNKNOWN, 0, 0)
    offer = offer_for(model, need)
    if offer.way in (Way.NONE, Way.UNKNOWN) or offer.window > (window or 0):
        return offer
    return Offer(Way.NONE, offer.window, model.pk)


def _told(alarm: Alarm | None, answered: Answered) -> dict[str, object]:
    if alarm is None:
        return {"kind": LEFT_OUT, "window": answered.window}
    return {
        "kind": alarm.kind.value,
        "sent": alarm.sent,
        "read": alarm.read,
        "window": alarm.window,
        "used": alarm.used,
        "exact": alarm.exact,
    }


def _offered(offer: Offer, need: Need) -> dict[str, object]:
    return {
        "way": offer.way.value,
        "offered": offer.window,
        "model": offer.model,
        "how": offer.how,
        "need": need.bare,
    }
