"""What electricity costs here, and what the same tokens cost elsewhere."""

import unicodedata
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

NOT_NEGATIVE = [MinValueValidator(0)]
MOST_PUE = 10
MOST_HOST_WATTS = 20_000
A_CURRENCY = _(
    "Write a currency in at most eight letters or signs, for example EUR or €."
)


def _is_currency(text: str) -> bool:
    """Letters of any script and signs of currencies, as in `US$`, `Kč` or `руб.`."""
    signs = (unicodedata.category(each) for each in text if each not in ". ")
    return all(each[0] in "LM" or each == "Sc" for each in signs)


class EnergySettings(models.Model):
    """One row. Without a price nothing is said of money."""

    ONLY = 1

    price = models.DecimalField(
        _("price of a kWh"),
        max_digits=12,
        decimal_places=5,
        null=True,
        blank=True,
        validators=NOT_NEGATIVE,
        help_text=_("As on your bill, for example 0.30. Empty: no costs are shown."),
    )
    currency = models.CharField(
        _("currency"),
        max_length=8,
        blank=True,
        help_text=_("For example EUR or USD; it is shown, and nothing is converted."),
    )
    host_watts = models.FloatField(
        _("watts of a host"),
        default=0,
        validators=NOT_NEGATIVE,
        help_text=_(
            "What a host takes besides its cards, often 60 to 150; it is added for the "
            "time in which the host reported. 0 counts the cards alone."
        ),
    )
    pue = models.FloatField(
        _("PUE"),
        default=1,
        validators=[MinValueValidator(1)],
        help_text=_(
            "What the whole building takes for each watt of its hosts: 1 at home, "
            "often 1.2 to 1.5 in a data centre."
        ),
    )

    class Meta:
        verbose_name = _("energy settings")
        verbose_name_plural = _("energy settings")

    def __str__(self) -> str:
        return str(_("Energy settings"))

    def clean(self) -> None:
        if wrong := dict(self._wrong()):
            raise ValidationError(wrong)

    def _wrong(self) -> Iterator[tuple[str, object]]:
        if self.price is not None and not self.currency:
            yield "currency", _("Say in which currency the price is.")
        if not _is_currency(self.currency):
            yield "currency", A_CURRENCY
        if self.host_watts > MOST_HOST_WATTS:
            yield (
                "host_watts",
                _("No host takes as much besides its cards: write watts, up to 20000."),
            )
        if self.pue > MOST_PUE:
            yield "pue", _("Write a PUE from 1 to 10; hardly any is above 2.")


class CloudPrice(models.Model):
    """What a cloud asks for a million tokens of a model like some of ours."""

    name = models.CharField(
        _("name"),
        max_length=100,
        unique=True,
        help_text=_("Of the model that is compared with, and who sells it."),
    )
    pattern = models.CharField(
        _("our models"),
        max_length=300,
        help_text=_(
            "The names that it stands for, for example llama3.1:70b* (* is anything). "
            "Choose models of the same class: a small one is no match for a large one. "
            "Of several rows the one with the longest pattern counts."
        ),
    )
    input_price = models.DecimalField(
        _("input"),
        max_digits=12,
        decimal_places=4,
        validators=NOT_NEGATIVE,
        help_text=_("For a million tokens of what is read."),
    )
    cached_price = models.DecimalField(
        _("cached input"),
        max_digits=12,
        decimal_places=4,
        null=True,
        blank=True,
        validators=NOT_NEGATIVE,
        help_text=_(
            "For a million tokens that were read before. Kept for you to compare: model "
            "servers do not say which tokens were, so that all count as input."
        ),
    )
    output_price = models.DecimalField(
        _("output"),
        max_digits=12,
        decimal_places=4,
        validators=NOT_NEGATIVE,
        help_text=_("For a million tokens of what is written."),
    )
    currency = models.CharField(_("currency"), max_length=8)
    as_of = models.DateField(
        _("as of"), help_text=_("Prices change often: the day on which you looked.")
    )
    source = models.CharField(
        _("source"),
        max_length=300,
        blank=True,
        help_text=_("Where you read it, so that others can look again."),
    )

    class Meta:
        verbose_name = _("cloud price")
        verbose_name_plural = _("cloud prices")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if wrong := dict(self._wrong()):
            raise ValidationError(wrong)

    def _wrong(self) -> Iterator[tuple[str, object]]:
        if not _is_currency(self.currency):
            yield "currency", A_CURRENCY
        if self.as_of and self.as_of > timezone.localdate():
            yield (
                "as_of",
                _("That day is still to come: write the day on which you looked."),
            )
