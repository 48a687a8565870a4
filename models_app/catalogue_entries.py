"""The catalogue as it is here: what Paddock comes with, and what administrators added."""

from models_app.catalogue.builtin import builtin_entries
from models_app.catalogue.entry import Entry
from models_app.catalogue.validation import entry_from, problems
from models_app.models import CatalogueEntry


def entries() -> tuple[Entry, ...]:
    """Every entry that is not hidden; those of the house come after the others.

    Data that a newer Paddock no longer takes is left out: the admin says what is wrong.
    """
    ours = {each.slug: each for each in CatalogueEntry.objects.all()}
    builtin = [each for each in builtin_entries() if each.slug not in ours]
    added = [entry_from(each.data) for each in ours.values() if _is_usable(each)]
    return (*builtin, *added)


def entry_for(slug: str) -> Entry | None:
    return next((each for each in entries() if each.slug == slug), None)


def _is_usable(row: CatalogueEntry) -> bool:
    return not row.hidden and not problems(row.data)
