"""Runs a network once on real numbers and answers with the way they took, in a process that can be stopped."""

import torch
from torch import Tensor

from explorer.graph.graph import Graph, SerializedGraph, to_json
from explorer.models.inputs import Argument
from explorer.models.spec import Handed, build_handed
from explorer.subprocess_loop import first_line, read_questions, send_answer
from explorer.tracing.tracer import trace_run

IDLE = 60.0  # seconds


def answer_runs() -> None:
    for network, seed in read_questions(IDLE):
        try:
            graph = run_graph(network, seed)
        except Exception as error:  # somebody's own code may raise anything
            send_answer(problem=f"The run broke off: {first_line(error)}")
            continue
        send_answer(to_json(SerializedGraph(network[1], graph)).encode(), end=True)


def run_graph(network: Handed, seed: int) -> Graph:
    """Weights as the network's own code draws them, and noise, both by the seed. Raises `ValueError` with a reason."""
    torch.manual_seed(seed)
    model, inputs = build_handed(network)
    return trace_run(model, inputs, {argument.name: noise(argument) for argument in inputs})


def noise(argument: Argument) -> Tensor:
    """Of floats evenly between 0 and 1, as a picture's; of whole numbers 0 and 1, which every vocabulary has; a mask
    hides nothing."""
    kind = getattr(torch, argument.dtype)
    if kind.is_floating_point or kind.is_complex:
        return torch.rand(argument.sides).to(kind)
    return (
        torch.zeros(argument.sides, dtype=kind) if kind == torch.bool else torch.randint(2, argument.sides, dtype=kind)
    )


if __name__ == "__main__":
    answer_runs()
