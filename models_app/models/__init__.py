"""The rows of the model side."""

from models_app.models.alert import (
    DEFAULTS,
    Alert,
    AlertKind,
    AlertRule,
    Limits,
    Severity,
)
from models_app.models.api_key import ApiKey, FieldGrant
from models_app.models.backend import Backend
from models_app.models.batch import ApiFile, Batch
from models_app.models.catalogue_entry import CatalogueEntry
from models_app.models.energy_period import CardEnergy, EnergyPeriod
from models_app.models.energy_price import CloudPrice, EnergySettings
from models_app.models.errand import Errand
from models_app.models.fit_measurement import FitMeasurement
from models_app.models.found_server import FoundServer
from models_app.models.generation import Generation
from models_app.models.gpu_bucket import FiveMinutes, TenSeconds
from models_app.models.language_model import LanguageModel
from models_app.models.model_shape import ModelShape
from models_app.models.node import Gpu, Node
from models_app.models.preset import Preset, PresetRevision
from models_app.models.pull import Pull
from models_app.models.pull_request import Asker, PullRequest
from models_app.models.quota import Quota
from models_app.models.restriction import Restriction
from models_app.models.revision import Revision
from models_app.models.webhook import Delivery, Webhook

__all__ = [
    "DEFAULTS",
    "Alert",
    "AlertKind",
    "AlertRule",
    "ApiFile",
    "ApiKey",
    "Asker",
    "Backend",
    "Batch",
    "CardEnergy",
    "CatalogueEntry",
    "CloudPrice",
    "Delivery",
    "EnergyPeriod",
    "EnergySettings",
    "Errand",
    "FieldGrant",
    "FitMeasurement",
    "FiveMinutes",
    "FoundServer",
    "Generation",
    "Gpu",
    "LanguageModel",
    "Limits",
    "ModelShape",
    "Node",
    "Preset",
    "PresetRevision",
    "Pull",
    "PullRequest",
    "Quota",
    "Restriction",
    "Revision",
    "Severity",
    "TenSeconds",
    "Webhook",
]
