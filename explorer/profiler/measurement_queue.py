"""Sets of networks waiting to be measured, one for the whole server at a time, each in a process of its own."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from explorer.analysis.stage_costs import macs_shares, time_shares, touched_numbers
from explorer.background import BackgroundCache
from explorer.models.names import selection_name
from explorer.models.selection import ModelSelection
from explorer.models.spec import Handed, hand_over
from explorer.profiler.measurements import Measurements, MeasurementTrouble, Roof, Setup, Speed, Timing, measurements
from explorer.subprocess_client import ProcessEnded, SubprocessClient
from explorer.tracing.tracer import graph_of

MOST = 40  # networks in a set
WAITING = 8  # sets in the queue

WORKER = "explorer.profiler.timing_worker"
START = 3.0  # seconds until a process is ready
INSIDE = {0: 0.0, 1: 0.25, 8: 0.45, 32: 0.95}  # of a network's time, by the batch measured last
SILENT = 600.0  # seconds without an answer, after which a network is given up


def weight(place: ModelSelection) -> float:
    """Seconds, more or less: what grows with the MACs is cut off where long batches are left out."""
    try:
        return 4.5 + min(6.0, 1.3e-9 * graph_of(place.spec).macs)
    except Exception:  # it will fail once more where that is told
        return 0.5


@dataclass(frozen=True)
class Wanted:
    """A set to be measured."""

    places: tuple[ModelSelection, ...]
    setup: Setup
    pace: float = 1.0  # times as long for each figure as it usually takes; more than one: long batches, too


@dataclass(eq=False)
class Measurement:
    """One set. Written by the thread that measures, read by everybody."""

    wanted: Wanted
    id: str = field(default_factory=lambda: secrets.token_hex(4))
    state: str = "queued"  # queued, running, done, stopped, failed
    weights: tuple[float, ...] = ()  # seconds that each network may take, on a machine like the author's
    at: int = 0  # networks that are finished
    batch: int = 0  # of the network under way, the batch measured last
    began: float = 0.0  # monotonic
    problems: tuple[str, ...] = ()  # networks that failed, each with the reason
    measured_machine: bool = False
    load: float = 0.0  # of the machine before anything was measured
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def share(self) -> float:
        """Of the work, 0 … 1."""
        at, batch = self.at, self.batch  # the thread that measures moves them on meanwhile
        now = self.weights[at] * INSIDE[batch] if at < len(self.weights) else 0.0
        return (sum(self.weights[:at]) + now) / sum(self.weights) if self.weights else 0.0

    @property
    def seconds_left(self) -> float:
        """By the pace so far; before there is one, by the weights."""
        whole, share, passed = sum(self.weights), self.share, time.monotonic() - self.began - START
        guess = whole * (1 - share)
        return guess if share < 0.05 or passed <= 0 else passed / share * (1 - share)

    @property
    def under_way(self) -> bool:
        return self.state in ("queued", "running")


class MeasurementQueue:
    """The server's own queue. Safe to use from any thread; it outlives pages and tabs."""

    def __init__(self, store: Callable[[], Measurements] = measurements) -> None:
        self.store = store
        self.guard = threading.RLock()
        self.jobs: list[Measurement] = []  # those asked for since nothing was under way, the oldest first
        self.worker: SubprocessClient | None = None
        self.background = BackgroundCache(self.work_off, kept=WAITING, daemon=True)

    def start(self, wanted: Wanted) -> Measurement:
        """Raises `ValueError` with a sentence where the set cannot be queued."""
        if not wanted.places:
            raise ValueError("Choose at least one network to measure.")
        if len(wanted.places) > MOST:
            raise ValueError(f"That is {len(wanted.places)} networks: measure at most {MOST} at once.")
        with self.guard:
            if len(self.queue()) >= WAITING:
                raise ValueError(f"{WAITING} sets wait already: try again when some are measured.")
            if not self.queue():
                self.jobs.clear()
            self.jobs.append(job := Measurement(wanted))
        self.background.want((job,))
        return job

    def stop(self, job: Measurement) -> None:
        """What is measured already stays."""
        job.stop.set()
        with self.guard:
            if job.state == "queued":
                job.state = "stopped"
            elif job.state == "running" and self.worker:
                self.worker.kill()

    def queue(self) -> tuple[Measurement, ...]:
        """What is under way, the running one first."""
        with self.guard:
            return tuple(job for job in self.jobs if job.under_way)

    def latest(self, wanted: Wanted) -> Measurement | None:
        """The newest set under way or over that holds all these networks in that set-up."""
        specs = {place.spec for place in wanted.places}
        with self.guard:
            same = [job for job in self.jobs if job.wanted.setup == wanted.setup]
            return next((job for job in reversed(same) if specs <= {place.spec for place in job.wanted.places}), None)

    def ended(self) -> tuple[Measurement, ...]:
        """What is over, of all that was asked for since nothing was under way."""
        with self.guard:
            return tuple(job for job in self.jobs if not job.under_way)

    def work_off(self, job: Measurement) -> None:
        with self.guard:
            if job.state != "queued":
                return
            job.state, job.began = "running", time.monotonic()
        try:
            self.measure(job)
            job.state = "stopped" if job.stop.is_set() else "done"
        except Exception as error:  # pages look at the job, not at what the background says of it
            said = str(error) if isinstance(error, MeasurementTrouble) else f"The measurement broke off: {error}"
            job.problems, job.state = (*job.problems, said), "failed"

    def measure(self, job: Measurement) -> None:
        """Process after process, should one network take its process along."""
        job.weights = tuple(0.5 if job.stop.is_set() else weight(place) for place in job.wanted.places)
        todo: list[tuple[int, Handed]] = []
        for index, place in enumerate(job.wanted.places):
            try:
                todo.append((index, hand_over(place.spec)))
            except (ValueError, LookupError) as error:
                job.problems = (*job.problems, f"{selection_name(place)}: {error}")
        while todo and not job.stop.is_set():
            session = TimingSession(job, todo, self.store())
            with self.guard:
                self.worker = session.worker
            try:
                session.run()
            finally:
                with self.guard:
                    self.worker = None
                session.worker.end()
            todo = todo[session.done :]
        if not job.stop.is_set():
            job.at = len(job.wanted.places)  # those that were refused, too


