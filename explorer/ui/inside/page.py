"""The Inside page: one picture goes through a network, and every box shows what it made of it."""

from collections.abc import Hashable
from concurrent.futures import Future, wait
from dataclasses import replace
from functools import lru_cache, partial
from urllib.parse import parse_qsl

import streamlit as st

from explorer.activations.activations import ActivationCache, Activations, activations
from explorer.activations.feature_maps import thumbnail
from explorer.activations.networks import LiveNetwork, Look
from explorer.analysis.model_summary import ModelSummary, study
from explorer.diagram.render import Diagram, draw_diagram
from explorer.formatting import literal
from explorer.graph.expansion import View
from explorer.graph.module_tree import Item
from explorer.graph.outline import walk
from explorer.models.spec import Spec
from explorer.ui.components.component import Event
from explorer.ui.components.network_viewer import Display, NetworkPane, asked_view, opened_words, show_networks
from explorer.ui.inside.networks import Weights, known_networks, last_step, open_network
from explorer.ui.inside.page_state import PAGE, InsideState, current_view, go_inside, publish_inside
from explorer.ui.inside.panel import answers_panel, box_panel
from explorer.ui.inside.pictures import choose_picture, picture_named
from explorer.ui.session import bind_widget, complain, show_growing, show_problems

HEIGHT = "max(560px, calc(100vh - 5.2rem))"  # style.css gives the panel beside it the same
EVERY = 0.3  # seconds between looks at a network that is being opened
AT_ONCE = 0.6  # seconds in which most are open
WEIGHTS = {"trained": "Trained", "initial": "As initialised"}


@st.cache_resource(show_spinner=False)
def kept_activations() -> ActivationCache:
    return ActivationCache()


def inside_page() -> None:
    view, names = current_view(), known_networks()
    if not names:
        st.info("There is no trained network here: train one on the Train page.", icon=":material/model_training:")
        return
    key = view.network or next(iter(names))
    with st.sidebar:
        choose_network(names, key, view)
        choose_picture(key)
    wait(openings(key), AT_ONCE)  # so that the picture before stays until the next one comes
    show_growing(partial(workbench, key), lambda: all(each.done() for each in openings(key)), EVERY)


def openings(key: str) -> list[Future[LiveNetwork]]:
    """Of the network, and of what it is held against."""
    view = current_view()
    wanted: set[Weights] = {view.weights, other_weights(view)}
    return [open_network(key, last_step(key), weights) for weights in wanted]


def other_weights(view: InsideState) -> Weights:
    if view.beside != "weights":
        return view.weights
    return "initial" if view.weights == "trained" else "trained"


def choose_network(names: dict[str, str], key: str, view: InsideState) -> None:
    def choose(chosen: str) -> None:
        go_inside(replace(current_view(), network=chosen, opened=None, selected="", channel=None, cell=None))

    def weigh(chosen: Weights | None) -> None:
        go_inside(replace(current_view(), weights=chosen or "trained"))

    st.selectbox("Network", list(names), format_func=names.__getitem__, **bind_widget("inside/network", key, choose))
    st.segmented_control(
        "Weights",
        list(WEIGHTS),
        format_func=WEIGHTS.__getitem__,
        help="As initialised: the same network before its first step of training, by the same seed.",
        **bind_widget("inside/weights", view.weights, weigh),
    )


def workbench(key: str) -> None:
    """Reruns by itself: a click in the picture changes what stands beside it."""
    if st.session_state.pop("inside/moved", False):
        st.rerun()  # to another network, perhaps: the form must follow
    view = current_view()
    opening = open_network(key, last_step(key), view.weights)
    if not opening.done():
        st.markdown("Opening the network …")
        return
    try:
        look = looked(key, view.weights, opening.result(), view.picture)
    except ValueError as error:
        show_problems()
        st.warning(literal(str(error)), icon=":material/error:")
        publish_inside()
        if opening.exception():  # tried again with the next click
            open_network.clear(key, last_step(key), view.weights)
        return
    middle, right = st.columns([1.75, 1], gap="small")
    with middle:
        above = st.container()
        network_picture(look, view)
        with above:
            show_problems()
    with right, st.container(border=True, key="inside-details"):
        panel(key, look)
    publish_inside()


