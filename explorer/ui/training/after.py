"""After a run: what the network takes for what, where it is surest and wrong, and what one takes home."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from time import monotonic
from typing import Any

import streamlit as st

from explorer.answers import Answers, answers
from explorer.datasets.dataset import Dataset
from explorer.datasets.shelf import load
from explorer.recorded import collection
from explorer.runs import plan_of
from explorer.takeaways import checkpoints, noted
from explorer.training.jobs import jobs
from explorer.training.store import UNDER_WAY, Run
from explorer.ui.literal import literal
from explorer.ui.session import again
from explorer.ui.training.matrix import matrix
from explorer.ui.training.mistakes import mistakes
from explorer.ui.training.takeaways import takeaways

EVERY = 0.5  # seconds between looks at a worker that is busy with it
FEW = 8  # networks that have room beside one another


@dataclass(frozen=True, eq=False)
class Asked:
    """What a worker was asked, and when."""

    future: Future[Answers]
    begun: float


def after_tab(runs: Sequence[Run]) -> None:
    rest = [run for run in runs if run.state not in UNDER_WAY and run.step]
    if not rest:
        st.caption("As soon as a network is done, or stopped, here is what it takes for what.")
        return
    run = chosen(rest)
    if run.recorded:
        recorded(run)
        return
    step = checkpoints(jobs().store, (run.id,)).get(run.id)
    if step is None:
        st.caption("It ended before its first checkpoint, so its weights are not here and it cannot be asked.")
        takeaways(run, None)
        return
    try:
        question = asked(run.id, step)
    except ValueError as error:
        st.warning(literal(str(error)))
        takeaways(run, None)
        return
    waiting = not question.future.done()
    st.fragment(show, run_every=EVERY if waiting else None)(run, step, question, waiting)


def recorded(run: Run) -> None:
    """What its file holds: the weights are elsewhere."""
    known = collection()[run.id].confusion
    if known is None:
        st.caption("This recording holds neither weights nor a confusion matrix: what it measured is in its log.")
        takeaways(run, None)
        return
    left, right = st.columns([6, 5], gap="medium")
    with left:
        matrix(known, run.title)
    with right:
        st.markdown(f"{wrongly(known.wrong, known.pictures)}, counted when the run was recorded, at its last step.")
        st.caption("A recording holds no weights, so the pictures that it got wrong cannot be shown.")
        takeaways(run, None)


def chosen(runs: Sequence[Run]) -> Run:
    if len(runs) == 1:
        return runs[0]
    known, names = {run.id: run for run in runs}, names_of(runs)
    settings: dict[str, Any] = {"options": list(known), "format_func": names.__getitem__, "key": "after/run"}
    if len(runs) <= FEW:
        id = st.segmented_control("Network", default=runs[0].id, required=True, **settings)
    else:
        id = st.selectbox("Network", **settings)
    return known.get(id or "", runs[0])


def names_of(runs: Sequence[Run]) -> dict[str, str]:
    """By id; no two are alike, for a control tells its choices apart by what they are called."""
    several = len({run.title for run in runs}) < len(runs)
    names: dict[str, str] = {}
    for run in runs:
        name = f"{run.title}, seed {plan_of(run.plan).recipe.seed}" if several else run.title
        names[run.id] = f"{name} ({run.id})" if name in names.values() else name
    return names


@st.cache_resource(show_spinner=False, max_entries=64)
def asked(run: str, step: int) -> Asked:
    """Once for all visitors. The step is that of the checkpoint: one that went on is asked again."""
    known, checkpoint = jobs().store.run(run), jobs().store.checkpoint(run)
    if not checkpoint:
        raise ValueError("The run was deleted meanwhile.")
    return Asked(jobs().run_on_worker(answers, known.plan, checkpoint.state), monotonic())


def show(run: Run, step: int, question: Asked, waiting: bool) -> None:
    future = question.future
    if not future.done():
        seconds = monotonic() - question.begun
        st.caption(f"{literal(run.title)} looks at the test pictures, in a worker … {seconds:.0f} s")
    elif waiting:
        again()  # without the timer
    elif error := future.exception():
        st.warning(literal(str(error)), icon=":material/error:")
        st.button("Ask again", key="after/again", on_click=asked.clear, args=(run.id, step))
        takeaways(run, None)
    else:
        results(run, step, future.result())


def results(run: Run, step: int, known: Answers) -> None:
    dataset = opened(plan_of(run.plan).dataset)
    st.markdown(verdict(run, step, known))
    left, right = st.columns([6, 5], gap="medium")
    with left:
        matrix(known.confusion(), run.title)
    with right:
        if dataset:
            mistakes(run, known, dataset)
    takeaways(run, known)


def opened(key: str) -> Dataset | None:
    try:
        return load(key)
    except ValueError as error:
        st.warning(literal(str(error)))
        return None


def verdict(run: Run, step: int, known: Answers) -> str:
    before = noted(jobs().store, run.id, step)
    same = f" The run itself noted {before:.1%} there." if before is not None else ""
    said = wrongly(int(known.wrong.sum()), len(known.labels))
    return f"{said}, test loss {known.loss:.3f}, measured with the weights of step {step:,}.{same}"


def wrongly(wrong: int, pictures: int) -> str:
    return f"**Test error {wrong / pictures:.1%}**: {wrong:,} of {pictures:,} test pictures"
