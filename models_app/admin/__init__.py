"""Servers, models and presets in the admin."""

from models_app.admin.alerts import AlertAdmin, AlertRuleAdmin
from models_app.admin.api_keys import ApiKeyAdmin
from models_app.admin.backends import BackendAdmin
from models_app.admin.batches import BatchAdmin
from models_app.admin.catalogue import CatalogueEntryAdmin
from models_app.admin.energy import CloudPriceAdmin, EnergySettingsAdmin
from models_app.admin.errands import ErrandAdmin
from models_app.admin.field_grants import FieldGrantAdmin
from models_app.admin.found_servers import FoundServerAdmin
from models_app.admin.generations import GenerationAdmin
from models_app.admin.groups import CarefulGroupAdmin
from models_app.admin.language_models import LanguageModelAdmin
from models_app.admin.nodes import NodeAdmin
from models_app.admin.presets import PresetAdmin
from models_app.admin.pull_requests import PullRequestAdmin
from models_app.admin.pulls import PullAdmin
from models_app.admin.quotas import QuotaAdmin
from models_app.admin.visibility import VisibilityAdmin
from models_app.admin.webhooks import DeliveryAdmin, WebhookAdmin

__all__ = [
    "AlertAdmin",
    "AlertRuleAdmin",
    "ApiKeyAdmin",
    "BackendAdmin",
    "BatchAdmin",
    "CarefulGroupAdmin",
    "CatalogueEntryAdmin",
    "CloudPriceAdmin",
    "DeliveryAdmin",
    "EnergySettingsAdmin",
    "ErrandAdmin",
    "FieldGrantAdmin",
    "FoundServerAdmin",
    "GenerationAdmin",
    "LanguageModelAdmin",
    "NodeAdmin",
    "PresetAdmin",
    "PullAdmin",
    "PullRequestAdmin",
    "QuotaAdmin",
    "VisibilityAdmin",
    "WebhookAdmin",
]