@cache
def measurement_queue() -> MeasurementQueue:
    """The server's own."""
    return MeasurementQueue()


class TimingSession:
    """One process, and what it says of the networks it was given."""

    def __init__(self, job: Measurement, todo: list[tuple[int, Handed]], store: Measurements) -> None:
        self.job, self.todo, self.store = job, todo, store
        self.setup, self.done = job.wanted.setup, 0  # `done`: networks that need no other process
        threads = str(self.setup.threads)
        self.worker = SubprocessClient(WORKER, {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads})
        self.machine: dict[str, Any] = {}
        self.timings: list[dict[str, Any]] = []
        self.notes: list[str] = []

    def run(self) -> None:
        try:
            setup = (self.setup.device, self.setup.precision, self.setup.threads)
            networks = [network for _, network in self.todo]
            self.worker.ask({"setup": setup, "pace": self.job.wanted.pace, "networks": networks})
            while not self.job.stop.is_set() and (said := self.worker.answer(SILENT))["what"] != "finished":
                self.hear(said)
        except (ProcessEnded, TimeoutError) as ended:
            if not self.job.stop.is_set():
                silent = isinstance(ended, TimeoutError)
                self.failed("it did not come back" if silent else f"its process ended ({ended})")

    def hear(self, said: dict[str, Any]) -> None:
        match said["what"]:
            case "machine":
                self.keep_roof(said)
            case "timed":
                self.timings.append({"batch": said["batch"]} | said["finding"])
                self.job.batch = said["batch"]
            case "note":
                self.notes.append(said["finding"])
            case "failed":
                self.failed(said["why"])
            case "done":
                self.keep(said)
                self.next()

    @property
    def place(self) -> ModelSelection:
        return self.job.wanted.places[self.todo[self.done][0]]

    def failed(self, why: str) -> None:
        if self.done < len(self.todo):
            self.job.problems = (*self.job.problems, f"{selection_name(self.place)}: {why}")
            self.next()

    def next(self) -> None:
        self.done += 1
        coming = self.todo[self.done][0] if self.done < len(self.todo) else self.todo[-1][0] + 1
        self.job.at, self.job.batch = coming, 0
        self.timings, self.notes = [], []

    def keep_roof(self, said: dict[str, Any]) -> None:
        self.machine, self.job.load, self.job.measured_machine = said, said["load"], True
        rates = (said["matmul"], said["convolution"], said["bandwidth"])
        self.store.add(Roof(self.setup, said["name"], said["torch"], timing_now(), *rates))

    def keep(self, said: dict[str, Any]) -> None:
        graph = graph_of(self.place.spec)
        self.store.add(
            Speed(
                spec=self.place.spec,
                title=selection_name(self.place),
                setup=self.setup,
                machine=self.machine["name"],
                torch=self.machine["torch"],
                made=timing_now(),
                macs=graph.macs,
                params=graph.params,
                touched=touched_numbers(graph),
                timings=tuple(stored_timing(said["before"], **each) for each in self.timings),
                work=by_size(macs_shares(graph)),
                shares=by_size(time_shares(graph, said["layers"])),
                notes=tuple(self.notes),
                uncounted=len(graph.uncounted),
            )
        )


def by_size(shares: dict[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(shares.items(), key=lambda share: -share[1]))


def stored_timing(before: int, peak: int, **found: Any) -> Timing:
    return Timing(**found, memory=max(0, peak - before))


def timing_now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
