"""One's own law: what the browser draws while a slider moves is built and counted here once it is let go."""

from dataclasses import replace
from typing import Any

import streamlit as st

from explorer.analysis.model_summary import GraphCounts, count_spec
from explorer.formatting import literal
from explorer.models.selection import ModelSelection
from explorer.models.spec import Spec
from explorer.scaling.base_models import BASES, fit, grid, grid_marks
from explorer.scaling.compound_law import PAPER
from explorer.ui.components.law_explorer import explore_law
from explorer.ui.scale.page_state import (
    ScalePageState,
    answer_request,
    choose_base,
    current_scale,
    go_scale,
    law_words,
    moved_to,
    page_links,
    publish_scale,
    revise_law,
    scaling_counts,
    settle_scale,
)
from explorer.ui.session import show_growing

EVERY = 1.0  # seconds between two looks at the grid while it is counted


def own() -> None:
    """Redraws itself while the grid is counted."""
    scaling_counts().want(grid_specs())
    show_growing(lab, lambda: scaling_counts().settled(grid_specs()), EVERY)


def grid_specs() -> list[Spec]:
    return [point.spec for point in grid(current_scale().base)]


def lab() -> None:
    choose_base("own")
    stand = current_scale()
    place, steps, problem = fit(BASES[stand.base], stand.law, stand.steps)
    if problem:
        stand = replace(stand, steps=steps)
        go_scale(stand)
        remember_problem(problem)
        revise_law()
    mine, failed = built(place)
    if said := remembered() or failed:
        st.warning(literal(said), icon=":material/straighten:")
    show_law(stand, count_spec(BASES[stand.base].spec((1, 1, 1))), mine)
    explain_law(stand, place)
    publish_scale()


def built(place: ModelSelection) -> tuple[GraphCounts | None, str]:
    """What one's own network counts, or why it cannot be counted. At once, while the others come in the background."""
    try:
        return count_spec(place.spec), ""
    except ValueError as error:
        return None, f"{place.title} could not be counted: {error}"


def show_law(stand: ScalePageState, base: GraphCounts, mine: GraphCounts | None) -> None:
    compared = grid_marks(grid(stand.base), scaling_counts().found(grid_specs()), base.macs)
    revision = st.session_state.get("own_revision", 0) + 1000 * st.session_state.stand_revision
    start = {"title": stand.base, "law": law_words(stand), "lock": stand.lock, "revision": revision}
    explore_law((base, mine), compared, start, handle_law_event)


def explain_law(stand: ScalePageState, place: ModelSelection) -> None:
    links, beside = st.columns([1.15, 1.7], gap="large", vertical_alignment="top")
    with links:
        page_links(place, BASES[stand.base].place((1, 1, 1)))
    beside.caption(
        "**The map** is the surface α·β²·γ² = 2 from above. Each chip is a network that was built at φ = 1 with those "
        "α, β and the γ they leave; its number is how many times the base’s MACs it takes. All promise 2; the "
        "difference is rounding (depth comes in whole blocks, width in eights) and a stem that gets no deeper. ★ is "
        f"the paper’s choice, α {PAPER.alpha}, β {PAPER.beta}, γ {PAPER.gamma}, which comes to {PAPER.product:.2f}: "
        "the authors trained such a grid and took the most accurate (Tan & Le 2019, Sec. 3.3). Accuracies are not "
        "computed here."
    )


def handle_law_event(told: dict[str, Any]) -> None:
    """What was moved, typed or switched; numbers that do not work are answered with the nearest that do."""
    stand, problem = answer_request(current_scale(), told)
    go_scale(settle_scale(stand))
    remember_problem(problem)
    if moved_to(told) != moved_to(
        law_words(current_scale())
    ):  # the sliders may be further by now: only corrections move them
        revise_law()


def remember_problem(problem: str) -> None:
    """What was wrong stays to be read as long as one's own law stands where it was put, though the page runs again."""
    st.session_state.own_problem = (problem, law_of(current_scale()))


def remembered() -> str:
    problem, where = st.session_state.get("own_problem", ("", None))
    return problem if where == law_of(current_scale()) else ""


def law_of(stand: ScalePageState) -> tuple[object, ...]:
    return stand.base, stand.law, stand.steps, stand.lock
