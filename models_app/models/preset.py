"""A model with all that makes another one of it, under a name of its own."""

import unicodedata
from typing import Self

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from models_app.modelfile.recipe import Recipe
from models_app.parameters import check_parameters

LONGEST_TEXT = 200_000
LONGEST_NAME = 80
WIDEST_ICON = 2
"""In characters as people count them."""
JOINER, TAGS = "\u200d", range(0xE0020, 0xE0080)
TONES, FLAGS = range(0x1F3FB, 0x1F400), range(0x1F1E6, 0x1F200)
THERE = "…"
"""Stands for a text that no question carries: that it is there is all that counts."""


def check_icon(icon: str) -> None:
    """Refuse what would be no small picture beside a name."""
    if icon != icon.strip() or " " in icon or _width(icon) > WIDEST_ICON:
        raise ValidationError(_t("Choose one emoji, or one or two characters."))


def _width(text: str) -> int:
    """In characters as people count them: an emoji of several code points is one."""
    width, joined, flags = 0, False, 0
    for each in text:
        adds = not joined and ord(each) not in TONES and ord(each) not in TAGS
        if adds and unicodedata.category(each) not in ("Mn", "Me", "Cf"):
            flags += ord(each) in FLAGS
            width += 1
        joined = each == JOINER
    return width - flags // 2


class PresetQuerySet(models.QuerySet["Preset"]):
    def with_groups(self) -> Self:
        return self.prefetch_related("groups")


class Preset(models.Model):
    """What a teammate chooses by name; it runs on whichever server has the model.

    The text is the source. `model`, `system`, `parameters`, `examples` (pairs of a role
    and a text) and `places` (of each command, its line and column) are what it says,
    written by `services.presets` alone. `revision` is the number of the newest one.
    """

    name = models.CharField(_("name"), max_length=LONGEST_NAME, unique=True)
    icon = models.CharField(
        _("icon"),
        max_length=32,
        blank=True,
        validators=[check_icon],
        help_text=_("One emoji, or one or two characters."),
    )
    description = models.CharField(
        _("description"),
        max_length=300,
        blank=True,
        help_text=_("What it is good for, in a sentence."),
    )
    text = models.TextField(_("Modelfile"), max_length=LONGEST_TEXT)
    groups = models.ManyToManyField(
        Group,
        blank=True,
        verbose_name=_("groups"),
        help_text=_("Who may use it; everybody when none is chosen."),
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    is_default = models.BooleanField(_("default"), default=False, editable=False)
    revision = models.PositiveIntegerField(_("revision"), default=0, editable=False)

    model = models.CharField(_("model"), max_length=300, editable=False)
    system = models.TextField(_("system prompt"), blank=True, editable=False)
    parameters = models.JSONField(
        _("parameters"),
        default=dict,
        blank=True,
        validators=[check_parameters],
        editable=False,
    )
    examples = models.JSONField(
        _("example messages"), default=list, blank=True, editable=False
    )
    places = models.JSONField(default=dict, blank=True, editable=False)

    objects = PresetQuerySet.as_manager()

    class Meta:
        verbose_name = _("preset")
        verbose_name_plural = _("presets")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="one_default_preset",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def recipe(self) -> Recipe:
        """What questions need of the text; of the rest, only that it is there."""
        return Recipe(
            bases=(self.model,),
            system=self.system,
            template=self._mark("template"),
            parameters=self.parameters,
            messages=tuple((role, text) for role, text in self.examples),
            licenses=tuple(filter(None, [self._mark("license")])),
            adapter=self._mark("adapter"),
            drafts=tuple(filter(None, [self._mark("draft")])),
            renderer=self._mark("renderer"),
            parser=self._mark("parser"),
            requires=self._mark("requires"),
            places={name: (line, at) for name, (line, at) in self.places.items()},
        )

    def _mark(self, name: str) -> str:
        return THERE if name in self.places else ""


class PresetRevision(models.Model):
    """A preset as somebody saved it; never changed."""

    preset = models.ForeignKey(
        Preset, models.CASCADE, related_name="revisions", verbose_name=_("preset")
    )
    number = models.PositiveIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    text = models.TextField(_("Modelfile"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    restored = models.PositiveIntegerField(_("restored from"), null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("saved"), default=timezone.now)

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(
                fields=["preset", "number"], name="one_revision_per_preset_and_number"
            ),
        )

    def __str__(self) -> str:
        return str(self.number)
