"""One's own law: what the browser draws while a slider moves is built and counted here once it is let go."""

from dataclasses import replace
from typing import Any

import streamlit as st

from explorer.places import ModelSelection
from explorer.scaling.asking import asked, moved_to, words
from explorer.scaling.bases import BASES, fit
from explorer.scaling.counting import Counted
from explorer.scaling.law import PAPER
from explorer.scaling.search import grid, marks
from explorer.scaling.stands import ScalePageState, settled
from explorer.ui.components.law_explorer import explore_law
from explorer.ui.literal import literal
from explorer.ui.scale.links import offers
from explorer.ui.scale.state import begin, by_itself, choose_base, counts, current, go, publish, reached
from explorer.ui.session import again

EVERY = 1.0  # seconds between two looks at the grid while it is counted
PATIENCE = 8.0  # seconds for one network; the largest takes half a second


def own() -> None:
    """Redraws itself while the grid is counted."""
    points = grid(current().base)
    counts().want([BASES[current().base].spec((1, 1, 1)), *(point.spec for point in points)])
    complete = counts().settled(point.spec for point in points)
    st.fragment(lab, run_every=begin("own", complete, EVERY))()


def lab() -> None:
    itself = by_itself("own")
    choose_base("own")
    stand = current()
    place, steps, problem = fit(BASES[stand.base], stand.law, stand.steps)
    if problem:
        stand = replace(stand, steps=steps)
        go(stand)
        remember(problem)
        st.session_state.own_revision = st.session_state.get("own_revision", 0) + 1
    base, mine = BASES[stand.base].spec((1, 1, 1)), place.spec
    counts().first((base, mine))
    counts().wait((base, mine), PATIENCE)
    found = counts().found((base, mine))
    failed = counts().problems((mine,))
    if said := remembered() or "".join(f"{place.title} could not be counted: {why}" for why in failed.values()):
        st.warning(literal(said), icon=":material/straighten:")
    if base in found:
        show(stand, found[base], found.get(mine))
        explain(stand, place)
    publish()
    if itself and reached("own", counts().settled(point.spec for point in grid(stand.base))):
        again()


def show(stand: ScalePageState, base: Counted, mine: Counted | None) -> None:
    points = grid(stand.base)
    compared = marks(points, counts().found(point.spec for point in points), base.macs)
    revision = st.session_state.get("own_revision", 0) + 1000 * st.session_state.stand_revision
    start = {"title": stand.base, "law": words(stand), "lock": stand.lock, "revision": revision}
    explore_law((base, mine), compared, start, obey)


def explain(stand: ScalePageState, place: ModelSelection) -> None:
    links, beside = st.columns([1.15, 1.7], gap="large", vertical_alignment="top")
    with links:
        offers(place, BASES[stand.base].place((1, 1, 1)))
    beside.caption(
        "**The map** is the surface α·β²·γ² = 2 from above. Each chip is a network that was built at φ = 1 with those "
        "α, β and the γ they leave; its number is how many times the base’s MACs it takes. All promise 2; the "
        "difference is rounding (depth comes in whole blocks, width in eights) and a stem that gets no deeper. ★ is "
        f"the paper’s choice, α {PAPER.alpha}, β {PAPER.beta}, γ {PAPER.gamma}, which comes to {PAPER.product:.2f}: "
        "the authors trained such a grid and took the most accurate (Tan & Le 2019, Sec. 3.3). Accuracies are not "
        "computed here."
    )


def obey(told: dict[str, Any]) -> None:
    """What was moved, typed or switched; numbers that do not work are answered with the nearest that do."""
    stand, problem = asked(current(), told)
    go(settled(stand))
    remember(problem)
    if moved_to(told) != moved_to(words(current())):  # the sliders may be further by now: only corrections move them
        st.session_state.own_revision = st.session_state.get("own_revision", 0) + 1


def remember(problem: str) -> None:
    """What was wrong stays to be read as long as one's own law stands where it was put, though the page runs again."""
    st.session_state.own_problem = (problem, law_of(current()))


def remembered() -> str:
    problem, where = st.session_state.get("own_problem", ("", None))
    return problem if where == law_of(current()) else ""


def law_of(stand: ScalePageState) -> tuple[object, ...]:
    return stand.base, stand.law, stand.steps, stand.lock
