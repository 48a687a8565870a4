"""What the house's own tokens took and cost, beside what a cloud would have asked.

The cards are known to the model side and the tokens to the chat, so they meet here.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from chat.token_counts import tokens_between
from models_app.cloud_costs import CloudCost, cloud_cost_of
from models_app.energy_queries import Energy, Span, energy_in, today_and_month
from models_app.templatetags.amounts import short_count


@dataclass(frozen=True, slots=True)
class Bill:
    """A day or a month until now; None is "not measured", or without a price."""

    energy: Energy
    prompt_tokens: int
    completion_tokens: int
    cloud: CloudCost
