"""A button that fetches files, and how far that is: one download for all visitors who ask for the same."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from explorer.datasets.download import File, Progress, SharedDownload, SharedDownloads
from explorer.formatting import literal
from explorer.training.runs.pretrained_weights import fetch_weights, published_weights
from explorer.ui.session import show_growing, unbroken

EVERY = 0.5  # seconds between looks at what comes
OFFLINE = ":material/cloud_off:"
KEPT = "What has come is kept, and the next time it goes on from there."
NO_ANSWER = "No answer so far: there may be no network. You can also {}."


@dataclass(frozen=True)
class Fetchable:
    """What a button offers to fetch."""

    title: str
    size: int  # bytes
    files: tuple[File, ...]
    action: Callable[[Progress], None]

    @property
    def key(self) -> str:
        return str(self.files[0].path)


def fetchable_weights(start: str, title: str) -> Fetchable:
    """Of torchvision."""
    weights = published_weights()[start]
    return Fetchable(title, weights.size, (weights.file,), partial(fetch_weights, start))


@st.cache_resource(show_spinner=False)
def shared_downloads() -> SharedDownloads:
    return SharedDownloads()


def fetch_button(wanted: Fetchable) -> bool:
    """Whether it says what becomes of a download. What was fetched is on the page that is then drawn anew."""

    def settled() -> bool:
        found = shared_downloads().find(wanted.key)
        return not found or found.over

    show_growing(partial(draw_download, wanted), settled, EVERY)
    return not settled() or bool(problem_of(wanted))


def draw_download(wanted: Fetchable) -> None:
    found = shared_downloads().find(wanted.key)
    if found and not found.over:
        concerned().add(wanted.key)
        draw_progress(wanted, found)
        return
    begin = unbroken(partial(begin_download, wanted))
    st.button(button_label(wanted), f"fetch/{wanted.key}", on_click=begin, icon=":material/download:", width="stretch")
    if problem := problem_of(wanted):
        st.warning(literal(problem), icon=OFFLINE)


def begin_download(wanted: Fetchable) -> None:
    concerned().add(wanted.key)  # now, for it may fail before it is drawn
    shared_downloads().begin(wanted.key, wanted.size, wanted.action)


def button_label(wanted: Fetchable) -> str:
    here = sum(file.here() for file in wanted.files)
    if 0 < here < wanted.size:
        return f"Get the rest of {wanted.title} ({megabytes(wanted.size - here)})"
    return f"Get {wanted.title} ({megabytes(wanted.size)})"


def megabytes(size: float) -> str:
    """Never on two lines."""
    return f"{size / 1e6:.0f}\u00a0MB"


def draw_progress(wanted: Fetchable, found: SharedDownload) -> None:
    share = min(1.0, found.done / max(1, found.size))
    words = f"{found.done / 1e6:.0f} of {megabytes(found.size)}" if found.answered else "Connecting …"
    st.progress(share, text=f"{literal(wanted.title)}: {words}")
    stop = unbroken(partial(shared_downloads().stop, wanted.key))
    st.button("Stop", f"stop/{wanted.key}", KEPT, on_click=stop, icon=":material/close:", width="stretch")
    if found.late:
        st.warning(literal(NO_ANSWER.format(wanted.files[0].by_hand())), icon=OFFLINE)


def problem_of(wanted: Fetchable) -> str:
    """Why it failed, to those who saw it under way."""
    found = shared_downloads().find(wanted.key)
    return found.problem if found and wanted.key in concerned() else ""


def concerned() -> set[str]:
    """The downloads that this visitor saw under way."""
    return st.session_state.setdefault("downloads", set())
