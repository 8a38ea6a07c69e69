"""The loss around the weights of two trained networks, along the same directions: a line, a map, a surface to turn."""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from explorer.formatting import join_words, literal
from explorer.hardware import count_cores
from explorer.paths import data_folder
from explorer.training.results.loss_slice import (
    Pair,
    clipped_words,
    line_chart,
    plane_chart,
    rise_words,
    sharper_words,
)
from explorer.training.results.predictions import read_intake
from explorer.training.results.slice_jobs import (
    LossSlices,
    SliceSource,
    points_of,
    recorded_slices,
    slice_provenance,
)
from explorer.training.results.weight_space import DRAWINGS, DRAWN, TRAJECTORY, SliceKey
from explorer.training.runs.pretrained_weights import SEAL, shipped_head, ships, weights_of
from explorer.training.runs.recorded_runs import every_run, run_summary
from explorer.training.runs.store import Run
from explorer.training.scheduler.service import training_service
from explorer.ui.components.plotly_chart import draw_chart
from explorer.ui.inside.networks import GONE, NO_PICTURES, last_step, network_name, runs_with_weights, twin_of
from explorer.ui.inside.page_state import MOST_SEED, PAGE, current_view
from explorer.ui.session import bind_widget, show_growing, show_problems
from explorer.ui.tables import Cell, html_table
from explorer.ui.train.page_state import dataset_here

VIEWS = {
    "line": "Along one direction",
    "contour": "Map of two",
    "surface": "Surface to turn",
    "trajectory": "The way of the training",
}
EVERY = 0.7  # seconds between looks at what has been measured
ONLY_END = "Of {} only the end of its way was kept: choose one of 150 steps, or a run of yours."
NONE = "There is no trained network here to walk around: train one on the Train page."
RANDOM_WORDS = (
    "A slice along one or two of {moved} directions is not the landscape: other directions look otherwise. The "
    "directions are random, each filter scaled to the norm of the weights’ filter ({paper}, Sec. 4). The {held} biases "
    "and parameters of norms stay where they are, and the norms go on with the averages of the training, as in the "
    "authors’ own code: they do not make up for what a step has changed."
)
WAY_WORDS = (
    "The line leads over the checkpoints of the training to its end, the cross; each direction is drawn by a measure "
    "of its own. Of all {moved} directions these are the two along which the checkpoints lie furthest from the end "
    "({paper}, Sec. 7), so the map shows the way well and says little of what lies beside it. A checkpoint is drawn "
    "where it falls on the plane; the loss there is not what the run had then, for the {held} biases and parameters of "
    "norms, and the norms’ averages, are everywhere those of the end."
)
PAPER = "[Li et al. 2018](https://arxiv.org/abs/1712.09913)"
UNLIKE = "The two were evaluated on different pictures ({}): their heights cannot be compared."


@st.cache_resource(show_spinner=False)
def loss_slices() -> LossSlices:
    """One for all visitors."""
    return LossSlices(training_service().run_on_worker, data_folder() / "loss_slices", count_cores())


def loss_section() -> None:
    runs = {run.id: run for run in runs_with_weights()}
    if not runs:
        st.info(NONE, icon=":material/model_training:")
        return
    pair = chosen_pair(runs)
    with st.sidebar:
        choose_pair(runs, pair)
    show_problems()
    chosen = [runs[id] for id in pair]
    show_growing(partial(show_slices, chosen), lambda: not any(map(slice_under_way, chosen)), EVERY)


def chosen_pair(runs: Mapping[str, Run]) -> tuple[str, ...]:
    """That of the link; else the network that was chosen, or the deepest one whose slice ships, and its twin without
    shortcuts, or another of its experiment."""
    view = current_view()
    if len(known := [id for id in view.pair if id in runs]) == 2:
        return tuple(known)
    seed = TRAJECTORY if view.view == "trajectory" else 0
    lacks = {id: (run_summary(run, SEAL), seed) not in recorded_slices() for id, run in runs.items()}
    # What has no way to draw is not what one opens on.
    first, *others = sorted(runs, key=lambda id: (lacks[id] and seed == TRAJECTORY, id != view.network, lacks[id]))
    alike = [id for id in others if runs[id].experiment == runs[first].experiment] or others
    return twin_of(first) or next(iter(alike), first), first


