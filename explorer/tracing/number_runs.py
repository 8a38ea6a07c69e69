"""Networks that ask for values, run once on real numbers: the way these took, for the whole server, one at a time."""

import time
from dataclasses import replace
from functools import cache

from explorer.background import BackgroundCache
from explorer.graph.graph import Graph, from_json
from explorer.models.spec import Spec, hand_over
from explorer.subprocess_client import ProcessEnded, SubprocessClient

WORKER = "explorer.tracing.number_runs_worker"
KEPT = 32  # graphs
SILENT = 900.0  # seconds without an answer, after which a run is given up
STOPPED = "It was stopped."


class NumberRuns:
    """By specs with a seed. Safe to use from any thread."""

    def __init__(self) -> None:
        self.client = SubprocessClient(WORKER)
        self.background = BackgroundCache(self.run, kept=KEPT, daemon=True)
        self.began: dict[Spec, float] = {}  # monotonic, of those asked for
        self.running: Spec | None = None
        self.stopped: set[Spec] = set()

    def start(self, spec: Spec) -> None:
        """Comes back at once."""
        self.stopped.discard(spec)
        self.background.failed.pop(spec, None)  # who asks again wants it now
        self.began[spec] = time.monotonic()
        self.background.want((spec,))

    def stop(self, spec: Spec) -> None:
        self.stopped.add(spec)
        if self.running == spec:
            self.client.kill()

    def run(self, spec: Spec) -> Graph:
        """Raises `ValueError` with a sentence."""
        if spec in self.stopped:
            raise ValueError(STOPPED)
        self.running = spec
        try:
            self.client.ask((hand_over(replace(spec, seed=None)), spec.seed))
            if spec in self.stopped:  # before there was a process to kill
                self.client.kill()
            answer = self.client.answer(SILENT)
        except (ProcessEnded, TimeoutError, OSError) as error:
            self.client.end()
            said = "it did not come back" if isinstance(error, TimeoutError) else str(error)
            raise ValueError(STOPPED if spec in self.stopped else f"The run ended: {said}.") from error
        finally:
            self.running = None
        if problem := answer.get("problem"):
            raise ValueError(f"The run broke off: {problem}")
        return from_json(answer["content"].decode()).graph

    def under_way(self, spec: Spec) -> bool:
        return spec in self.began and not self.background.settled((spec,))

    def seconds(self, spec: Spec) -> float:
        """Since it was asked for."""
        return time.monotonic() - self.began[spec]

    def trouble(self, spec: Spec) -> str:
        """Why there is no graph of it, in a sentence; empty where nobody asked, or there is one."""
        return self.background.problems((spec,)).get(spec, "")

    def finished(self, spec: Spec) -> bool:
        return bool(self.background.found((spec,)))

    def graph(self, spec: Spec) -> Graph:
        """Raises `ValueError` where it has not been run."""
        found = self.background.found((spec,))
        if not found:
            raise ValueError(f"{spec.name} has not been run on numbers here.")
        return found[spec]


@cache
def number_runs() -> NumberRuns:
    """The server's own."""
    return NumberRuns()
