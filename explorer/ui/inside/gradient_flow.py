"""The "+1", measured: what comes back through a deep network, plain and residual, and through each of its blocks."""

import io
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from time import sleep
from typing import Any

import streamlit as st
import torch

from explorer.activations.charts import Line, depth_chart
from explorer.activations.gradient_flow import (
    DEPTHS,
    SIDE,
    BlockGradient,
    angle_words,
    block_drawing,
    block_words,
    course_words,
    flow_spec,
    formula,
)
from explorer.activations.networks import LiveNetwork, packed_state
from explorer.colors import BLUE, VERMILLION
from explorer.datasets.drawings import drawings
from explorer.datasets.registry import load_dataset
from explorer.formatting import literal
from explorer.glossary import read_glossary
from explorer.models.spec import Spec, hand_over
from explorer.subprocess_client import ONE_THREAD, StreamedAnswers, SubprocessClient
from explorer.training.results.predictions import Intake
from explorer.ui.charts import chart_svg
from explorer.ui.components.component import Event
from explorer.ui.components.plotly_chart import draw_chart
from explorer.ui.inside.networks import in_diagram, last_step, open_network, run_of_family
from explorer.ui.inside.page_state import PAGE, InsideState, current_view, publish_inside
from explorer.ui.inside.pictures import dataset_of
from explorer.ui.navigation import leave
from explorer.ui.session import bind_widget, show_growing, show_problems, stream_controls
from explorer.url_params import encode_query

WORKER = "explorer.activations.laboratory_worker"
EVERY = 0.4  # seconds between looks at what has come
SEED = 0
COLORS = {False: VERMILLION, True: BLUE}
NAMES = {False: "plain", True: "residual"}
FORMS = {"original": "Original", "preactivation": "Pre-activation"}
STATES = {"initial": "As initialised", "trained": "Trained"}
IN_DIAGRAM = "Light up the two ways in the network’s diagram"
OF = {"maps": "The maps", "weights": "The weights"}
Openings = Mapping[bool, tuple[str, Future[LiveNetwork]]]
WHAT = {"maps": "dL/dx of what enters each block", "weights": "dL/dw of each layer"}


@dataclass(frozen=True)
class FlowQuestion:
    """Equal for all who ask for the same; `shortcut` tells the twins apart."""

    depth: int
    shortcut: bool
    pre_activation: bool
    norms: bool
    run: str = ""  # whose weights; empty: as initialised
    step: int = 0
    live: LiveNetwork | None = field(default=None, compare=False)

    @property
    def spec(self) -> Spec:
        return self.live.spec if self.live else flow_spec(self.depth, self.shortcut, self.pre_activation)

    def asked(self) -> tuple[str, dict[str, Any]]:
        """As the worker is told of it."""
        state, batch = packed_state(self.live.model) if self.live else b"", self.batch()
        return "flow", dict(network=hand_over(self.spec), state=state, norms=self.norms, batch=batch, seed=SEED)

    def batch(self) -> bytes:
        """One picture of each class as numbers, (N, C, H, W), and the classes, (N,)."""
        classes = tuple(dict.fromkeys(each.label for each in drawings()))
        intake = self.live.intake if self.live else Intake(classes, (3, SIDE, SIDE), (0.5,) * 3, (0.25,) * 3)
        if set(classes) <= set(intake.classes):
            shown = [(each.image, intake.classes.index(each.label)) for each in drawings()[::4]]
        else:
            test = load_dataset(dataset_of(self.run)).test.balanced(len(intake.classes))
            shown = list(zip(test.images, test.labels.tolist(), strict=True))
        numbers = torch.stack([intake.numbers(intake.fitted(image)) for image, _ in shown])
        buffer = io.BytesIO()
        torch.save((numbers, torch.tensor([label for _, label in shown])), buffer)
        return buffer.getvalue()


@st.cache_resource(show_spinner=False)
def flows(shortcut: bool) -> StreamedAnswers[FlowQuestion]:
    """Of the plain networks, and of the residual ones beside them: a process each."""
    return StreamedAnswers(SubprocessClient(WORKER, ONE_THREAD), FlowQuestion.asked)


def gradient_section() -> None:
    show_problems()
    view = current_view()
    openings = open_twins(view)
    with st.sidebar:
        choose_knobs(view)
    if view.state == "trained" and not openings:
        why = "with batch norm" if not view.norms else f"of {view.depth} layers in this form"
        st.info(f"No trained twins {why} are here: these are as initialised.", icon=":material/model_training:")
    show_growing(partial(show_flow, view, openings), lambda: settled(view, openings), EVERY)