def choose_pair(runs: Mapping[str, Run], pair: tuple[str, ...]) -> None:
    def choose(place: int, id: str) -> None:
        PAGE.change(pair=(id, pair[1]) if place == 0 else (pair[0], id))

    for place, label in enumerate(("Network", "beside")):
        binding = bind_widget(f"inside/slice/{place}", pair[place], partial(choose, place))
        st.selectbox(label, list(runs), format_func=lambda id: network_name(runs[id]), **binding)
    st.number_input(
        "Seed of the random directions",
        *(0, MOST_SEED),
        help="The same for both networks. Seed 0 is recorded for those that ship, 1 and 2 for the quick ones.",
        **bind_widget("inside/slice/seed", current_view().seed, lambda seed: PAGE.change(seed=seed)),
    )


def titles(runs: Sequence[Run]) -> list[str]:
    """What tells the two apart."""
    one, other = runs
    if one.id == other.id:
        raise ValueError("Both are the same network: choose another one beside it.")
    return [f"{run.title} ({run.id})" if one.title == other.title else run.title for run in runs]


def slice_key(run: Run) -> SliceKey:
    """Of what is looked at: the directions are random, or the training's own."""
    view = current_view()
    weights = run_summary(run, SEAL) if ships(run) else f"step {last_step(run.id)}"
    seed = TRAJECTORY if view.view == "trajectory" else view.seed
    return SliceKey(run.id, weights, dataset_here(run) or DRAWN, seed)


def slice_source(run: Run) -> SliceSource:
    """Raises `ValueError` with a sentence where there is nothing to evaluate, or no pictures to do it on."""
    store, key, shipped = training_service().store, slice_key(run), ships(run)
    if key.seed == TRAJECTORY and shipped and not loss_slices().found(key).losses:
        raise ValueError(ONLY_END.format(network_name(run)))
    if not key.pictures and not shipped:
        raise ValueError(NO_PICTURES.format(run.title))
    intake = None if key.pictures else read_intake(shipped_head(run))

    def state() -> bytes:
        known = every_run(store).get(run.id)
        checkpoint = known and weights_of(known, store)
        if not checkpoint:
            raise ValueError(GONE)
        return checkpoint.state

    return SliceSource(key, run.plan, intake, state)


def slice_under_way(run: Run) -> bool:
    return loss_slices().status(slice_key(run)).state in ("queued", "running")


def show_slices(chosen: Sequence[Run]) -> None:
    """Of the two networks, drawn anew as more points come."""
    view = current_view().view
    st.segmented_control(
        "How it is shown",
        list(VIEWS),
        format_func=VIEWS.__getitem__,
        label_visibility="collapsed",
        required=True,
        **bind_widget("inside/slice/view", view, lambda chosen: PAGE.change(view=chosen)),
    )
    try:
        sources = dict(zip(titles(chosen), map(slice_source, chosen), strict=True))
    except ValueError as error:
        st.warning(literal(str(error)), icon=":material/error:")
        return
    for source in sources.values():
        if not loss_slices().status(source.key).state:
            loss_slices().want(source, plane=False)  # nothing is to be done where the line is there
    found = {name: loss_slices().found(source.key) for name, source in sources.items()}
    if view == "line":
        draw_chart(line_chart(found), key="inside-slice-line", alt="The loss of both networks, by the distance")
    else:
        for number, (name, place) in enumerate(zip(found, st.columns(2, gap="small"), strict=True)):
            with place:
                figure = plane_chart(found, name, view == "surface")
                alt = f"The loss of {name} around its weights, along two directions"
                draw_chart(figure, key=f"inside-slice-{view}-{number}", alt=alt)
    job_controls(sources, found, plane=view != "line")
    if view != "trajectory":
        st.markdown(sharper_words(found))
    st.markdown((way_table if view == "trajectory" else figures_table)(found), unsafe_allow_html=True)
    st.markdown(" ".join(filter(None, (clipped_words(found), done_words(found, len(sources))))))
    st.caption(literal(" ".join(slice_provenance(name, each) for name, each in found.items())))


