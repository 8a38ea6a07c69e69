"""The workers that runs share: which of them are free, and what is sent to them."""

from __future__ import annotations

import concurrent.futures
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from explorer.training.cluster import Cluster, PendingResult
from explorer.training.slices import SliceOrder, forget_session, train_slice

IDLE = 900.0  # seconds after which workers without work are let go
LEAST = 2  # workers that start with the first run: more are likely to follow


@dataclass(eq=False)
class ShortTask:
    """Something for any worker that has nothing to do with training; it is done between two slices."""

    function: Callable[..., Any]  # found by its name in the worker
    arguments: tuple[Any, ...]
    answer: concurrent.futures.Future[Any]
    sent: bool = False

    def take_in(self, found: concurrent.futures.Future[Any]) -> None:
        error = found.exception()
        if error is None:
            self.answer.set_result(found.result())
            return
        if not isinstance(error, ValueError):  # the function stumbled, or the connection: there is a page that waits
            error = ValueError(f"A worker could not do this ({type(error).__name__}): try again.")
        self.answer.set_exception(error)


class WorkerPool:
    """`arrived` is called, from any thread, when a slice has come back."""

    def __init__(self, make_cluster: Callable[[], Cluster], arrived: Callable[[], None]) -> None:
        self.make_cluster, self.arrived = make_cluster, arrived
        self.cluster: Cluster | None = None
        self.workers: dict[str, int] = {}  # with their threads, as of the last look
        self.abandoned: list[tuple[str, PendingResult]] = []  # slices that nobody takes in keep a worker busy
        self.used = time.monotonic()

    @property
    def slots(self) -> int:
        return sum(self.workers.values())

    @property
    def trouble(self) -> str:
        return self.cluster.trouble if self.cluster else ""

    def refresh(self) -> None:
        self.workers = self.cluster.workers() if self.cluster else {}
        self.abandoned = [(worker, slice) for worker, slice in self.abandoned if not self.is_back(worker, slice)]

    def is_back(self, worker: str | None, pending: PendingResult) -> bool:
        """Or never will be."""
        return pending.done() or worker not in self.workers

    def want(self, runs: int) -> None:
        """Workers for so many."""
        self.used = time.monotonic()
        self.cluster = self.cluster or self.make_cluster()
        self.cluster.want(max(LEAST, runs))

    def release_idle(self) -> None:
        if self.cluster and time.monotonic() - self.used > IDLE:
            self.cluster.want(0)

    def free(self, busy: Iterable[str | None]) -> list[str]:
        """A worker for every thread that has nothing to do."""
        count = Counter([*busy, *(worker for worker, _ in self.abandoned)])
        return [worker for worker, threads in self.workers.items() for _ in range(threads - count[worker])]

    def send(self, worker: str, order: SliceOrder) -> PendingResult:
        assert self.cluster
        pending = self.cluster.submit(worker, train_slice, order)
        pending.add_done_callback(lambda _: self.arrived())
        return pending

    def run(self, task: ShortTask) -> None:
        """As soon as there is somebody to ask."""
        if self.cluster and self.cluster.client and not task.sent:
            task.sent = True
            self.cluster.submit_to_any(task.function, *task.arguments).add_done_callback(task.take_in)

    def abandon(self, worker: str | None, pending: PendingResult | None) -> None:
        """A slice ends by itself, and nobody takes it in."""
        if worker and pending:
            self.abandoned.append((worker, pending))

    def forget(self, worker: str | None, run: str) -> None:
        """Where it was alive it need not be any more."""
        if self.cluster and worker in self.workers:
            self.cluster.submit(worker, forget_session, run)

    def close(self) -> None:
        if self.cluster:
            self.cluster.close()
