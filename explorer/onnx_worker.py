"""A process of its own that builds one network and writes it as ONNX: `python -m explorer.onnx_worker target`."""

import ast
import sys

import torch
from torch import nn

from explorer.own import OWN, named
from explorer.specs import Spec, build, input_shape


def main() -> None:
    *chosen, shape = ast.literal_eval(sys.stdin.read())
    spec = Spec(*chosen)
    if spec.source == "own":
        OWN[spec.name] = named(spec.name, shape)
    model = build(spec).eval()
    if spec.source != "own":  # whose weights may be trained
        stir(model)
    torch.onnx.export(
        *(model, (torch.zeros(1, *input_shape(spec, model)),), sys.argv[1]),
        dynamo=False,
        training=torch.onnx.TrainingMode.PRESERVE,  # else norms are melted into the convolutions before them
        input_names=["image"],
        output_names=["logits"],
    )


def stir(model: nn.Module) -> None:
    """Makes equal tensors differ: they would be written once, with an Identity in every other place."""
    with torch.no_grad():
        for tensor in (*model.parameters(), *model.buffers()):
            if tensor.is_floating_point():
                tensor.add_(torch.randn_like(tensor) * 1e-4)


if __name__ == "__main__":
    main()
