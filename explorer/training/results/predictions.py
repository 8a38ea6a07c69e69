"""What a trained network says of every test picture of its run; asked in a worker, for it may take a while."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch.nn import functional as F

from explorer.datasets.dataset import Dataset
from explorer.datasets.registry import load_dataset
from explorer.hardware import fastest_device
from explorer.training.engine import Session
from explorer.training.evaluation import Confusion, logits_of, tally
from explorer.training.plan import Plan, parse_plan
from explorer.training.runs.pretrained_weights import loaded

CHECKPOINT = "The checkpoint of this run"


@dataclass(frozen=True, eq=False)
class Answers:
    """In the order of the run's test pictures."""

    classes: tuple[str, ...]
    labels: np.ndarray  # (N,) int64
    predicted: np.ndarray  # (N,) int64
    confidence: np.ndarray  # (N,) float32: the probability that the network gives its answer
    loss: float
    shape: tuple[int, int, int]  # C, H, W of what the network was given
    mean: tuple[float, ...]  # of each channel of the training pictures, white being 1: what was taken off,
    std: tuple[float, ...]  # and what the rest was divided by

    @property
    def wrong(self) -> np.ndarray:
        return self.predicted != self.labels

    @property
    def error(self) -> float:
        return float(self.wrong.mean())

    def confusion(self) -> Confusion:
        return tally(self.classes, self.labels, self.predicted)

    def surest(self, true: int | None = None, said: int | None = None) -> np.ndarray:
        """Numbers of pictures, the most confident answer first: wrong ones, or those of one field of the matrix."""
        chosen = np.ones_like(self.wrong) if true is not None and said is not None else self.wrong
        if true is not None:
            chosen = chosen & (self.labels == true)
        if said is not None:
            chosen = chosen & (self.predicted == said)
        numbers = chosen.nonzero()[0]
        return numbers[np.argsort(-self.confidence[numbers], kind="stable")]


def answers(plan: str, checkpoint: bytes) -> Answers:
    """Of the plan's network with these weights. Raises `ValueError` with a sentence."""
    known = parse_plan(plan)
    return examine(known, load_dataset(known.dataset), loaded(checkpoint, CHECKPOINT), fastest_device())


def examine(plan: Plan, dataset: Dataset, state: dict[str, Any], device: str = "cpu") -> Answers:
    session = Session(plan, dataset, device)
    try:
        session.model.load_state_dict(state["model"])
    except RuntimeError:
        said = f"The checkpoint does not fit {plan.spec.name} on {dataset.name}: has the dataset changed?"
        raise ValueError(said) from None
    return answers_of(session, dataset.classes)


def answers_of(session: Session, classes: tuple[str, ...]) -> Answers:
    """Of the network as it stands."""
    pictures = session.pictures
    logits = logits_of(session.model, pictures, pictures.test.images, session.recipe.precision)
    confidence, predicted = logits.softmax(1).max(1)
    means, stds = pictures.train.mean_and_std()
    channels, height, width = pictures.test.images.shape[1:]
    return Answers(
        classes=classes,
        labels=pictures.test.labels.cpu().numpy(),
        predicted=predicted.cpu().numpy(),
        confidence=confidence.cpu().numpy(),
        loss=F.cross_entropy(logits, pictures.test.labels).item(),
        shape=(channels, height, width),
        mean=means,
        std=tuple(std or 1.0 for std in stds),
    )
