"""The training loop, as a stream of measurements, on the network of a plan; and by a few steps how long one takes."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.datasets.dataset import Dataset
from explorer.datasets.registry import load_dataset
from explorer.formatting import MIB
from explorer.models.spec import build
from explorer.training.dataloader import EpochOrder, augment, chance, generator, prepare_images
from explorer.training.evaluation import AT_ONCE, Test, error_of, evaluate, logits_of, lower
from explorer.training.optimizer import Optimiser, WarmUp, copied, rate_at
from explorer.training.plan import Plan, fitted, parse_plan

MOST_KEPT, MOST_ROOM = 12, 8 * MIB  # times that a run's weights are kept on the way, and bytes for all of them


class Diverged(ValueError):
    """The loss or a gradient is no longer a number."""


@dataclass(frozen=True)
class Step:
    """One update, and what was measured of the network it changed."""

    step: int  # updates so far, this one included
    loss: float  # of the batch, like `error`, before the update
    error: float  # 0 … 1
    rate: float
    images_per_second: float
    norms: tuple[float, ...]  # of the gradient of every weighted layer
    test: Test | None = None  # after the update


class Session:
    """One run, alive. All its chance follows from its seed and step, so it may stop, move and go on anywhere.

    Raises `ValueError` with a sentence if the network and the pictures do not go together.
    """

    def __init__(self, plan: Plan, dataset: Dataset, device: str = "cpu") -> None:
        self.plan, self.recipe, self.device = plan, plan.recipe, torch.device(device)
        recipe = plan.recipe
        self.pictures = prepare_images(dataset, recipe.size, recipe.subset, recipe.test_subset, self.device)
        images = self.pictures.train.images
        self.count = len(images)
        self.order = EpochOrder(recipe.seed, self.count, min(recipe.batch, self.count))
        self.length, self.step = recipe.length(self.count), 0
        self.warm_up = WarmUp(recipe.warm_up)
        channels, height, width = images.shape[1:]
        self.model = build_network(plan, (channels, height, width), len(dataset.classes), self.device)
        weighted = weighted_parameters(self.model)
        self.layers, self.weights = tuple(weighted), tuple(weighted.values())
        self.optimiser = Optimiser(self.model, recipe)
        self.keeps = trajectory_steps(self.length, sum(weight.numel() for weight in self.weights))
        self.trajectory: dict[int, dict[str, Tensor]] = {}  # kernels and matrices on the way, by the updates so far
        self.begun = not plan.start  # it does not fetch the weights that it starts from: they are handed to `restore`

    def state(self) -> dict[str, Any]:
        """All that it needs to go on, as copies in main memory; `torch.load(weights_only=True)` reads it."""
        parts = {"model": self.model.state_dict(), "optimiser": self.optimiser.state_dict()}
        told = {"step": self.step, "warm_up": self.warm_up.state(), "trajectory": dict(self.trajectory)}
        return copied(parts) | told

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on from there as if never interrupted; or begins, if it is but the weights to start from."""
        self.begun = True
        if "optimiser" not in state:
            take_over(self.model, state["model"])
            return
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.warm_up.restore(state["warm_up"])
        self.step = state["step"]
        self.trajectory = dict(state.get("trajectory", {}))  # older checkpoints have none

    def rate(self) -> float:
        """Of the next update."""
        return self.warm_up.rate or 0 if not self.warm_up.over else rate_at(self.recipe, self.step, self.count)

    def update(self) -> Step:
        """One step down the gradient of one batch."""
        start, rate = time.perf_counter(), self.rate()
        if self.step in self.keeps:
            self.trajectory[self.step] = in_halves(self.model)
        images, labels = self.next_batch()
        loss, error, *norms = self.gradients(images, labels)
        if not all(map(isfinite, (loss, *norms))):
            said = f"The loss or a gradient stopped being a finite number at step {self.step + 1}"
            raise Diverged(f"{said}: try a learning rate below {rate:g}, or a warm-up.")
        self.optimiser.step(rate)
        self.step += 1
        self.warm_up.note(error)
        speed = len(labels) / (time.perf_counter() - start)
        return Step(self.step, loss, error, rate, speed, tuple(norms), self.test() if self.due() else None)

    def next_batch(self) -> tuple[Tensor, Tensor]:
        chosen = self.order.at(self.step).to(self.device)
        images = self.pictures.train.images[chosen]
        images = augment(images, self.recipe.augment, generator(self.recipe.seed, "augmentation", self.step))
        return self.pictures.normalised(images), self.pictures.train.labels[chosen]

    def gradients(self, images: Tensor, labels: Tensor) -> list[float]:
        """Loss, error and the norm of every weighted layer's gradient; the gradients stay in the parameters."""
        self.optimiser.zero_grad()
        with chance(self.recipe.seed, "dropout", self.step, self.device):
            with lower(self.recipe.precision, self.device):
                answer = self.model(images)
            logits = (answer if isinstance(answer, Tensor) else answer[0]).float()  # (N, classes); GoogLeNet has more
            loss = F.cross_entropy(logits, labels)
            loss.backward()
        with torch.no_grad():
            held = [weight if weight.grad is None else weight.grad for weight in self.weights]
            norms = torch.stack(torch._foreach_norm(held))  # pyright: ignore[reportPrivateImportUsage]
            used = [weight.grad is not None for weight in self.weights]
            found = torch.cat((torch.stack((loss, error_of(logits, labels))), norms)).tolist()  # one wait, not sixty
        return [value if use else 0.0 for value, use in zip(found, (True, True, *used), strict=True)]

    def due(self) -> bool:
        """Whether this is a step to test at: every so many, and the last."""
        every = self.recipe.evaluate_every
        return self.step == self.length or (every is not None and self.step % every == 0)

    def test(self) -> Test:
        return evaluate(self.model, self.pictures, self.recipe.precision)


