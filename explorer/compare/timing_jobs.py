"""Sets of networks waiting to be measured, one set at a time for the whole server, and how far that is."""

import threading
import time
from collections.abc import Callable
from functools import cache

from explorer.background import BackgroundCache
from explorer.compare.offers import name_of
from explorer.compare.timing_session import Job, Session, Wanted
from explorer.compare.timing_store import Measurements, StoreTrouble, measurements
from explorer.places import ModelSelection
from explorer.specs import Handed, hand_over
from explorer.subprocess_client import SubprocessClient
from explorer.tracing import graph_of

MOST = 40  # networks in a set
WAITING = 8  # sets in the queue


class Jobs:
    """The server's own queue. Safe to use from any thread; it outlives pages and tabs."""

    def __init__(self, store: Callable[[], Measurements] = measurements) -> None:
        self.store = store
        self.guard = threading.RLock()
        self.jobs: list[Job] = []  # those asked for since nothing was under way, the oldest first
        self.worker: SubprocessClient | None = None
        self.background = BackgroundCache(self.work_off, kept=WAITING, daemon=True)

    def start(self, wanted: Wanted) -> Job:
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
            self.jobs.append(job := Job(wanted))
        self.background.want((job,))
        return job

    def stop(self, job: Job) -> None:
        """What is measured already stays."""
        job.stop.set()
        with self.guard:
            if job.state == "queued":
                job.state = "stopped"
            elif job.state == "running" and self.worker:
                self.worker.kill()

    def queue(self) -> tuple[Job, ...]:
        """What is under way, the running one first."""
        with self.guard:
            return tuple(job for job in self.jobs if job.under_way)

    def ended(self) -> tuple[Job, ...]:
        """What is over, of all that was asked for since nothing was under way."""
        with self.guard:
            return tuple(job for job in self.jobs if not job.under_way)

    def work_off(self, job: Job) -> None:
        with self.guard:
            if job.state != "queued":
                return
            job.state, job.began = "running", time.monotonic()
        try:
            self.measure(job)
            job.state = "stopped" if job.stop.is_set() else "done"
        except Exception as error:  # pages look at the job, not at what the background says of it
            said = str(error) if isinstance(error, StoreTrouble) else f"The measurement broke off: {error}"
            job.problems, job.state = (*job.problems, said), "failed"

    def measure(self, job: Job) -> None:
        """Process after process, should one network take its process along."""
        job.weights = tuple(0.5 if job.stop.is_set() else weight(place) for place in job.wanted.places)
        todo: list[tuple[int, Handed]] = []
        for index, place in enumerate(job.wanted.places):
            try:
                todo.append((index, hand_over(place.spec)))
            except (ValueError, LookupError) as error:
                job.problems = (*job.problems, f"{name_of(place)}: {error}")
        while todo and not job.stop.is_set():
            session = Session(job, todo, self.store())
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


def weight(place: ModelSelection) -> float:
    """Seconds, more or less: what grows with the MACs is cut off where long batches are left out."""
    try:
        return 4.5 + min(6.0, 1.3e-9 * graph_of(place.spec).macs)
    except Exception:  # it will fail once more where that is told
        return 0.5


@cache
def jobs() -> Jobs:
    """The server's own."""
    return Jobs()
