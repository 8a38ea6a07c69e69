"""The loss around the weights of two trained networks, along the same directions: a line, a map, a surface to turn."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from explorer.colors import BARE, GREY, GRID, LETTER_COLORS
from explorer.formatting import escaped, join_words, literal
from explorer.hardware import count_cores
from explorer.paths import data_folder
from explorer.training.results.loss_slice import (
    DRAWINGS,
    DRAWN,
    LINE,
    PLANE,
    Pair,
    SliceKey,
    clipped_words,
    rise_words,
    sharper_words,
    top_of,
)
from explorer.training.results.predictions import read_intake
from explorer.training.results.slice_jobs import LossSlices, SliceSource, recorded_slices, slice_provenance
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

VIEWS = {"line": "Along one direction", "contour": "Map of two", "surface": "Surface to turn"}
EVERY = 0.7  # seconds between looks at what has been measured
TALL = 430  # pixels
EYE = {"x": 1.1, "y": -1.35, "z": 0.8}
TICKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 30, 50, 70)
NONE = "There is no trained network here to walk around: train one on the Train page."
PAPER = "[Li et al. 2018](https://arxiv.org/abs/1712.09913), Sec. 4"
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
    try:
        sources = {name: slice_source(runs[id]) for id, name in zip(pair, titles(runs, pair), strict=True)}
    except ValueError as error:
        st.warning(literal(str(error)), icon=":material/error:")
        return
    keys = [source.key for source in sources.values()]
    for source in sources.values():
        if not loss_slices().status(source.key).state:
            loss_slices().want(source, plane=False)  # nothing is to be done where the line is there
    show_growing(partial(show_slices, sources), lambda: not any(map(slice_under_way, keys)), EVERY)


def chosen_pair(runs: Mapping[str, Run]) -> tuple[str, ...]:
    """That of the link; else the deepest one whose slice ships, and its twin without shortcuts."""
    known = [id for id in current_view().pair if id in runs]
    first, *others = sorted(runs, key=lambda id: (run_summary(runs[id], SEAL), 0) not in recorded_slices())
    return tuple(known) if len(known) == 2 else (twin_of(first) or next(iter(others), first), first)


def choose_pair(runs: Mapping[str, Run], pair: tuple[str, ...]) -> None:
    def choose(place: int, id: str) -> None:
        PAGE.change(pair=(id, pair[1]) if place == 0 else (pair[0], id))

    for place, label in enumerate(("Network", "beside")):
        binding = bind_widget(f"inside/slice/{place}", pair[place], partial(choose, place))
        st.selectbox(label, list(runs), format_func=lambda id: network_name(runs[id]), **binding)
    st.number_input(
        "Seed of the directions",
        *(0, MOST_SEED),
        help="The same for both networks. Seed 0 is recorded for those that ship, 1 and 2 for the quick ones.",
        **bind_widget("inside/slice/seed", current_view().seed, lambda seed: PAGE.change(seed=seed)),
    )


def titles(runs: Mapping[str, Run], pair: tuple[str, ...]) -> list[str]:
    """What tells them apart."""
    short = [runs[id].title for id in pair]
    if pair[0] == pair[1]:
        raise ValueError("Both are the same network: choose another one beside it.")
    return short if short[0] != short[1] else [f"{runs[id].title} ({id})" for id in pair]


def slice_source(run: Run) -> SliceSource:
    """Raises `ValueError` with a sentence where there are no pictures to evaluate it on."""
    store, pictures, shipped = training_service().store, dataset_here(run), ships(run)
    if not pictures and not shipped:
        raise ValueError(NO_PICTURES.format(run.title))
    intake = None if pictures else read_intake(shipped_head(run))
    weights = run_summary(run, SEAL) if shipped else f"step {last_step(run.id)}"

    def state() -> bytes:
        known = every_run(store).get(run.id)
        checkpoint = known and weights_of(known, store)
        if not checkpoint:
            raise ValueError(GONE)
        return checkpoint.state

    return SliceSource(SliceKey(run.id, weights, pictures or DRAWN, current_view().seed), run.plan, intake, state)


def slice_under_way(key: SliceKey) -> bool:
    return loss_slices().status(key).state in ("queued", "running")


def show_slices(sources: dict[str, SliceSource]) -> None:
    """Drawn anew as more points come."""
    view = current_view().view
    st.segmented_control(
        "How it is shown",
        list(VIEWS),
        format_func=VIEWS.__getitem__,
        label_visibility="collapsed",
        required=True,
        **bind_widget("inside/slice/view", view, lambda chosen: PAGE.change(view=chosen)),
    )
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
    st.markdown(sharper_words(found))
    st.markdown(figures_table(found), unsafe_allow_html=True)
    st.markdown(" ".join(filter(None, (clipped_words(found), done_words(found, len(sources))))))
    st.caption(literal(" ".join(slice_provenance(name, each) for name, each in found.items())))


# The job


def job_controls(sources: dict[str, SliceSource], found: Pair, plane: bool) -> None:
    """How far it is, and what can be done; nothing where all is there."""
    points = {*LINE, *PLANE} if plane else {*LINE}
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


# Charts: both networks by one scale, which is that of the logarithm


def span_of(found: Pair) -> tuple[float, float]:
    """Of all that is known, as logarithms to 10, cut off above."""
    known = [loss for each in found.values() for loss in each.losses.values() if loss] or [1.0]
    return float(np.log10(min(known))), float(np.log10(max(min(max(known), top_of(found)), min(known) * 1.1)))


def ticks_of(low: float, high: float) -> dict[str, object]:
    shown = [tick for tick in TICKS if low - 0.02 <= np.log10(tick) <= high + 0.02]
    return {"tickvals": [float(np.log10(tick)) for tick in shown], "ticktext": [f"{tick:g}" for tick in shown]}


def line_chart(found: Pair) -> go.Figure:
    figure = go.Figure()
    for (name, each), colour in zip(found.items(), LETTER_COLORS.values(), strict=False):
        distances, losses = each.line()
        tip = f"{escaped(name)}, at %{{x:.2f}}: %{{y:.4g}}<extra></extra>"
        look = dict(line={"color": colour, "width": 2.5}, marker={"color": colour, "size": 5}, hovertemplate=tip)
        heights = np.where(np.isfinite(losses), losses, np.nan)
        figure.add_scatter(x=distances, y=heights, name=escaped(name), mode="lines+markers", **look)
    low, high = span_of(found)
    guess = next((each.guessing for each in found.values() if each.guessing), None)
    if guess:
        dotted = {"color": GREY, "dash": "dot", "width": 1.5}
        figure.add_scatter(
            x=[-1, 1], y=[guess] * 2, mode="lines", line=dotted, name=f"guessing: {guess:.2f}", hoverinfo="skip"
        )
    figure.update_xaxes(title_text="distance from the weights, 1: the norm of each filter", range=[-1.02, 1.02])
    figure.update_yaxes(type="log", title_text="loss", range=[low - 0.04, high + 0.04], gridcolor=GRID, showgrid=True)
    figure.update_yaxes(tickvals=[tick for tick in TICKS if 10 ** (low - 0.1) <= tick <= 10 ** (high + 0.1)])
    figure.update_layout(BARE, height=TALL, margin=dict(l=60, r=20, t=34, b=50), uirevision="line", template="none")
    legend = dict(orientation="h", y=1.0, yanchor="bottom", x=0, font={"size": 14})
    return figure.update_layout(legend=legend, font_size=14, showlegend=True)


def plane_chart(found: Pair, name: str, surface: bool) -> go.Figure:
    """Of one of them; what is not yet known is left out."""
    places, losses = found[name].plane()
    low, high = span_of(found)
    with np.errstate(divide="ignore"):
        heights = np.clip(np.log10(losses), low, high)
    tips = [[f"{loss:.4g}" if np.isfinite(loss) else "no finite number" for loss in row] for row in losses]
    bar = dict(thickness=12, outlinewidth=0, title={"text": "loss"}, tickfont={"size": 13}, **ticks_of(low, high))
    common = dict(x=places, y=places, z=heights, text=tips, colorscale="Viridis", colorbar=bar)
    tip = "%{x:.1f} and %{y:.1f} from the weights: %{text}<extra></extra>"
    figure = go.Figure()
    if surface:
        lines = {"z": {"show": True, "usecolormap": False, "color": "rgba(255,255,255,0.35)", "width": 1}}
        figure.add_surface(cmin=low, cmax=high, contours=lines, hovertemplate=tip, **common)
        scene_of(figure, low, high)
    else:
        levels = dict(start=low, end=high, size=(high - low) / 14, coloring="heatmap")
        look = dict(contours=levels, line={"color": "rgba(255,255,255,0.55)", "width": 1}, hovertemplate=tip)
        figure.add_contour(zmin=low, zmax=high, **look, **common)
        cross = {"symbol": "cross-thin", "size": 13, "line": {"color": "#fff", "width": 2}}
        figure.add_scatter(x=[0], y=[0], mode="markers", marker=cross, hoverinfo="skip", showlegend=False)
        figure.update_xaxes(title_text="first direction", range=[-1, 1], constrain="domain", showgrid=False)
        figure.update_yaxes(title_text="second direction", range=[-1, 1], scaleanchor="x", constrain="domain")
        figure.update_yaxes(showgrid=False)
    title = dict(text=f"<b>{escaped(name)}</b>", x=0.02, y=0.98, font={"size": 16})
    margin = dict(l=10, r=10, t=34, b=10) if surface else dict(l=56, r=10, t=34, b=46)
    figure.update_layout(BARE, height=TALL, margin=margin, title=title, uirevision="plane", font_size=13)
    return figure.update_layout(template="none", legend={})


def scene_of(figure: go.Figure, low: float, high: float) -> None:
    grid = dict(gridcolor=GRID, zerolinecolor=GRID, showbackground=False, title={"font": {"size": 13}})
    sides = {f"{axis}axis": grid | {"title": {"text": words}} for axis, words in (("x", "first"), ("y", "second"))}
    up = grid | {"title": {"text": "loss"}, "range": [low - 0.01, high + 0.03]} | ticks_of(low, high)
    look = dict(aspectmode="manual", aspectratio={"x": 1, "y": 1, "z": 0.75}, camera={"eye": EYE})
    figure.update_layout(scene=sides | {"zaxis": up, "uirevision": "camera"} | look)


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
    said.append(
        f"A slice along one or two of {moved} directions is not the landscape: other directions look otherwise."
    )
    said.append(
        f"The directions are random, each filter scaled to the norm of the weights’ filter ({PAPER}). The {held} "
        "biases and parameters of norms stay where they are, and the norms go on with the averages of the training, as "
        "in the authors’ own code: they do not make up for what a step has changed."
    )
    if any(each.data == DRAWINGS for each in facts):
        said.append("The data set is not on this computer, so drawings stand for it: few, and easier or harder.")
    return " ".join(said)
