"""Conversations and open replies in the admin, without a word of what was said."""

from chat.admin.conversations import ConversationAdmin
from chat.admin.open_replies import OpenReplyAdmin

__all__ = ["ConversationAdmin", "OpenReplyAdmin"]
