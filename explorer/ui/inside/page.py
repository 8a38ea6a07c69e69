"""The Inside page: one picture goes through a network, and every box shows what it made of it; and its laboratories."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from functools import partial
from operator import setitem
from typing import Any
from urllib.parse import urlparse

import streamlit as st

from explorer.activations.activations import ActivationCache, Activations, activations
from explorer.activations.feature_maps import thumbnail
from explorer.activations.networks import LiveNetwork, Look
from explorer.analysis.model_summary import ModelSummary
from explorer.diagram.render import Diagram
from explorer.formatting import literal
from explorer.glossary import read_glossary
from explorer.graph.expansion import View
from explorer.graph.module_tree import Item
from explorer.graph.outline import walk
from explorer.training.runs.pretrained_weights import Published, on_disk, published_weights
from explorer.ui.components.network_viewer import NetworkPane, show_networks
from explorer.ui.fetch_button import fetch_button, fetchable_weights, megabytes
from explorer.ui.inside.ablation import ablation_section
from explorer.ui.inside.gradient_flow import gradient_section
from explorer.ui.inside.loss_slice import loss_section
from explorer.ui.inside.networks import Weights, known_networks, last_step, open_network, other_recipe, weights_name
from explorer.ui.inside.page_state import PAGE, WEIGHTS, InsideState, current_view, publish_inside
from explorer.ui.inside.panel import answers_panel, box_panel
from explorer.ui.inside.pictures import choose_picture, picture_named
from explorer.ui.inside.reach import reach_panel
from explorer.ui.inside.why import why_panel
from explorer.ui.network_picture import display, drawing, obey
from explorer.ui.session import bind_widget, show_growing, show_problems

HEIGHT = "max(560px, calc(100vh - 8.4rem))"  # style.css gives the panel beside it the same
EVERY = 0.3  # seconds between looks at a network that is being opened
PANELS = {"maps": "Maps", "why": "Why this class?", "reach": "Its view"}
NOTHING = "There is no trained network here: train one on the Train page, or get torchvision’s weights at the left."
AT_ONCE = 0.6  # seconds in which most are open


@st.cache_resource(show_spinner=False)
def kept_activations() -> ActivationCache:
    return ActivationCache()


def inside_page() -> None:
    """A laboratory draws its own part, in the sidebar too; what explains it stands below."""
    look_into_fetched()
    lab = current_view().lab
    with st.container(key="inside-lab"):
        st.segmented_control(
            "What to do with it",
            list(LABS),
            format_func=lambda each: LABS[each][0],
            label_visibility="collapsed",
            required=True,
            **bind_widget("inside/lab", lab, lambda chosen: PAGE.change(lab=chosen)),
        )
    LABS[lab][1]()
    if told := read_glossary("laboratories").get(lab):
        explain_lab(told)


def explain_lab(told: dict[str, Any]) -> None:
    """What it is about in two minutes, and what to discuss; each answer folded."""
    with st.expander("In two minutes: what is measured here, and why", icon=":material/menu_book:"):
        st.markdown(told["text"])
    with st.expander("Questions to discuss", icon=":material/forum:"):
        for number, each in enumerate(told["ask"], 1):
            st.markdown(f"{number}. {each['question']}")
            with st.expander(f"An answer to question {number}"):
                st.markdown(each["answer"])


def maps_section() -> None:
    view, names = current_view(), known_networks()
    key = view.network or next(iter(names), "")
    with st.sidebar:
        if names:
            choose_network(names, key, view)
        more_networks()
        if names:
            choose_picture(key)
    if not names:
        st.info(NOTHING, icon=":material/model_training:")
        return
    wait(openings(key), AT_ONCE)  # so that the picture before stays until the next one comes
    show_growing(partial(workbench, key), lambda: all(each.done() for each in openings(key)), EVERY)


def openings(key: str) -> list[Future[LiveNetwork]]:
    """Of the network, and of what it is held against."""
    view = current_view()
    wanted: set[tuple[str, Weights]] = {(key, view.weights), (other_key(key, view), view.other_weights)}
    return [open_network(each, weights) for each, weights in wanted]


def other_key(key: str, view: InsideState) -> str:
    """Of the network that the selected box is held against, mostly the same one."""
    return other_recipe(key) or key if view.beside == "recipe" else key


def choose_network(names: dict[str, str], key: str, view: InsideState) -> None:
    st.selectbox(
        "Network", list(names), format_func=names.__getitem__, **bind_widget("inside/network", key, PAGE.look_into)
    )
    st.segmented_control(
        "Weights",
        list(WEIGHTS),
        format_func=WEIGHTS.__getitem__,
        help="As initialised: the same network before its first step of training, by the same seed.",
        required=True,
        **bind_widget("inside/weights", view.weights, lambda chosen: PAGE.change(weights=chosen)),
    )


def workbench(key: str) -> None:
    """Reruns by itself: a click in the picture changes what stands beside it."""
    if PAGE.moved():
        st.rerun()  # to another network, perhaps: the form must follow
    view = current_view()
    opening = open_network(key, view.weights)
    if not opening.done():
        st.markdown("Opening the network …")
        return
    try:
        look = looked(key, view.weights, opening.result(), view.picture)
    except ValueError as error:
        show_problems()
        st.warning(literal(str(error)), icon=":material/error:")
        publish_inside()
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
    item = item if item and item.nodes else None
    choose_panel(view)
    if view.panel == "why":
        why_panel(look, item, key)
    elif view.panel == "reach":
        reach_panel(look, item)
    elif item is None:
        answers_panel(look)
    else:
        box_panel(look, item, partial(other_look, key))


def choose_panel(view: InsideState) -> None:
    st.segmented_control(
        "Beside the picture",
        list(PANELS),
        format_func=PANELS.__getitem__,
        label_visibility="collapsed",
        required=True,
        **bind_widget("inside/panel", view.panel, lambda panel: PAGE.change(panel=panel)),
    )


def other_look(key: str, view: InsideState) -> Look | None:
    """What the selected box is held against; None while it is being opened. Raises `ValueError` with a sentence."""
    weights, key = view.other_weights, other_key(key, view)
    opening = open_network(key, weights)
    if not opening.done():
        return None
    word = view.other if view.beside == "picture" else view.picture
    return looked(key, weights, opening.result(), word)


# The picture of the network


def network_picture(look: Look, view: InsideState) -> None:
    known = look.known
    drawn, shown = drawing(PAGE, view, known, maps=True)
    maps = {item.id: painted(look.seen, item.all_nodes[-1]) for item in boxes(known, drawn, shown)}
    pane = NetworkPane(look.live.title, drawn, maps=maps)
    shown_as = display(PAGE, view, known, shown, HEIGHT, settled=True)
    show_networks((pane,), shown_as, key="inside-diagram", on_event=partial(obey, PAGE, known, True))


def painted(seen: Activations, node: str) -> str:
    """Once: every click asks for all of them."""
    if node not in seen.thumbnails:
        seen.thumbnails[node] = thumbnail(seen.outputs[node])
    return seen.thumbnails[node]


def boxes(known: ModelSummary, drawn: Diagram, view: View) -> list[Item]:
    """Those in the picture that stand for an operation."""
    found = (item for top in known.outline.items(view.repeats) for item in (top, *walk(top.children)))
    return [item for item in found if item.id in drawn.boxes and item.nodes]


LABS: dict[str, tuple[str, Callable[[], None]]] = {
    "maps": ("A picture in every box", maps_section),
    "gradients": ("The “+1”, measured", gradient_section),
    "ablation": ("Take a block out", ablation_section),
    "loss": ("The loss around the weights", loss_section),
}


STATED = "https://docs.pytorch.org/vision/stable/models.html#table-of-all-available-classification-weights"
TERMS = "https://github.com/pytorch/vision#pre-trained-model-license"
CHOSEN = "inside/wanted"  # in the session: the weights that are offered


def look_into_fetched() -> None:
    """The weights that were chosen here to be fetched, once they have come."""
    if st.session_state.get(CHOSEN, "") in on_disk():
        PAGE.look_into(st.session_state.pop(CHOSEN))


def more_networks() -> None:
    here = on_disk()
    offered = {start: weights for start, weights in published_weights().items() if start not in here}
    names = {"": f"Choose one of {len(offered)}"}
    names |= {start: f"{weights_name(start)} · {megabytes(weights.size)}" for start, weights in offered.items()}
    chosen = st.session_state.get(CHOSEN, "")
    chosen = chosen if chosen in offered else ""
    choose = partial(setitem, st.session_state, CHOSEN)
    with st.expander("More networks"):
        widget = bind_widget("inside/more", chosen, choose)
        st.selectbox("torchvision’s weights", list(names), format_func=names.__getitem__, **widget)
        if chosen:
            st.caption(offer_words(offered[chosen]))
            fetch_button(fetchable_weights(chosen, weights_name(chosen)))


def offer_words(weights: Published) -> str:
    """What is fetched, from where, under which terms, and where it lands: a line each."""
    return "  \n".join(
        (
            f"{weights.accuracy:.1f} % right on ImageNet, [as published]({STATED})",
            f"{megabytes(weights.size)} from {urlparse(weights.address).netloc}",
            f"Licence: {licence_words(weights)}",
            f"Lands in {literal(str(weights.file.path.parent))}",
        )
    )


def licence_words(weights: Published) -> str:
    if weights.license:
        return f"[one of its own]({weights.license}), CC BY-NC 4.0, [says torchvision]({TERMS})"
    return f"torchvision names none; [terms of ImageNet may apply]({TERMS})"
