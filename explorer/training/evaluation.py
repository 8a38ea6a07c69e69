"""How a network does on pictures it was not trained on, without leaving a trace in it."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.training.pictures import Pictures

AT_ONCE = 500  # pictures


@dataclass(frozen=True)
class Test:
    __test__ = False  # pytest would take it for one of its own

    loss: float
    error: float  # 0 … 1


def evaluate(model: nn.Module, pictures: Pictures, precision: str = "fp32") -> Test:
    """Over all test pictures."""
    logits, labels = logits_of(model, pictures, pictures.test.images, precision), pictures.test.labels
    return Test(F.cross_entropy(logits, labels).item(), error_of(logits, labels).item())


def logits_of(model: nn.Module, pictures: Pictures, images: Tensor, precision: str = "fp32") -> Tensor:
    """(N, classes) of bytes (N, C, H, W), as the network answers when it is not being trained."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad(), lower(precision, images.device):
            parts = [model(pictures.normalised(part)).float() for part in images.split(AT_ONCE)]
        return torch.cat(parts)
    finally:
        model.train(was_training)


def lower(precision: str, device: torch.device) -> torch.autocast:
    """Within it, convolutions and products calculate with half the bits if the recipe says so."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16")


def error_of(logits: Tensor, labels: Tensor) -> Tensor:
    """The share that is not classed as labelled, 0 … 1."""
    return (logits.argmax(1) != labels).float().mean()
