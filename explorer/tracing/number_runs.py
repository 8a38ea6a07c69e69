"""Networks that ask for values, run once on real numbers: the way these took, for the whole server, one at a time."""

import time
from dataclasses import replace
from functools import cache

from explorer.graph.graph import Graph, from_json
from explorer.models.spec import Spec, hand_over
from explorer.subprocess_client import StreamedAnswers, SubprocessClient

WORKER = "explorer.tracing.number_runs_worker"
KEPT = 32  # graphs


class NumberRuns(StreamedAnswers[Spec]):
    """By specs with a seed. Each is tried once: what was killed for want of memory would be so again."""

    def __init__(self) -> None:
        super().__init__(
            SubprocessClient(WORKER), lambda spec: (hand_over(replace(spec, seed=None)), spec.seed), KEPT, tries=1
        )
        self.began: dict[Spec, float] = {}  # monotonic, of those asked for

    def start(self, spec: Spec) -> None:
        """Comes back at once."""
        self.began[spec] = time.monotonic()
        self.again(spec)

    def under_way(self, spec: Spec) -> bool:
        return spec in self.began and not self.settled(spec)

    def seconds(self, spec: Spec) -> float:
        """Since it was asked for."""
        return time.monotonic() - self.began[spec]

    def finished(self, spec: Spec) -> bool:
        return self.settled(spec) and not self.trouble(spec)

    def graph(self, spec: Spec) -> Graph:
        """Raises `ValueError` where it has not been run."""
        if not self.finished(spec):
            raise ValueError(f"{spec.name} has not been run on numbers here.")
        return from_json(self.found(spec)[-1]["content"].decode()).graph


@cache
def number_runs() -> NumberRuns:
    """The server's own."""
    return NumberRuns()
