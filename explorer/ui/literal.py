"""Words from elsewhere (a link, somebody's module, an error) as Markdown that shows them as they are."""

import re

MARKS = re.compile(r"([\\`*_\[\]<>$~|:])")


def literal(words: str) -> str:
    """Without this a link could put pictures and other links on the page."""
    return MARKS.sub(r"\\\1", words)
