"""Waiting for what happens in another process or thread: as long as it takes, however busy the machine is."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 420.0  # seconds: a machine that does other things besides is slow, not broken
T = TypeVar("T")


def until(truth: Callable[[], T], pause: Callable[[], object] = lambda: time.sleep(0.02)) -> T:
    """What `truth` gives, as soon as it gives something."""
    end = time.monotonic() + PATIENCE
    while not (found := truth()):
        assert time.monotonic() < end, "It did not happen."
        pause()
    return found
