"""A network at its weights, and two directions from there: the loss at any point of that plane, in a worker.

Li, Xu, Taylor, Studer & Goldstein 2018 (arXiv 1712.09913), Sec. 4: a direction is drawn at random, and each filter of
it is scaled to the norm of the same filter of the weights, so that a step of 1 is as long as the weights themselves,
filter by filter. Sec. 7: or the two are those along which the training went furthest, by a singular value
decomposition of its checkpoints' differences from the end. Biases and the parameters of norms stay as they are. The
network is evaluated as it is used: its norms keep the averages of the training, as in the authors' own code
(`evaluation.py`, `net.eval()`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from time import perf_counter

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.datasets.drawings import drawings
from explorer.datasets.registry import load_dataset
from explorer.hardware import fastest_device
from explorer.training.dataloader import generator
from explorer.training.engine import Session, build_network
from explorer.training.evaluation import AT_ONCE
from explorer.training.plan import parse_plan
from explorer.training.results.predictions import CHECKPOINT, Intake
from explorer.training.runs.pretrained_weights import loaded
from explorer.training.scheduler.worker_task import configure_process, describe_machine

Point = tuple[int, int]  # steps along the first and the second direction
REACH = 20  # steps to either side
STEP = 1 / REACH  # the length of one, where 1 is the norm of each filter
SPARSE = 2  # steps between the points of the plane
PICTURES = 200  # at most
TRAJECTORY = -1  # stands for a seed
MARGIN = 1.15  # the edge of that plane lies so many times as far as the checkpoint that is furthest
DRAWN, DRAWINGS = "", "the drawings of this program"  # what stands for pictures that are not here
MOST_SPACES = 4  # that a worker keeps; the one that has waited longest goes first
NO_FIT = "The checkpoint does not fit {} on these pictures: has the data changed?"
NO_WAY = "{} kept too few checkpoints on its way to draw it: what is trained from now on keeps them, if it is small."
NO_LABELS = (
    "The pictures that it was trained on are not on this computer, and its classes are not those of the drawings."
)


def distance_from_centre(point: Point) -> tuple[int, int, int]:
    """Squared, in steps; of two that are as far, always the same one comes first."""
    along, across = point
    return along * along + across * across, across, along


SPAN = range(-REACH, REACH + 1)
LINE = tuple(sorted(((along, 0) for along in SPAN), key=distance_from_centre))  # from the centre outwards
PLANE = tuple(
    sorted(((along, across) for along in SPAN[::SPARSE] for across in SPAN[::SPARSE]), key=distance_from_centre)
)


@dataclass(frozen=True)
class SliceKey:
    """The same weights, pictures and directions have the same one."""

    run: str  # its id
    weights: str  # the SHA-256 of those that ship, or the step of the run's checkpoint
    pictures: str  # the key of the dataset on this computer; `DRAWN` where it is not here
    seed: int  # of the directions; `TRAJECTORY` where they are those of the training


@dataclass(frozen=True)
class PointsOrder:
    """Points for a worker: as many as it gets done in the time, at least one."""

    key: SliceKey
    plan: str  # JSON
    intake: Intake | None  # where the pictures are drawn
    state: bytes | None  # the checkpoint, where the worker may not have the network alive
    points: tuple[Point, ...]
    seconds: float


@dataclass(frozen=True)
class SliceFacts:
    """What was evaluated, and where."""

    data: str  # the pictures' name
    pictures: int
    classes: int
    moved: int  # numbers that the directions change,
    held: int  # and parameters that they leave alone
    machine: str
    torch: str
    way: tuple[tuple[int, float, float], ...] = ()  # the step of each checkpoint, and where in the plane it lies
    shares: tuple[float, ...] = ()  # of the squared distances from the end, how much each direction holds


@dataclass(frozen=True)
class PointsFound:
    losses: tuple[tuple[Point, float | None], ...] = ()  # None: it is no finite number
    facts: SliceFacts | None = None
    seconds: float = 0.0  # that they took, the opening left out
    missing: bool = False  # the network is not alive there: send its state
    failure: str = ""


@dataclass(frozen=True)
class Directions:
    """Two, each with a tensor for each parameter; of the training's own, where they come from."""

    pair: tuple[list[Tensor], list[Tensor]]
    way: tuple[tuple[int, float, float], ...] = ()
    shares: tuple[float, ...] = ()


