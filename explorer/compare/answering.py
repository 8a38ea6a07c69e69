"""The other side of `worker`: what a process does that is asked in lines and answers in lines."""

import json
import os
import queue
import sys
import threading
from ast import literal_eval
from collections.abc import Iterator
from typing import Any

from torch import nn

from explorer.compare.worker import Handed
from explorer.graph import Shape
from explorer.own import OWN, named
from explorer.specs import Spec, build, input_shape

ANSWERS = os.fdopen(os.dup(1), "w", encoding="utf-8")  # ours alone, whatever others print


def questions(idle: float) -> Iterator[Any]:
    """Each as it comes. The process ends when nobody is there to ask any more, or asks for that many seconds."""
    os.dup2(2, 1)
    asked: queue.Queue[str] = queue.Queue()
    threading.Thread(target=read, args=(asked,), daemon=True).start()
    while True:
        try:
            yield literal_eval(asked.get(timeout=idle))
        except queue.Empty:
            return


def read(asked: queue.Queue[str]) -> None:
    for line in sys.stdin:
        asked.put(line)
    os._exit(0)  # in the middle of whatever it is doing


def say(**answer: Any) -> None:
    ANSWERS.write(json.dumps(answer) + "\n")
    ANSWERS.flush()


def made(network: Handed, device: str) -> tuple[nn.Module, Shape]:
    """The network, in evaluation mode, and the shape of one image. Raises `ValueError` with a reason."""
    source, name, options, shape = network
    spec = Spec(source, name, options)
    if spec.source == "own":
        OWN[spec.name] = named(spec.name, shape)
    model = build(spec, device).eval()
    return model, input_shape(spec, model)


def reason(error: BaseException) -> str:
    """What it says, in one line."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
