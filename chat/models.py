"""Conversations, who is in them, and the messages as a tree."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashboard.errors import QuotaSpent, error_class

LEAP = 100_000
"""How far the `seq` of a reply moves on when it is given to another writer.

The one before may only have been stuck, with pages and a draft further on than the row:
nothing of that writer may pass for the new one's.
"""
MOST_WRITERS = 3
"""What was begun by none of so many may be what ended them."""
HANDED_ON = "handed_on"
"""In the `way` of a reply whose writer has left it in order to another one."""


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def of(self, person: AbstractBaseUser) -> Self:
        """Those that the person takes part in; an administrator sees no others."""
        return self.filter(participants__person=person.pk)


class Conversation(models.Model):
    """People and models around one tree of messages."""

    title = models.CharField(_("title"), max_length=120, blank=True)
    target = models.CharField(_("answers"), max_length=310, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ("-touched_at", "-pk")

    def __str__(self) -> str:
        """Its number alone: the admin shows this, and what was said is not for the admin."""
        return f"conversation {self.pk}"


class Participant(models.Model):
    """A person in a conversation, and where they are in its tree.

    `leaf` ends the branch that they look at, and what is said after it belongs to it;
    `read_to` is the number of the newest message that they have seen.
    """

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        MEMBER = "member", _("member")
        VIEWER = "viewer", _("viewer")

    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="participants"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="participations"
    )
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField(auto_now_add=True)
    leaf = models.ForeignKey(
        "Message", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    read_to = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["conversation", "person"], name="one_place_per_person"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} ({self.role})"

    @property
    def owns(self) -> bool:
        return self.role == self.Role.OWNER

    @property
    def may_write(self) -> bool:
        return self.role != self.Role.VIEWER


class MessageQuerySet(models.QuerySet["Message"]):
    def open(self) -> Self:
        return self.filter(status=Message.Status.OPEN)

    def unasked(self) -> Self:
        """Open ones that, at the last checkpoint, no server had been asked for, and whose
        end nobody wants.

        Columns of their own alone: PostgreSQL does not look again at what an UPDATE finds
        by a join once it has waited for the row.
        """
        return self.open().filter(
            server="", text="", reasoning="", stop_requested=False
        )

    def unbegun(self) -> Self:
        """Those of them that may still be asked for."""
        few = models.Q(seq__lt=LEAP * (MOST_WRITERS - 1))
        in_order = models.Q(**{f"way__{HANDED_ON}": True})
        return self.unasked().filter(few | in_order, asked_by__is_active=True)


class Message(models.Model):
    """What a person said, or a reply; a reply is open until its one writer closes it.

    Others never close it: they set `stop_requested`, and a sweeper closes rows whose
    `beat_at` is old.
    """

    class Status(models.TextChoices):
        SAID = "said", _("said")
        OPEN = "open", _("being written")
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped")
        INTERRUPTED = "interrupted", _("interrupted")
        FAILED = "failed", _("failed")

    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="messages"
    )
    # A branch is deleted as a whole, and never message by message; the database watches.
    parent = models.ForeignKey(
        "self", models.DO_NOTHING, null=True, related_name="children"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="messages"
    )
    key = models.UUIDField(null=True)
    status = models.CharField(max_length=12, choices=Status)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    # Of a reply only.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    target = models.CharField(max_length=310, blank=True)
    speaker = models.CharField(max_length=300, blank=True)
    icon = models.CharField(max_length=32, blank=True)
    server = models.CharField(max_length=80, blank=True)
    reasoning = models.TextField(blank=True)
    seq = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField(null=True)
    stop_requested = models.BooleanField(default=False)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    left_out = models.PositiveIntegerField(default=0)
    unheeded = models.JSONField(default=list)
    window = models.PositiveIntegerField(null=True)
    least_sent = models.PositiveIntegerField(null=True)
    alarm = models.JSONField(default=dict)
    finish_reason = models.CharField(max_length=40, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_facts = models.JSONField(default=dict)
    prompt_tokens = models.PositiveIntegerField(null=True)
    completion_tokens = models.PositiveIntegerField(null=True)
    first_token_ms = models.PositiveIntegerField(null=True)
    total_ms = models.PositiveIntegerField(null=True)
    thought_ms = models.PositiveIntegerField(null=True)
    # Its generation in the ledger, and how it came to be answered there.
    ticket = models.CharField(max_length=32, blank=True)
    way = models.JSONField(default=dict)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["author", "key"], name="one_message_per_author_and_key"
            ),
            models.UniqueConstraint(
                fields=["conversation", "asked_by"],
                condition=models.Q(status="open"),
                name="one_open_reply_per_person",
            ),
            models.UniqueConstraint(
                fields=["parent"],
                condition=models.Q(status="open"),
                name="one_open_reply_per_message",
            ),
        )
        indexes = (
            models.Index(fields=["conversation", "id"], name="messages_in_order"),
            models.Index(
                fields=["beat_at"],
                condition=models.Q(status="open"),
                name="open_replies_by_beat",
            ),
        )

    def __str__(self) -> str:
        return f"message {self.pk}"

    @property
    def is_reply(self) -> bool:
        return self.status != self.Status.SAID

    @property
    def is_unfinished(self) -> bool:
        """It ended before its end, so that another reply may be asked for."""
        return self.status in UNFINISHED or self.is_empty

    @property
    def is_unbegun(self) -> bool:
        """No server was asked for it, as far as its row knows."""
        return self.is_reply and not (self.server or self.text or self.reasoning)

    @property
    def is_handed_on(self) -> bool:
        """Its writer has ended in order: nothing says that this reply ended it."""
        return bool(self.way.get(HANDED_ON))

    @property
    def is_refused(self) -> bool:
        """Whoever asked has used up what they may: no other model would answer either."""
        return issubclass(error_class(self.error_code), QuotaSpent)

    @property
    def is_empty(self) -> bool:
        """A reply that is done and says nothing."""
        return self.status == self.Status.DONE and not self.text

    @property
    def can_go_on(self) -> bool:
        """There is text, and there was more to say."""
        cut = self.status == self.Status.DONE and self.finish_reason == "length"
        return bool(self.text) and (cut or self.is_unfinished)


UNFINISHED = (
    Message.Status.FAILED,
    Message.Status.INTERRUPTED,
    Message.Status.STOPPED,
)


class OpenReply(Message):
    """A reply that is being written, as the administrators see it: without its text."""

    class Meta:
        proxy = True
        verbose_name = _("open reply")
        verbose_name_plural = _("open replies")


class Unsent(models.Model):
    """What a person has typed and not sent; without a conversation, for a new one."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="unsent"
    )
    conversation = models.ForeignKey(Conversation, models.CASCADE, null=True)
    text = models.TextField()
    typed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["person", "conversation"], name="one_unsent_text_per_place"
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(conversation=None),
                name="one_unsent_text_for_a_new_chat",
            ),
        )

    def __str__(self) -> str:
        return f"unsent text {self.pk}"


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def open(self) -> Self:
        """Those by which one can still come in, by the clock of now."""
        return self.filter(expires_at__gt=timezone.now())


class ShareLink(models.Model):
    """A link that lets teammates in while it lasts; only a hash of its token is stored."""

    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="share_links"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=10, choices=Participant.Role)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    objects = ShareLinkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.role} until {self.expires_at:%Y-%m-%d %H:%M}"


class Opening(models.Model):
    """An administrator opened a conversation to read it, and why; its people are shown it."""

    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="openings"
    )
    administrator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=300)
    opened_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ("-opened_at",)

    def __str__(self) -> str:
        return self.reason
