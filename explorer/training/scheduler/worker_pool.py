"""The workers that runs share, our own or those of a Dask cluster: which are free, and what is sent to them."""

from __future__ import annotations

import concurrent.futures
import logging
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from explorer.hardware import count_cores
from explorer.paths import ROOT
from explorer.subprocess_loop import watched_command
from explorer.training.scheduler.worker_task import forget_session

if TYPE_CHECKING:  # `distributed` is loaded when the first run starts, not when the app does
    from distributed import Client, Future, LocalCluster


ADDRESS = "DASK_SCHEDULER_ADDRESS"
EARLY_END = 20.0  # seconds: a worker that ends sooner after its start has not come up

IDLE = 900.0  # seconds after which workers without work are let go
LEAST = 2  # workers that start with the first run: more are likely to follow

PRELOADED = "explorer.training.scheduler.worker_task"  # what a worker needs, before it reports for work
QUIET = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False", "DASK_LOGGING__DISTRIBUTED": "error"}


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
    """The workers of a Dask scheduler, and what it takes to talk to that."""

    def __init__(self) -> None:
        self.client: Client | None = None
        self.trouble = ""  # a sentence while nothing can be trained
        self.closed = False
        self.starting: threading.Thread | None = None
        self.workers: dict[str, int] = {}  # address and threads of each, as of the last look
        self.abandoned: list[tuple[str, PendingResult]] = []  # slices that nobody takes in keep a worker busy

    def want(self, runs: int) -> None:
        """Workers for so many are of use now; those that ended are replaced.

        Returns at once; what is slow goes on beside it.
        """
        raise NotImplementedError

    def release_idle(self) -> None:
        """None need wait for work, if nobody wanted any for a while."""

    def start(self) -> None:
        if not self.client and not self.closed and not (self.starting and self.starting.is_alive()):
            self.starting = threading.Thread(target=self.connect, name="cluster start", daemon=True)
            self.starting.start()

    def connect(self) -> None:
        raise NotImplementedError

    def refresh(self) -> None:
        """Looks which workers there are: none until the first has come up."""
        self.workers = self.connected_workers() if self.client else {}
        self.abandoned = [(worker, slice) for worker, slice in self.abandoned if not self.is_back(worker, slice)]

    def connected_workers(self) -> dict[str, int]:
        with suppress(Exception):  # every kind of broken connection
            found: Any = self.client.nthreads() if self.client and self.client.status == "running" else None
            return dict(found)
        self.disconnect()  # the next start makes a new one
        return {}

    def is_back(self, worker: str | None, pending: PendingResult) -> bool:
        """Or never will be."""
        return pending.done() or worker not in self.workers

    def free(self, busy: Iterable[str | None]) -> list[str]:
        """A worker for every thread that has nothing to do."""
        count = Counter([*busy, *(worker for worker, _ in self.abandoned)])
        return [worker for worker, threads in self.workers.items() for _ in range(threads - count[worker])]

    def submit(self, worker: str | None, function: Callable[..., Any], *arguments: Any) -> PendingResult:
        """It runs there or, if that worker ends first, never; None: where there is little to do, after such tasks."""
        assert self.client
        there = {"workers": [worker], "allow_other_workers": False, "priority": 1} if worker else {}
        return PendingResult(self.client.submit(function, *arguments, pure=False, **there))

    def abandon(self, worker: str | None, pending: PendingResult | None) -> None:
        """A slice ends by itself, and nobody takes it in."""
        if worker and pending:
            self.abandoned.append((worker, pending))

    def forget(self, worker: str | None, run: str) -> None:
        """Where it was alive it need not be any more."""
        if worker in self.workers:
            self.submit(worker, forget_session, run)

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

    def want(self, runs: int) -> None:
        self.start()
        if self.client:
            none = f"The Dask cluster at {self.address} has no workers: add one, as the README says."
            self.trouble = "" if self.connected_workers() else none


class EmbeddedCluster(Cluster):
    """A scheduler in this process, and workers in their own."""

    def __init__(self, most: int | None = None) -> None:
        super().__init__()
        self.most = most or count_cores()
        self.port = 0  # of its scheduler, from the first start on
        self.processes: list[WorkerProcess] = []
        self.used = time.monotonic()  # when workers were last wanted
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

    def want(self, runs: int) -> None:
        """The workers start while this process still loads what it needs to lead them."""
        self.used = time.monotonic()
        if not self.closed:
            self.port = self.port or free_port()
            self.remove_ended_workers()
            while len(self.processes) < min(max(LEAST, runs), self.most) and self.failed_starts < 3:
                self.processes.append(WorkerProcess(f"tcp://127.0.0.1:{self.port}"))
            self.start()

    def release_idle(self) -> None:
        if time.monotonic() - self.used > IDLE:
            self.kill_workers()

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


class WorkerProcess:
    """One worker, with one thread, from its start."""

    def __init__(self, scheduler: str) -> None:
        self.folder = tempfile.mkdtemp(prefix="explorer-worker-")  # empty, and goes with it
        self.started = time.monotonic()
        self.log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed in close
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self.process = subprocess.Popen(
            watched_command(self.folder, *worker_command(scheduler)),
            env=os.environ | QUIET | {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,  # it lives while we hold that open
            stdout=subprocess.DEVNULL,
            stderr=self.log,
            start_new_session=True,  # Control-C is for us alone
        )

    def ended(self) -> bool:
        return self.process.poll() is not None

    def age(self) -> float:
        return time.monotonic() - self.started

    def last_log_line(self) -> str:
        self.log.seek(0)
        lines = self.log.read()[-4000:].strip().splitlines()
        return lines[-1] if lines else f"it ended with code {self.process.returncode}."

    def close(self) -> None:
        if self.process.stdin:
            self.process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=2)
        if not self.ended():
            self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)  # it had no time to, if it was killed
        self.log.close()


def worker_command(scheduler: str) -> list[str]:
    """The module and its arguments: torch is loaded before it reports for work; it listens to this computer only."""
    local = ["--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
    single = ["--no-nanny", "--nthreads", "1", "--memory-limit", "0"]
    ready = ["--preload", PRELOADED, "--death-timeout", "60"]
    return ["distributed.cli.dask_worker", scheduler, *local, *single, *ready]