def choose_knobs(view: InsideState) -> None:
    told = read_glossary("laboratories")["gradients"]
    bound = bind_widget("flow/depth", view.depth, lambda depth: PAGE.change(depth=depth, block=""))
    st.select_slider("Layers", DEPTHS, format_func=lambda depth: f"{depth:,}", **bound)
    bound = bind_widget("flow/form", view.form, lambda form: PAGE.change(form=form))
    st.segmented_control("Blocks", list(FORMS), format_func=FORMS.__getitem__, required=True, **bound)
    bound = bind_widget("flow/norms", view.norms, lambda on: PAGE.change(norms=on))
    st.toggle("Batch norm", **bound)
    bound = bind_widget("flow/state", view.state, lambda state: PAGE.change(state=state))
    st.segmented_control(
        "Weights", list(STATES), format_func=STATES.__getitem__, required=True, help=told["trained"], **bound
    )
    bound = bind_widget("flow/of", view.of, lambda of: PAGE.change(of=of))
    st.segmented_control("Gradient of", list(OF), format_func=OF.__getitem__, required=True, help=told["of"], **bound)


def open_twins(view: InsideState) -> Openings:
    """Those that were trained, where these are asked for and are here."""
    told = {"depth": view.depth, "pre_activation": view.form == "preactivation"}
    runs = {each: run_of_family(told | {"shortcut": "identity" if each else "none"}) for each in (False, True)}
    if view.state != "trained" or not view.norms or not all(runs.values()):
        return {}
    return {shortcut: (run, open_network(run, "trained")) for shortcut, run in runs.items()}


def flow_questions(view: InsideState, openings: Openings) -> dict[bool, FlowQuestion]:
    """Raises `ValueError` with a sentence where a network cannot be opened."""
    told = view.form == "preactivation", view.norms
    found = {shortcut: FlowQuestion(view.depth, shortcut, *told) for shortcut in (False, True)}
    for shortcut, (run, opening) in openings.items():
        found[shortcut] = FlowQuestion(view.depth, shortcut, *told, run, last_step(run), opening.result())
    return found


def settled(view: InsideState, openings: Openings) -> bool:
    if not all(opening.done() for _, opening in openings.values()):
        return False
    try:
        return all(flows(shortcut).settled(each) for shortcut, each in flow_questions(view, openings).items())
    except ValueError:
        return True


@dataclass(frozen=True)
class SeenFlow:
    """As much as has come of one network's answer."""

    blocks: tuple[BlockGradient, ...]  # from the picture on
    weights: tuple[tuple[str, float], ...]
    entered: int
    end: Mapping[str, Any]  # empty until all is there


def seen_flow(pieces: Sequence[Mapping[str, Any]]) -> SeenFlow:
    told = [each for piece in pieces for each in piece.get("blocks", ())]
    blocks = tuple(BlockGradient(**each) for each in reversed(told))
    end = next((piece for piece in pieces if "end" in piece), {})
    weights = tuple((name, value) for name, value in end.get("weights", ()))
    return SeenFlow(blocks, weights, max((piece.get("entered", 0) for piece in pieces), default=0), end)


def show_flow(view: InsideState, openings: Openings) -> None:
    view = current_view() if current_view().lab == view.lab else view
    if not all(opening.done() for _, opening in openings.values()):
        st.markdown("Opening the networks …")
        return
    try:
        asked = flow_questions(view, openings)
    except ValueError as error:
        st.warning(literal(str(error)), icon=":material/error:")
        return
    seen = flows_so_far(asked)
    progress(asked, seen)
    st.markdown(f"**Norm of the gradient, {WHAT[view.of]}**")
    chosen = chosen_block(view, seen[True].blocks)
    alt = "The norm of the gradient by layer, plain and residual."
    layer = chosen.layer if chosen else None
    draw_chart(depth_chart(flow_lines(seen, view), view.depth, layer), key="flow-depth", alt=alt, on_event=choose_block)
    voices(seen, view)
    block_part(view, seen, chosen, asked[True].spec)
    publish_inside()


def flows_so_far(asked: Mapping[bool, FlowQuestion]) -> dict[bool, SeenFlow]:
    for shortcut, each in asked.items():
        flows(shortcut).want(each)
    return {shortcut: seen_flow(flows(shortcut).found(each)) for shortcut, each in asked.items()}


def flow_pictures(view: InsideState) -> Iterator[tuple[str, str]]:
    """For a file: the chart as SVG, and how the gradients go. It waits for them; nothing where one does not come."""
    openings = open_twins(view)
    with suppress(ValueError):  # of a network that cannot be opened
        flows_so_far(asked := flow_questions(view, openings))
        while not settled(view, openings):
            sleep(EVERY)
        seen = flows_so_far(asked)
        if all(each.end for each in seen.values()):
            words = (f"Norm of the gradient, {WHAT[view.of]}.", *courses(seen, view), how_measured(asked[True]))
            yield chart_svg(depth_chart(flow_lines(seen, view), view.depth, None)), " ".join(words).replace("**", "")


def flow_lines(seen: Mapping[bool, SeenFlow], view: InsideState) -> list[Line]:
    return [Line(NAMES[shortcut], COLORS[shortcut], points_of(each, view)) for shortcut, each in seen.items()]