def looked(key: str, weights: Weights, live: LiveNetwork, word: str) -> Look:
    """Raises `ValueError` with a sentence."""
    image, name = picture_named(word, key)
    fitted = live.intake.fitted(image)
    asked: Hashable = key, last_step(key), weights, fitted.numpy().tobytes()
    seen = kept_activations().get(asked, lambda: activations(live.model, live.intake.numbers(fitted)))
    return Look(live, image, name, seen)


def panel(key: str, look: Look) -> None:
    view = current_view()
    item = look.known.outline.find(view.selected, view.repeats)
    if item is None or not item.nodes:
        answers_panel(look)
        return
    box_panel(look, item, partial(other_look, key))


def other_look(key: str, view: InsideState) -> Look | None:
    """What the selected box is held against; None while it is being opened. Raises `ValueError` with a sentence."""
    weights = other_weights(view)
    opening = open_network(key, last_step(key), weights)
    if not opening.done():
        return None
    word = view.other if view.beside == "picture" else view.picture
    return looked(key, weights, opening.result(), word)


# The picture of the network


def network_picture(look: Look, view: InsideState) -> None:
    known = look.known
    drawn = drawing(known, view)
    shown = diagram_view(view, known)
    display = Display(
        HEIGHT,
        view.colour,
        shown.direction,
        shown.repeats,
        alt=known.words,
        selected=view.selected if st.session_state.get("told") != view.selected else "",
        revision=PAGE.revision(),
        settled=True,
    )
    maps = {item.id: painted(look.seen, item.all_nodes[-1]) for item in boxes(known, drawn, shown)}
    pane = NetworkPane(look.live.title, drawn, maps=maps)
    show_networks((pane,), display, key="inside-diagram", on_event=partial(handle_inside_event, known))


def painted(seen: Activations, node: str) -> str:
    """Once: every click asks for all of them."""
    if node not in seen.thumbnails:
        seen.thumbnails[node] = thumbnail(seen.outputs[node])
    return seen.thumbnails[node]


def boxes(known: ModelSummary, drawn: Diagram, view: View) -> list[Item]:
    """Those in the picture that stand for an operation."""
    found = (item for top in known.outline.items(view.repeats) for item in (top, *walk(top.children)))
    return [item for item in found if item.id in drawn.boxes and item.nodes]


def diagram_view(view: InsideState, known: ModelSummary) -> View:
    opened = known.view.opened if view.opened is None else frozenset(view.opened)
    return View(opened, view.repeats, view.direction)


def drawing(known: ModelSummary, view: InsideState) -> Diagram:
    """What is opened; where a link opens too much to draw, the view one starts with."""
    try:
        return draw_with_maps(known.spec, diagram_view(view, known))
    except ValueError as error:
        complain(str(error))
        go_inside(replace(current_view(), opened=None))
        return draw_with_maps(known.spec, known.view)


@lru_cache(maxsize=64)
def draw_with_maps(spec: Spec, view: View) -> Diagram:
    """Raises `ValueError` where there is too much to draw."""
    known = study(spec)
    return draw_diagram(known.outline, view, known.fields, maps=True)


def handle_inside_event(known: ModelSummary, event: Event) -> None:
    """Do what was asked for in the picture. Too much to draw is said, and nothing changes."""
    place = current_view()
    view = diagram_view(place, known)
    try:
        match event.type:
            case "select":
                PAGE.select(event.id)
            case "colour":
                go_inside(replace(place, colour=event.value))
            case "address":
                PAGE.follow(dict(parse_qsl(event.value.removeprefix("?"))))
                st.session_state["inside/moved"] = True
            case _ if wanted := asked_view(event, view, known.outline):
                draw_with_maps(known.spec, wanted)
                opened = opened_words(wanted, view, place.opened)
                go_inside(replace(place, opened=opened, repeats=wanted.repeats, direction=wanted.direction))
    except ValueError as error:
        complain(str(error))