class WeightSpace:
    """A network at its weights, two directions from there, and labelled pictures to evaluate it on."""

    def __init__(self, model: nn.Module, numbers: Tensor, labels: Tensor, directions: Directions) -> None:
        """`numbers`: (N, C, H, W) as the network takes them."""
        self.model, self.numbers, self.labels = model.eval(), numbers, labels
        self.parameters = [parameter.requires_grad_(False) for parameter in model.parameters()]
        self.centre = [parameter.clone() for parameter in self.parameters]
        self.directions = directions

    @torch.no_grad()
    def loss(self, point: Point) -> float | None:
        """The mean cross-entropy there; None where it is no finite number."""
        torch._foreach_copy_(self.parameters, self.centre)  # pyright: ignore[reportPrivateImportUsage]
        for steps, direction in zip(point, self.directions.pair, strict=True):
            if steps:
                step = steps * STEP
                torch._foreach_add_(self.parameters, direction, alpha=step)  # pyright: ignore[reportPrivateImportUsage]
        logits = torch.cat([self.model(part).float() for part in self.numbers.split(AT_ONCE)])
        found = F.cross_entropy(logits, self.labels).item()
        return found if isfinite(found) else None

    def facts(self, data: str, classes: int) -> SliceFacts:
        moved = sum(each.numel() for each in self.centre if each.ndim > 1)
        held = sum(each.numel() for each in self.centre) - moved
        about = dict(describe_machine())
        told = data, len(self.labels), classes, moved, held, about["machine"], about["torch"]
        return SliceFacts(*told, self.directions.way, self.directions.shares)


def random_directions(model: nn.Module, seed: int) -> Directions:
    weights = [parameter.detach() for parameter in model.parameters()]
    return Directions((random_direction(weights, seed, 0), random_direction(weights, seed, 1)))


def trained_directions(model: nn.Module, trajectory: Mapping[int, Mapping[str, Tensor]]) -> Directions:
    """Along which the checkpoints lie furthest from the weights of now, which are the end: where 1 is the plane's edge.

    `trajectory`: kernels and matrices by the updates so far. Their differences from the end are the rows of a matrix;
    its first two right singular vectors are the directions, so that the plane goes through the end itself.
    """
    moved = {name: each.detach() for name, each in model.named_parameters() if each.ndim > 1}
    steps = sorted(trajectory)
    rows = torch.stack([flat({name: trajectory[step][name].to(moved[name]) for name in moved}) for step in steps])
    left, lengths, right = torch.linalg.svd(rows - flat(moved), full_matrices=False)
    places = (left * lengths)[:, :2]
    signs = torch.where(places[0] > 0, -1.0, 1.0)  # the start at the left, below
    reach = MARGIN * places.abs().amax(0).clamp_min(1e-12)  # of what never moved, too
    edges = right[:2] * (signs * reach)[:, None]
    way = tuple((step, *each) for step, each in zip(steps, (places * signs / reach).double().tolist(), strict=True))
    shares = (lengths.square() / lengths.square().sum())[:2].double().tolist()
    return Directions((by_parameter(model, edges[0]), by_parameter(model, edges[1])), way, tuple(shares))


def flat(tensors: Mapping[str, Tensor]) -> Tensor:
    return torch.cat([each.flatten() for each in tensors.values()])


def by_parameter(model: nn.Module, numbers: Tensor) -> list[Tensor]:
    """Over the kernels and matrices; zero for all others."""
    parts = iter(numbers.split([each.numel() for each in model.parameters() if each.ndim > 1]))
    return [next(parts).view(each.shape) if each.ndim > 1 else torch.zeros_like(each) for each in model.parameters()]


