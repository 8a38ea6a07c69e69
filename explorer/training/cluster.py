"""Where runs are trained: workers of our own on this computer, or the Dask cluster that one is told of."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from explorer.hardware import count_cores
from explorer.training.workers import Process

if TYPE_CHECKING:  # `distributed` is loaded when the first run starts, not when the app does
    from distributed import Client, Future, LocalCluster

ADDRESS = "DASK_SCHEDULER_ADDRESS"
HASTY = 20.0  # seconds: a worker that ends sooner after its start has not come up


class Cluster(Protocol):
    trouble: str  # a sentence while nothing can be trained

    def want(self, count: int) -> None:
        """So many workers are of use now; those that ended are replaced. 0: none need wait for work.

        Returns at once; what is slow goes on beside it.
        """
        ...

    def workers(self) -> dict[str, int]:
        """Address and threads of each; empty until the first has come up."""
        ...

    def submit(self, worker: str, function: Callable[..., Any], *arguments: Any) -> Future:
        """It runs there or, if that worker ends first, never."""
        ...

    def close(self) -> None: ...


def cluster() -> Cluster:
    """That of `DASK_SCHEDULER_ADDRESS`, else one of our own."""
    address = os.environ.get(ADDRESS)
    return Remote(address) if address else Embedded()


class Connected:
    """What it takes to talk to a scheduler."""

    def __init__(self) -> None:
        self.client: Client | None = None
        self.trouble = ""
        self.closed = False
        self.starting: threading.Thread | None = None

    def start(self) -> None:
        if not self.client and not self.closed and not (self.starting and self.starting.is_alive()):
            self.starting = threading.Thread(target=self.connect, name="cluster start", daemon=True)
            self.starting.start()

    def connect(self) -> None:
        raise NotImplementedError

    def workers(self) -> dict[str, int]:
        if not self.client:
            return {}
        with suppress(Exception):  # every kind of broken connection
            found: Any = self.client.nthreads() if self.client.status == "running" else None
            return dict(found)
        self.hang_up()  # the next start makes a new one
        return {}

    def submit(self, worker: str, function: Callable[..., Any], *arguments: Any) -> Future:
        assert self.client
        return self.client.submit(function, *arguments, pure=False, workers=[worker], allow_other_workers=False)

    def hang_up(self) -> None:
        client, self.client = self.client, None
        if client:
            threading.Thread(target=shut, args=(client,), daemon=True).start()


class Remote(Connected):
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

    def close(self) -> None:
        self.closed = True
        self.hang_up()


class Embedded(Connected):
    """A scheduler in this process, and workers in their own."""

    def __init__(self, most: int | None = None) -> None:
        super().__init__()
        self.most = most or count_cores()
        self.port = free_port()
        self.processes: list[Process] = []
        self.hasty = 0  # workers in a row that did not come up
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
            self.dismiss()
        elif not self.closed:
            self.bury()
            while len(self.processes) < min(count, self.most) and self.hasty < 3:
                self.processes.append(Process(f"tcp://127.0.0.1:{self.port}"))
            self.start()

    def bury(self) -> None:
        for process in [process for process in self.processes if process.ended()]:
            self.processes.remove(process)
            self.hasty = self.hasty + 1 if process.age() < HASTY else 0
            if self.hasty == 3:
                self.trouble = f"No worker comes up, so nothing is trained: {process.last_words()}"
            process.close()

    def dismiss(self) -> None:
        while self.processes:
            self.processes.pop().close()

    def close(self) -> None:
        self.closed = True
        self.dismiss()
        self.hang_up()
        if self.scheduler:
            with suppress(Exception):  # it goes with us
                self.scheduler.close(timeout=2)


def shut(client: Client) -> None:
    with suppress(Exception):  # its scheduler may be gone
        client.close(timeout=2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
