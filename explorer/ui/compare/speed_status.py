"""What is being measured now and by whose order it goes on, with a stop for each."""

from collections.abc import Sequence

import streamlit as st

from explorer.compare.offers import name_of
from explorer.compare.timing_jobs import jobs
from explorer.compare.timing_session import Job
from explorer.hardware import count_cores
from explorer.ui.literal import literal

LOADED = 0.5  # programs for each core that wanted it in the minute before: worth a word


def status(waiting: Sequence[Job]) -> None:
    running, *later = waiting
    with st.container(horizontal=True, vertical_alignment="center", key="speed-status"):
        st.progress(min(1.0, running.share), progress_words(running))
        stop(running)
    if running.load > LOADED * count_cores():
        st.warning(
            f"Other programs are busy on this machine: {running.load:.0f} wanted its {count_cores()} cores in the "
            "minute before. The figures will be slower than on a quiet machine.",
            icon=":material/hourglass_top:",
        )
    tell(running.problems)
    for job in later:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Waiting: {len(job.wanted.places)} networks, {job.wanted.setup}")
            stop(job)


def progress_words(job: Job) -> str:
    places = job.wanted.places
    if job.state == "queued" or not job.weights:
        return "Starting …"
    at = job.at  # the thread that measures moves it on meanwhile
    if at >= len(places):
        return "Done."
    doing = literal(name_of(places[at])) if job.measured_machine else "what this machine can do at most"
    left = max(1, round(job.seconds_left))
    time = f"{left} s" if left < 100 else f"{left // 60} min"
    return f"**{at + 1} of {len(places)}** · {doing} · about {time} left"


def stop(job: Job) -> None:
    if st.button("Stop", icon=":material/stop:", key=f"speed/stop/{job.id}", help="What is measured already stays."):
        jobs().stop(job)
        st.rerun()


def ended(jobs: Sequence[Job]) -> None:
    """How the sets came out, where there is something to say."""
    for job in jobs:
        if job.state == "stopped":
            st.caption(f"Stopped after {job.at} of {len(job.wanted.places)} networks. What was measured is kept.")
    tell([problem for job in jobs for problem in job.problems])


def tell(problems: Sequence[str]) -> None:
    """In one box, however many there are."""
    if problems:
        lines = (literal(problem) for problem in dict.fromkeys(problems))
        st.warning("  \n".join(lines), icon=":material/error_outline:")
