"""The library: every run of this computer and every recorded one, to search, to group, to choose from and to act on."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import streamlit as st

from explorer.formatting import literal, spell_loss
from explorer.training.experiments.presets import MOST_RUNS
from explorer.training.results.grouping import groups, pictures_of, plan_of, run_result, seen_group
from explorer.training.results.library import (
    By,
    LibraryLine,
    distinct,
    exported,
    files_in,
    fits_filters,
    lab_for,
    library_lines,
    outcomes,
)
from explorer.training.runs.recorded_runs import (
    brought,
    collection,
    discard,
    file_of,
    keep_record,
    open_record,
    provenance,
)
from explorer.training.runs.run_log import Record
from explorer.training.runs.store import CAN_GO_ON, UNDER_WAY, Run, StoreTrouble
from explorer.training.scheduler.service import training_service
from explorer.ui.session import again, complain, draw_fragment, unbroken
from explorer.ui.train.page_state import current_experiment, current_score, go_experiment, link, publish_experiment
from explorer.ui.train.run_table import beside

BY: dict[By, str] = {"run": "Run", "network": "Network", "recipe": "Recipe"}
EVERY = 2.0  # seconds between looks, while something is trained
TALL, ROWS = 470, 12  # pixels, where there are more lines than that
LARGEST = 64  # megabytes of a file that is brought


def library_tab() -> None:
    try:
        growing = under_way(training_service().store.runs())
    except StoreTrouble as trouble:
        st.warning(literal(str(trouble)))
        return
    draw_fragment(partial(library, growing), EVERY if growing else None)


def under_way(runs: Sequence[Run]) -> bool:
    return any(run.state in UNDER_WAY for run in runs)


def library(growing: bool) -> None:
    """It follows runs that grow."""
    recorded = collection()
    try:
        known = outcomes(training_service().store, recorded)
        stored, damaged = training_service().store.sorted_rows()
    except StoreTrouble as trouble:
        st.warning(literal(str(trouble)))
        return
    runs = (*stored, *recorded.runs())
    if growing and not under_way(runs):
        again()  # without the timer
    unreadable_runs(recorded.troubles, damaged)
    by = st.session_state.get("library/by") or "run"
    every = library_lines(runs, known, by, pictures_of, current_score())
    text, chosen = library_filters(every)
    shown = [line for line in every if fits_filters(line, text, **chosen)]
    st.space("medium")  # for the table's own buttons, which appear above it under the pointer
    chosen = library_table(shown, by) if shown else []
    if not shown:
        st.info("No run yet: train one, and it will be here." if not every else "No run fits: take a filter away.")
    library_actions([run for line in chosen for run in line.runs])
    bring()


def unreadable_runs(troubles: Mapping[Path, str], rows: Sequence[str]) -> None:
    """Said; and those that somebody brought, or that lie in the data folder, can be taken away."""
    for trouble in troubles.values():
        st.warning(literal(trouble))
    if rows:
        named = ", ".join(f"“{id[:20]}”" for id in rows[:5]) + ", …" * (len(rows) > 5)
        many = "A run" if len(rows) == 1 else f"{len(rows)} runs"
        st.warning(literal(f"{many} in the data folder cannot be read, and nothing of it is shown: {named}."))
    own = [file for file in troubles if file.parent == brought()]

    def remove() -> None:
        for file in own:
            file.unlink(missing_ok=True)
        training_service().store.delete(rows)

    if own or rows:
        action_button("Delete what cannot be read", ":material/delete:", remove)


def library_filters(every: Sequence[LibraryLine]) -> tuple[str, dict[str, tuple[str, ...]]]:
    """A row of them, and how the runs are put together. Gives the words, and what is chosen of each field."""
    text, *places, by = st.columns([8, 9, 9, 8, 8, 16])
    words = text.text_input("Search", key="library/text", placeholder="any words")
    parts = {"Experiment": "experiments", "Network": "networks", "Pictures": "pictures", "State": "states"}
    chosen = {
        part: several_choice(place, label, [name for line in every for name in getattr(line, part)])
        for place, (label, part) in zip(places, parts.items(), strict=True)
    }
    settings: dict[str, Any] = {"default": "run", "required": True, "width": "stretch"}
    by.segmented_control("One line for each", get_args(By), format_func=BY.__getitem__, key="library/by", **settings)
    return words, chosen


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
    spelled = frame.style.format(partial(spell_loss, digits=3), frame.columns.intersection(["Training loss"]), "–")
    last = "At the last test; the mean where there are several runs."
    score = current_score()
    columns = {
        "Recipe": st.column_config.TextColumn(width="large" if by == "recipe" else "medium"),
        "Steps": st.column_config.ProgressColumn(format="percent", width="small", help="Of the whole recipe."),
        "Training loss": st.column_config.NumberColumn(help="Over the last steps."),  # a format would undo the spelling
        f"Test {score.name}": st.column_config.NumberColumn(format="%.1f%%", help=last),
        "Made": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
    }
    height = TALL if len(shown) > ROWS else "content"
    settings: dict[str, Any] = {"hide_index": True, "placeholder": "–", "column_config": columns, "height": height}
    event: Any = st.dataframe(spelled, key=key, on_select="rerun", selection_mode="multi-row", **settings)
    return [shown[place] for place in event.selection.rows if place < len(shown)]


def library_cells(line: LibraryLine, by: By) -> dict[str, object]:
    """Networks that differ have no loss in common: a line of several says which one did best."""
    steps, error = sum(run.steps for run in line.runs), line.outcome.test_error
    score = current_score()
    first = {"Seed": plan_of(line.runs[0].plan).recipe.seed} if by == "run" else {"Runs": len(line.runs)}
    own = {
        "Training loss": line.outcome.loss,
        f"Test {score.name}": None if error is None else 100 * score.share(error),
    }
    return {
        "Network": ", ".join(line.networks),
        **first,
        "State": ", ".join(line.states),
        "Steps": round(sum(run.step for run in line.runs) / steps, 2) if steps else 0.0,
        **({f"{score.best.capitalize()} test {score.name}": line.best} if by == "recipe" else own),
        "Pictures": ", ".join(line.pictures),
        "Experiment": ", ".join(line.experiments),
        "Made": pd.Timestamp(line.runs[0].made),
        "Recipe": line.recipe,
    }


def library_actions(runs: Sequence[Run]) -> None:
    """What can be done with the runs that are selected."""
    if not runs:
        st.caption("Tick runs to show them together, to replay, export or delete them.")
        return
    st.caption(f"{runs_phrase(len(runs))} selected. {literal(runs_origin(runs))}")
    with st.container(horizontal=True, vertical_alignment="center", key="library-deeds"):
        together = "Show together" if len(runs) > 1 else "Show"
        action_button(together, ":material/show_chart:", lambda: show_at_once(runs, False), primary=True)
        action_button("Replay", ":material/replay:", lambda: show_at_once(runs, True), GROW)
        resting = [run.id for run in runs if run.state in CAN_GO_ON and not run.recorded]
        if resting:
            label = f"Go on with {len(resting)}"
            action_button(label, ":material/play_arrow:", lambda: training_service().go_on(resting), GO_ON)
        export(runs)
        with st.popover("Link", icon=":material/link:"):
            st.code(link(replace(lab_for(current_experiment(), runs), replay=None)), language=None, wrap_lines=True)
            if any(not run.recorded for run in runs):
                st.caption("It works for all who use this server, until the runs are deleted.")
        removal(runs)
    found = [seen_group(training_service().store, group) for group in groups(runs)]
    beside(found, [run_result(each) for each in found])


def runs_phrase(runs: int) -> str:
    return "1 run" if runs == 1 else f"{runs} runs"


def runs_origin(runs: Sequence[Run]) -> str:
    recorded = sum(run.recorded for run in runs)
    said = provenance(runs)
    return f"{recorded} of them r{said[1:]}" if 0 < recorded < len(runs) else said


GROW = "The curves grow as they once did."
GO_ON = "From the last checkpoint of each."


def show_at_once(runs: Sequence[Run], replayed: bool) -> None:
    """From a fragment: the address is to say so before the page is drawn again."""
    show_runs(runs, replayed)
    publish_experiment()


def show_runs(runs: Sequence[Run], replayed: bool) -> None:
    if len(runs) > MOST_RUNS:
        complain(f"A link holds {MOST_RUNS} runs: the others of the {len(runs)} are left out.")
    go_experiment(replace(lab_for(current_experiment(), runs), replay=True if replayed else None))


def export(runs: Sequence[Run]) -> None:
    """Made when it is asked for: a long run takes a second."""
    name, make = exported(training_service().store, runs)
    settings: dict[str, Any] = {"on_click": "ignore", "icon": ":material/download:", "key": "library/export"}
    st.download_button("Export", make, name, "application/octet-stream", help=EXPORT, **settings)


EXPORT = "Everything that was measured, as JSON (gzipped; several as a ZIP): it can be brought into another library."


def removal(runs: Sequence[Run]) -> None:
    """Asks once more. What was shipped with the program stays."""
    own = [run for run in runs if not run.recorded or file_of(run.id, brought()).exists()]
    if not own:
        return
    with st.popover("Delete", icon=":material/delete:"):
        stay = " What came with the program stays." if len(own) < len(runs) else ""
        st.markdown(f"Delete {runs_phrase(len(own))} with all that was measured, for good?{stay}")
        action_button("Yes, delete", ":material/delete_forever:", lambda: delete(own), primary=True)


def delete(runs: Sequence[Run]) -> None:
    trained = [run.id for run in runs if not run.recorded]
    if trained:
        training_service().delete(trained)
    discard((run.id for run in runs if run.recorded), brought())


def bring() -> None:
    """Exported runs of other computers; each file tells how it went."""
    turn = st.session_state.setdefault("library/turn", 0)
    with st.expander("Bring runs from elsewhere", expanded=bool(st.session_state.get("library/told"))):
        key, kinds = f"library/bring/{turn}", ["gz", "zip"]
        st.file_uploader(BRING, kinds, True, key=key, max_upload_size=LARGEST, on_change=unbroken(take_in), args=(key,))
        for sentence in st.session_state.pop("library/told", []):
            st.markdown(f"- {literal(sentence)}")


BRING = "Files that “Export” wrote (.json.gz or .zip). They are read as data: nothing in them is run."


def take_in(key: str) -> None:
    told = []
    for file in st.session_state[key]:
        try:
            found = [open_record(content, name) for name, content in files_in(file.getvalue(), file.name)]
            here = {run.id for run in training_service().store.runs()}
            for record in found:
                told.append(brought_in(record, record.run.id in here))
        except ValueError as error:
            told.append(str(error))
    st.session_state["library/told"] = told
    st.session_state["library/turn"] += 1


def brought_in(record: Record, trained_here: bool) -> str:
    run = record.run if trained_here else keep_record(record, brought())
    return f"{run.title}, {run.step:,} steps, {'was trained here, and is' if trained_here else 'is'} in the library."


def offer_recorded() -> None:
    """A button for the recorded runs of the experiment that is set up, where there are any."""
    lab = current_experiment()
    found = collection().of(lab.key, lab.length)[:MOST_RUNS]
    if found:
        label, help = f"Replay {len(found)} recorded runs", provenance(found)
        ready: dict[str, Any] = {"on_click": unbroken(show_runs), "args": (found, True), "key": "replay-recorded"}
        st.button(label, icon=":material/history:", help=literal(help), **ready)


def action_button(
    label: str, icon: str, deed: Callable[[], None], help: str | None = None, primary: bool = False
) -> None:
    kind: Any = "primary" if primary else "secondary"
    if st.button(label, icon=icon, type=kind, help=help):
        try:
            deed()
        except ValueError as error:
            st.toast(literal(str(error)))
        else:
            st.rerun()
