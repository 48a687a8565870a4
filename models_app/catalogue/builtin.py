"""The models that Paddock comes with."""

import json
from functools import cache
from pathlib import Path

from models_app.catalogue.entry import Entry
from models_app.catalogue.validation import entry_from

FILE = Path(__file__).with_name("models.json")


@cache
def builtin_entries() -> tuple[Entry, ...]:
    """All of them, in the order of the file; every one is checked."""
    return tuple(entry_from(each) for each in json.loads(FILE.read_text()))
