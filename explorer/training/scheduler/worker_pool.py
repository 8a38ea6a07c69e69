"""The workers that runs share, our own or those of a Dask cluster: which are free, and what is sent to them."""

from __future__ import annotations

import concurrent.futures
import logging
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.hardware import count_cores
from explorer.training.scheduler.worker_process import WorkerProcess
from explorer.training.scheduler.worker_task import SliceOrder, forget_session, train_slice

if TYPE_CHECKING:  # `distributed` is loaded when the first run starts, not when the app does
    from distributed import Client, Future, LocalCluster


ADDRESS = "DASK_SCHEDULER_ADDRESS"
EARLY_END = 20.0  # seconds: a worker that ends sooner after its start has not come up

IDLE = 900.0  # seconds after which workers without work are let go
LEAST = 2  # workers that start with the first run: more are likely to follow


class PendingResult(concurrent.futures.Future[Any]):
    """What a worker will send back. It is waited for in a thread of its own: a network may take its time."""

    def __init__(self, remote: Future) -> None:
        super().__init__()
        self.remote = remote
        threading.Thread(target=self.wait, name="pending result", daemon=True).start()

    def wait(self) -> None:
        try:
            self.set_result(self.remote.result())
        except BaseException as error:  # the function stumbled, the worker ended, or the connection to it
            self.set_exception(error)

    def take(self) -> Any:
        """What came; None where nothing did, and then nothing will."""
        if self.done() and not self.exception():
            return self.result()
        with suppress(Exception):  # where there is no connection there is nothing to cancel
            self.remote.cancel()
        return None


class Cluster:
    """What it takes to talk to a Dask scheduler."""

    def __init__(self) -> None:
        self.client: Client | None = None
        self.trouble = ""  # a sentence while nothing can be trained
        self.closed = False
        self.starting: threading.Thread | None = None

    def want(self, count: int) -> None:
        """So many workers are of use now; those that ended are replaced. 0: none need wait for work.

        Returns at once; what is slow goes on beside it.
        """
        raise NotImplementedError

    def start(self) -> None:
        if not self.client and not self.closed and not (self.starting and self.starting.is_alive()):
            self.starting = threading.Thread(target=self.connect, name="cluster start", daemon=True)
            self.starting.start()

    def connect(self) -> None:
        raise NotImplementedError

    def workers(self) -> dict[str, int]:
        """Address and threads of each; none until the first has come up."""
        if not self.client:
            return {}
        with suppress(Exception):  # every kind of broken connection
            found: Any = self.client.nthreads() if self.client.status == "running" else None
            return dict(found)
        self.disconnect()  # the next start makes a new one
        return {}

    def submit(self, worker: str | None, function: Callable[..., Any], *arguments: Any) -> PendingResult:
        """It runs there or, if that worker ends first, never; None: where there is little to do, after such tasks."""
        assert self.client
        there = {"workers": [worker], "allow_other_workers": False, "priority": 1} if worker else {}
        return PendingResult(self.client.submit(function, *arguments, pure=False, **there))

    def disconnect(self) -> None:
        client, self.client = self.client, None
        if client:
            threading.Thread(target=close_client, args=(client,), daemon=True).start()

    def close(self) -> None:
        self.closed = True
        self.disconnect()


def choose_cluster() -> Cluster:
    """That of `DASK_SCHEDULER_ADDRESS`, else one of our own."""
    address = os.environ.get(ADDRESS)
    return RemoteCluster(address) if address else EmbeddedCluster()


class RemoteCluster(Cluster):
    """A cluster that others keep up."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def connect(self) -> None:
        from distributed import Client

        try:
            self.client = Client(self.address, timeout=5, set_as_default=False)
            self.trouble = ""
        except (OSError, ValueError):
            self.trouble = f"No Dask scheduler answers at {self.address} ({ADDRESS}): start it, or unset that."
            time.sleep(1)

    def want(self, count: int) -> None:
        self.start()
        if self.client:
            none = f"The Dask cluster at {self.address} has no workers: add one, as the README says."
            self.trouble = "" if self.workers() else none


class EmbeddedCluster(Cluster):
    """A scheduler in this process, and workers in their own."""

    def __init__(self, most: int | None = None) -> None:
        super().__init__()
        self.most = most or count_cores()
        self.port = free_port()
        self.processes: list[WorkerProcess] = []
        self.failed_starts = 0  # workers in a row that did not come up
        self.scheduler: LocalCluster | None = None

    def connect(self) -> None:
        from distributed import Client, LocalCluster

        self.scheduler = self.scheduler or LocalCluster(
            n_workers=0,
            processes=True,
            host="127.0.0.1",
            scheduler_port=self.port,
            silence_logs=logging.ERROR,
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
        )
        self.client = Client(self.scheduler.scheduler_address, set_as_default=False, direct_to_workers=True)

    def want(self, count: int) -> None:
        """The workers start while this process still loads what it needs to lead them."""
        if not count:
            self.kill_workers()
        elif not self.closed:
            self.remove_ended_workers()
            while len(self.processes) < min(count, self.most) and self.failed_starts < 3:
                self.processes.append(WorkerProcess(f"tcp://127.0.0.1:{self.port}"))
            self.start()

    def remove_ended_workers(self) -> None:
        for process in [process for process in self.processes if process.ended()]:
            self.processes.remove(process)
            self.failed_starts = self.failed_starts + 1 if process.age() < EARLY_END else 0
            if self.failed_starts == 3:
                self.trouble = f"No worker comes up, so nothing is trained: {process.last_log_line()}"
            process.close()

    def kill_workers(self) -> None:
        while self.processes:
            self.processes.pop().close()

    def close(self) -> None:
        super().close()
        self.kill_workers()
        if self.scheduler:
            with suppress(Exception):  # it goes with us
                self.scheduler.close(timeout=2)


def close_client(client: Client) -> None:
    with suppress(Exception):  # its scheduler may be gone
        client.close(timeout=2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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
            self.cluster.submit(None, task.function, *task.arguments).add_done_callback(task.take_in)

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
