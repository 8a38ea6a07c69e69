"""torch's counter, thop and torchinfo, asked in a process that is kept for the next question."""

from collections.abc import Mapping
from typing import Any

from explorer.background import BackgroundCache
from explorer.models.spec import Spec, build, hand_over
from explorer.subprocess_client import ProcessEnded, SubprocessClient

WORKER = "explorer.analysis.crosscheck.counters_worker"
SECONDS = 90.0  # for the three of them on one network; the first time PyTorch is loaded, too
PATIENCE = 30.0  # to wait for somebody else's question
KEPT = 256  # answers
Answer = Mapping[str, Any]  # params, macs, version; or the problem it met
Answers = Mapping[str, Answer]  # by tool


class Counters:
    """Safe to use from any thread: one question at a time."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self.client = SubprocessClient(WORKER)
        self.answers = BackgroundCache(self.count, kept=KEPT, daemon=True)

    def ask(self, spec: Spec) -> Answers:
        """Raises `ValueError` with a sentence where there is no answer."""
        self.answers.want((spec,))
        if not self.answers.wait((spec,), self.seconds + PATIENCE):
            raise ValueError("The counters are busy with somebody else's network: try again in a minute.")
        if problem := self.answers.problems((spec,)).get(spec):
            raise ValueError(problem)
        return self.answers.found((spec,))[spec]

    def count(self, spec: Spec) -> Answers:
        question = hand_over(spec)
        build(spec, "meta")  # refuse early, with the reason
        try:
            return self.client.request(question, self.seconds)
        except TimeoutError:
            raise ValueError(f"The counters took more than {self.seconds:g} s: try a smaller network.") from None
        except ProcessEnded as ended:
            raise ValueError(f"The process that runs the counters ended ({ended}): try again.") from None
        except OSError as error:
            raise ValueError(f"The other counters cannot be started here: {error.strerror}.") from error

    def close(self) -> None:
        self.client.end()


COUNTERS = Counters()  # the server's own; no process before the first question
