"""What lies on the Compare page: the open view, the networks on the bench, and how that is spelled in a link."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args
from urllib.parse import parse_qsl, urlencode

from explorer import places
from explorer.links import Reader
from explorer.places import ModelSelection

View = Literal["field", "side", "witnesses", "speed", "choose", "evolution"]
SLOTS = ("a", "b", "c", "d")  # of the bench, as query parameters


@dataclass(frozen=True)
class ComparePageState:
    view: View = "field"
    bench: tuple[ModelSelection, ...] = ()  # the networks side by side, four at most
    words: tuple[tuple[str, str], ...] = ()  # what the open view keeps in the link, in its own words

    def word(self, name: str, default: str = "") -> str:
        return dict(self.words).get(name, default)

    def said(self, words: Mapping[str, str]) -> "ComparePageState":
        """With these words of the open view; an empty one is left out of the link."""
        kept = dict(self.words) | dict(words)
        return replace(self, words=tuple(sorted((name, word) for name, word in kept.items() if word)))

    def put(self, place: ModelSelection) -> "ComparePageState":
        """With this network on the bench, unless it lies there. Raises `ValueError` where the bench is full."""
        if any(each.spec == place.spec for each in self.bench):
            return self
        if len(self.bench) == len(SLOTS):
            raise ValueError(f"The bench holds {len(SLOTS)} networks: take one away first.")
        return replace(self, bench=(*self.bench, place))

    def taken(self, index: int) -> "ComparePageState":
        return replace(self, bench=self.bench[:index] + self.bench[index + 1 :])


def spell(desk: ComparePageState) -> dict[str, str]:
    """As a query: each network of the bench as the link to it on the Explore page, spelled as one word."""
    words = {} if desk.view == "field" else {"view": desk.view}
    words |= {slot: urlencode(places.spell(place)) for slot, place in zip(SLOTS, desk.bench, strict=False)}
    return words | dict(desk.words)


def read(query: Mapping[str, str]) -> tuple[ComparePageState, tuple[str, ...]]:
    """The desk that `spell` wrote, and a sentence for everything that was wrong and has been left out.

    The words of a view are checked by the view.
    """
    reader = Reader(query)
    desk, problems = ComparePageState(reader.one("view", get_args(View), "field")), reader.problems  # pyright: ignore
    for slot in SLOTS:
        if word := query.get(slot, ""):
            place, wrong = read_place(slot, word)
            problems += wrong
            if place and any(place.spec == other.spec for other in desk.bench):
                problems.append(f"The link has {place.title} twice: it stands here once.")
            elif place:
                desk = desk.put(place)
    return desk.said({name: word for name, word in query.items() if name not in (*SLOTS, "view")}), tuple(problems)


def read_place(slot: str, word: str) -> tuple[ModelSelection | None, tuple[str, ...]]:
    """The network that `spell` wrote as one word; None where the word names none."""
    words = dict(parse_qsl(word))
    if "model" in words:
        return places.read(words)
    return None, (f"The link says {slot}=“{word[:40]}”, which names no network: copy it from the address of Explore.",)
