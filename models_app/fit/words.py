"""An estimate in sentences: the verdict, how sure it is, what is missing, what helps."""

from collections.abc import Iterable
from math import ceil
from typing import Final

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from models_app.fit.advice import Advice, Remedy
from models_app.fit.estimate import Fit, Source, Verdict
from models_app.fit.load import Engine
from models_app.fit.machine import Card
from models_app.fit.shape import Missing
from models_app.fit.sizes import GIB, size

VERDICTS: Final = {
    Verdict.FITS: gettext_noop(
        "It fits: with a window of %(window)s tokens it needs %(need)s of %(budget)s."
    ),
    Verdict.TIGHT: gettext_noop(
        "It fits, but tightly: with a window of %(window)s tokens it needs %(need)s of "
        "%(budget)s. Shorten the window if loading fails."
    ),
    Verdict.PARTIAL: gettext_noop(
        "Only %(layers)s of %(all_layers)s layers fit on the card; %(in_ram)s would be "
        "in main memory. Expect replies 3 to 10 times slower."
    ),
    Verdict.NO: gettext_noop(
        "It does not fit: with a window of %(window)s tokens it needs %(need)s, and "
        "there are %(budget)s."
    ),
}
NO_CARD: Final = gettext_noop(
    "vLLM does not run on this hardware: choose a machine with cards of NVIDIA or AMD, "
    "or another kind of server."
)
UNKNOWN: Final = gettext_noop(
    "Whether it fits cannot be said, because this is not known: %(inputs)s. Add it to "
    "the model's entry."
)
INPUTS: Final = {
    Missing.WEIGHTS: gettext_noop("the size of its weights in this quantization"),
    Missing.LAYERS: gettext_noop("how many layers it has"),
    Missing.KV_HEADS: gettext_noop("how many heads keep keys and values"),
    Missing.HEAD_SIZE: gettext_noop("how long a head's keys and values are"),
    Missing.HEADS: gettext_noop("how many attention heads it has"),
    Missing.EMBEDDING: gettext_noop("how wide its embedding is"),
    Missing.FEED_FORWARD: gettext_noop("how wide its feed-forward layers are"),
    Missing.VOCABULARY: gettext_noop("how large its vocabulary is"),
    Missing.MLA: gettext_noop("what its latent attention keeps"),
    Missing.CARD: gettext_noop("a graphics card for vLLM"),
}
NOTES: Final = {
    Missing.WINDOWED_LAYERS: gettext_noop(
        "Which layers look back only over a window is not known; all are counted in "
        "full, so it may need less."
    ),
    Missing.STATE: gettext_noop(
        "The state of its recurrent layers is not counted; it is small and does not "
        "grow with the window."
    ),
}
SURENESS: Final = {
    Source.MEASURED: gettext_noop("Measured with this model and this window."),
    Source.CALIBRATED: gettext_noop(
        "Estimated, and all but the weights corrected by what like models really took; "
        "give or take %(percent)s%%."
    ),
    Source.ESTIMATED: gettext_noop("Estimated; give or take %(percent)s%%."),
}
REMEDIES: Final = {
    Remedy.QUANTIZED_CACHE: gettext_noop(
        "Keep the cache as %(cache)s: it then needs %(need)s of %(budget)s."
    ),
    Remedy.SHORTER_WINDOW: gettext_noop(
        "Shorten the window to %(window)s tokens: it then needs %(need)s of %(budget)s, "
        "and fits even if the estimate is %(percent)s%% too low."
    ),
    Remedy.SMALLER_QUANTIZATION: gettext_noop(
        "Take the quantization %(quantization)s: it then needs %(need)s of %(budget)s."
    ),
    Remedy.TOGETHER: gettext_noop(
        "Take the quantization %(quantization)s, keep the cache as %(cache)s and have a "
        "window of %(window)s tokens: together it then needs %(need)s of %(budget)s."
    ),
    Remedy.SMALLER_MODEL: gettext_noop(
        "Take the smaller model %(model)s: it needs %(need)s of %(budget)s."
    ),
    Remedy.OFFLOAD: gettext_noop(
        "Keep %(layers)s of %(all_layers)s layers on the card and %(in_ram)s in main "
        "memory: it runs, but expect replies 3 to 10 times slower."
    ),
    Remedy.SECOND_CARD: gettext_noop(
        "Add a second card of the same kind: over both it needs %(need)s of %(budget)s."
    ),
}
LONGEST_WINDOW: Final = gettext_noop(
    "Shorten the window to %(window)s tokens: it then needs %(need)s of %(budget)s, "
    "which fits if the estimate is right."
)
VLLM_OFFLOAD: Final = gettext_noop(
    "Start vLLM with --cpu-offload-gb %(offload)s, which keeps %(in_ram)s in main "
    "memory: it runs, but much slower."
)


