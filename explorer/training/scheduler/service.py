"""What visitors may do with runs: start, pause, go on, stop, do again, delete. All of them share one set of workers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import cache
from typing import Any

from filelock import FileLock, Timeout

from explorer.paths import data_folder
from explorer.training.plan import Plan, parse_plan
from explorer.training.runs.pretrained_weights import starting_state
from explorer.training.runs.store import Run, Store, fresh_id, timestamp
from explorer.training.scheduler.scheduler import QueueStatus, Scheduler, ShortTask
from explorer.training.scheduler.worker_pool import Cluster, choose_cluster

LONGEST_ANSWER = 15.0  # seconds to wait for the scheduler


class TrainingService:
    """One for every data folder. May be called from any thread; troubles are `ValueError`s with a sentence."""

    def __init__(self, store: Store, make_cluster: Callable[[], Cluster] = choose_cluster) -> None:
        self.store, self.make_cluster = store, make_cluster
        self.lock = FileLock(store.file.parent / "trainer.lock", thread_local=False)
        self.scheduler: Scheduler | None = None
        self.starting = threading.Lock()
        self.lead()

    def submit(self, name: str, plans: Sequence[tuple[str, Plan]]) -> tuple[str, ...]:
        """Ids of new runs in the queue, one for every title and plan, as one experiment."""
        return self.enter(name, fresh_id(), [(title, plan.json()) for title, plan in plans])

    def again(self, run: str, seed: int) -> str:
        """The id of a new run of the same experiment that differs in its seed alone."""
        old = self.store.run(run)
        plan = json.loads(old.plan)
        plan["recipe"]["seed"] = seed
        return self.enter(old.name, old.experiment, [(old.title, json.dumps(plan, ensure_ascii=False))])[0]

    def enter(self, name: str, experiment: str, plans: Sequence[tuple[str, str]]) -> tuple[str, ...]:
        runs = [Run(fresh_id(), timestamp(), experiment, name, title, plan) for title, plan in plans]
        origins = {run.id: parse_plan(run.plan).start for run in runs}
        states = {origin: starting_state(origin, self.store) for origin in {*origins.values()} - {""}}

        def task(scheduler: Scheduler) -> None:
            scheduler.add_runs(runs)
            for run, origin in origins.items():
                if origin:
                    scheduler.jobs[run].start_from(states[origin])

        self.ask_scheduler(task)
        return tuple(run.id for run in runs)

    def pause(self, runs: Sequence[str]) -> None:
        self.ask_scheduler(lambda scheduler: scheduler.end_runs(runs, "paused"))

    def stop(self, runs: Sequence[str]) -> None:
        self.ask_scheduler(lambda scheduler: scheduler.end_runs(runs, "stopped"))

    def go_on(self, runs: Sequence[str]) -> None:
        """From the last checkpoint of each that is paused, stopped or interrupted."""
        self.ask_scheduler(lambda scheduler: scheduler.resume_runs(runs))

    def delete(self, runs: Sequence[str]) -> None:
        self.ask_scheduler(lambda scheduler: scheduler.delete_runs(runs))

    def queue_status(self) -> QueueStatus:
        """Whose turn it is, and how long it takes."""
        return self.scheduler.status if self.scheduler else QueueStatus()

    def run_on_worker(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """What a worker answers, as a future. Its troubles are `ValueError`s with a sentence."""
        task = ShortTask(function, arguments, Future())
        self.ask_scheduler(lambda scheduler: scheduler.short_tasks.append(task))
        return task.answer

    def warm(self) -> None:
        """Workers are likely to be needed soon. Returns at once."""
        if self.lead() and self.scheduler:
            self.scheduler.put(self.scheduler.want_workers)

    def lead(self) -> bool:
        """Whether it is this server that trains; another one with the same folder may."""
        with self.starting:
            if not self.scheduler and self.take_lock():
                self.store.interrupt()
                self.scheduler = Scheduler(self.store, self.make_cluster())
            return self.scheduler is not None

    def take_lock(self) -> bool:
        """Whether it is ours now, or was before. It ends with the process, however that ends."""
        with suppress(Timeout):
            self.lock.acquire(timeout=0)
        return self.lock.is_locked

    def ask_scheduler(self, task: Callable[[Scheduler], Any]) -> None:
        """Done when it returns."""
        if not self.lead() or not self.scheduler:
            folder = self.store.file.parent
            raise ValueError(f"Another server trains with {folder}: use that one, or set EXPLORER_DATA for this one.")
        scheduler, answer = self.scheduler, Future[Any]()

        def run() -> None:
            try:
                answer.set_result(task(scheduler))
            except ValueError as error:
                answer.set_exception(error)

        scheduler.put(run)
        try:
            answer.result(timeout=LONGEST_ANSWER)
        except TimeoutError:
            raise ValueError("Training does not answer just now: try again in a moment.") from None

    def close(self) -> None:
        """As when the server ends: what is under way will be interrupted."""
        if self.scheduler:
            self.scheduler.close()
            self.scheduler = None
        self.lock.release()


@cache
def training_service() -> TrainingService:
    """Those of this server."""
    return TrainingService(Store(data_folder()))
