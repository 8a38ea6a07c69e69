"""How an entry was trained, as its source says it."""

import re
from collections.abc import Callable

import torchvision.models

from explorer.compare.entries import Entry

LINK = re.compile(r"`([^`<]+?)\s*<([^>]+)>`_")  # as reStructuredText writes one


def recipe_words(entry: Entry, escape: Callable[[str], str]) -> str:
    """A sentence in Markdown; torchvision's own where the weights are its."""
    if entry.origin == "yours":
        return "**Trained:** by nobody, so it has no accuracy."
    if entry.origin != "torchvision":
        return f"**Said by:** {escape(entry.recipe)}."
    _, name, weights = entry.key.split("/")
    words = " ".join(torchvision.models.get_model_weights(name)[weights].meta["_docs"].split())
    words = LINK.sub(r"\1", words).replace("``", "")
    return f"**Trained:** {escape(words)} [The recipe]({entry.recipe})"
