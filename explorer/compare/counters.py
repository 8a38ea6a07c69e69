"""torch's counter, thop and torchinfo, asked in a process that is kept for the next question."""

import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from explorer.compare.worker import Ended, Handed, Worker, handed
from explorer.specs import Spec, build

SECONDS = 90.0  # for the three of them on one network; the first time PyTorch is loaded, too
PATIENCE = 30.0  # to wait for somebody else's question
KEPT = 256  # answers
Answers = Mapping[str, Mapping[str, Any]]  # by tool: params, macs, version; or the problem it met


class Counters:
    """Safe to use from any thread: one question at a time."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self.turn = threading.Lock()
        self.worker: Worker | None = None
        self.known: dict[Spec, Answers] = {}

    def ask(self, spec: Spec) -> Answers:
        """Raises `ValueError` with a sentence where there is no answer."""
        if found := self.known.get(spec):
            return found
        if not self.turn.acquire(timeout=PATIENCE):
            raise ValueError("The counters are busy with somebody else's network: try again in a minute.")
        try:
            if spec not in self.known:
                self.known[spec] = self.answer(spec)
                while len(self.known) > KEPT:
                    del self.known[next(iter(self.known))]
            return self.known[spec]
        finally:
            self.turn.release()

    def answer(self, spec: Spec) -> Answers:
        question = handed(spec)
        build(spec, "meta")  # refuse early, with the reason
        if self.worker:  # it may have ended since it was last asked: then another is
            with suppress(Ended):
                return self.answered(self.worker, question)
        self.close()
        try:
            self.worker = Worker("explorer.compare.witness_worker")
        except OSError as error:
            raise ValueError(f"The other counters cannot be started here: {error.strerror}.") from error
        try:
            return self.answered(self.worker, question)
        except Ended as ended:
            self.close()
            raise ValueError(f"The process that runs the counters ended ({ended}): try again.") from None

    def answered(self, worker: Worker, question: Handed) -> Answers:
        try:
            return worker.answered(question, self.seconds)
        except TimeoutError:
            self.close()
            raise ValueError(f"The counters took more than {self.seconds:g} s: try a smaller network.") from None

    def close(self) -> None:
        worker, self.worker = self.worker, None
        if worker:
            worker.end()


COUNTERS = Counters()  # the server's own; no process before the first question
