"""A process of its own that builds one network and writes it as ONNX: `python -m explorer.onnx_worker target`."""

import ast
import sys

import torch

from explorer.own import OWN, named
from explorer.specs import Spec, build, input_shape


def main() -> None:
    *chosen, shape = ast.literal_eval(sys.stdin.read())
    spec = Spec(*chosen)
    if spec.source == "own":
        OWN[spec.name] = named(spec.name, shape)
    model = build(spec).eval()
    with torch.no_grad():
        for tensor in (*model.parameters(), *model.buffers()):
            if tensor.is_floating_point():  # equal tensors would be written once, with an Identity in every other place
                tensor.add_(torch.randn_like(tensor) * 1e-4)
    torch.onnx.export(
        *(model, (torch.zeros(1, *input_shape(spec, model)),), sys.argv[1]),
        dynamo=False,
        training=torch.onnx.TrainingMode.PRESERVE,  # else norms are melted into the convolutions before them
        input_names=["image"],
        output_names=["logits"],
    )


if __name__ == "__main__":
    main()
