"""A model server that Paddock talks to."""

from datetime import datetime, timedelta

from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from models_app.adapters import ADAPTERS, kinds
from models_app.adapters.base import Can
from models_app.hardware import MOST_CARDS, Hardware

SHORTEST_TRIP, LONGEST_TRIP = timedelta(seconds=5), timedelta(minutes=2)
"""How long its circuit stays open at least, after its first failure and after many."""
SECONDS = (MinValueValidator(1), MaxValueValidator(24 * 60 * 60))


class Backend(models.Model):
    """Where a server is, who may use it, and how it was when last looked at."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(
        _("kind"),
        max_length=20,
        choices=kinds,
        blank=True,
        help_text=_("Empty: Paddock finds out by itself."),
    )
    kind_by_hand = models.BooleanField(default=True, editable=False)
    base_url = models.CharField(
        _("base URL"),
        max_length=500,
        help_text=_("For example http://gpu-01:11434, without /v1 or /api."),
    )
    sealed_key = models.TextField(blank=True, editable=False)
    groups = models.ManyToManyField(
        Group,
        blank=True,
        verbose_name=_("groups"),
        help_text=_("Who may use it; everybody when none is chosen."),
    )
    max_parallel = models.PositiveSmallIntegerField(
        _("max parallel"),
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(1024)],
        help_text=_("How many replies it writes at once."),
    )
    first_token_seconds = models.PositiveIntegerField(
        _("first token limit, seconds"),
        default=600,
        validators=SECONDS,
        help_text=_("How long it may be silent before a reply: loading takes minutes."),
    )
    silence_seconds = models.PositiveIntegerField(
        _("silence limit, seconds"),
        default=60,
        validators=SECONDS,
        help_text=_("How long it may be silent in the middle of a reply."),
    )
    card = models.CharField(
        _("card"),
        max_length=80,
        blank=True,
        help_text=_("On which its models run, so that Paddock can say what fits."),
    )
    card_count = models.PositiveSmallIntegerField(
        _("cards"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_CARDS)],
    )
    slots = models.PositiveSmallIntegerField(
        _("loads models for"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1024)],
        help_text=_(
            "For how many replies at once it keeps room with each model: what "
            "OLLAMA_NUM_PARALLEL says. Empty: not known; one is reckoned with."
        ),
    )
    node = models.ForeignKey(
        "Node",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="backends",
        verbose_name=_("GPU host"),
        limit_choices_to={"retired_at": None},
        help_text=_("Where it runs. Empty: the host that its address names."),
    )
    weight = models.PositiveSmallIntegerField(
        _("weight"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_(
            "Of several servers that have a model, one of weight 2 has twice as many "
            "replies at a time as one of weight 1, as long as it has room. One that "
            "writes faster ends more of them in an hour."
        ),
    )
    draining = models.BooleanField(
        _("drain"),
        default=False,
        help_text=_("Replies that it writes are finished; new ones go elsewhere."),
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    starter = models.BooleanField(default=False, editable=False)

    # What health finds out. Four facts: it can be reached, it lists its models, how busy
    # it is, and when it last wrote a real reply.
    checked_at = models.DateTimeField(_("looked at"), null=True, editable=False)
    reached_at = models.DateTimeField(_("last reached"), null=True, editable=False)
    seen_at = models.DateTimeField(_("last listed models"), null=True, editable=False)
    running = models.PositiveIntegerField(_("writing"), null=True, editable=False)
    waiting = models.PositiveIntegerField(_("waiting"), null=True, editable=False)
    replied_at = models.DateTimeField(_("last reply"), null=True, editable=False)
    reply_code = models.CharField(max_length=40, blank=True, editable=False)
    reply_facts = models.JSONField(default=dict, editable=False)
    trips = models.PositiveIntegerField(default=0, editable=False)
    tripped_at = models.DateTimeField(null=True, editable=False)
    version = models.CharField(_("version"), max_length=80, blank=True, editable=False)
    abilities = models.JSONField(null=True, editable=False)
    abilities_at = models.DateTimeField(null=True, editable=False)
    failure_code = models.CharField(max_length=40, blank=True, editable=False)
    failure_facts = models.JSONField(default=dict, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    look_at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)

    class Meta:
        verbose_name = _("model server")
        verbose_name_plural = _("model servers")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=["starter"],
                condition=models.Q(starter=True),
                name="one_starter_engine",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def up(self) -> bool:
        """Whether it answered when last looked at; one not yet looked at counts as up."""
        return not self.failure_code

    @property
    def can(self) -> frozenset[Can]:
        """What may be asked of it: as it told last, else all that its kind can."""
        kind = ADAPTERS.get(self.kind)
        if kind is None:
            return frozenset()
        told = kind.can if self.abilities is None else self.abilities
        return frozenset(each for each in kind.can if each in told)

    @property
    def hardware(self) -> Hardware:
        """What it runs on, as far as an administrator has said so."""
        return Hardware(self.card, self.card_count)

    @property
    def is_tripped(self) -> bool:
        """Whether its circuit is open: it failed at a real reply, and is asked for none
        while another server can answer, until a look finds it well."""
        return self.tripped_at is not None

    @property
    def trip_ends(self) -> datetime | None:
        """From when on a look may close the circuit: later after each failure in a row."""
        if self.tripped_at is None:
            return None
        longer = SHORTEST_TRIP * 2.0 ** min(max(self.trips - 1, 0), 10)
        return self.tripped_at + min(longer, LONGEST_TRIP)
