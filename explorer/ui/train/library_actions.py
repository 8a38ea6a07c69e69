"""What can be done with the runs that are selected in the library, and the way in for runs from elsewhere."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from explorer.formatting import literal
from explorer.training.experiments.selection import MOST_RUNS
from explorer.training.results.grouping import groups, run_result, seen_group
from explorer.training.results.library import exported, files_in, lab_for
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
from explorer.training.runs.store import CAN_GO_ON, Run
from explorer.training.scheduler.service import training_service
from explorer.ui.session import complain
from explorer.ui.train.page_state import current_experiment, go_experiment, link
from explorer.ui.train.run_action import action_button
from explorer.ui.train.run_table import beside

LARGEST = 64  # megabytes of a file that is brought
REPLAYING = "replaying"  # in the session: whether the runs that are shown are played


def library_actions(runs: Sequence[Run], then: Callable[[], None]) -> None:
    """What can be done with the runs that are selected."""
    if not runs:
        st.caption("Tick runs to show them together, to replay, export or delete them.")
        return
    st.caption(f"{runs_phrase(len(runs))} selected. {literal(runs_origin(runs))}")
    with st.container(horizontal=True, vertical_alignment="center", key="library-deeds"):
        together = "Show together" if len(runs) > 1 else "Show"
        action_button(together, ":material/show_chart:", lambda: show_runs(runs, False, then), primary=True)
        action_button("Replay", ":material/replay:", lambda: show_runs(runs, True, then), GROW)
        resting = [run.id for run in runs if run.state in CAN_GO_ON and not run.recorded]
        if resting:
            label = f"Go on with {len(resting)}"
            action_button(label, ":material/play_arrow:", lambda: training_service().go_on(resting), GO_ON)
        export(runs)
        with st.popover("Link", icon=":material/link:"):
            st.code(link(lab_for(current_experiment(), runs)), language=None, wrap_lines=True)
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


def show_runs(runs: Sequence[Run], replayed: bool, then: Callable[[], None] = lambda: None) -> None:
    if len(runs) > MOST_RUNS:
        complain(f"A link holds {MOST_RUNS} runs: the others of the {len(runs)} are left out.")
    st.session_state[REPLAYING] = replayed
    go_experiment(lab_for(current_experiment(), runs))
    then()


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
        st.file_uploader(BRING, kinds, True, key=key, max_upload_size=LARGEST, on_change=take_in, args=(key,))
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


def offer_recorded(then: Callable[[], None] = lambda: None) -> None:
    """A button for the recorded runs of the experiment that is set up, where there are any."""
    lab = current_experiment()
    found = collection().of(lab.key, lab.length)[:MOST_RUNS]
    if found:
        label, help = f"Replay {len(found)} recorded runs", provenance(found)
        ready: dict[str, Any] = {"on_click": show_runs, "args": (found, True, then), "key": "replay-recorded"}
        st.button(label, icon=":material/history:", help=literal(help), **ready)
