"""After a run: what the network takes for what, where it is surest and wrong, and what one takes home."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from html import escape
from time import monotonic
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from torch import Tensor

from explorer.datasets.dataset import Dataset, base_name
from explorer.datasets.registry import load_dataset
from explorer.formatting import literal
from explorer.training.dataloader import cut
from explorer.training.evaluation import Confusion
from explorer.training.image_preview import address, tile
from explorer.training.results.grouping import pictures_of, plan_of
from explorer.training.results.prediction_charts import confusion_chart, height_of
from explorer.training.results.predictions import (
    Answers,
    answers,
    checkpoints,
    loading_lines,
    noted,
    read_intake,
    weights_head,
)
from explorer.training.results.score import ERROR
from explorer.training.runs.pretrained_weights import (
    BITS,
    safetensors_bytes,
    shipped_file,
    shipped_head,
    shipped_safetensors,
    ships,
    weights_of,
)
from explorer.training.runs.recorded_runs import collection, every_run, slug, stored_record
from explorer.training.runs.store import UNDER_WAY, Run
from explorer.training.scheduler.service import training_service
from explorer.ui.charts import show_chart
from explorer.ui.navigation import leave
from explorer.ui.session import show_growing
from explorer.ui.train.dataset import CSS
from explorer.ui.train.own_picture import own_picture
from explorer.ui.train.page_state import current_experiment, current_score, dataset_here, link

EVERY = 0.5  # seconds between looks at a worker that is busy with it
FEW = 8  # networks that have room beside one another

BYTES = "application/octet-stream"
SHOWN = 30  # pictures that it got wrong
INSIDE = "What every box of its diagram makes of a picture, down to one multiply-add."
REGION = 'tabindex="0" role="region" aria-label="Pictures"'  # it scrolls, for the keyboard as well


def after_tab(runs: Sequence[Run]) -> None:
    rest = [run for run in runs if run.state not in UNDER_WAY and run.step]
    if not rest:
        st.caption("As soon as a network is done, or stopped, here is what it takes for what.")
        return
    run = chosen_run(rest)
    pictures = dataset_here(run)
    if run.recorded and not (ships(run) and pictures):
        recorded(run)
        return
    kept = checkpoints(training_service().store, (run.id,))
    step = run.step if run.recorded else kept.get(run.id)
    if step is None:
        st.caption("It ended before its first checkpoint, so its weights are not here and it cannot be asked.")
        takeaways(run, None)
        return
    try:
        future, begun = cached_predictions(run.id, step, pictures)
    except ValueError as error:
        st.warning(literal(str(error)))
        takeaways(run, None)
        return
    show_growing(lambda: show_predictions(run, step, future, begun), future.done, EVERY)


def recorded(run: Run) -> None:
    """What its file holds: the weights are elsewhere."""
    known = collection()[run.id].confusion
    if known is None:
        st.caption("This recording holds neither weights nor a confusion matrix: what it measured is in its log.")
        takeaways(run, None)
        return
    right = matrix_beside(known, run.title)
    with right:
        st.markdown(f"{wrongly(known.wrong, known.pictures)}, counted when the run was recorded, at its last step.")
        if ships(run):
            ask_shipped(run)
        else:
            st.caption("It holds no weights, so the pictures that it got wrong cannot be shown.")
        takeaways(run, None)


def ask_shipped(run: Run) -> None:
    """What its weights can be asked without the pictures that it was trained on."""
    lacking = f"{literal(base_name(pictures_of(run)))} is not on this computer"
    st.caption(f"{lacking}, so the pictures that it got wrong cannot be shown.")
    try:
        own_picture(run, read_intake(shipped_head(run)))
    except ValueError as error:
        st.warning(literal(str(error)), icon=":material/error:")


def chosen_run(runs: Sequence[Run]) -> Run:
    if len(runs) == 1:
        return runs[0]
    known, names = {run.id: run for run in runs}, names_of(runs)
    settings: dict[str, Any] = {"options": list(known), "key": "after/run"}
    if len(runs) <= FEW:
        settings["format_func"] = lambda run: literal(names[run])  # these labels are Markdown
        id = st.segmented_control("Network", default=runs[0].id, required=True, **settings)
    else:
        id = st.selectbox("Network", format_func=names.__getitem__, **settings)
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
def cached_predictions(run: str, step: int, pictures: str) -> tuple[Future[Answers], float]:
    """What a worker was asked, and when: once for all visitors. A run whose checkpoint went on is asked again."""
    store = training_service().store
    known = every_run(store).get(run)
    checkpoint = weights_of(known, store) if known else None
    if not known or not checkpoint:
        raise ValueError("The run was deleted meanwhile.")
    plan = replace(plan_of(known.plan), dataset=pictures).json()
    return training_service().run_on_worker(answers, plan, checkpoint.state), monotonic()


def show_predictions(run: Run, step: int, future: Future[Answers], begun: float) -> None:
    if not future.done():
        seconds = monotonic() - begun
        st.caption(f"{literal(run.title)} looks at the test pictures, in a worker … {seconds:.0f} s")
    elif error := future.exception():
        st.warning(literal(str(error)), icon=":material/error:")
        st.button(
            "Ask again", key="after/again", on_click=cached_predictions.clear, args=(run.id, step, dataset_here(run))
        )
        takeaways(run, None)
    else:
        results(run, step, future.result())


def results(run: Run, step: int, known: Answers) -> None:
    try:
        dataset = load_dataset(dataset_here(run))
    except ValueError as error:
        st.warning(literal(str(error)))
        dataset = None
    st.markdown(predictions_verdict(run, step, known))
    right = matrix_beside(known.confusion(), run.title)
    if dataset:
        with right:
            mistakes(run, known, dataset)
    own_picture(run, known.intake)
    takeaways(run, known)


def predictions_verdict(run: Run, step: int, known: Answers) -> str:
    before = at_end(run) if run.recorded else noted(training_service().store, run.id, step)
    rounded = f", {as_they_ship(run)}" if run.recorded else ""
    same = f" The run itself noted {current_score().percent(before)} there." if before is not None else ""
    said = wrongly(int(known.wrong.sum()), len(known.labels))
    return f"{said}, test loss {known.loss:.3f}, measured with the weights of step {step:,}{rounded}.{same}"


def as_they_ship(run: Run) -> str:
    return f"as they ship, rounded to {shipped_head(run)[BITS]} bits a number"


def at_end(run: Run) -> float | None:
    """The test error of a recorded run after its last step, 0 … 1."""
    return collection()[run.id].tests().get(run.step, (None, None))[1]


def wrongly(wrong: int, pictures: int) -> str:
    score = current_score()
    counted = wrong if score == ERROR else pictures - wrong
    return f"**Test {score.name} {score.percent(wrong / pictures)}**: {counted:,} of {pictures:,} test pictures"


def matrix_beside(known: Confusion, title: str) -> DeltaGenerator:
    """Draws it, and gives the column to its right."""
    left, right = st.columns([6, 5], gap="medium")
    with left:
        st.html(CSS)
        units = ["Pictures", "% of the class"]
        unit = st.segmented_control("Confusion matrix", units, default=units[0], required=True, key="after/unit")
        chart = confusion_chart(known.counts, known.classes, unit != units[0])
        options = {"format": "svg", "filename": f"{title} confusion"}
        config = {"displaylogo": False, "toImageButtonOptions": options}
        show_chart(chart, key="after/confusion", config=config, alt=known.spoken())
    return right


def takeaways(run: Run, known: Answers | None) -> None:
    plan, store = plan_of(run.plan), training_service().store
    name = f"{slug(run.title)}-seed{plan.recipe.seed}"
    st.markdown("##### Take it home")
    with st.container(horizontal=True):
        if known:
            file, safe = f"{name}.safetensors", "read without running any code"
            offer("Weights", file, BYTES, lambda: pack_predictions(run, known), safe)
        elif ships(run) and shipped_file(run).is_file():
            file, safe = f"{name}.safetensors", f"{as_they_ship(run)}; read without running any code"
            offer("Weights", file, BYTES, partial(shipped_safetensors, run), safe)
        log = partial(stored_record, store, run)
        offer("Log as CSV", f"{name}.csv", "text/csv", lambda: log().csv(), "every step, one a line")
        offer("Log as JSON", f"{name}.json", "application/json", lambda: log().json(), "and its plan")
        if known or ships(run):
            inside = st.button("Look inside", icon=":material/visibility:", help=INSIDE, key="after/inside")
            if inside:
                leave("inside", {"network": run.id})
    if known:
        with st.expander("Load the weights in Python"):
            st.code(loading_lines(plan, known.intake, f"{name}.safetensors"), language="python")
    st.caption("The camera above a chart saves it as a picture. The link to these runs, for all who use this server:")
    st.code(link(current_experiment()), language=None)


def offer(label: str, file: str, mime: str, make: Callable[[], str | bytes], help: str) -> None:
    """A button; what it gives is made when it is pressed."""
    icon, key = ":material/download:", f"after/{label}"
    st.download_button(label, make, file, mime, key=key, help=help, icon=icon, on_click="ignore")


def pack_predictions(run: Run, known: Answers) -> bytes:
    checkpoint = weights_of(run, training_service().store)
    if not checkpoint:
        raise ValueError("The run was deleted meanwhile.")
    return safetensors_bytes(checkpoint.state, weights_head(run, checkpoint.step, known))


def mistakes(run: Run, known: Answers, dataset: Dataset) -> None:
    numbers = known.surest(*fields(known.classes))
    images = cut(dataset.test, None, plan_of(run.plan).recipe.test_subset).images
    if len(images) != len(known.labels):
        st.caption("The dataset has changed since, so the pictures are not shown.")
        return
    if not len(numbers):
        st.caption("There are none.")
        return
    cards = [misclassified_card(images[number], known, int(number)) for number in numbers[:SHOWN]]
    tall = height_of(len(known.classes)) - 30  # pixels: as far down as the matrix beside them
    st.html(f'<div class="cards" style="max-height:{tall}px" {REGION}>{"".join(cards)}</div>')
    st.caption(summary(len(numbers), known, dataset))


def fields(classes: tuple[str, ...]) -> tuple[int | None, int | None]:
    """Which field of the matrix is looked at; None: any mistake."""
    choices = range(-1, len(classes))
    settings: dict[str, Any] = {"format_func": lambda label: "anything" if label < 0 else classes[label]}
    left, right = st.columns(2)
    true = left.selectbox("The picture is", choices, key="after/true", **settings)
    said = right.selectbox("It was taken for", choices, key="after/said", **settings)
    return None if true < 0 else true, None if said < 0 else said


def misclassified_card(image: Tensor, known: Answers, number: int) -> str:
    classes = known.classes
    said, true = int(known.predicted[number]), int(known.labels[number])
    kind, truth = ("right", "") if said == true else ("wrong", f"<br>is: {escape(classes[true])}")
    words = f'<span class="{kind}">{escape(classes[said])}</span> {known.confidence[number]:.0%}{truth}'
    return f'<figure><img src="{address(tile(image))}" alt=""><figcaption>{words}</figcaption></figure>'


def summary(count: int, known: Answers, dataset: Dataset) -> str:
    _, height, width = known.intake.shape
    shown = f"The {SHOWN} surest of {count:,}" if count > SHOWN else f"All {count:,}"
    small = f" The network saw them at {width}×{height} pixels." if (height, width) != dataset.shape[1:] else ""
    return f"{shown}, with the probability that the network gave its answer.{small}"
