"""Where a visitor to Scale stands: φ, the view, a law of one's own as dragged or typed, and the link that spells it."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from math import isnan
from typing import Annotated, Any
from urllib.parse import urlencode

import streamlit as st

from explorer.analysis.model_summary import GraphCounts, count_spec
from explorer.background import BackgroundCache
from explorer.models.selection import ModelSelection
from explorer.models.spec import Spec
from explorer.scaling.compound_law import (
    DIMENSIONS,
    MOST_FACTOR,
    MOST_PHI,
    PAPER,
    PHI_STEP,
    SIGNS,
    Law,
    follow_law,
    most,
    nearest_below,
    on_surface,
    round_law,
)
from explorer.ui.compare.page_state import ComparePageState
from explorer.ui.session import PageState, bind_widget, page_query
from explorer.url_params import Known, Param, Params, WrongWord, choice_param, decode_query

MODES = ("exact", "shipped")
VIEWS = ("law", "ways", "ladder", "rounding", "table")
BUDGETS = (2.0, 4.0, 4.67, 8.0)  # times the base's MACs; 4.67 is Table 7's 1.8 G
TRAIN = "./train?experiment=scaling"
TRAINED = (
    "A small CIFAR ResNet, and four networks of equal MACs made from it: one deeper, one wider, one on larger "
    "pictures, one a little of each. Trained side by side on the Train page."
)
BASE_NAMES = ("EfficientNet-B0", "ResNet-50", "MobileNetV2")


def moved_to(told: Mapping[str, Any]) -> tuple[float, ...] | None:
    """Where the sliders stood, if nothing else was done than to move them."""
    if told.keys() & {"lock", "paper", "typed"}:
        return None
    return tuple(round(float(told[name]), 2) for name in (*DIMENSIONS, "phi"))


def parse_float(text: str) -> float | None:
    with suppress(ValueError):
        return None if isnan(value := float(text)) else value
    return None


def bounded(value: Any, low: float, high: float) -> float:
    return min(max(float(value), low), high)


def sane(sign: str, word: str, span: tuple[float, float], usual: float) -> tuple[float, str]:
    """The number, or the nearest that works and a sentence that says so."""
    value, (low, high) = parse_float(word), span
    if value is None:
        return usual, f"{sign} cannot be “{word[:40]}”: it is a number from {low:g} to {high:g}. Taken: {usual:g}."
    if low <= value <= high:
        return value, ""
    taken = bounded(value, low, high)
    why = ": below 1 the network would shrink as φ grows" if value < low == 1 else ""
    return taken, f"{sign} = {value:g} does not work{why}; it goes from {low:g} to {high:g}. Taken: {taken:g}."


def number_param(name: str, sign: str, low: float = 0.0, high: float = MOST_PHI) -> Param:
    def decode(word: str, usual: float | None, known: Known) -> float:
        value, problem = sane(sign, word, (low, high), getattr(PAPER, name) if usual is None else usual)
        if problem:
            raise WrongWord(value, problem)
        return value

    return Param(name, decode)


LAW = Params(
    lambda known: [number_param(name, SIGNS[name], 1.0, MOST_FACTOR) for name in DIMENSIONS],
    lambda numbers, known: replace(PAPER, **numbers),
    lambda law: {name: value for name, value in vars(law).items() if value != getattr(PAPER, name)},
)


@dataclass(frozen=True)
class ScalePageState:
    phi: Annotated[float, number_param("phi", "φ")] = 0.0  # of the stage; k of Bk where `mode` is "shipped"
    mode: Annotated[str, choice_param("show", MODES)] = "exact"
    view: Annotated[str, choice_param("view", VIEWS)] = "law"
    base: Annotated[str, choice_param("base", BASE_NAMES)] = "EfficientNet-B0"
    law: Annotated[Law, LAW] = PAPER
    steps: Annotated[float, number_param("own", "φ of your own law")] = 1.0  # φ of one's own law
    lock: bool = False  # whether one's own law stays on the surface
    budget: Annotated[float, choice_param("budget", BUDGETS)] = 4.67


def law_words(stand: ScalePageState) -> dict[str, float]:
    return vars(stand.law) | {"phi": stand.steps}


def answer_request(stand: ScalePageState, told: Mapping[str, Any]) -> tuple[ScalePageState, str]:
    if "lock" in told:
        return locked(stand, bool(told["lock"])), ""
    if told.get("paper"):
        return replace(stand, law=PAPER, lock=False), ""
    if "typed" in told:
        return typed(stand, str(told["typed"]), str(told.get("value")))
    law = Law(*(bounded(told[name], 1.0, MOST_FACTOR) for name in DIMENSIONS))
    far = stand.lock and abs(law.product - 2) > 0.06  # hundredths alone make 0.05
    steps = bounded(told["phi"], 0.0, MOST_PHI)
    return replace(stand, law=round_law(on_surface(law) if far else law), steps=steps), ""


def typed(stand: ScalePageState, name: str, text: str) -> tuple[ScalePageState, str]:
    value = parse_float(text)
    if value is None:
        return stand, f"“{text[:20]}” is no number: type one such as 1.2."
    if name == "phi":
        taken = bounded(value, 0.0, MOST_PHI)
        return replace(stand, steps=taken), "" if taken == value else f"φ goes from 0 to 7. Taken: {taken:g}."
    return turn_law(stand, name, value) if name in DIMENSIONS else (stand, "")


def decode_scale_page(query: Mapping[str, str]) -> tuple[ScalePageState, tuple[str, ...]]:
    """What the link spells, and a sentence for everything that was wrong, with what was taken instead."""
    state, problems = decode_query(ScalePageState, query, strangers="there is no such thing on this page")
    return settle_scale(state), problems


def settle_scale(stand: ScalePageState) -> ScalePageState:
    """On the values that have a network: quarters of φ on the stage, whole k, twentieths in one's own law."""
    whole = 1.0 if stand.mode == "shipped" else 0.25
    phi, steps = round(stand.phi / whole) * whole, round(round(stand.steps / PHI_STEP) * PHI_STEP, 2)
    return replace(stand, phi=phi, steps=steps, law=round_law(stand.law))


