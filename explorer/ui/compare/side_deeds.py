"""What is done in the pictures side by side, and what follows from it."""

from dataclasses import replace
from urllib.parse import parse_qsl

import streamlit as st

from explorer.compare.bench import slots, views
from explorer.places import ModelSelection
from explorer.ui.compare.side_pairs import COLOURS, linked, pictures
from explorer.ui.compare.state import current, follow, go
from explorer.ui.components.component import Event
from explorer.views import View, fold_all, toggle


def obey(event: Event) -> None:
    """What was said before is cleared by the next thing the visitor does."""
    if event.type != "settled":
        st.session_state.pop("problems", None)
    desk = current()
    match event.type:
        case "settled":
            st.session_state["side/settled"] = True
        case "select":
            go(desk.said({"at": f"{event.value}:{event.id}" if event.id else ""}))
        case "colour":
            go(desk.said({"colour": "" if event.value == COLOURS[0] else event.value}))
        case "pair":
            go(desk.said({"pair": event.value}))
        case "toggle" | "fold_all":
            unfold(event)
        case "explore":
            if int(event.value) < len(desk.bench):
                st.session_state["side/explore"] = desk.bench[int(event.value)]
        case "left" | "right" | "remove":
            rearrange(event)
        case "address":
            return_to(event.value)


def unfold(event: Event) -> None:
    """A box opens, or a frame folds, in every network that has it."""
    found = slots(current().bench)
    opened = views(found)
    links = linked(found, pictures(found)) if event.type == "toggle" else {}
    chosen = int(event.value or 0)
    if event.type == "toggle" and (chosen >= len(found) or found[chosen].letter not in opened):
        return  # the picture that was clicked was older than the bench
    places: list[ModelSelection] = []
    for index, slot in enumerate(found):
        if slot.letter not in opened:
            places.append(slot.place)
            continue
        view = opened[slot.letter]
        if event.type == "fold_all":
            view = fold_all(view)
        else:
            ids = [event.id] if index == chosen else links.get(chosen, {}).get(index, {}).get(event.id, [])
            view = set_open(view, ids, event.id not in opened[found[chosen].letter].opened)
        places.append(replace(slot.place, opened=tuple(sorted(view.opened))))
    go(replace(current(), bench=tuple(places)))


def set_open(view: View, ids: list[str], opens: bool) -> View:
    for id in ids:
        view = toggle(view, id) if (id in view.opened) != opens else view
    return view


def rearrange(event: Event) -> None:
    desk, place = current(), int(event.value)
    st.session_state["side/moved"] = True
    words = {"at": "", "pair": ""}
    other = place + {"left": -1, "right": 1, "remove": 0}[event.type]
    if not (0 <= place < len(desk.bench) and 0 <= other < len(desk.bench)):
        return  # the picture that was clicked was older than the bench
    if event.type == "remove":
        go(desk.taken(place).said(words))
        return
    bench = list(desk.bench)
    bench[place], bench[other] = bench[other], bench[place]
    go(replace(desk, bench=tuple(bench)).said(words))


def return_to(address: str) -> None:
    """Back and forward: what the address says is what is shown."""
    follow(dict(parse_qsl(address.removeprefix("?"))))
    st.session_state["side/revision"] = st.session_state.get("side/revision", 0) + 1
    st.session_state["side/moved"] = True
