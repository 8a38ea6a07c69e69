"""The row above the charts: which networks are measured, how, and the button that starts it."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer.formatting import literal
from explorer.hardware import Device, count_cores, list_devices
from explorer.models.names import offered_networks, selection_name, standard
from explorer.models.selection import ModelSelection, selection_of
from explorer.models.spec import Spec
from explorer.profiler.measurement_queue import MOST, Measurement, Wanted, measurement_queue
from explorer.profiler.measurements import Setup, Speed, first_setup, measurements, usual_setup
from explorer.ui.compare.page_state import mine
from explorer.ui.session import bind_widget, show_growing, unbroken

EVERY = 0.7  # seconds
PRECISIONS = "fp32 is what PyTorch uses by itself; with half the bits there are half the bytes to move."
THREADS = "Of the processor, for one network at a time."
THOROUGH = "Four times as long for each figure, and long batches too: for a quiet machine and a patient person."


def measured_speeds(wanted: Setup) -> tuple[Speed, ...]:
    """Everything measured in this set-up; in the usual one, where nothing was in this. Raises `MeasurementTrouble`."""
    found = measurements().latest()
    setup = wanted if wanted in found else None if measurement_queue().queue() else usual_setup(found)
    return tuple(sorted(found[setup].values(), key=lambda speed: speed.macs)) if setup else ()


def speed_setup(busy: bool) -> Setup:
    """`busy`: something is being measured."""
    with st.container(horizontal=True, vertical_alignment="center", key="speed-setup"):
        button = st.empty()
        with st.popover("Networks", icon=":material/checklist:", width="content"):
            places = choose_networks()
        with st.popover("How", icon=":material/tune:", width="content"):
            setup, pace = choose_setup()
        st.markdown(f":gray[{literal(setup_title(setup))}]")
    start_measuring(button, Wanted(places, setup, pace), "Queue" if busy else "Measure")
    return setup


def choose_networks() -> tuple[ModelSelection, ...]:
    """Ten well-known ones and the bench, unless one chooses."""
    yours = mine()
    known = offered_networks(yours)
    words = {place: word for word, place in known.items()}
    usual_ones = [words[place] for place in (*yours, *standard()) if place in words]
    chosen = st.multiselect(
        *("Networks to measure", list(known)),
        max_selections=MOST,
        placeholder="Type a name",
        width=520,
        help="The lesson's, torchvision's and timm's; what you compare and what you built comes first.",
        **bind_setting("speed/set", usual_ones, lambda words: [word for word in words if word in known]),
    )
    return tuple(known[word] for word in chosen)


def choose_setup() -> tuple[Setup, float]:
    found = {device.key: device for device in list_devices()}
    key = st.segmented_control(
        *("Run on", list(found)),
        format_func=lambda key: found[key].title,
        required=True,
        **bind_setting("speed/device", next(iter(found))),
    )
    device = found[key or "cpu"]
    precision, threads = choose_precision(device), 1
    if device.key == "cpu":
        told = bind_setting("speed/threads", count_cores())
        threads = int(st.number_input("Threads", 1, count_cores(), help=THREADS, disabled=count_cores() == 1, **told))
    thorough = st.toggle("Thorough", help=THOROUGH, **bind_setting("speed/thorough", False))
    return Setup(device.key, precision, threads), 4.0 if thorough else 1.0


def choose_precision(device: Device) -> str:
    told = bind_setting(f"speed/precision/{device.key}", "fp32")
    chosen = st.segmented_control("Numbers", device.precisions, required=True, help=PRECISIONS, **told)
    st.caption(device.helps)
    return chosen or "fp32"


def bind_setting(key: str, usual: Any, still: Callable[[Any], Any] = lambda value: value) -> dict[str, Any]:
    """For one whose value is kept beyond the page: Streamlit forgets what it held once it is no longer shown.

    `still`: what of it can be chosen by now.
    """
    kept = f"{key}/kept"
    value = still(st.session_state.get(kept, usual))
    return bind_widget(key, value, lambda chosen: st.session_state.update({kept: chosen}), tucked=True)


def setup_title(setup: Setup) -> str:
    device = next(device for device in list_devices() if device.key == setup.device)
    threads = f", {setup.threads} thread{'s' if setup.threads > 1 else ''}" if setup.device == "cpu" else ""
    return f"{device.title}{threads}, {setup.precision}; each network on images of its usual size"


def start_measuring(place: DeltaGenerator, wanted: Wanted, deed: str) -> None:
    many = len(wanted.places)
    what = selection_name(wanted.places[0]) if many == 1 else f"{many} networks"
    place.button(
        f"{deed} {what}" if many else deed,
        type="primary",
        icon=":material/timer:",
        disabled=not many,
        help="In a process of its own; one set at a time on this server, in the order they were asked for.",
        on_click=unbroken(queue_networks),  # not after it: who leaves the page at once has pressed all the same
        args=(wanted,),
    )


def queue_networks(wanted: Wanted) -> None:
    try:
        measurement_queue().start(wanted)
    except ValueError as error:
        st.toast(literal(str(error)))


def measure_asked(specs: tuple[Spec, ...]) -> None:
    """What a lesson asks of networks that nobody has measured here: begun at once, and once only, with how far it is.
    Then the page runs once more."""
    wanted = Wanted(tuple(map(selection_of, specs)), first_setup())
    if not measurement_queue().latest(wanted):
        queue_networks(wanted)

    def settled() -> bool:
        job = measurement_queue().latest(wanted)
        return not (job and job.under_way)

    show_growing(partial(draw_asked, wanted), settled, EVERY)


def draw_asked(wanted: Wanted) -> None:
    job = measurement_queue().latest(wanted)
    if job and job.under_way:
        st.progress(min(1.0, job.share), asked_words(job))
        stop = unbroken(partial(measurement_queue().stop, job))
        st.button(
            "Stop", key="asked/stop", icon=":material/stop:", help="What is measured already stays.", on_click=stop
        )
        return
    for problem in job.problems if job else ():
        st.warning(literal(problem), icon=":material/error_outline:")
    begin = unbroken(partial(queue_networks, wanted))
    st.button("Measure it here", key="asked/measure", icon=":material/timer:", on_click=begin)


def asked_words(job: Measurement) -> str:
    if job.state == "queued":
        return "It is measured on this machine once what is being measured now is done."
    left = f" · about {max(1, round(job.seconds_left))} s left" if job.weights else ""
    return f"It is being measured on this machine{left}"