def train(session: Session) -> Iterator[Step]:
    """One `Step` per update, from where the session stands to the end of its recipe. Raises `Diverged`."""
    if not session.begun:
        raise ValueError("The weights that this run was to start from are not here: start it again.")
    while session.step < session.length:
        yield session.update()


def trajectory_steps(length: int, numbers: int) -> frozenset[int]:
    """The updates before which the weights, so many numbers, are kept: evenly over the run, from its start; none where
    there is no room for three."""
    count = min(MOST_KEPT, length, MOST_ROOM // max(1, 2 * numbers))
    return frozenset(length * each // count for each in range(count)) if count >= 3 else frozenset()


def in_halves(model: nn.Module) -> dict[str, Tensor]:
    """Its kernels and matrices, of 16 bits a number, in main memory."""
    kept = {name: each for name, each in model.named_parameters() if each.ndim > 1}
    return {name: each.detach().to("cpu", torch.float16, copy=True) for name, each in kept.items()}


def build_network(plan: Plan, shape: tuple[int, int, int], classes: int, device: torch.device) -> nn.Module:
    """Made on the CPU, so that a seed starts alike on every device; channels last, which convolutions like best.

    A frozen one never enters training mode: its norms keep their averages, and a picture always has the same features.
    Raises `ValueError` with a sentence if it cannot class pictures of `shape` (C, H, W).
    """
    with chance(plan.recipe.seed, "weights", 0, torch.device("cpu")):
        model = build(fitted(plan.spec, shape[0], shape[1], classes))
    model = model.to(device).to(memory_format=torch.channels_last)
    check_fit(plan.spec.name, model, shape, classes, device)
    if not plan.frozen:
        return model.train()
    last = head_prefix(model)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.startswith(last))
    return model.eval()


def check_fit(name: str, model: nn.Module, shape: tuple[int, int, int], classes: int, device: torch.device) -> None:
    wanted = "×".join(map(str, shape))
    try:
        with torch.no_grad():
            logits = model.eval()(torch.zeros(2, *shape, device=device))
    except Exception as error:
        reason = str(error).split("\n")[0][:160]
        raise ValueError(f"{name} cannot take pictures of {wanted}: {reason}") from error
    found = tuple(logits.shape) if isinstance(logits, torch.Tensor) else ()
    if found != (2, classes):
        raise ValueError(f"{name} does not answer with {classes} numbers a picture, one for each class.")


def weighted_parameters(model: nn.Module) -> dict[str, nn.Parameter]:
    """Name and weight of every layer that multiplies by a matrix or a kernel, first first; norms do not count."""
    return {
        name.removesuffix("weight").rstrip("._") or "weight": parameter
        for name, parameter in model.named_parameters()
        if name.endswith("weight") and parameter.ndim >= 2
    }


def head_prefix(model: nn.Module) -> str:
    """What the names of its last layer's weights begin with: those that belong to the classes."""
    *_, last = weighted_parameters(model)
    return f"{last}."


def take_over(model: nn.Module, weights: dict[str, Tensor]) -> None:
    """All but those of the last layer. Raises `ValueError` with a sentence if they are of another network."""
    last = head_prefix(model)
    backbone = {name: tensor for name, tensor in weights.items() if not name.startswith(last)}
    for name, tensor in model.state_dict().items():
        if name in backbone and backbone[name].shape != tensor.shape:
            found, wanted = ("×".join(map(str, each.shape)) for each in (backbone[name], tensor))
            raise ValueError(f"The weights to start from do not fit these pictures: {name} is {found}, not {wanted}.")
    missing, strange = model.load_state_dict(backbone, strict=False)
    # Older files know no count of batches; nothing depends on it.
    missing = [name for name in missing if not name.startswith(last) and not name.endswith("num_batches_tracked")]
    if missing or strange:
        raise ValueError(f"The weights to start from are of another network: see {(missing + strange)[0]}.")


MEASURED_STEPS = 3


@dataclass(frozen=True)
class Estimate:
    seconds_per_step: float
    seconds_per_test: float
    steps: int
    tests: int

    @property
    def seconds(self) -> float:
        """Of the whole run."""
        return self.steps * self.seconds_per_step + self.tests * self.seconds_per_test


def estimate(plan: Plan, dataset: Dataset) -> Estimate:
    """The first step is not counted: it also finds memory and chooses kernels."""
    session = Session(plan, dataset)
    session.gradients(*session.next_batch())
    each = [seconds_per_step(session) for _ in range(MEASURED_STEPS)]
    every = plan.recipe.evaluate_every
    tests = 1 if every is None else -(-session.length // every)
    return Estimate(median(each), seconds_per_test(session), session.length, tests)


def seconds_per_step(session: Session) -> float:
    """Of one update, without a test."""
    start = time.perf_counter()
    session.gradients(*session.next_batch())
    session.optimiser.step(session.rate())
    return time.perf_counter() - start


def seconds_per_test(session: Session) -> float:
    """Of all test pictures, from one part of them."""
    images = session.pictures.test.images
    part = images[:AT_ONCE]
    start = time.perf_counter()
    logits_of(session.model, session.pictures, part, session.recipe.precision).sum().item()
    return (time.perf_counter() - start) * len(images) / len(part)


def forecast(plan: str) -> float:
    """Seconds of one core for the plan (JSON). Raises `ValueError` with a sentence."""
    known = parse_plan(plan)
    return estimate(known, load_dataset(known.dataset)).seconds


def time_side_by_side(seconds: Sequence[float], workers: int) -> float:
    """Seconds until the last is done, where so many are trained side by side."""
    return max(max(seconds, default=0.0), sum(seconds) / max(1, workers))
