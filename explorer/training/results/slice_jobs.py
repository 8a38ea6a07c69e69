"""Slices of the loss as jobs on the workers of training: queued, measured point by point, stopped, gone on with, kept.

Points are short tasks of about a second, done between two slices of training, so neither waits long for the other; who
asks for a task has it done again elsewhere where a worker ends. What came is written down each time: a job that was
stopped, or whose server was, goes on with the points that are missing.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from threading import RLock
from typing import Any

from explorer.paths import ASSETS, written_whole
from explorer.training.results.loss_slice import LossSlice
from explorer.training.results.predictions import Intake
from explorer.training.results.weight_space import (
    DRAWINGS,
    LINE,
    PICTURES,
    PLANE,
    TRAJECTORY,
    Point,
    PointsFound,
    PointsOrder,
    SliceFacts,
    SliceKey,
    measure_points,
)

RECORDED = ASSETS / "loss_slices.json"
SECONDS = 0.8  # that a task takes
FIRST, AT_ONCE = 4, 64  # points in it: before it is known how long one takes, and at most
PAIR = 2  # slices that grow side by side
ATTEMPTS = 3  # tasks in a row that may come to nothing
POINTS = tuple(dict.fromkeys((*LINE, *PLANE)))
INFINITE = "no finite number"
KEPT = 200  # jobs whose end is remembered

Ask = Callable[..., Future[PointsFound]]


@dataclass(frozen=True)
class SliceSource:
    """What it takes to measure one."""

    key: SliceKey
    plan: str  # JSON
    intake: Intake | None  # where the pictures are drawn
    state: Callable[[], bytes]  # the checkpoint; raises `ValueError` with a sentence


@dataclass(frozen=True)
class SliceStatus:
    state: str = ""  # queued, running, stopped, failed; empty: nothing is to be done
    ahead: int = 0  # jobs before it
    seconds_left: float | None = None
    message: str = ""  # why it failed


@dataclass(eq=False)
class SliceJob:
    """Under way, or remembered for how it ended."""

    source: SliceSource
    todo: list[Point]  # those to send next, first first
    sent: set[Point] = field(default_factory=set)
    packed: bytes = b""  # the checkpoint, while it is under way
    lacking: int = PAIR  # workers that have yet to get that
    tasks: int = 0  # under way
    state: str = "queued"
    message: str = ""
    failures: int = 0  # in a row
    pace: float | None = None  # seconds a point

    @property
    def under_way(self) -> bool:
        return self.state in ("queued", "running")

    def end(self, state: str, message: str = "") -> None:
        self.state, self.message, self.packed, self.todo = state, message, b"", []


class LossSlices:
    """The server's own. Safe to use from any thread; outlives pages and tabs."""

    def __init__(self, ask: Ask, folder: Path, slots: int) -> None:
        """`ask` has a worker do something; `slots`: tasks that are of use at the same time."""
        self.ask, self.folder, self.slots = ask, folder, max(PAIR, slots)
        self.guard = RLock()
        self.slices: dict[SliceKey, LossSlice] = {}
        self.jobs: dict[SliceKey, SliceJob] = {}

    def found(self, key: SliceKey) -> LossSlice:
        """What is known of it: recorded, measured before, or nothing yet."""
        with self.guard:
            if key not in self.slices:
                self.slices[key] = recorded_slice(key) or read_slice(self.file_of(key), key) or LossSlice(key)
            return self.slices[key]

    def want(self, source: SliceSource, plane: bool) -> None:
        """Has the line measured, and the plane after it; comes back at once, or after loading the weights."""
        key = source.key
        missing = [point for point in points_of(key, plane) if point not in self.found(key).losses]
        with self.guard:
            job = self.jobs.get(key)
            if job and job.under_way:
                known = {*job.todo, *job.sent}
                job.todo += [point for point in missing if point not in known]
            elif missing:
                self.jobs.pop(key, None)  # to the end of the queue
                self.jobs[key] = SliceJob(source, missing)
        self.send_tasks()

    def stop(self, keys: Iterable[SliceKey]) -> None:
        """What was measured stays; what is under way comes in within a second."""
        with self.guard:
            for job in filter(None, map(self.jobs.get, keys)):
                if job.under_way:
                    job.end("stopped")
        self.send_tasks()

    def status(self, key: SliceKey) -> SliceStatus:
        with self.guard:
            job = self.jobs.get(key)
            if not job or job.state == "done":
                return SliceStatus()
            queue = [each for each in self.jobs.values() if each.under_way]
            ahead = max(0, queue.index(job) + 1 - PAIR) if job in queue else 0
            left = job.pace and job.pace * (len(job.todo) + len(job.sent)) / (self.slots if len(queue) == 1 else 1)
            return SliceStatus(job.state, ahead, left if job.under_way else None, job.message)

    # Tasks

    def send_tasks(self) -> None:
        """As many as there are workers for: the first two jobs in turn."""
        while chosen := self.next_task():
            job, order = chosen
            try:
                answer = self.ask(measure_points, order)
            except ValueError as error:
                with self.guard:
                    job.tasks, job.sent = job.tasks - 1, job.sent - {*order.points}
                    job.end("failed", str(error))
                continue
            answer.add_done_callback(lambda answer, job=job, order=order: self.take_in(job, order, answer))

    def next_task(self) -> tuple[SliceJob, PointsOrder] | None:
        with self.guard:
            under_way = [job for job in self.jobs.values() if job.under_way][:PAIR]
            waiting = [job for job in under_way if job.todo]
            if not waiting or sum(job.tasks for job in self.jobs.values()) >= self.slots:
                return None
            job = min(waiting, key=lambda job: job.tasks)
            try:
                job.packed = job.packed or job.source.state()
            except ValueError as error:
                job.end("failed", str(error))
                return self.next_task()
            # No more than it gets done, so that those next to the centre come first.
            most = min(max(1, round(SECONDS / job.pace)), AT_ONCE) if job.pace else FIRST
            points, job.todo = tuple(job.todo[:most]), job.todo[most:]
            job.state, job.tasks, job.sent = "running", job.tasks + 1, job.sent | {*points}
            state, job.lacking = (job.packed if job.lacking else None), max(0, job.lacking - 1)
            source = job.source
            return job, PointsOrder(source.key, source.plan, source.intake, state, points, SECONDS)

    def take_in(self, job: SliceJob, order: PointsOrder, answer: Future[PointsFound]) -> None:
        """In the thread that heard of it."""
        error = answer.exception()
        found = answer.result() if error is None else PointsFound()
        with self.guard:
            job.tasks, job.sent = job.tasks - 1, job.sent - {*order.points}
            self.keep(order.key, found)
            if job.under_way:
                missing = [point for point in order.points if point not in self.slices[order.key].losses]
                job.todo = [*missing, *job.todo]
                self.judge(job, found, "" if error is None else str(error))
        self.send_tasks()

    def judge(self, job: SliceJob, found: PointsFound, error: str) -> None:
        """How the job stands after a task."""
        if found.losses:
            job.pace, job.failures = found.seconds / len(found.losses), 0
        job.lacking += found.missing or bool(error)
        job.failures += bool(error)
        if found.failure or job.failures >= ATTEMPTS:
            job.end("failed", found.failure or error)
        elif not job.todo and not job.sent:
            job.end("done")
        if len(self.jobs) > KEPT:
            self.jobs = {key: each for key, each in self.jobs.items() if each.under_way or each is job}

    # What is kept

    def keep(self, key: SliceKey, found: PointsFound) -> None:
        if not found.losses:
            return
        before = self.found(key)
        self.slices[key] = replace(before, losses={**before.losses, **dict(found.losses)}, facts=found.facts)
        try:
            with written_whole(self.file_of(key)) as draft:
                draft.write_text(json.dumps(plain_slice(self.slices[key])), encoding="utf-8")
        except OSError:  # a full disk: it lives on in memory
            return

    def file_of(self, key: SliceKey) -> Path:
        return self.folder / f"{sha256(repr((key, PICTURES)).encode()).hexdigest()[:16]}.json"


