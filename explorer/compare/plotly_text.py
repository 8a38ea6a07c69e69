"""Words from elsewhere as plotly's text, which is a kind of HTML."""

from html import escape


def escaped(words: str) -> str:
    """Shown as they are. Quotes stay: plotly knows no entities for them."""
    return escape(words, quote=False)