def random_direction(weights: Sequence[Tensor], seed: int, turn: int) -> list[Tensor]:
    """Filter-normalised. Networks whose parameters have the same shapes get the same numbers before that."""
    chance = generator(seed, "direction", turn)
    drawn = [torch.randn(weight.shape, generator=chance).to(weight) for weight in weights]
    return [normalise_filters(each, weight) for each, weight in zip(drawn, weights, strict=True)]


def normalise_filters(direction: Tensor, weight: Tensor) -> Tensor:
    """Each filter (a row of a matrix is one) as long as that of the weight; nothing where there are no filters."""
    if weight.ndim < 2:
        return torch.zeros_like(weight)
    across = tuple(range(1, weight.ndim))
    lengths = torch.linalg.vector_norm(direction, dim=across, keepdim=True)
    return direction * (torch.linalg.vector_norm(weight, dim=across, keepdim=True) / (lengths + 1e-10))


# In a worker

# The spaces that are alive in this process, the newest last; one in use is nobody else's meanwhile.
SPACES: dict[SliceKey, tuple[WeightSpace, SliceFacts]] = {}


def measure_points(order: PointsOrder) -> PointsFound:
    """Every trouble comes back as a sentence."""
    configure_process()
    try:
        opened = SPACES.pop(order.key, None) or (open_space(order) if order.state else None)
    except ValueError as error:
        return PointsFound(failure=str(error))
    except (MemoryError, torch.OutOfMemoryError):
        return PointsFound(failure="There is not enough memory to open this network beside what runs already.")
    if opened is None:
        return PointsFound(missing=True)
    space, facts = opened
    began, losses = perf_counter(), list[tuple[Point, float | None]]()
    for point in order.points:
        losses.append((point, space.loss(point)))
        if perf_counter() - began > order.seconds:
            break
    SPACES[order.key] = opened
    for key in list(SPACES)[:-MOST_SPACES]:
        SPACES.pop(key, None)
    return PointsFound(tuple(losses), facts, perf_counter() - began)


def open_space(order: PointsOrder) -> tuple[WeightSpace, SliceFacts]:
    """Raises `ValueError` with a sentence."""
    state, name = loaded(order.state or b"", CHECKPOINT), parse_plan(order.plan).spec.name
    model, numbers, labels, data, classes = drawn_pictures(order) if order.intake else own_pictures(order)
    try:
        model.load_state_dict(state["model"])
    except RuntimeError:
        raise ValueError(NO_FIT.format(name)) from None
    if order.key.seed != TRAJECTORY:
        directions = random_directions(model, order.key.seed)
    elif len(kept := state.get("trajectory", {})) < 3:
        raise ValueError(NO_WAY.format(name))
    else:
        directions = trained_directions(model, kept)
    space = WeightSpace(model, numbers, labels, directions)
    return space, space.facts(data, classes)


def own_pictures(order: PointsOrder) -> tuple[nn.Module, Tensor, Tensor, str, int]:
    """Test pictures of the run's dataset, as many of each class."""
    plan, dataset = replace(parse_plan(order.plan), dataset=order.key.pictures), load_dataset(order.key.pictures)
    session = Session(plan, dataset, fastest_device())
    test = session.pictures.test.balanced(PICTURES)
    return session.model, session.pictures.normalised(test.images), test.labels, dataset.name, len(dataset.classes)


def drawn_pictures(order: PointsOrder) -> tuple[nn.Module, Tensor, Tensor, str, int]:
    intake, device = order.intake, torch.device(fastest_device())
    assert intake
    if {each.label for each in drawings()} - {*intake.classes}:
        raise ValueError(NO_LABELS)
    model = build_network(parse_plan(order.plan), intake.shape, len(intake.classes), device)
    numbers = torch.stack([intake.numbers(intake.fitted(each.image)) for each in drawings()])
    labels = torch.tensor([intake.classes.index(each.label) for each in drawings()])
    rows = numbers.to(device, memory_format=torch.channels_last)
    return model, rows, labels.to(device), DRAWINGS, len(intake.classes)
