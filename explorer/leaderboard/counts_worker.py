"""A process of its own that counts networks one after another: `python -m` this module.

A server that did it in a thread of its own would answer its visitors late meanwhile.
"""

import os
from contextlib import suppress
from dataclasses import asdict

from explorer.analysis.model_summary import GraphCounts, count_spec
from explorer.models.spec import Spec
from explorer.subprocess_loop import first_line, read_questions, send_answer

IDLE = 60.0  # seconds: it is asked without a pause, and ended by who asks


def answer_counts() -> None:
    with suppress(AttributeError, OSError):
        os.nice(10)
    for chosen in read_questions(IDLE):
        send_answer(**asdict(count_or_problem(Spec(*chosen))))


def count_or_problem(spec: Spec) -> GraphCounts:
    """Whatever a library raises is this network's problem, not the next one's."""
    try:
        return count_spec(spec)
    except Exception as error:
        return GraphCounts(problem=first_line(error))


if __name__ == "__main__":
    answer_counts()