# The job


def job_controls(sources: dict[str, SliceSource], found: Pair, plane: bool) -> None:
    """How far it is, and what can be done; nothing where all is there."""
    points = {point for source in sources.values() for point in points_of(source.key, plane)}
    missing = {name: len(points - each.losses.keys()) for name, each in found.items()}
    states = {name: loss_slices().status(source.key) for name, source in sources.items()}
    for message in dict.fromkeys(status.message for status in states.values() if status.message):
        st.warning(literal(message), icon=":material/error:")
    if not any(missing.values()):
        return
    left, right = st.columns([4, 1], vertical_alignment="center")
    told = [f"{name} {len(points) - missing[name]} of {len(points)} points" for name in found]
    busy = any(status.state in ("queued", "running") for status in states.values())
    ahead = max(status.ahead for status in states.values())
    seconds = max(status.seconds_left or 0 for status in states.values())
    if busy and (ahead or seconds):
        told.append(f"{ahead} before it" if ahead else f"about {seconds:.0f} s left")
    left.progress(1 - sum(missing.values()) / (len(points) * len(found)), literal(", ".join(told)))
    if busy:
        stop = partial(loss_slices().stop, [source.key for source in sources.values()])
        right.button("Stop", icon=":material/stop:", on_click=stop, key="inside-slice-stop")
        return
    label = "Go on" if any(status.state for status in states.values()) else "Fill in the map"
    right.button(label, icon=":material/play_arrow:", on_click=partial(fill, sources, plane), key="inside-slice-fill")


def fill(sources: Mapping[str, SliceSource], plane: bool) -> None:
    for source in sources.values():
        loss_slices().want(source, plane)


# Words, all from the figures


def figures_table(found: Pair) -> str:
    def row(name: str, values: Sequence[str]) -> list[Cell | str]:
        return [name, *(Cell(value, look="number", provenance="measured") for value in values)]

    slices = list(found.values())
    rows = [row("Loss at the weights", [f"{each.centre:.3f}" if each.centre is not None else "…" for each in slices])]
    for distance in (0.25, 0.5, 1.0):
        rises = [each.rise(distance) for each in slices]
        rows.append(
            row(f"Rise at distance {distance:g}", ["…" if rise is None else rise_words(rise) for rise in rises])
        )
    return html_table(("Along the first direction, the mean of both sides", *found), rows, "facts")


def way_table(found: Pair) -> str:
    """Of the directions of the training."""
    facts = {name: each.facts for name, each in found.items()}
    shares = [[f"{share:.1%}" for share in (each.shares if each else ())] or ["…", "…"] for each in facts.values()]
    rows = [
        [name, *(Cell(value, look="number", provenance="measured") for value in values)]
        for name, values in (
            ("Loss at its end", [f"{each.centre:.3f}" if each.centre is not None else "…" for each in found.values()]),
            ("Checkpoints on the way", [str(len(each.way)) if each else "…" for each in facts.values()]),
            ("Of the way, the first direction holds", [first for first, _ in shares]),
            ("and the second", [second for _, second in shares]),
        )
    ]
    return html_table(("The way, as seen from above its own plane", *found), rows, "facts")


def done_words(found: Pair, count: int) -> str:
    """What was moved, what was not, on how many pictures."""
    facts = [each.facts for each in found.values() if each.facts]
    if len(facts) < count:
        return ""
    said = []
    if len({(each.data, each.pictures) for each in facts}) > 1:
        said.append(UNLIKE.format(literal(join_words(f"{each.pictures} of {each.data}" for each in facts))))
    moved = " and ".join(dict.fromkeys(f"{each.moved:,}" for each in facts))
    held = " and ".join(dict.fromkeys(f"{each.held:,}" for each in facts))
    how = WAY_WORDS if any(each.way for each in facts) else RANDOM_WORDS
    said.append(how.format(moved=moved, held=held, paper=PAPER))
    if any(each.data == DRAWINGS for each in facts):
        said.append("The data set is not on this computer, so drawings stand for it: few, and easier or harder.")
    return " ".join(said)