def turn_law(stand: ScalePageState, name: str, value: float) -> tuple[ScalePageState, str]:
    """One's own law after α, β or γ was set; with the lock the other two follow. And what was wrong with it."""
    value, problem = sane(SIGNS[name], f"{value:g}", (1.0, MOST_FACTOR), getattr(stand.law, name))
    if not stand.lock:
        return replace(stand, law=round_law(replace(stand.law, **{name: value}))), problem
    try:
        law = follow_law(stand.law, name, value)
    except ValueError as error:
        law, problem = follow_law(stand.law, name, nearest_below(most(name))), str(error)
    return replace(stand, law=round_law(law)), problem


def locked(stand: ScalePageState, lock: bool) -> ScalePageState:
    """Switching the lock on moves the law onto the surface, in its own direction."""
    return replace(stand, lock=lock, law=round_law(on_surface(stand.law)) if lock else stand.law)


@st.cache_resource(show_spinner=False)
def scaling_counts() -> BackgroundCache[Spec, GraphCounts]:
    """One for all visitors: what was counted for one is there for the next."""
    return BackgroundCache(count_spec)


def await_counts(specs: Collection[Spec], words: str) -> None:
    """For as long as somebody would look at a spinner."""
    if not scaling_counts().settled(specs):
        with st.spinner(words):
            scaling_counts().wait(specs, 20)  # seconds


PAGE = PageState("stand", decode_scale_page)
arrive_scale, current_scale, go_scale, publish_scale = PAGE.arrive, PAGE.current, PAGE.go, PAGE.publish


def choose_base(where: str) -> None:
    """Which network is scaled; the same on every part of the page."""

    def choose(base: str) -> None:
        go_scale(replace(current_scale(), base=base))
        revise_law()

    told = bind_widget(f"scale/base/{where}", current_scale().base, choose)
    st.segmented_control("Network to scale", BASE_NAMES, required=True, **told)


def revise_law() -> None:
    """Makes the sliders of one's own law move to where it stands."""
    st.session_state.own_revision = st.session_state.get("own_revision", 0) + 1


def page_links(place: ModelSelection, other: ModelSelection | None = None) -> None:
    """Where a scaled network can be taken: to the Explore page, to a comparison, or to training at CIFAR size."""
    side_by_side = ComparePageState("side", (place, other) if other else (place,))
    with st.container(horizontal=True, gap="small"):  # Explore is the page without a name
        st.link_button("Open in Explore", f"./?{urlencode(page_query(place))}", icon=":material/schema:")
        st.link_button("Compare", f"./compare?{urlencode(page_query(side_by_side))}", icon=":material/compare:")
        st.link_button("Train", TRAIN, icon=":material/play_arrow:", help=TRAINED)
