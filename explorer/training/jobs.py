"""What visitors may do with runs: start, pause, go on, stop, do again, delete. All of them share one set of workers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLong
from contextlib import suppress
from functools import cache
from typing import Any

from filelock import FileLock, Timeout

from explorer.paths import data_folder
from explorer.training.cluster import Cluster, cluster
from explorer.training.conductor import Conductor, Outlook
from explorer.training.plan import Plan, parse
from explorer.training.starts import starting_state
from explorer.training.store import Run, Store, fresh, now
from explorer.training.workshop import ShortTask

PATIENCE = 15.0  # seconds to wait for the conductor


class Jobs:
    """One for every data folder. May be called from any thread; troubles are `ValueError`s with a sentence."""

    def __init__(self, store: Store, make_cluster: Callable[[], Cluster] = cluster) -> None:
        self.store, self.make_cluster = store, make_cluster
        self.lock = FileLock(store.file.parent / "trainer.lock", thread_local=False)
        self.conductor: Conductor | None = None
        self.starting = threading.Lock()
        self.lead()

    def submit(self, name: str, plans: Sequence[tuple[str, Plan]]) -> tuple[str, ...]:
        """Ids of new runs in the queue, one for every title and plan, as one experiment."""
        return self.enter(name, fresh(), [(title, plan.json()) for title, plan in plans])

    def again(self, run: str, seed: int) -> str:
        """The id of a new run of the same experiment that differs in its seed alone."""
        old = self.store.run(run)
        plan = json.loads(old.plan)
        plan["recipe"]["seed"] = seed
        return self.enter(old.name, old.experiment, [(old.title, json.dumps(plan, ensure_ascii=False))])[0]

    def enter(self, name: str, experiment: str, plans: Sequence[tuple[str, str]]) -> tuple[str, ...]:
        runs = [Run(fresh(), now(), experiment, name, title, plan) for title, plan in plans]
        origins = {run.id: parse(run.plan).start for run in runs}
        states = {origin: starting_state(origin, self.store) for origin in {*origins.values()} - {""}}

        def task(conductor: Conductor) -> None:
            conductor.enter(runs)
            for run, origin in origins.items():
                if origin:
                    conductor.jobs[run].begin(states[origin])

        self.ask(task)
        return tuple(run.id for run in runs)

    def pause(self, runs: Sequence[str]) -> None:
        self.ask(lambda conductor: conductor.end(runs, "paused"))

    def stop(self, runs: Sequence[str]) -> None:
        self.ask(lambda conductor: conductor.end(runs, "stopped"))

    def go_on(self, runs: Sequence[str]) -> None:
        """From the last checkpoint of each that is paused, stopped or interrupted."""
        self.ask(lambda conductor: conductor.take_up(runs))

    def delete(self, runs: Sequence[str]) -> None:
        self.ask(lambda conductor: conductor.drop(runs))

    def outlook(self) -> Outlook:
        """Whose turn it is, and how long it takes."""
        return self.conductor.outlook if self.conductor else Outlook()

    def errand(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """What a worker answers, as a future. Its troubles are `ValueError`s with a sentence."""
        task = ShortTask(function, arguments, Future())
        self.ask(lambda conductor: conductor.short_tasks.append(task))
        return task.answer

    def warm(self) -> None:
        """Workers are likely to be needed soon. Returns at once."""
        if self.lead() and self.conductor:
            self.conductor.put(self.conductor.ready)

    def lead(self) -> bool:
        """Whether it is this server that trains; another one with the same folder may."""
        with self.starting:
            if not self.conductor and self.take_lock():
                self.store.interrupt()
                self.conductor = Conductor(self.store, self.make_cluster)
            return self.conductor is not None

    def take_lock(self) -> bool:
        """Whether it is ours now, or was before. It ends with the process, however that ends."""
        with suppress(Timeout):
            self.lock.acquire(timeout=0)
        return self.lock.is_locked

    def ask(self, task: Callable[[Conductor], Any]) -> None:
        """Done when it returns."""
        if not self.lead() or not self.conductor:
            folder = self.store.file.parent
            raise ValueError(f"Another server trains with {folder}: use that one, or set EXPLORER_DATA for this one.")
        conductor, answer = self.conductor, Future[Any]()

        def run() -> None:
            try:
                answer.set_result(task(conductor))
            except ValueError as error:
                answer.set_exception(error)

        conductor.put(run)
        try:
            answer.result(timeout=PATIENCE)
        except TooLong:
            raise ValueError("Training does not answer just now: try again in a moment.") from None

    def close(self) -> None:
        """As when the server ends: what is under way will be interrupted."""
        if self.conductor:
            self.conductor.close()
            self.conductor = None
        self.lock.release()


@cache
def jobs() -> Jobs:
    """Those of this server."""
    return Jobs(Store(data_folder()))
