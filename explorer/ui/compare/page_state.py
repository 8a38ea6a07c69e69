"""Where a visitor to Compare stands: the open view, the networks on the bench, and how a link spells that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from explorer.models.selection import ModelSelection, decode_selection
from explorer.ui.navigation import leave
from explorer.ui.session import PageState, bind_widget, complain
from explorer.url_params import Known, Param, Params, WrongWord, decode_query, encode_query, text_param

View = Literal["field", "side", "witnesses", "speed", "choose", "evolution"]
SLOTS = ("a", "b", "c", "d")  # of the bench, as query parameters
REST = Params(lambda known: [text_param(name) for name, _ in known.get("words", ())], lambda words, known: (), dict)

TITLES = {
    "field": "The field",
    "side": "Side by side",
    "witnesses": "Who counts what?",
    "speed": "Speed here",
    "choose": "Which one?",
    "evolution": "Evolution",
}


def read_place(slot: str, word: str) -> tuple[ModelSelection | None, tuple[str, ...]]:
    """The network that is spelled as one word; None where the word names none."""
    words = dict(parse_qsl(word))
    if "model" in words:
        return decode_selection(words)
    return None, (f"The link says {slot}=“{word[:40]}”, which names no network: copy it from the address of Explore.",)


def slot_param(slot: str) -> Param:
    """Of one network, spelled as the link to it on the Explore page."""

    def decode(word: str, usual: None, known: Known) -> ModelSelection | None:
        place, wrong = read_place(slot, word) if word else (None, ())
        if place and any(place.spec == known[other].spec for other in SLOTS if other in known):
            raise WrongWord(None, *wrong, f"The link has {place.title} twice: it stands here once.")
        if wrong:
            raise WrongWord(place, *wrong)
        return place

    return Param(slot, decode, lambda place: urlencode(encode_query(place)))


BENCH = Params(
    lambda known: map(slot_param, SLOTS),
    lambda places, known: tuple(places.values()),
    lambda bench: dict(zip(SLOTS, bench, strict=False)),
)


@dataclass(frozen=True)
class ComparePageState:
    view: View = "field"
    bench: Annotated[tuple[ModelSelection, ...], BENCH] = ()  # the networks side by side, four at most
    words: Annotated[tuple[tuple[str, str], ...], REST] = ()  # what the open view keeps in the link, in its own words

    def word(self, name: str, default: str = "") -> str:
        return dict(self.words).get(name, default)

    def said(self, words: Mapping[str, str]) -> "ComparePageState":
        """With these words of the open view; an empty one is left out of the link."""
        kept = dict(self.words) | dict(words)
        return replace(self, words=tuple(sorted((name, word) for name, word in kept.items() if word)))

    def saying(self, view: Any) -> "ComparePageState":
        """With what the open view keeps in the link, and nothing else."""
        return replace(self, words=tuple(sorted(encode_query(view).items())))

    def put(self, place: ModelSelection) -> "ComparePageState":
        """With this network on the bench, unless it lies there. Raises `ValueError` where the bench is full."""
        if any(each.spec == place.spec for each in self.bench):
            return self
        if len(self.bench) == len(SLOTS):
            raise ValueError(f"A comparison holds {len(SLOTS)} networks: take one away first.")
        return replace(self, bench=(*self.bench, place))

    def taken(self, index: int) -> "ComparePageState":
        return replace(self, bench=self.bench[:index] + self.bench[index + 1 :])


def decode_compare_page(query: Mapping[str, str]) -> tuple[ComparePageState, tuple[str, ...]]:
    """What the link spells, and a sentence for everything that was wrong and has been left out.

    The words of a view are checked by the view.
    """
    state, problems = decode_query(ComparePageState, query)
    return state.said({name: word for name, word in query.items() if name not in (*SLOTS, "view")}), problems


PAGE = PageState("desk", decode_compare_page)
arrive_compare, current_bench, go_bench, publish_bench = PAGE.arrive, PAGE.current, PAGE.go, PAGE.publish


def linked_word(name: str, known: Sequence[str], problem: str) -> str:
    """What the open view keeps in the link by this name: one of `known`, else the first, with what was wrong said."""
    word = current_bench().word(name, known[0])
    if word in known:
        return word
    complain(problem.format(word))
    go_bench(current_bench().said({name: ""}))
    return known[0]


def put_on_bench(place: ModelSelection) -> bool:
    """Lays a network on the bench; False, with a sentence on the page, where there is no room."""
    desk = st.session_state.get("desk", ComparePageState())
    try:
        go_bench(desk.put(place))
    except ValueError as error:
        complain(str(error))
        return False
    return True


def explore(place: ModelSelection) -> None:
    """Opens a network on the Explore page. Ends the run: for the script, not for a callback."""
    leave("explore", encode_query(place))


def side_by_side(*networks: ModelSelection) -> None:
    """Opens these networks side by side. Ends the run: for the script, not for a callback."""
    leave("compare", encode_query(ComparePageState("side", networks[: len(SLOTS)])))


def compare_counts(networks: tuple[ModelSelection, ...]) -> None:
    """Opens these networks in one table. Ends the run: for the script, not for a callback."""
    leave("compare", encode_query(ComparePageState("witnesses", networks[: len(SLOTS)])))


def mine() -> tuple[ModelSelection, ...]:
    """What lies on the bench, then what else the visitor has made; however it is looked at."""
    return tuple(dict.fromkeys((*(place.network for place in current_bench().bench), *built_selections())))


def built_selections() -> tuple[ModelSelection, ...]:
    """What the visitor has made here: on the bench or on the Explore page, knobs turned or a network of one's own."""
    places = (*current_bench().bench, *([st.session_state.place] if "place" in st.session_state else []))
    mine = {place.spec: place.network for place in places if place.changes or place.source in ("own", "timm")}
    return tuple(mine.values())


def chosen_view() -> str:
    """The view to show."""

    def open_view(view: View) -> None:
        """What the view before kept in the link stays behind; the bench comes along."""
        go_bench(replace(current_bench(), view=view, words=()))

    st.segmented_control(
        *("View", list(TITLES)),
        format_func=TITLES.__getitem__,
        required=True,
        label_visibility="collapsed",
        **bind_widget("compare/view", current_bench().view, open_view),
    )
    return current_bench().view
