"""The sidebar: which network, and its knobs."""

from dataclasses import replace
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
            st.button(f"Back to {place.title}", on_click=reset_options, icon=":material/undo:", width="stretch")
        compare(place)


def compare(place: ModelSelection) -> None:
    pressed = st.button("Compare with others", icon=":material/compare_arrows:", width="stretch", help=COMPARE)
    if pressed and put_on_bench(place):
        side_by_side(*st.session_state.desk.bench)


def choose_network(place: ModelSelection) -> None:
    sources = [key for key, source in SOURCES.items() if source.present()]
    remember_option("source", place.source)
    titles = {key: source.title for key, source in SOURCES.items()}
    st.segmented_control(
        *("Networks of", sources),
        format_func=titles.__getitem__,
        key="source",
        required=True,
        on_change=moved_source,
        width="stretch",
    )
    remember_option(name_key := f"{place.source}/name", place.name)
    lesson = place.source == "model_defs"
    label, spell = ("Family", family_label) if lesson else ("Network", str)
    st.selectbox(label, SOURCES[place.source].names(), format_func=spell, key=name_key, on_change=moved_name)
    if lesson:
        presets = [preset.name for preset in CATALOG[place.name].presets]
        remember_option(preset_key := f"{place.name}/preset", place.preset)
        pick = {"key": preset_key, "on_change": moved_preset, "args": (preset_key,)}
        if len(presets) > 6:
            st.selectbox("Preset", presets, **pick)
        else:
            st.pills("Preset", presets, required=True, **pick)


def family_label(name: str) -> str:
    return f"{name} · {CATALOG[name].year}"


def moved_source() -> None:
    go(keep_view(opening(st.session_state.source)))


def moved_name() -> None:
    source = current().source
    go(keep_view(opening(source, st.session_state[f"{source}/name"])))


def moved_preset(key: str) -> None:
    place = current()
    go(keep_view(ModelSelection(place.source, place.name, st.session_state[key])))


def keep_view(place: ModelSelection) -> ModelSelection:
    """How one looks stays when one looks at something else."""
    now = current()
    return replace(place, direction=now.direction, colour=now.colour, repeats=now.repeats, batch=now.batch)


def reset_options() -> None:
    go(replace(current(), changes=()))


def knob(place: ModelSelection, option: Option, value: Any) -> None:
    label = option.label + (" :primary[●]" if option.name in dict(place.changes) else "")
    key = f"{place.source}/{place.name}/{place.preset}/{option.name}"
    if option.length:
        numbers_option(option, label, key, value)
        return
    remember_option(key, value)
    turn = {"key": key, "on_change": option_turned, "args": (option, key), "help": explain_option(option.name)}
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


def numbers_option(option: Option, label: str, key: str, value: tuple[int, ...]) -> None:
    """Several numbers side by side, as the blocks of each stage."""
    assert option.span
    st.markdown(f":small[{label}]", help=explain_option(option.name))
    low, high, step = (int(side) for side in option.span)
    row = st.container(key=f"counts-{option.name}")  # style.css takes the steppers away: there is no room for them
    for index, column in enumerate(row.columns(option.length, gap="xxsmall", wrap=False)):
        remember_option(f"{key}/{index}", value[index])
        column.number_input(
            *(f"{option.label} {index + 1}", low, high),
            step=step,
            key=f"{key}/{index}",
            label_visibility="collapsed",
            on_change=turned_one,
            args=(option, key),
        )


def batch_control(place: ModelSelection) -> None:
    remember_option("batch", place.batch)
    low, high, step = (int(side) for side in BATCH)
    st.number_input("Batch", low, high, step=step, key="batch", on_change=batch_moved, help=explain_option("batch"))


def batch_moved() -> None:
    go(replace(current(), batch=st.session_state.batch))


def option_turned(option: Option, key: str) -> None:
    go(current().turn(option, st.session_state[key]))


def turned_one(option: Option, key: str) -> None:
    go(current().turn(option, tuple(st.session_state[f"{key}/{index}"] for index in range(option.length))))


def remember_option(key: str, value: object) -> None:
    """The place is the truth, the widget shows it."""
    st.session_state[key] = value
