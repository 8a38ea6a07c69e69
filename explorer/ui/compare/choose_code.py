"""The lines that load a chosen network, and what to know before pasting them."""

from typing import Any

from explorer.compare.entries import Entry
from explorer.compare.loading_lines import lesson_lines, torchvision_lines


def code(entry: Entry) -> dict[str, Any]:
    """With a sentence in the place of lines where the network cannot be built."""
    try:
        return {"title": entry.title, "lines": lines(entry), "note": note(entry), "recipe": entry.recipe}
    except (ValueError, KeyError) as error:
        return {"title": entry.title, "lines": "", "note": f"There are no lines to show: {error}", "recipe": ""}


def lines(entry: Entry) -> str:
    if entry.origin == "lesson" and entry.place:
        return lesson_lines(entry.place)
    _, builder, weights = entry.key.split("/")
    return torchvision_lines(builder, weights)


def note(entry: Entry) -> str:
    if "SWAG" in entry.key:
        return "SWAG: its weights were first trained on billions of pictures beyond ImageNet, with hashtags as labels."
    return ""
