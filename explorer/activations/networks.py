"""Networks that can be looked into: of a run, with the weights it ended or began with, or of torchvision's."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn

from explorer.activations.activations import Activations
from explorer.analysis.model_summary import ModelSummary, study
from explorer.datasets.registry import load_dataset
from explorer.models.meta_init import modules_of, unregistered_tensors
from explorer.models.spec import Spec, build
from explorer.training.dataloader import chance
from explorer.training.engine import Session, build_network
from explorer.training.plan import Plan, fitted, parse_plan
from explorer.training.results.predictions import Intake, intake_of
from explorer.training.runs.pretrained_weights import PUBLISHED

LARGEST = 12 * 2**20  # bytes of pictures
NO_FIT = "These weights do not fit {}: the network or the data has changed since they were made."


@dataclass(frozen=True, eq=False)
class LiveNetwork:
    """On the CPU, in evaluation mode."""

    title: str
    spec: Spec
    model: nn.Module
    intake: Intake


@dataclass(frozen=True, eq=False)
class Look:
    """A network and what it computed of a picture."""

    live: LiveNetwork
    picture: Tensor  # (C, S, S) of bytes, as it was
    name: str  # of the picture
    seen: Activations

    @property
    def known(self) -> ModelSummary:
        return study(self.live.spec)

    def likeliest(self, count: int) -> list[tuple[str, float]]:
        """Classes and the probabilities that the network gives them, the likeliest first."""
        logits = self.seen.outputs[self.known.outline.ends[0]].flatten()
        found = logits.float().softmax(0)
        best = found.argsort(descending=True)[:count].tolist()
        return [(self.live.intake.classes[each], float(found[each])) for each in best]


def live_network(title: str, spec: Spec, state: Mapping[str, Tensor], intake: Intake) -> LiveNetwork:
    """`spec` fits the pictures. Raises `ValueError` with a sentence where the weights are not this network's."""
    model = build(spec, "meta")
    try:
        model.load_state_dict(dict(state), assign=True)
    except RuntimeError:
        raise ValueError(NO_FIT.format(title)) from None
    unheld = (*model.buffers(), *(tensor for _, tensor in unregistered_tensors(modules_of(model))))
    if any(each.is_meta for each in unheld):  # which no file of weights holds
        model = build(spec)
        model.load_state_dict(dict(state))
    return LiveNetwork(title, spec, model.eval(), intake)


def spec_of_plan(plan: Plan, intake: Intake) -> Spec:
    """The network as it is for these pictures and classes."""
    return fitted(plan.spec, intake.shape[0], intake.shape[1], len(intake.classes))


def initial_state(plan: str, intake: Intake) -> bytes:
    """What a run of the plan begins with, as a checkpoint's bytes. For a worker: it lends torch's generator."""
    shape, classes = intake.shape, len(intake.classes)
    model = build_network(parse_plan(plan), shape, classes, torch.device("cpu"))
    return packed_state(model)


def initial_weights(spec: Spec) -> bytes:
    """Of a network that no run made, by seed 0. For a worker, as above."""
    with chance(0, "weights", 0, torch.device("cpu")):
        return packed_state(build(spec))


def packed_state(model: nn.Module) -> bytes:
    buffer = io.BytesIO()
    state = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    torch.save({"model": state}, buffer)
    return buffer.getvalue()


def plan_intake(plan: str) -> Intake:
    """Of the plan's data. For a worker: it may take seconds to read them."""
    known = parse_plan(plan)
    dataset = load_dataset(known.dataset)
    return intake_of(Session(known, dataset, "cpu"), dataset.classes)


def published_intake(start: str) -> Intake:
    """What torchvision's weights were evaluated on."""
    from torchvision.models import get_model_weights

    name, _, version = start.removeprefix(PUBLISHED).partition("/")
    weights = get_model_weights(name)[version]
    told = weights.transforms()
    side, classes, how = told.crop_size[0], tuple(weights.meta["categories"]), told.interpolation.value
    return Intake(classes, (3, side, side), tuple(told.mean), tuple(told.std), told.resize_size[0], how)


@lru_cache(maxsize=4)
def packed_pictures(dataset: str, intake: Intake, most: int) -> bytes:
    """So many test pictures as the network takes them, (N, C, H, W) of bytes, and their classes."""
    channels, side, _ = intake.shape
    test = load_dataset(dataset).test
    split = test.balanced(min(most, LARGEST // (channels * side * side)))
    if intake.resize or split.images.shape[1] != channels:
        images = torch.stack([intake.fitted(image) for image in split.images])
    else:  # all at once: one by one they take a second and more
        images = split.resized(side).images
    buffer = io.BytesIO()
    torch.save((images, split.labels), buffer)
    return buffer.getvalue()
