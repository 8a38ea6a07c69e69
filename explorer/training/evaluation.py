"""How a network does on test pictures: loss, error, and the confusion matrix."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.training.dataloader import Pictures

MOST_CLASSES = 1000  # what a file from elsewhere may bring

AT_ONCE = 500  # pictures


@dataclass(frozen=True, eq=False)
class Confusion:
    classes: tuple[str, ...]
    counts: np.ndarray  # (classes, classes) int64: a row for what a picture is, a column for what it was taken for

    @property
    def pictures(self) -> int:
        return int(self.counts.sum())

    @property
    def wrong(self) -> int:
        return self.pictures - int(self.counts.trace())

    def spoken(self) -> str:
        """The largest mistake in words, for those who do not see the chart."""
        mistakes = self.counts - np.diag(self.counts.diagonal())
        true, said = np.unravel_index(mistakes.argmax(), mistakes.shape)
        if not mistakes[true, said]:
            return "Confusion matrix. No picture is taken for another class."
        most = f"{self.classes[true]} is taken for {self.classes[said]}: {mistakes[true, said]} times"
        return f"Confusion matrix. Most often {most}."

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"classes": list(self.classes), "counts": self.counts.tolist()}


def tally(classes: tuple[str, ...], labels: np.ndarray, predicted: np.ndarray) -> Confusion:
    """Of what pictures are (N,) and what they were taken for (N,)."""
    count = len(classes)
    return Confusion(classes, np.bincount(labels * count + predicted, minlength=count**2).reshape(count, count))


def read_confusion(plain: Any) -> Confusion:
    """What `plain` wrote. Raises `ValueError` for anything else."""
    classes, counts = plain["classes"], np.array(plain["counts"])
    named = all(isinstance(name, str) and len(name) < 1000 for name in classes)
    square = counts.shape == (len(classes), len(classes)) and counts.dtype == np.int64 and bool((counts >= 0).all())
    if not (named and square and 0 < len(classes) <= MOST_CLASSES and counts.sum()):
        raise ValueError("counts of pictures, a row and a column for every class")
    return Confusion(tuple(classes), counts)


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
