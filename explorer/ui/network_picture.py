"""The picture of one network on a page: what is open and selected in it, and what is asked for by a click in it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Protocol, TypeVar

import streamlit as st

from explorer.analysis.model_summary import ModelSummary, study
from explorer.diagram.render import Diagram, draw_diagram
from explorer.graph.expansion import View, fold_all, open_everything, open_one_level, open_parents, toggle
from explorer.graph.outline import Outline
from explorer.models.spec import Spec
from explorer.ui.components.component import Event
from explorer.ui.components.network_viewer import Display
from explorer.ui.session import PageState, complain


class PictureState(Protocol):
    """What a page's state says of its picture."""

    @property
    def opened(self) -> tuple[str, ...] | None: ...  # ids, sorted; None: as much as fits
    @property
    def repeats(self) -> bool: ...
    @property
    def direction(self) -> str: ...
    @property
    def colour(self) -> str: ...
    @property
    def selected(self) -> str: ...


State = TypeVar("State", bound=PictureState)


class NetworkPage(PageState[State]):
    """Of a page with such a picture."""

    def follow(self, query: Mapping[str, str]) -> None:
        super().follow(query)
        self.know("")

    def select(self, id: str, *, tell_diagram: bool) -> None:
        """Choose a part. The diagram knows its own clicks already; a choice made elsewhere it must be told."""
        self.change(selected=id)
        if tell_diagram:
            self.tell()
        else:
            self.know(id)

    def change(self, **words: Any) -> None:
        state: Any = self.current()
        self.go(replace(state, **words))

    def tell(self) -> None:
        """What is selected, to the diagram."""
        self.know("")
        self.revise()

    def know(self, id: str) -> None:
        st.session_state[f"{self.key}_told"] = id

    def told(self) -> bool:
        """Whether the diagram itself chose what is selected."""
        return st.session_state.get(f"{self.key}_told") == self.current().selected

    def move(self) -> None:
        """The page must run as a whole: what stands around the picture follows it."""
        st.session_state[f"{self.key}_moved"] = True

    def moved(self) -> bool:
        """Once."""
        return st.session_state.pop(f"{self.key}_moved", False)


def picture_view(place: PictureState, known: ModelSummary) -> View:
    opened = known.view.opened if place.opened is None else frozenset(place.opened)
    return open_parents(known.outline, View(opened, place.repeats, place.direction))


@lru_cache(maxsize=256)
def draw_spec(spec: Spec, view: View, maps: bool = False) -> Diagram:
    """`maps`: its boxes keep a place for what they computed. Raises `ValueError` where there is too much to draw."""
    known = study(spec)
    return draw_diagram(known.outline, view, known.fields, maps=maps)


def drawing(
    page: NetworkPage[Any], place: PictureState, known: ModelSummary, maps: bool = False
) -> tuple[Diagram, View]:
    """What is opened; where a link, or a knob, opens too much to draw, the view one starts with."""
    view = picture_view(place, known)
    try:
        return draw_spec(known.spec, view, maps), view
    except ValueError as error:
        complain(str(error))
        page.change(opened=None, repeats=known.view.repeats, direction=known.view.direction)
        return draw_spec(known.spec, known.view, maps), known.view


def display(
    page: NetworkPage[Any], place: PictureState, known: ModelSummary, view: View, height: str, settled: bool = False
) -> Display:
    return Display(
        height,
        place.colour,
        view.direction,
        view.repeats,
        alt=known.words,
        selected="" if page.told() else place.selected,
        revision=page.revision(),
        opened=place.opened is not None,
        settled=settled,
    )


def obey(page: NetworkPage[Any], known: ModelSummary, maps: bool, event: Event) -> None:
    """Do what was asked for in the picture. Too much to draw is said, and nothing changes."""
    place = page.current()
    view = picture_view(place, known)
    try:
        match event.type:
            case "settled":
                page.move()
            case "select":
                page.select(event.id, tell_diagram=False)
            case "colour":
                page.change(colour=event.value)
            case _ if wanted := asked_view(event, view, known.outline):
                draw_spec(known.spec, wanted, maps)
                opened = place.opened if wanted.opened == view.opened else tuple(sorted(wanted.opened))
                page.change(opened=opened, repeats=wanted.repeats, direction=wanted.direction)
    except ValueError as error:
        complain(str(error))


def asked_view(event: Event, view: View, outline: Outline) -> View | None:
    """The view that the event asks for, if it asks for one. Raises `ValueError` where that is too much to draw."""
    match event.type:
        case "toggle":
            return toggle(outline, view, event.id)
        case "fold_all":
            return fold_all(view)
        case "open_level":
            return open_one_level(outline, view)
        case "open_everything":
            return open_everything(outline, view)
        case "direction":
            return replace(view, direction=event.value)
        case "repeats":
            return replace(view, repeats=event.value == "on")
    return None
