"""What a worker does: it trains one run for about a second, and keeps it alive for the next time."""

import io
import os
import platform
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import torch

from explorer.datasets.registry import load_dataset
from explorer.hardware import fastest_device, processor_model
from explorer.training.engine import Session, Step, train
from explorer.training.plan import parse_plan
from explorer.training.runs.store import Row

MOST_SESSIONS = 8  # sessions a worker keeps; the one that has waited longest goes first
NICENESS = 5  # the pages answer first


@dataclass(frozen=True)
class SliceOrder:
    run: str
    plan: str  # JSON
    at: int  # the step from which to go on
    state: bytes | None  # of the run at that step, where this worker may not have it alive
    seconds: float  # 0: no step at all
    want_state: bool
    last: bool = False  # the session is not needed afterwards


@dataclass(frozen=True)
class SliceResult:
    """What came of an order."""

    rows: tuple[Row, ...] = ()
    at: int = 0
    steps: int = 0  # of the whole run
    seconds: float = 0.0  # of training
    opening: float = 0.0  # seconds until that began
    state: bytes | None = None
    missing: bool = False  # the run is not alive here at the step asked for: send its state
    failure: str = ""
    layers: tuple[str, ...] = ()
    about: tuple[tuple[str, str], ...] = ()


# The runs that are alive in this process, the newest last. A slice takes its own out: while it trains it is nobody
# else's. Threads need no lock, for each of these steps of a dictionary is one.
SESSIONS: dict[str, Session] = {}


def train_slice(order: SliceOrder) -> SliceResult:
    """Every trouble comes back as a sentence."""
    configure_process()
    started = time.perf_counter()
    try:
        session = open_session(order)
        if session is None:
            return SliceResult(at=order.at, missing=True)
        opening = time.perf_counter() - started
        return replace(run_slice(session, order), opening=opening)
    except ValueError as error:
        return SliceResult(at=order.at, failure=str(error))
    except (MemoryError, torch.OutOfMemoryError):
        said = "There is not enough memory for this run: take a smaller batch or network."
        return SliceResult(at=order.at, failure=said)
    except Exception as error:
        return SliceResult(at=order.at, failure=f"Training broke off: {type(error).__name__}: {error}")


def forget_session(run: str) -> None:
    SESSIONS.pop(run, None)


def open_session(order: SliceOrder) -> Session | None:
    """The run at that step: the live one, or one built anew from its state or from the beginning."""
    session = SESSIONS.pop(order.run, None)
    if session and session.step == order.at and order.state is None:
        return session
    if order.state is None and order.at:
        return None
    plan = parse_plan(order.plan)
    session = Session(plan, load_dataset(plan.dataset), fastest_device())
    if order.state:
        session.restore(torch.load(io.BytesIO(order.state), weights_only=True, map_location="cpu"))
    return session


def run_slice(session: Session, order: SliceOrder) -> SliceResult:
    started = time.perf_counter()
    rows: list[Row] = []
    failure = ""
    try:
        for step in limit_seconds(train(session), order.seconds):
            rows.append(step_row(step))
    except ValueError as error:  # the steps before it count
        failure = str(error)
    seconds = time.perf_counter() - started
    done = bool(failure) or session.step >= session.length
    state = pack_state(session) if (order.want_state or done) and not failure else None
    if not (done or order.last):
        SESSIONS[order.run] = session
        for run in list(SESSIONS)[:-MOST_SESSIONS]:
            SESSIONS.pop(run, None)
    return SliceResult(
        rows=tuple(rows),
        at=session.step,
        steps=session.length,
        seconds=seconds,
        state=state,
        failure=failure,
        layers=session.layers,
        about=describe_machine(),
    )


def limit_seconds(steps: Iterator[Step], seconds: float) -> Iterator[Step]:
    """At least one step, unless there is no time at all."""
    end = time.perf_counter() + seconds
    for step in steps if seconds else ():
        yield step
        if time.perf_counter() >= end:
            return


def step_row(step: Step) -> Row:
    test_loss, test_error = (step.test.loss, step.test.error) if step.test else (None, None)
    norms = np.array(step.norms, dtype="<f4").tobytes()
    return step.step, step.loss, step.error, step.rate, step.images_per_second, test_loss, test_error, norms


def pack_state(session: Session) -> bytes:
    buffer = io.BytesIO()
    torch.save(session.state(), buffer)
    return buffer.getvalue()


@cache
def configure_process() -> None:
    """Small networks gain next to nothing from a second thread: one each, side by side."""
    torch.set_num_threads(1)
    with suppress(AttributeError, OSError):
        os.nice(NICENESS)


@cache
def describe_machine() -> tuple[tuple[str, str], ...]:
    """Machine and versions."""
    where = torch.cuda.get_device_name() if fastest_device() == "cuda" else processor_model()
    return (("machine", where), ("python", platform.python_version()), ("torch", torch.__version__))
