"""Runs a network once on real numbers and answers with the way they took, in a process that can be stopped."""

import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.graph.graph import Graph, SerializedGraph, Shape, to_json
from explorer.models.inputs import Argument, takes_picture
from explorer.models.spec import Handed, build_handed
from explorer.subprocess_loop import first_line, read_questions, send_answer
from explorer.tracing.tracer import trace_run

IDLE = 60.0  # seconds


def answer_runs() -> None:
    for network, seed, picture in read_questions(IDLE):
        try:
            graph = run_graph(network, seed, picture)
        except Exception as error:  # somebody's own code may raise anything
            send_answer(problem=f"The run broke off: {first_line(error)}")
            continue
        send_answer(to_json(SerializedGraph(network[1], graph)).encode(), end=True)


def run_graph(network: Handed, seed: int, picture: tuple[Shape, bytes] | None = None) -> Graph:
    """Weights as the network's own code draws them, and noise, both by the seed; the picture (C, S, S), wherever the
    network takes one. Raises `ValueError` with a reason."""
    torch.manual_seed(seed)
    model, inputs = build_handed(network)
    return trace_run(model, inputs, {argument.name: numbers(argument, picture) for argument in inputs})


def numbers(argument: Argument, picture: tuple[Shape, bytes] | None) -> Tensor:
    if not picture or not takes_picture(argument.sides) or not getattr(torch, argument.dtype).is_floating_point:
        return noise(argument)
    image = torch.frombuffer(bytearray(picture[1]), dtype=torch.uint8).reshape(picture[0]) / 255
    channels, height, width = argument.sides[-3:]
    if len(image) != channels:
        image = image.mean(0, keepdim=True).expand(channels, -1, -1)
    fitted = F.interpolate(image[None], (height, width), mode="bilinear", antialias=True)
    return fitted.reshape(argument.sides).to(getattr(torch, argument.dtype))


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
