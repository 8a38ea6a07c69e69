"""A dataclass as the query of a link, and back: each field a word or several, and a sentence for what means nothing.

A field says in its type how it stands there: as `Annotated[…, Param]` or `Params`; a `bool`, a `Literal` and a `str`
speak for themselves.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cache
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

Value = TypeVar("Value")
Known = dict[str, Any]  # the fields before this one by their names, and what the page knows besides
Offers = Iterable[Any] | Callable[[Known], Iterable[Any]]
SHOWN = 8  # of what could have been said instead
NONE_OF = "The link's {name} “{word:.40}” is none of: {some}. Showing {usual} instead."
STRANGE = "The link's {name} names “{word:.40}”, which is none of: {some}."


def word_of(value: Any) -> str:
    """As a link says it; nothing for what it leaves out."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(value) or "none"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


class WrongWord(ValueError):
    """What is wrong, in sentences, and what is taken instead where that is not the default."""

    def __init__(self, instead: Any, *sentences: str) -> None:
        super().__init__(*sentences)
        self.instead = instead


@dataclass(frozen=True)
class Param:
    """A field that is one word of the link."""

    name: str
    decode: Callable[[str, Any, Known], Any]  # the word and the default; raises `ValueError` with a sentence
    encode: Callable[[Any], str] = word_of
    usual: Callable[[Known], Any] | None = None  # a default that hangs on other fields
    always: bool = False  # spelled out also where it stands at its default
    sentence: str = "{0}"  # around that of `decode`

    def read(self, query: dict[str, str], usual: Any, known: Known) -> tuple[Any, list[str]]:
        """Takes its word out of the query. The value, and what was wrong."""
        if self.name not in query:
            return usual, []
        try:
            return self.decode(query.pop(self.name), usual, known), []
        except ValueError as error:
            return getattr(error, "instead", usual), [self.sentence.format(each) for each in error.args]

    def write(self, value: Any, known: Known) -> Mapping[str, str]:
        return {self.name: self.encode(value)}


@dataclass(frozen=True)
class Params:
    """A field that is several words, or a word that is not always there."""

    parts: Callable[[Known], Iterable[Param]]
    join: Callable[[dict[str, Any], Known], Any]  # of those the link has, by their names
    split: Callable[[Any], Mapping[str, Any]]
    usual = None
    always = False

    def read(self, query: dict[str, str], usual: Any, known: Known) -> tuple[Any, list[str]]:
        values, problems = {}, []
        for part in self.parts(known):
            value, wrong = part.read(query, None, known | values)
            values |= {} if value is None else {part.name: value}
            problems += wrong
        return self.join(values, known) if values else usual, problems

    def write(self, value: Any, known: Known) -> Mapping[str, str]:
        parts = {part.name: part for part in self.parts(known)}
        return {name: parts[name].encode(each) for name, each in self.split(value).items() if name in parts}


def choice_param(name: str, offers: Offers, sentence: str = NONE_OF, encode: Any = word_of, **how: Any) -> Param:
    """One of the offers. An empty word stands for the default, as any does where there is nothing to choose from."""

    def decode(word: str, usual: Any, known: Known) -> Any:
        offered = {encode(offer): offer for offer in (offers(known) if callable(offers) else offers)}
        if word and offered and word not in offered:
            words = {"word": word, "usual": encode(usual), "some": few_of(offered, word), "all": ", ".join(offered)}
            raise WrongWord(usual, sentence.format(name=name, **words))
        return offered.get(word, usual)

    return Param(name, decode, encode, **how)


def choices_param(name: str, offers: Offers) -> Param:
    """Some of the offers, in their order; "none" is none of them."""

    def decode(word: str, usual: Any, known: Known) -> Any:
        offered = dict.fromkeys(offers(known) if callable(offers) else offers)
        asked = [] if word == "none" else word.split(",")
        chosen = tuple(offer for offer in offered if offer in asked) if word else usual
        if word and (strange := [each for each in asked if each not in offered]):
            raise WrongWord(chosen, STRANGE.format(name=name, word=strange[0], some=few_of(offered, strange[0])))
        return chosen

    return Param(name, decode)


def text_param(name: str, most: int | None = None) -> Param:
    return Param(name, lambda word, usual, known: word[:most])


def encode_query(value: Any) -> dict[str, str]:
    """As words of a link, with what is usual left out."""
    words, known = {}, vars(value)
    for name, usual, param in params_of(type(value)):
        if param.always or known[name] != (param.usual(known) if param.usual else usual):
            words |= param.write(known[name], known)
    return {name: word for name, word in words.items() if word}


def decode_query(
    cls: type[Value], query: Mapping[str, str], strangers: str = "", **known: Any
) -> tuple[Value, tuple[str, ...]]:
    """What the link spells, and a sentence for everything that was wrong, with the default in its place.

    `strangers` says what is wrong with words of no meaning, where they are to be named.
    """
    rest, values, problems = dict(query), {}, []
    for name, usual, param in params_of(cls):
        before = known | values
        values[name], wrong = param.read(rest, param.usual(before) if param.usual else usual, before)
        problems += wrong
    value = cls(**values)
    if strangers and rest:
        named = ", ".join(f"“{name[:40]}”" for name in rest)
        problems.append(f"The link sets {named[:200]}: {strangers.format(value)}.")
    return value, tuple(problems)


@cache
def params_of(cls: Any) -> tuple[tuple[str, Any, Param | Params], ...]:
    """Of each field its name, its default, and how it stands in a link."""
    hints = get_type_hints(cls, include_extras=True)
    return tuple((field.name, field.default, param_of(field.name, hints[field.name])) for field in fields(cls))


def param_of(name: str, hint: Any) -> Param | Params:
    for each in getattr(hint, "__metadata__", ()):
        if isinstance(each, Param | Params):
            return each
    if get_origin(hint) is Literal:
        return choice_param(name, get_args(hint))
    return choice_param(name, (True, False)) if hint is bool else text_param(name)


def few_of(offered: Iterable[str], word: str) -> str:
    """All, or where they are many those first that may have been meant."""
    words = list(offered)
    if len(words) > SHOWN:
        words = list(dict.fromkeys((*get_close_matches(word[:40], words, 2), *words)))
    return ", ".join(words[:SHOWN]) + (", …" if len(words) > SHOWN else "")