def verdict_told(answer: Fit) -> str:
    """The verdict with its numbers, or what is missing for one."""
    if Missing.CARD in answer.missing:
        return _(NO_CARD)
    if answer.verdict == Verdict.UNKNOWN:
        return _(UNKNOWN) % {"inputs": inputs_told(answer.missing)}
    return _(VERDICTS[answer.verdict]) % _facts(answer)


def sureness_told(answer: Fit) -> str:
    """How the sum came about and how far off it may be."""
    percent = number_format(round(answer.error * 100), 0)
    sentence = _(SURENESS[answer.source])
    if answer.source == Source.MEASURED:
        return sentence
    return sentence % {"percent": percent}


def inputs_told(missing: Iterable[Missing]) -> str:
    """The missing inputs, as one list for people."""
    return ", ".join(_(INPUTS[each]) for each in missing if each in INPUTS)


def notes_told(answer: Fit) -> list[str]:
    """What the sum leaves out or counts in full, and a window beyond training."""
    notes = [_(NOTES[each]) for each in answer.noted if each in NOTES]
    if answer.beyond_trained:
        notes.append(
            _(
                "The model was not trained for so long a window; shorten it, or expect "
                "worse replies."
            )
        )
    return notes


def advice_told(given: Advice) -> str:
    """One remedy with what it would need."""
    facts = _facts(given.fit) | {
        "cache": given.load.cache,
        "quantization": given.load.quantization,
        "model": given.model,
    }
    if given.remedy == Remedy.OFFLOAD and given.load.engine == Engine.VLLM:
        return _(VLLM_OFFLOAD) % facts
    if given.remedy == Remedy.SHORTER_WINDOW and not is_sure(given.fit):
        return _(LONGEST_WINDOW) % facts
    return _(REMEDIES[given.remedy]) % facts


def is_sure(answer: Fit) -> bool:
    """Whether it fits even if it takes as much more as the estimate may be wrong by."""
    most = answer.range
    return most is not None and most[1] <= answer.budget


def window_told(answer: Fit) -> str:
    """The largest window, and that it has no margin; empty where there is none."""
    if not answer.largest_window:
        return ""
    return _(
        "The largest window that fits if the estimate is right: %(window)s tokens."
    ) % {"window": number_format(answer.largest_window, 0, force_grouping=True)}


def source_told(card: Card) -> str:
    """Where the usable share of shared memory comes from; empty for other cards."""
    return _(card.source) if card.source else ""


def _facts(answer: Fit) -> dict[str, str]:
    return {
        "window": number_format(answer.window, 0, force_grouping=True),
        "need": "?" if answer.need is None else size(answer.need),
        "budget": size(answer.budget),
        "layers": str(answer.layers or 0),
        "all_layers": str(answer.all_layers or "?"),
        "percent": number_format(round(answer.error * 100), 0),
        "in_ram": size(answer.in_ram),
        "offload": str(ceil(answer.in_ram / GIB / max(answer.cards, 1))),
    }