def choose_block(event: Event) -> None:
    if event.type == "choose":
        PAGE.change(block=event.id)


def points_of(seen: SeenFlow, view: InsideState) -> list[tuple[int, float, str]]:
    if view.of == "maps":
        return [(each.layer, each.into, each.name) for each in seen.blocks]
    names = [each.name for each in seen.blocks]
    owners = {name: next((each for each in names if name.startswith(f"{each}.")), "") for name, _ in seen.weights}
    return [(place, value, owners[name]) for place, (name, value) in enumerate(seen.weights, 1)]


def progress(asked: Mapping[bool, FlowQuestion], seen: Mapping[bool, SeenFlow]) -> None:
    done = sum(share_done(each, asked[shortcut].depth) for shortcut, each in seen.items()) / len(seen)
    words = f"On the way {'back' if all(each.blocks for each in seen.values()) else 'forward'} …"
    with st.container(height=64, border=False):
        if not stream_controls([(flows(shortcut), each) for shortcut, each in asked.items()], done, words):
            st.caption(how_measured(asked[True]))


def share_done(seen: SeenFlow, depth: int) -> float:
    return 1.0 if seen.end else min(1.0, 0.5 * seen.entered / depth + len(seen.blocks) / depth)


def how_measured(asked: FlowQuestion) -> str:
    count = len(asked.live.intake.classes) if asked.live else 10
    kind = "drawings, one of each class" if not asked.live or "cat" in asked.live.intake.classes else "test pictures"
    wide = "" if asked.live else f", blocks of 8 to 32 channels, seed {SEED}, {SIDE} × {SIDE} pixels"
    chain = " Without shortcuts both forms of the blocks are one and the same chain of layers." * asked.pre_activation
    return f"Of the loss on {count} {kind}{wide}; norms take the statistics of this batch, as in training.{chain}"


def voices(seen: Mapping[bool, SeenFlow], view: InsideState) -> None:
    """The lesson, the paper and what was measured, side by side."""
    views = read_glossary("laboratories")["gradients"]["views"]
    columns = st.columns([1, 1, 1.5])
    for column, each in zip(columns, views, strict=False):
        column.caption(f"**{each['who']}:** {each['says']}")
    if not all(each.end for each in seen.values()):
        columns[2].caption("**Measured here:** …")
        return
    lost = {NAMES[each]: found.end["overflow"] for each, found in seen.items() if found.end["overflow"]}
    over = [f"On the way forward the {name} network overflows at layer {layer:,}." for name, layer in lost.items()]
    columns[2].markdown("  \n".join(("Measured here:", *courses(seen, view), *over, block_words(seen[True].blocks))))


def courses(seen: Mapping[bool, SeenFlow], view: InsideState) -> list[str]:
    """From the loss to the picture, in words."""
    norms = {each: [(layer, value) for layer, value, _ in points_of(found, view)] for each, found in seen.items()}
    return [course_words(NAMES[each].capitalize(), found) for each, found in norms.items()]


def chosen_block(view: InsideState, blocks: Sequence[BlockGradient]) -> BlockGradient | None:
    """The one in the link; else that in the middle, once it has come."""
    usual = f"stage2.{(view.depth - 2) // 12}"
    return next((each for each in blocks if each.name == (view.block or usual)), None)


def block_part(view: InsideState, seen: Mapping[bool, SeenFlow], chosen: BlockGradient | None, spec: Spec) -> None:
    left, right = st.columns([1, 1], gap="medium")
    blocks = seen[True].blocks
    with left:
        st.markdown("**The residual network, block by block: the two ways back**")
        lines = [
            Line("over the shortcut", BLUE, [(each.layer, each.shortcut, each.name) for each in blocks]),
            Line("through F", VERMILLION, [(each.layer, each.branch, each.name) for each in blocks], dashed=True),
        ]
        alt = "What comes back over the shortcut and through F, by block."
        layer = chosen.layer if chosen else None
        draw_chart(depth_chart(lines, view.depth, layer, 300), key="flow-parts", alt=alt, on_event=choose_block)
    with right:
        if chosen is None:
            st.caption("Click a block once it has come." if not seen[True].end else "Click a point to choose a block.")
            return
        st.markdown(f"**Block {chosen.name}: the gradient’s way back**")
        draw_chart(block_drawing(chosen), key="flow-block", alt=f"The two ways back through {chosen.name}.")
        st.markdown(formula(chosen))
        if chosen.angle is not None:
            st.caption(f"The angle between the two is {chosen.angle:.1f}°: {angle_words(chosen, chosen.angle)}")
        if chosen.form != "none" and st.button(IN_DIAGRAM, icon=":material/account_tree:", key="flow/explore"):
            leave("explore", encode_query(in_diagram(chosen.name, spec, view.depth)))