def points_of(key: SliceKey, plane: bool) -> tuple[Point, ...]:
    """What is to be measured, first first: of the training's own directions only the plane is shown."""
    return PLANE if key.seed == TRAJECTORY else POINTS if plane else LINE


def plain_slice(found: LossSlice) -> dict[str, Any]:
    """As JSON has it: the losses in the order of the points; null for what is not known."""
    losses = [shortened(found.losses[point], point) if point in found.losses else None for point in POINTS]
    return {"key": asdict(found.key), "facts": asdict(found.facts) if found.facts else None, "losses": losses}


def shortened(loss: float | None, point: Point) -> float | str:
    """Nine digits hold a number of 32 bits as it is; six are more than a chart shows."""
    return INFINITE if loss is None else float(f"{loss:.{9 if point == (0, 0) else 6}g}")


def parse_slice(plain: Mapping[str, Any]) -> LossSlice:
    """What `plain_slice` wrote. Raises `ValueError`, `KeyError` or `TypeError` for anything else."""
    told = [(point, loss) for point, loss in zip(POINTS, plain["losses"], strict=True) if loss is not None]
    losses = {point: None if loss == INFINITE else float(loss) for point, loss in told}
    facts = SliceFacts(**plain["facts"]) if plain["facts"] else None
    if facts:  # JSON knows lists alone
        facts = replace(facts, way=tuple((step, x, y) for step, x, y in facts.way), shares=tuple(facts.shares))
    return LossSlice(SliceKey(**plain["key"]), losses, facts)


def read_slice(file: Path, key: SliceKey) -> LossSlice | None:
    """None where there is none, or none that can be read: then it is measured anew."""
    try:
        found = parse_slice(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if found.key == key else None


@lru_cache(maxsize=1)
def recorded_slices() -> Mapping[tuple[str, int], LossSlice]:
    """Those that ship, by the SHA-256 of the weights and the seed; none where the file is missing or damaged."""
    try:
        plain = json.loads(RECORDED.read_text(encoding="utf-8"))
        found = [replace(parse_slice(each), recorded=plain["made"]) for each in plain["slices"]]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {(each.key.weights, each.key.seed): each for each in found}


def recorded_slice(key: SliceKey) -> LossSlice | None:
    found = recorded_slices().get((key.weights, key.seed))
    return replace(found, key=key) if found else None


def slice_provenance(name: str, found: LossSlice) -> str:
    """When, where and on what it was measured; empty before anything was."""
    facts = found.facts
    if not facts:
        return ""
    how = f"recorded on {found.recorded[:10]}" if found.recorded else "measured here"
    what = f"{facts.pictures} test pictures of {facts.data}" if facts.data != DRAWINGS else f"{facts.pictures} drawings"
    where = "directions of its training" if found.key.seed == TRAJECTORY else f"directions of seed {found.key.seed}"
    return f"{name}: {how}, {what}, {where}, fp32, torch {facts.torch}, {facts.machine}."
