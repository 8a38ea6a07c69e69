"""One process that measures a set of networks, and what it says of them, put into the store as it comes."""

import secrets
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from explorer.compare.offers import name_of
from explorer.compare.timing import Roof, Setup, Speed, Timing
from explorer.compare.timing_store import Measurements
from explorer.compare.work import macs_shares, time_shares, touched_numbers
from explorer.places import ModelSelection
from explorer.specs import Handed
from explorer.subprocess_client import ProcessEnded, SubprocessClient
from explorer.tracing import graph_of

WORKER = "explorer.compare.timing_worker"
START = 3.0  # seconds until a process is ready
INSIDE = {0: 0.0, 1: 0.25, 8: 0.45, 32: 0.95}  # of a network's time, by the batch measured last
SILENT = 600.0  # seconds without an answer, after which a network is given up


@dataclass(frozen=True)
class Wanted:
    """A set to be measured."""

    places: tuple[ModelSelection, ...]
    setup: Setup
    pace: float = 1.0  # times as long for each figure as it usually takes; more than one: long batches, too


@dataclass(eq=False)
class Job:
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


class Session:
    """One process, and what it says of the networks it was given."""

    def __init__(self, job: Job, todo: list[tuple[int, Handed]], store: Measurements) -> None:
        self.job, self.todo, self.store = job, todo, store
        self.setup, self.done = job.wanted.setup, 0  # `done`: networks that need no other process
        threads = str(self.setup.threads)
        self.worker = SubprocessClient(WORKER, {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads})
        self.machine: dict[str, Any] = {}
        self.timings: list[dict[str, Any]] = []
        self.notes: list[str] = []

    def run(self) -> None:
        try:
            self.worker.ask(self.question())
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

    def question(self) -> dict[str, Any]:
        setup = (self.setup.device, self.setup.precision, self.setup.threads)
        networks = [network for _, network in self.todo]
        return {"setup": setup, "pace": self.job.wanted.pace, "networks": networks}

    @property
    def place(self) -> ModelSelection:
        return self.job.wanted.places[self.todo[self.done][0]]

    def failed(self, why: str) -> None:
        if self.done < len(self.todo):
            self.job.problems = (*self.job.problems, f"{name_of(self.place)}: {why}")
            self.next()

    def next(self) -> None:
        self.done += 1
        coming = self.todo[self.done][0] if self.done < len(self.todo) else self.todo[-1][0] + 1
        self.job.at, self.job.batch = coming, 0
        self.timings, self.notes = [], []

    def keep_roof(self, said: dict[str, Any]) -> None:
        self.machine, self.job.load, self.job.measured_machine = said, said["load"], True
        rates = (said["matmul"], said["convolution"], said["bandwidth"])
        self.store.add(Roof(self.setup, said["name"], said["torch"], now(), *rates))

    def keep(self, said: dict[str, Any]) -> None:
        graph = graph_of(self.place.spec)
        self.store.add(
            Speed(
                *(self.place.spec, name_of(self.place), self.setup, self.machine["name"], self.machine["torch"], now()),
                macs=graph.macs,
                params=graph.params,
                touched=touched_numbers(graph),
                timings=tuple(timing(each, said["before"]) for each in self.timings),
                work=by_size(macs_shares(graph)),
                shares=by_size(time_shares(graph, said["layers"])),
                notes=tuple(self.notes),
            )
        )


def by_size(shares: dict[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(shares.items(), key=lambda share: -share[1]))


def timing(found: dict[str, Any], before: int) -> Timing:
    values = {name: value for name, value in found.items() if name != "peak"}
    return Timing(**values, memory=max(0, found["peak"] - before))


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
