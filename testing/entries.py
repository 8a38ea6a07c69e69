"""The entries of the field as the tests need them: all that is printed, and one by its key."""

from explorer.leaderboard.entries import Entry, lesson_entries, paper_entries, torchvision_entries

FIELD = (*torchvision_entries(), *paper_entries(), *lesson_entries())
BY_KEY = {entry.key: entry for entry in FIELD}


def of(key: str) -> Entry:
    return BY_KEY[key]
