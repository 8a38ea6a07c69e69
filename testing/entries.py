"""The entries of the field as the tests need them: all that is printed, and one by its key."""

from explorer.compare.entries import Entry, torchvision_entries
from explorer.compare.lesson_table import lesson_entries
from explorer.compare.paper_tables import paper_entries

FIELD = (*torchvision_entries(), *paper_entries(), *lesson_entries())
BY_KEY = {entry.key: entry for entry in FIELD}


def of(key: str) -> Entry:
    return BY_KEY[key]
