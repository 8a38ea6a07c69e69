"""A process of its own that builds a network and writes it as ONNX: `python -m` this module."""

import torch
from torch import nn

from explorer.models.inputs import called_with
from explorer.models.spec import Handed, build_handed
from explorer.subprocess_loop import first_line, read_questions, send_answer

NAMES = {"input_names": ["image"], "output_names": ["logits"]}
IDLE = 60.0  # seconds: it is asked once, and ended by who asked


def answer_export() -> None:
    for network, target in read_questions(IDLE):
        try:
            export(network, target)
            send_answer(problem="")
        except Exception as error:  # whatever the exporter raises
            send_answer(problem=first_line(error))


def export(network: Handed, target: str) -> None:
    model, inputs = build_handed(network)
    args, kwargs = called_with(inputs, "cpu")
    if network[0] != "own":  # whose weights may be trained
        stir(model)
    torch.onnx.export(
        *(model, args, target),
        kwargs=kwargs or None,
        dynamo=False,
        training=torch.onnx.TrainingMode.PRESERVE,  # else norms are melted into the convolutions before them
        **NAMES if len(inputs) == 1 else {},  # pyright: ignore
    )


def stir(model: nn.Module) -> None:
    """Makes equal tensors differ: they would be written once, with an Identity in every other place."""
    with torch.no_grad():
        for tensor in (*model.parameters(), *model.buffers()):
            if tensor.is_floating_point():
                tensor.add_(torch.randn_like(tensor) * 1e-4)


if __name__ == "__main__":
    answer_export()
