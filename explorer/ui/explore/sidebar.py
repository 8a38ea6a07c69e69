"""The sidebar: which network, and its knobs."""

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from explorer.formatting import literal
from explorer.glossary import explain_option
from explorer.models.constructor_options import Option
from explorer.models.selection import BATCH, ModelSelection, opening
from explorer.models.sources import SOURCES
from explorer.models.spec import options, spec_settings
from explorer.ui.compare.page_state import put_on_bench, side_by_side
from explorer.ui.explore.page_state import current, go
from explorer.ui.session import bind_widget, unbroken
from model_defs import CATALOG

COMPARE = "Lays this network, as it stands, beside up to three others: their pictures, costs and what differs."
LAST = ("num_classes", "in_channels")  # asked of every network, and seldom the point


def model_form(alone: bool) -> None:
    """Draws the form; what is turned moves the visitor's place. Where the picture stands alone, only its room."""
    with st.sidebar:
        place = current()
        if alone:
            st.markdown(f":gray[{literal(place.title)}]")
            return
        choose_network(place)
        values = spec_settings(place.spec)
        knobs = options(place.spec)
        for option in knobs:
            if option.name not in LAST:
                knob(place, option, values[option.name])
        with st.expander("Classes, channels, batch"):
            for option in knobs:
                if option.name in LAST:
                    knob(place, option, values[option.name])
            batch_control(place)
        if place.changes:
            st.button(
                f"Back to {place.title}",
                on_click=unbroken(lambda: go(replace(current(), changes=()))),
                icon=":material/undo:",
                width="stretch",
            )
        compare(place)


def compare(place: ModelSelection) -> None:
    pressed = st.button("Compare with others", icon=":material/compare_arrows:", width="stretch", help=COMPARE)
    if pressed and put_on_bench(place):
        side_by_side(*st.session_state.desk.bench)


def choose_network(place: ModelSelection) -> None:
    sources = [key for key, source in SOURCES.items() if source.present()]
    st.pills(
        *("Networks of", sources),
        format_func=lambda source: SOURCES[source].title,
        required=True,
        width="stretch",
        **bind_widget("source", place.source, lambda source: look_at(opening(source))),
    )
    named = bind_widget(f"{place.source}/name", place.name, lambda name: look_at(opening(place.source, name)))
    lesson = place.source == "model_defs"
    source = SOURCES[place.source]
    st.selectbox("Family" if lesson else "Network", source.names(), format_func=source.label, **named)
    if lesson:
        presets = [preset.name for preset in CATALOG[place.name].presets]
        preset_of = partial(ModelSelection, place.source, place.name)
        pick = bind_widget(f"{place.name}/preset", place.preset, lambda one: look_at(preset_of(one)))
        if len(presets) > 6:
            st.selectbox("Preset", presets, **pick)
        else:
            st.pills("Preset", presets, required=True, **pick)


def look_at(place: ModelSelection) -> None:
    """At another network, in the way one looked before."""
    now = current()
    go(replace(place, direction=now.direction, colour=now.colour, repeats=now.repeats, batch=now.batch))


def knob(place: ModelSelection, option: Option, value: Any) -> None:
    label = option.label + (" :primary[●]" if option.name in dict(place.changes) else "")
    if option.length:
        numbers_option(place, option, label, value)
        return
    turn = bind_widget(key_of(place, option), value, partial(turn_knob, place, option))
    turn["help"] = explain_option(option.name)
    if option.choices == (False, True):
        st.toggle(label, **turn)
    elif option.choices:
        if len("".join(map(str, option.choices))) < 26:
            st.segmented_control(label, option.choices, required=True, **turn)
        else:
            st.selectbox(label, option.choices, **turn)
    elif option.span and option.name not in LAST and few(option):
        low, high, step = (int(side) if option.whole else float(side) for side in option.span)
        st.slider(label, low, high, step=step, **turn)
    elif option.span:
        st.number_input(label, int(option.span.low), int(option.span.high), step=int(option.span.step), **turn)


def few(option: Option) -> bool:
    """Whether a slider can hit each value."""
    assert option.span
    low, high, step = option.span
    return (high - low) / step <= 150


def numbers_option(place: ModelSelection, option: Option, label: str, value: tuple[int, ...]) -> None:
    """Several numbers side by side, as the blocks of each stage."""
    assert option.span
    st.markdown(f":small[{label}]", help=None if place.source == "own" else explain_option(option.name))
    low, high, step = (int(side) for side in option.span)
    row = st.container(key=f"counts-{option.name}")  # style.css takes the steppers away: there is no room for them
    for index, column in enumerate(row.columns(option.length, gap="xxsmall", wrap=False)):
        column.number_input(
            *(f"{option.label} {index + 1}", low, high),
            step=step,
            label_visibility="collapsed",
            **bind_widget(
                f"{key_of(place, option)}/{index}", value[index], partial(turn_knob, place, option, index=index)
            ),
        )


def batch_control(place: ModelSelection) -> None:
    told = bind_widget("batch", place.batch, lambda batch: go(replace(current(), batch=batch)))
    low, high, step = (int(side) for side in BATCH)
    st.number_input("Batch", low, high, step=step, help=explain_option("batch"), **told)


def key_of(place: ModelSelection, option: Option) -> str:
    return f"{place.source}/{place.name}/{place.preset}/{option.name}"


def turn_knob(of: ModelSelection, option: Option, value: Any, index: int | None = None) -> None:
    """Of the network that is shown; `index`: one of several numbers. What comes of a knob of another network, from
    before that was, is no choice."""
    now = current()
    if key_of(now, option) != key_of(of, option):
        return
    if index is not None:
        numbers = spec_settings(now.spec)[option.name]
        value = (*numbers[:index], value, *numbers[index + 1 :])
    go(now.turn(option, value))
