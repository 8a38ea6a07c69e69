"""How the field is looked at: which quantities, whose figures, which networks; and how that is spelled in a link."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from explorer.compare.entries import Entry, Origin
from explorer.compare.facts import QUANTITIES
from explorer.compare.field_table import COLUMNS
from explorer.links import Reader, yes

ORIGINS = get_args(Origin)
Weights = Literal["all", "first", "best"]
USUAL = ("family", "top-1", "parameters", "MACs", "file size", "per M parameters", "per G MACs")
MOST_LETTERS = 60  # of a search


@dataclass(frozen=True)
class LeaderboardFilters:
    x: str = "MACs"
    y: str = "top-1"
    x_log: bool = True
    y_log: bool = False
    origins: tuple[str, ...] = ("torchvision", "lesson", "yours")
    off: tuple[str, ...] = ()  # families not shown
    weights: Weights = "all"  # of an architecture that was trained by several recipes
    more: bool = True  # weights that have seen more pictures than ImageNet's
    search: str = ""
    chosen: str = ""  # the key of an entry
    columns: tuple[str, ...] = USUAL

    def with_axis(self, axis: Literal["x", "y"], quantity: str) -> "LeaderboardFilters":
        """Another quantity brings its own scale along."""
        log = QUANTITIES[quantity].log
        return replace(self, x=quantity, x_log=log) if axis == "x" else replace(self, y=quantity, y_log=log)


def spell(view: LeaderboardFilters) -> dict[str, str]:
    """Words for the link; an empty one stands for the default."""
    usual = LeaderboardFilters()
    words = {
        "x": view.x if view.x != usual.x else "",
        "y": view.y if view.y != usual.y else "",
        "xlog": yes(view.x_log) if view.x_log != QUANTITIES[view.x].log else "",
        "ylog": yes(view.y_log) if view.y_log != QUANTITIES[view.y].log else "",
        "from": several(view.origins, usual.origins),
        "off": ",".join(view.off),
        "weights": view.weights if view.weights != usual.weights else "",
        "more": yes(view.more) if view.more != usual.more else "",
        "search": view.search,
        "at": view.chosen,
        "columns": several(view.columns, usual.columns),
    }
    return words


def several(chosen: tuple[str, ...], usual: tuple[str, ...]) -> str:
    return "" if chosen == usual else ",".join(chosen) or "none"


def read(words: Mapping[str, str], known: tuple[Entry, ...]) -> tuple[LeaderboardFilters, tuple[str, ...]]:
    """The view that `spell` wrote, and a sentence for every word that had to be replaced by the default."""
    reader = Reader(words)
    quantities, usual = tuple(QUANTITIES), LeaderboardFilters()
    x, y = reader.one("x", quantities, usual.x), reader.one("y", quantities, usual.y)
    families = tuple(dict.fromkeys(entry.family for entry in known))
    view = LeaderboardFilters(
        *(x, y),
        reader.yes("xlog", QUANTITIES[x].log),
        reader.yes("ylog", QUANTITIES[y].log),
        reader.several("from", ORIGINS, usual.origins),
        reader.several("off", families, ()),
        reader.one("weights", get_args(Weights), usual.weights),  # pyright: ignore
        reader.yes("more", True),
        words.get("search", "")[:MOST_LETTERS],
        among(reader, "at", known),
        reader.several("columns", tuple(COLUMNS), usual.columns),
    )
    reader.name_strangers(spell(usual), "there is no such thing on this chart")
    return view, tuple(reader.problems)


def among(reader: Reader, name: str, known: tuple[Entry, ...]) -> str:
    """The key of an entry; empty where there is none of that key."""
    word = reader.words.get(name, "")
    if not word or any(entry.key == word for entry in known):
        return word
    reader.problems.append(f"The link chooses “{word[:60]}”, which is not among the networks here.")
    return ""


def filtered(entries: tuple[Entry, ...], view: LeaderboardFilters) -> tuple[Entry, ...]:
    """What the filters let through, whether or not it has figures for the axes."""
    wanted = view.search.lower().split()
    tests: tuple[Callable[[Entry], bool], ...] = (
        lambda entry: entry.origin in view.origins,
        lambda entry: entry.family not in view.off,
        lambda entry: view.more or not saw_more(entry),
        lambda entry: all(word in searched(entry) for word in wanted),
    )
    return of_weights(tuple(entry for entry in entries if all(test(entry) for test in tests)), view.weights)


def saw_more(entry: Entry) -> bool:
    """SWAG's weights come from pictures and hashtags of a social network, and were fitted to ImageNet afterwards."""
    return "SWAG" in entry.key


def searched(entry: Entry) -> str:
    return f"{entry.title} {entry.architecture} {entry.family} {entry.origin} {entry.year}".lower()


def of_weights(entries: tuple[Entry, ...], weights: Weights) -> tuple[Entry, ...]:
    """Of each of torchvision's architectures the first weights, or those with the best top-1; the rest as it is."""
    if weights == "all":
        return entries
    kept: dict[str, Entry] = {}
    for entry in entries:
        key = entry.architecture if entry.origin == "torchvision" else entry.key
        old = kept.get(key)
        if old is None or (weights == "best" and (entry.value("top-1") or 0) > (old.value("top-1") or 0)):
            kept[key] = entry
    return tuple(kept.values())
