"""The parameters a preset may set: their names and types are those of a Modelfile.

Source: the Modelfile grammar of Ollama, and its list of runtime options.
"""

from collections.abc import Mapping
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WHOLE: Final = frozenset(
    {"num_predict", "num_ctx", "num_keep", "seed", "top_k", "repeat_last_n"}
)
NUMBER: Final = frozenset(
    {
        "temperature",
        "top_p",
        "min_p",
        "typical_p",
        "repeat_penalty",
        "presence_penalty",
        "frequency_penalty",
    }
)
TEXTS: Final = frozenset({"stop"})
KNOWN: Final = WHOLE | NUMBER | TEXTS


def check_parameters(value: object) -> None:
    """Raise a `ValidationError` that names every parameter a server would not take."""
    if not isinstance(value, Mapping):
        raise ValidationError(_('Write an object, such as {"temperature": 0.2}.'))
    wrong = [_complaint(name, given) for name, given in value.items()]
    if complaints := [text for text in wrong if text]:
        raise ValidationError(complaints)


def _complaint(name: str, given: object) -> str:
    if name not in KNOWN:
        return _("“%(name)s” is unknown. Known are: %(known)s.") % {
            "name": name,
            "known": ", ".join(sorted(KNOWN)),
        }
    if not _fits(name, given):
        return _("“%(name)s” cannot be %(given)s.") % {"name": name, "given": given}
    return ""


def _fits(name: str, given: object) -> bool:
    if name in TEXTS:
        return isinstance(given, list) and all(isinstance(each, str) for each in given)
    if isinstance(given, bool):
        return False
    return isinstance(given, int if name in WHOLE else int | float)
