"""Measures for the laboratories, piece by piece, in a process that can be stopped."""

import io
import time
from dataclasses import asdict
from typing import Any

import torch
from torch import nn

from explorer.activations.gradient_flow import BlockGradient, measure_flow, without_norms
from explorer.models.spec import Handed, build_handed
from explorer.subprocess_loop import first_line, read_questions, send_answer

IDLE = 300.0  # seconds
EVERY = 0.15  # seconds between two answers, at least


def answer_questions() -> None:
    torch.set_num_threads(1)  # on maps this small, threads mostly wait for each other
    for kind, asked in read_questions(IDLE):
        try:
            answer_flow(**asked) if kind == "flow" else None
        except Exception as error:  # a network of somebody's own may raise anything
            send_answer(problem=first_line(error))


def read_tensors(packed: bytes) -> Any:
    return torch.load(io.BytesIO(packed), weights_only=True)


def built(network: Handed, state: bytes, seed: int) -> nn.Module:
    """With these weights; where there are none, as the seed initialises it."""
    torch.manual_seed(seed)
    model, _ = build_handed(network)
    if state:
        model.load_state_dict(read_tensors(state)["model"])
    return model


def answer_flow(network: Handed, state: bytes, norms: bool, batch: bytes, seed: int) -> None:
    """`batch`: pictures as numbers and their classes. First how far it is on the way forward, then blocks."""
    numbers, labels = read_tensors(batch)
    send_answer(entered=0)
    model = built(network, state, seed)
    waiting: list[BlockGradient] = []
    last = time.monotonic()

    def due() -> bool:
        nonlocal last
        if time.monotonic() - last < EVERY:
            return False
        last = time.monotonic()
        return True

    def enter(layer: int) -> None:
        if due():
            send_answer(entered=layer)

    def tell(found: BlockGradient) -> None:
        waiting.append(found)
        if due():
            send_answer(blocks=[asdict(each) for each in waiting])
            waiting.clear()

    flow = measure_flow(model if norms else without_norms(model), numbers, labels, tell, enter)
    send_answer(blocks=[asdict(each) for each in waiting])
    send_answer(end=True, loss=flow.loss, weights=flow.weights, overflow=flow.overflow)


if __name__ == "__main__":
    answer_questions()
