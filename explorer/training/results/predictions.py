"""A trained network's answers to every test picture of its run, asked in a worker, and its weights to take home."""

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.datasets.dataset import Dataset
from explorer.datasets.registry import load_dataset
from explorer.hardware import fastest_device
from explorer.models.onnx_export import python_lines
from explorer.training.engine import Session, build_network
from explorer.training.evaluation import Confusion, logits_of, tally
from explorer.training.image_preview import sized
from explorer.training.plan import Plan, fitted, parse_plan
from explorer.training.runs.pretrained_weights import loaded
from explorer.training.runs.store import Run, Store

CHECKPOINT = "The checkpoint of this run"


@dataclass(frozen=True)
class Intake:
    """What a trained network takes, and the classes that it tells apart."""

    classes: tuple[str, ...]
    shape: tuple[int, int, int]  # C, H, W
    mean: tuple[float, ...]  # of each channel of the training pictures, white being 1: what was taken off,
    std: tuple[float, ...]  # and what the rest was divided by
    resize: int = 0  # pixels of a side before the middle is cut out of it, as torchvision's weights want it; 0: no cut
    interpolation: str = "bilinear"  # of that

    def fitted(self, image: Tensor) -> Tensor:
        """A picture (C, S, S) of bytes at the size of its own, in colour or grey as it takes them."""
        channels, height, _ = self.shape
        if len(image) != channels:
            image = image.float().mean(0, keepdim=True).round().to(torch.uint8).expand(channels, -1, -1)
        if not self.resize:
            return sized(image, height)
        from torchvision.transforms import functional

        how = functional.InterpolationMode(self.interpolation)
        return functional.center_crop(functional.resize(image, [self.resize], how, antialias=True), [height])

    def numbers(self, image: Tensor) -> Tensor:
        """A fitted picture (C, H, W) of bytes as the network takes it."""
        mean, std = (torch.tensor(each)[:, None, None] for each in (self.mean, self.std))
        return (image / 255 - mean) / std


@dataclass(frozen=True, eq=False)
class Answers:
    """In the order of the run's test pictures."""

    intake: Intake
    labels: np.ndarray  # (N,) int64
    predicted: np.ndarray  # (N,) int64
    confidence: np.ndarray  # (N,) float32: the probability that the network gives its answer
    loss: float

    @property
    def classes(self) -> tuple[str, ...]:
        return self.intake.classes

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
    return Answers(
        intake=intake_of(session, classes),
        labels=pictures.test.labels.cpu().numpy(),
        predicted=predicted.cpu().numpy(),
        confidence=confidence.cpu().numpy(),
        loss=F.cross_entropy(logits, pictures.test.labels).item(),
    )


def intake_of(session: Session, classes: tuple[str, ...]) -> Intake:
    means, stds = session.pictures.train.mean_and_std()
    channels, height, width = session.pictures.test.images.shape[1:]
    return Intake(classes, (channels, height, width), means, tuple(std or 1.0 for std in stds))


def weights_head(run: Run, step: int, known: Answers) -> dict[str, str]:
    """What the file of its weights says of them; `read_intake` reads it."""
    measured = {"title": run.title, "plan": run.plan, "step": str(step), "test_error": f"{known.error:.4f}"}
    return measured | {name: json.dumps(value) for name, value in asdict(known.intake).items()}


def read_intake(head: dict[str, str]) -> Intake:
    classes, shape, mean, std = (tuple(json.loads(head[name])) for name in ("classes", "shape", "mean", "std"))
    return Intake(classes, shape, mean, std)


def probabilities(plan: str, checkpoint: bytes, intake: Intake, image: Tensor) -> tuple[float, ...]:
    """That the plan's network with these weights gives each class for one picture (C, H, W) of bytes, fitted to it."""
    model = build_network(parse_plan(plan), intake.shape, len(intake.classes), torch.device("cpu"))
    model.load_state_dict(loaded(checkpoint, CHECKPOINT)["model"])
    with torch.no_grad():
        return tuple(model.eval()(intake.numbers(image)[None]).softmax(1)[0].tolist())


def checkpoints(store: Store, runs: tuple[str, ...]) -> dict[str, int]:
    """The step of the checkpoint of each run that has one; the weights themselves are not read."""
    marks = ", ".join("?" * len(runs))
    with store.connection() as connection:
        query = f"SELECT run, step FROM checkpoints WHERE run IN ({marks})"
        return dict(connection.execute(query, runs).fetchall())


def noted(store: Store, run: str, step: int) -> float | None:
    """The test error that the run measured at that step, 0 … 1, if it was tested there."""
    with store.connection() as connection:
        row = connection.execute("SELECT test_error FROM steps WHERE run = ? AND step = ?", (run, step)).fetchone()
    return row[0] if row else None


def loading_lines(plan: Plan, known: Intake, file: str) -> str:
    """Python that builds this very network with its weights; only the latter where it cannot be built elsewhere."""
    channels, size, _ = known.shape
    build = python_lines(fitted(plan.spec, channels, size, len(known.classes)))
    shape = ", ".join(map(str, known.shape))
    return (
        f"{build or '# model = …: the network itself is in the program that showed it'}\n"
        "import torch\nfrom safetensors.torch import load_file\n\n"
        f'model.load_state_dict(load_file("{file}"))\nmodel.eval()\n\n'
        f"# It takes pictures (N, {shape}) with white as 1, after (pictures - mean) / std.\n"
        f"mean = torch.tensor({round_values(known.mean)})[:, None, None]\n"
        f"std = torch.tensor({round_values(known.std)})[:, None, None]\n"
    )


def round_values(values: tuple[float, ...]) -> list[float]:
    return [round(value, 6) for value in values]
