"""Numbers, shapes, lists and words of others, as one writes them for people, Markdown, plotly and programs."""

import csv
import io
import re
from collections.abc import Callable, Iterable
from html import escape
from math import floor, isfinite
from unicodedata import category

MIB = 2**20  # bytes

MARKS = re.compile(r"([\\`*_\[\]<>$~|:])")
BARE_MARKS = re.compile(r"(?<=:)(?=//|[\w+/-]+:)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)
WORD_JOINER = "\u2060"  # not seen, and no line breaks at it


def dimensions(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def short_number(number: float) -> str:
    """Three figures and a unit: 25.6 M."""
    for unit, name in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= unit * 0.9995:
            value = number / unit
            return f"{value:.{2 if value < 9.995 else 1 if value < 99.95 else 0}f}{name}"
    return f"{number:g}"


def binary(size: float) -> str:
    """Bytes in the unit that fits."""
    unit = "B"
    for larger in ("KiB", "MiB", "GiB"):
        if size >= 1024:
            size, unit = size / 1024, larger
    return f"{size:.3g} {unit}" if size < 999.5 else f"{size:,.0f} {unit}"


def signed(change: float, spell: Callable[[float], str] = short_number) -> str:
    """With a sign that is as wide as the other; what is spelled like nothing has none."""
    words = spell(abs(change))
    return words if words == spell(0) else f"{'+' if change > 0 else '−'}{words}"


def rough(number: float) -> str:
    """Two figures, however large: 1.5, 23, 2,300."""
    return f"{float(f'{number:.2g}'):,.10g}"


def join_words(words: Iterable[str]) -> str:
    """one; one and two; one, two and three"""
    said = tuple(words)
    return f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else "".join(said)


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """As comma-separated values, a line each."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def superscript(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))


def spell_figures(value: float, figures: int = 3) -> str:
    """As many as are told of it, as one writes them: “0.42”, “−1.5”, “9.6 · 10⁻⁵”."""
    number, _, power = f"{value:.{figures}g}".partition("e")
    return number.replace("-", "−") + (f" · 10{superscript(int(power))}" if power else "")


def spell_power(power: float) -> str:
    """Of ten: “2.7 · 10⁻⁵”."""
    whole = floor(power)
    return f"{10 ** (power - whole):.2g} · 10{superscript(whole)}"


def spell_loss(loss: float, digits: int = 2) -> str:
    """“1.57”; of a run that has diverged “1.1 · 10⁸”."""
    if not isfinite(loss) or loss < 10_000:
        return f"{loss:.{digits}f}"
    return spell_figures(loss, 2)


def escaped(words: str) -> str:
    """Shown as they are. Quotes stay: plotly knows no entities for them."""
    return escape(words, quote=False)


def literal(words: str) -> str:
    """For Markdown: without this a link could put pictures and other links on the page.

    An address becomes a link, and :smile: a picture, even where the marks are escaped, so that something unseen must
    stand within it.
    """
    return MARKS.sub(r"\\\1", BARE_MARKS.sub(WORD_JOINER, words))


def printable(words: str) -> str:
    """What no page can show, and halves of characters, as Python writes them: "\\x07"."""
    if words.isprintable():
        return words
    return "".join(mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in words)


def check_words(word: object, most: int = 1000) -> None:
    """Of bounded length, and such that they can be written anywhere: no halves of characters, nothing invisible."""
    if not isinstance(word, str) or len(word) >= most:
        raise ValueError("words")
    if any(category(mark) in ("Cc", "Cs") and mark not in "\n\t" for mark in word):
        raise ValueError("words")
