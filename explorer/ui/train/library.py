"""The library: every run of this computer and every recorded one, to search, to group and to choose from."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, get_args

import pandas as pd
import streamlit as st

from explorer.formatting import literal
from explorer.training.results.grouping import pictures_of, plan_of
from explorer.training.results.library import By, Filter, LibraryLine, distinct, library_lines, outcomes
from explorer.training.runs.recorded_runs import collection
from explorer.training.runs.store import UNDER_WAY, Run, StoreTrouble
from explorer.training.scheduler.service import training_service
from explorer.ui.session import again
from explorer.ui.train.library_actions import bring, library_actions

BY: dict[By, str] = {"run": "Run", "network": "Network", "recipe": "Recipe"}
EVERY = 2.0  # seconds between looks, while something is trained
TALL, ROWS = 470, 12  # pixels, where there are more lines than that


def library_tab(then: Callable[[], None] = lambda: None) -> None:
    """`then` is called when runs were chosen to be shown, before the page is drawn again."""
    try:
        growing = under_way(training_service().store.runs())
    except StoreTrouble as trouble:
        st.warning(literal(str(trouble)))
        return
    st.fragment(library, run_every=EVERY if growing else None)(then, growing)


def under_way(runs: Sequence[Run]) -> bool:
    return any(run.state in UNDER_WAY for run in runs)


def library(then: Callable[[], None], growing: bool) -> None:
    """It follows runs that grow."""
    recorded = collection()
    try:
        known = outcomes(training_service().store, recorded)
        runs = (*training_service().store.runs(), *recorded.runs())
    except StoreTrouble as trouble:
        st.warning(literal(str(trouble)))
        return
    if growing and not under_way(runs):
        again()  # without the timer
    for trouble in recorded.troubles:
        st.warning(literal(trouble))
    by = st.session_state.get("library/by") or "run"
    every = library_lines(runs, known, by, pictures_of)
    wanted = library_filters(every)
    shown = [line for line in every if wanted.takes(line)]
    chosen = library_table(shown, by) if shown else []
    if not shown:
        st.info("No run yet: train one, and it will be here." if not every else "No run fits: take a filter away.")
    library_actions([run for line in chosen for run in line.runs], then)
    bring()


def library_filters(every: Sequence[LibraryLine]) -> Filter:
    """A row of them, and how the runs are put together."""
    text, *places, by = st.columns([8, 9, 9, 8, 8, 16])
    words = text.text_input("Search", key="library/text", placeholder="any words")
    parts = {"Experiment": "experiments", "Network": "networks", "Pictures": "pictures", "State": "states"}
    found = Filter(
        words,
        **{
            part: several_choice(place, label, [name for line in every for name in getattr(line, part)])
            for place, (label, part) in zip(places, parts.items(), strict=True)
        },
    )
    settings: dict[str, Any] = {"default": "run", "required": True, "width": "stretch"}
    by.segmented_control("One line for each", get_args(By), format_func=BY.__getitem__, key="library/by", **settings)
    return found


def several_choice(place: Any, label: str, offered: Sequence[str]) -> tuple[str, ...]:
    key, choices = f"library/{label}", sorted(distinct(offered))
    if key in st.session_state:  # what was chosen may have been deleted since
        st.session_state[key] = [each for each in st.session_state[key] if each in choices]
    return tuple(place.multiselect(label, choices, key=key, placeholder="all"))


def library_table(shown: Sequence[LibraryLine], by: By) -> list[LibraryLine]:
    """Gives the lines that are selected; other lines make another table, for a selection counts places."""
    ids = ",".join(run.id for line in shown for run in line.runs)
    key = f"library/table/{hashlib.sha256(f'{by} {ids}'.encode()).hexdigest()[:12]}"
    frame = pd.DataFrame([library_cells(line, by) for line in shown])
    last = "At the last test; the mean where there are several runs."
    columns = {
        "Recipe": st.column_config.TextColumn(width="large" if by == "recipe" else "medium"),
        "Steps": st.column_config.ProgressColumn(format="percent", width="small", help="Of the whole recipe."),
        "Training loss": st.column_config.NumberColumn(format="%.3f", help="Over the last steps."),
        "Test error": st.column_config.NumberColumn(format="%.1f%%", help=last),
        "Made": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
    }
    height = TALL if len(shown) > ROWS else "content"
    settings: dict[str, Any] = {"hide_index": True, "placeholder": "–", "column_config": columns, "height": height}
    event: Any = st.dataframe(frame, key=key, on_select="rerun", selection_mode="multi-row", **settings)
    return [shown[place] for place in event.selection.rows if place < len(shown)]


def library_cells(line: LibraryLine, by: By) -> dict[str, object]:
    """Networks that differ have no loss in common: a line of several says which one did best."""
    steps, error = sum(run.steps for run in line.runs), line.outcome.test_error
    first = {"Seed": plan_of(line.runs[0].plan).recipe.seed} if by == "run" else {"Runs": len(line.runs)}
    own = {"Training loss": line.outcome.loss, "Test error": None if error is None else 100 * error}
    return {
        "Network": ", ".join(line.networks),
        **first,
        "State": ", ".join(line.states),
        "Steps": round(sum(run.step for run in line.runs) / steps, 2) if steps else 0.0,
        **({"Lowest test error": line.best} if by == "recipe" else own),
        "Pictures": ", ".join(line.pictures),
        "Experiment": ", ".join(line.experiments),
        "Made": pd.Timestamp(line.runs[0].made),
        "Recipe": line.recipe,
    }
