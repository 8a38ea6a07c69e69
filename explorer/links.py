"""Words out of a link, taken one by one, with a sentence for each that means nothing."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

Value = TypeVar("Value")
SHOWN = 8  # of what could have been said instead


class Reader:
    """A word that is missing or empty stands for what is usual."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = words
        self.problems: list[str] = []

    def one(self, name: str, offers: tuple[str, ...], usual: str) -> str:
        word = self.words.get(name) or usual
        if word in offers:
            return word
        self.problems.append(f"The link's {name} “{word[:40]}” is none of: {some(offers)}. Showing {usual} instead.")
        return usual

    def several(self, name: str, offers: tuple[str, ...], usual: tuple[str, ...]) -> tuple[str, ...]:
        """In the order of the offers; "none" is none of them."""
        word = self.words.get(name)
        if not word:
            return usual
        asked = () if word == "none" else tuple(word.split(","))
        if strangers := [each for each in asked if each not in offers]:
            self.problems.append(f"The link's {name} names “{strangers[0][:40]}”, which is none of: {some(offers)}.")
        return tuple(offer for offer in offers if offer in asked)

    def yes(self, name: str, usual: bool) -> bool:
        return self.one(name, ("yes", "no"), yes(usual)) == "yes"

    def parse(self, name: str, parse: Callable[[str], Value]) -> Value | None:
        """The parsed word, or None if it is absent or wrong."""
        try:
            return parse(self.words[name]) if name in self.words else None
        except ValueError as error:
            self.problems.append(f"In the link: {error} The preset's value is kept.")
            return None

    def name_strangers(self, known: Iterable[str], why: str) -> None:
        named = set(known)
        if strangers := ", ".join(f"“{name[:40]}”" for name in self.words if name not in named):
            self.problems.append(f"The link sets {strangers[:200]}: {why}.")


def some(offers: tuple[str, ...]) -> str:
    return ", ".join(offers[:SHOWN]) + (", …" if len(offers) > SHOWN else "")


def yes(value: bool) -> str:
    """As a link says it."""
    return "yes" if value else "no"
