"""How the field is looked at: which quantities, whose figures, which networks; and how that is spelled in a link."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal, get_args

from explorer.leaderboard.entries import Entry, Origin
from explorer.leaderboard.table import COLUMNS
from explorer.models.facts import QUANTITIES
from explorer.url_params import Known, Param, choice_param, choices_param, decode_query, text_param

ORIGINS = get_args(Origin)
Weights = Literal["all", "first", "best"]
USUAL = ("family", "top-1", "parameters", "MACs", "file size", "per M parameters", "per G MACs")
MOST_LETTERS = 60  # of a search
NOT_HERE = "The link chooses “{word:.60}”, which is not among the networks here."


def log_param(name: str, axis: str) -> Param:
    """Whether the axis is logarithmic; a quantity has its own usual scale."""
    return choice_param(name, (True, False), usual=lambda known: QUANTITIES[known[axis]].log)


def families(known: Known) -> list[str]:
    return [entry.family for entry in known["entries"]]


def keys(known: Known) -> list[str]:
    return [entry.key for entry in known["entries"]]


@dataclass(frozen=True)
class LeaderboardFilters:
    x: Annotated[str, choice_param("x", QUANTITIES)] = "MACs"
    y: Annotated[str, choice_param("y", QUANTITIES)] = "top-1"
    x_log: Annotated[bool, log_param("xlog", "x")] = True
    y_log: Annotated[bool, log_param("ylog", "y")] = False
    origins: Annotated[tuple[str, ...], choices_param("from", ORIGINS)] = ("torchvision", "lesson", "yours")
    off: Annotated[tuple[str, ...], choices_param("off", families)] = ()  # not shown
    weights: Weights = "all"  # of an architecture that was trained by several recipes
    more: bool = True  # weights that have seen more pictures than ImageNet's
    search: Annotated[str, text_param("search", MOST_LETTERS)] = ""
    chosen: Annotated[str, choice_param("at", keys, NOT_HERE)] = ""  # the key of an entry
    columns: Annotated[tuple[str, ...], choices_param("columns", COLUMNS)] = USUAL

    def with_axis(self, axis: Literal["x", "y"], quantity: str) -> "LeaderboardFilters":
        """Another quantity brings its own scale along."""
        log = QUANTITIES[quantity].log
        return replace(self, x=quantity, x_log=log) if axis == "x" else replace(self, y=quantity, y_log=log)


# The lesson's own table, section 5, with what its fourth exercise asks for.
LESSON = LeaderboardFilters(
    x="parameters",
    origins=("lesson",),
    columns=("top-1", "parameters", "MACs", "per M parameters", "per G MACs", "features"),
)


def decode_filters(words: Mapping[str, str], entries: tuple[Entry, ...]) -> tuple[LeaderboardFilters, tuple[str, ...]]:
    return decode_query(LeaderboardFilters, words, "there is no such thing on this chart", entries=entries)


def filtered(entries: tuple[Entry, ...], view: LeaderboardFilters) -> tuple[Entry, ...]:
    """What the filters let through, whether or not it has figures for the axes."""
    wanted = view.search.lower().split()
    tests: tuple[Callable[[Entry], bool], ...] = (
        lambda entry: entry.origin in view.origins,
        lambda entry: entry.family not in view.off,
        lambda entry: view.more or not saw_more(entry),
        lambda entry: all(word in search_text(entry) for word in wanted),
    )
    return of_weights(tuple(entry for entry in entries if all(test(entry) for test in tests)), view.weights)


def saw_more(entry: Entry) -> bool:
    """SWAG's weights come from pictures and hashtags of a social network, and were fitted to ImageNet afterwards."""
    return "SWAG" in entry.key


def search_text(entry: Entry) -> str:
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
