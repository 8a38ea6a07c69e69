"""The picture, what was clicked, and the tables that follow it."""

from contextlib import suppress
from dataclasses import replace
from functools import partial
from urllib.parse import parse_qsl

import streamlit as st

from explorer.diagram import Picture
from explorer.places import ModelSelection
from explorer.studies import Study, picture, study
from explorer.ui.components.component import Event
from explorer.ui.components.network_viewer import Display, NetworkPane, show_networks
from explorer.ui.details import details
from explorer.ui.explore.page_state import PAGE, current, follow, go, publish, select
from explorer.ui.exports import exports
from explorer.ui.layers import layers, stages
from explorer.ui.session import complain, show_problems
from explorer.views import View, fold_all, open_everything, open_one_level, toggle

# With the numbers above it the picture fills the screen. style.css gives the panel beside it the same height.
HEIGHT = "max(34rem, calc(100vh - 12.8rem))"


def shown() -> tuple[ModelSelection, Study, Study | None]:
    """The network to show, and the preset it started from if knobs were turned.

    Where the settings do not go together the last good network stays, and the reason is said.
    """
    place = current()
    try:
        now = study(place.spec)
    except ValueError as error:
        complain(str(error))
        place, now = last_good(place)
    st.session_state.good = place
    before = study(place.origin) if place.changes else None
    if now.graph.broken:
        complain(f"{now.graph.broken.rstrip('.')}. The picture shows the network up to there.")
    return place, now, before


def last_good(place: ModelSelection) -> tuple[ModelSelection, Study]:
    """What was shown before; for a new visitor the preset, or else the page's first network."""
    for candidate in (st.session_state.get("good"), replace(place, changes=())):
        with suppress(ValueError):
            if candidate:
                return candidate, study(candidate.spec)
    return ModelSelection(), study(ModelSelection().spec)


def view_of(place: ModelSelection, known: Study) -> View:
    opened = known.view.opened if place.opened is None else frozenset(place.opened)
    return View(opened, place.repeats, place.direction)


@st.fragment
def studio(alone: bool) -> None:
    """Reruns by itself, and as a whole: what Streamlit breaks off for the next click comes with that click's run."""
    if st.session_state.pop("moved", False):
        st.rerun()  # another network, perhaps: the form and the numbers must follow
    middle, right = st.columns([2.6, 1], gap="small")
    with middle:
        above = st.container()
        place, known = standing()
        drawn = diagram(place, known)
        if not alone:
            with above:
                show_problems()
    with right, st.container(border=True, key="details"):
        st.empty() if alone else details(place, known)
    if not alone:
        tables(drawn, place, known)
    publish()


def diagram(place: ModelSelection, known: Study) -> Picture:
    drawn, view = drawing(place, known)
    display = Display(
        HEIGHT,
        place.colour,
        view.direction,
        view.repeats,
        alt=known.words,
        selected=place.selected if st.session_state.get("told") != place.selected else "",
        revision=PAGE.revision(),
    )
    show_networks((NetworkPane(place.title, drawn),), display, key="diagram", on_event=partial(obey, known))
    return drawn


def tables(drawn: Picture, place: ModelSelection, known: Study) -> None:
    below = st.tabs(["Layers", "By stage", "Take it home"], key="below", on_change="rerun")
    fills = (layers, lambda _, known: stages(known), partial(exports, drawn))
    for tab, fill in zip(below, fills, strict=True):
        if tab.open:
            with tab:
                fill(place, known)


def standing() -> tuple[ModelSelection, Study]:
    """The visitor's place, on the network that can be shown."""
    place, good = current(), st.session_state.good
    same = replace(place, source=good.source, name=good.name, preset=good.preset, changes=good.changes)
    return same, study(same.spec)


def drawing(place: ModelSelection, known: Study) -> tuple[Picture, View]:
    """What is opened; where a link, or a knob, opens too much to draw, the view one starts with."""
    view = view_of(place, known)
    try:
        return picture(known.spec, view), view
    except ValueError as error:
        complain(str(error))
        go(replace(current(), opened=None, repeats=known.view.repeats, direction=known.view.direction))
        return picture(known.spec, known.view), known.view


def obey(known: Study, event: Event) -> None:
    """Do what was asked for in the picture. Too much to draw is said, and nothing changes."""
    place = current()
    view = view_of(place, known)
    try:
        match event.type:
            case "settled":
                st.session_state.moved = True  # a whole run brings what stands around the picture
            case "select":
                select(event.id, tell_diagram=False)
            case "colour":
                go(replace(place, colour=event.value))
            case "toggle":
                look(known, opened(place, toggle(view, event.id)))
            case "fold_all":
                look(known, opened(place, fold_all(view)))
            case "open_level":
                look(known, opened(place, open_one_level(known.outline, view)))
            case "open_everything":
                look(known, opened(place, open_everything(known.outline, view)))
            case "direction":
                look(known, replace(place, direction=event.value))
            case "repeats":
                look(known, replace(place, repeats=event.value == "on"))
            case "address":
                follow(dict(parse_qsl(event.value.removeprefix("?"))))
                st.session_state.moved = True
    except ValueError as error:
        complain(str(error))


def opened(place: ModelSelection, view: View) -> ModelSelection:
    return replace(place, opened=tuple(sorted(view.opened)))


def look(known: Study, place: ModelSelection) -> None:
    """Go where there is a picture. Raises `ValueError` where there is too much to draw."""
    picture(known.spec, view_of(place, known))
    go(place)
