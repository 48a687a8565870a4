"""The rows of the model side."""

from models_app.models.backend import Backend
from models_app.models.found_server import FoundServer
from models_app.models.language_model import LanguageModel
from models_app.models.preset import Preset

__all__ = ["Backend", "FoundServer", "LanguageModel", "Preset"]
