"""The parameters a preset may set: their names and types are those of a Modelfile."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from models_app.modelfile.parameters import PARAMETERS, fits


def check_parameters(value: object) -> None:
    """Raise a `ValidationError` that names every parameter a server would not take."""
    if not isinstance(value, Mapping):
        raise ValidationError(_('Write an object, such as {"temperature": 0.2}.'))
    wrong = [_complaint(name, given) for name, given in value.items()]
    if complaints := [text for text in wrong if text]:
        raise ValidationError(complaints)


def _complaint(name: str, given: object) -> str:
    if name not in PARAMETERS:
        return _("“%(name)s” is unknown. Known are: %(known)s.") % {
            "name": name,
            "known": ", ".join(sorted(PARAMETERS)),
        }
    if not fits(name, given):
        return _("“%(name)s” cannot be %(given)s.") % {"name": name, "given": given}
    return ""
