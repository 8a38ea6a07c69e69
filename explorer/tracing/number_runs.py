"""Networks that ask for values, run once on real numbers: the way these took, for the whole server, one at a time."""

import time
from dataclasses import replace
from functools import cache

from torch import Tensor

from explorer.graph.graph import Graph, from_json
from explorer.models.spec import Spec, hand_over
from explorer.subprocess_client import StreamedAnswers, SubprocessClient

WORKER = "explorer.tracing.number_runs_worker"
KEPT = 32  # graphs


class NumberRuns(StreamedAnswers[Spec]):
    """By specs with a seed, and perhaps a picture. Each is tried once: what was killed for want of memory would be so
    again."""

    def __init__(self) -> None:
        super().__init__(SubprocessClient(WORKER), self.ask_for, KEPT, tries=1)
        self.began: dict[Spec, float] = {}  # monotonic, of those asked for
        self.pictures: dict[Spec, Tensor] = {}  # of those that wait

    def start(self, spec: Spec, picture: Tensor | None = None) -> None:
        """Comes back at once. `picture`: (C, S, S) of bytes, of which the spec names the digest."""
        self.began[spec] = time.monotonic()
        if picture is not None:
            self.pictures[spec] = picture
        self.again(spec)

    def ask_for(self, spec: Spec) -> tuple[object, ...]:
        picture = self.pictures.pop(spec, None)
        told = None if picture is None else (tuple(picture.shape), picture.numpy().tobytes())
        return hand_over(replace(spec, seed=None, picture="")), spec.seed, told

    def stop(self, asked: Spec) -> None:
        self.pictures.pop(asked, None)
        super().stop(asked)

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
