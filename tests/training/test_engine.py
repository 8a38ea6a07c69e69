"""The engine does what PyTorch does by hand, and the same again from the same seed, interrupted or not."""

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torchvision.transforms import functional as TF

from explorer.datasets.dataset import Dataset, Split
from explorer.models.spec import Spec
from explorer.training.dataloader import EpochOrder, augment, crop
from explorer.training.engine import Diverged, Session, Step, estimate, train
from explorer.training.evaluation import evaluate
from explorer.training.optimizer import WarmUp
from explorer.training.plan import Plan
from explorer.training.recipe import Recipe

pytestmark = pytest.mark.usefixtures("one_thread")
TINY = Spec("model_defs", "CIFAR ResNet", (("depth", 8), ("width", 4)))
DROPS = Spec("model_defs", "CIFAR ResNet", (("depth", 8), ("width", 4), ("shortcut", "dropout")))


def random_split(count: int, shape: tuple[int, ...], seed: int) -> Split:
    chance = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 256, (count, *shape), dtype=torch.uint8, generator=chance)
    return Split(images, torch.arange(count) % 4)


def random_dataset(count: int = 64, shape: tuple[int, ...] = (3, 8, 8)) -> Dataset:
    """Labels that have nothing to do with the pictures: they can only be learnt by heart."""
    classes = ("one", "two", "three", "four")
    return Dataset("noise", "Noise", "", classes, random_split(count, shape, 1), random_split(30, shape, 2))


DATASET = random_dataset()


def session(spec: Spec = TINY, dataset: Dataset = DATASET, **recipe: Any) -> Session:
    asked: dict[str, Any] = {"steps": 12, "batch": 24, **recipe}
    return Session(Plan(spec, dataset.key, Recipe(**asked)), dataset)


def curve(steps: Any) -> list[Step]:
    return [replace(step, images_per_second=0) for step in steps]


def test_a_tiny_set_is_learnt_by_heart() -> None:
    steps = list(train(session(steps=120, batch=64, rate=0.05, weight_decay=0)))
    assert steps[-1].error == 0
    assert steps[-1].loss < 0.05
    assert steps[-1].images_per_second > 0


@pytest.mark.parametrize("spec", [TINY, DROPS], ids=["identity", "dropout"])
def test_the_same_seed_gives_the_same_curve_and_another_does_not(spec: Spec) -> None:
    asked: dict[str, Any] = {"spec": spec, "augment": "crop+flip", "evaluate_every": 5}
    first = curve(train(session(**asked)))
    torch.rand(7)  # what others draw in between does not matter
    assert curve(train(session(**asked))) == first
    assert curve(train(session(**asked, seed=1))) != first


def test_sessions_that_take_turns_do_not_disturb_each_other() -> None:
    alone = [curve(train(session(DROPS, seed=seed))) for seed in (0, 1)]
    turns = list(zip(train(session(DROPS, seed=0)), train(session(DROPS, seed=1)), strict=True))
    assert [curve(steps) for steps in zip(*turns, strict=True)] == alone


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_a_restored_session_goes_on_as_if_never_interrupted(optimiser: str) -> None:
    asked: dict[str, Any] = {"spec": DROPS, "optimiser": optimiser, "augment": "flip", "warm_up": 0.01, "rate": 0.02}
    whole = curve(train(session(**asked)))
    first = session(**asked)
    begun = [next(steps) for steps in [train(first)] for _ in range(5)]
    file = io.BytesIO()
    torch.save(first.state(), file)
    kept = file.getvalue()
    list(train(first))  # what the first does afterwards is not in its saved state
    state = torch.load(io.BytesIO(kept), weights_only=True)
    second = session(**asked)
    second.restore(state)
    assert curve(begun) + curve(train(second)) == whole
    third = session(**asked)
    third.restore(state)  # and the second has not written into it
    assert curve(train(third)) == whole[5:]


def test_others_find_the_global_generator_as_they_left_it() -> None:
    before = torch.get_rng_state()
    session(DROPS).update()
    assert torch.equal(torch.get_rng_state(), before)


def by_hand(live: Session) -> tuple[Tensor, Tensor]:
    """The next batch, picked and normalised from first principles."""
    train_split = DATASET.train
    everything = train_split.images.double()
    mean = everything.mean((0, 2, 3), keepdim=True)
    deviation = everything.var((0, 2, 3), correction=0, keepdim=True).sqrt()
    chosen = live.order.at(live.step)
    return ((everything[chosen] - mean) / deviation).float(), train_split.labels[chosen]


def test_updates_are_those_of_pytorch_by_hand() -> None:
    """Momentum and weight decay from their formulas, gradients and norms from plain autograd."""
    live = session(rate=0.05, momentum=0.8, weight_decay=0.01)
    model = session(rate=0.05).model  # its twin, from the same seed
    speeds = [torch.zeros_like(parameter) for parameter in model.parameters()]
    for _ in range(3):
        images, labels = by_hand(live)
        loss = F.cross_entropy(model(images), labels)
        gradients = torch.autograd.grad(loss, list(model.parameters()))
        step = live.update()
        assert step.loss == pytest.approx(loss.item(), rel=1e-4)
        names = [name for name, _ in model.named_parameters()]
        norms = {name: gradient.norm().item() for name, gradient in zip(names, gradients, strict=True)}
        assert step.norms == pytest.approx([norms[f"{layer}.weight"] for layer in live.layers], rel=1e-3)
        with torch.no_grad():
            for parameter, gradient, speed in zip(model.parameters(), gradients, speeds, strict=True):
                speed.mul_(0.8).add_(gradient + 0.01 * parameter)
                parameter.sub_(0.05 * speed)
    for ours, theirs in zip(live.model.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_updates_are_those_of_pytorchs_own_optimisers_to_the_last_bit(optimiser: str, momentum: float) -> None:
    live = session(optimiser=optimiser, rate=0.02, momentum=momentum, weight_decay=0.01)
    model = session().model  # its twin, from the same seed
    parameters, common = list(model.parameters()), {"lr": 0.02, "weight_decay": 0.01, "fused": True}
    if optimiser == "adam":
        theirs: torch.optim.Optimizer = torch.optim.Adam(parameters, **common)
    else:
        theirs = torch.optim.SGD(parameters, momentum=momentum, **common)
    for _ in range(3):
        live.update()
        for ours, parameter in zip(live.model.parameters(), parameters, strict=True):
            assert ours.grad is not None
            parameter.grad = ours.grad.clone(memory_format=torch.preserve_format)
        theirs.step()
    for ours, parameter in zip(live.model.parameters(), parameters, strict=True):
        assert torch.equal(ours, parameter)
    again = session(optimiser=optimiser, rate=0.02, momentum=momentum, weight_decay=0.01)
    again.restore(live.state() | {"optimiser": theirs.state_dict()})  # a state that PyTorch's wrote is read, too
    assert curve(train(again)) == curve(train(live))


WORKER = """
import sys
from explorer.training.scheduler import worker_task
from explorer.datasets.shapes10 import draw_shapes10
from explorer.training.engine import Session, train
from explorer.training.plan import parse_plan
session = Session(parse_plan(sys.argv[1]), draw_shapes10(100, 20))
assert next(train(session)).step == 1
session.state()
assert not {"torch._dynamo", "torchvision"} & sys.modules.keys()
"""


def test_a_worker_trains_without_loading_pytorchs_compiler() -> None:
    """It takes longer than all the rest of the way to the first step."""
    plan = session().plan.json()
    subprocess.run([sys.executable, "-c", WORKER, plan], check=True, cwd=Path(__file__).parents[2])


def test_weighted_layers_are_named_first_first() -> None:
    live = session(replace(TINY, options=(("depth", 20), ("shortcut", "none"), ("width", 4))))
    assert len(live.layers) == 20  # as the paper counts
    assert (live.layers[0], live.layers[-1]) == ("stem.0", "head.2")


def test_weights_start_as_he_et_al_start_them() -> None:
    """Zero mean and deviation √(2 / fan): 3 × 3 × 64 numbers leave each kernel of the last stage."""
    live = session(replace(TINY, options=(("depth", 20), ("width", 16))))
    weight = live.model.get_parameter("stage3.1.conv1.weight")
    assert weight.std().item() == pytest.approx((2 / (9 * 64)) ** 0.5, rel=0.02)
    assert abs(weight.mean().item()) < 0.001


def test_a_test_leaves_no_trace() -> None:
    live = session()
    live.update()
    before = live.state()
    evaluate(live.model, live.pictures)
    assert live.model.training
    assert all(torch.equal(value, before["model"][name]) for name, value in live.model.state_dict().items())
    tested, plain = train(session(evaluate_every=1)), train(session())
    assert [step.loss for step in tested] == [step.loss for step in plain]


def test_the_test_error_is_the_share_of_wrong_answers() -> None:
    live = session(evaluate_every=4)
    steps = list(train(live))
    assert [step.step for step in steps if step.test] == [4, 8, 12]
    model, split = live.model.eval(), DATASET.test
    with torch.no_grad():
        logits = torch.cat([model(live.pictures.normalised(image[None])) for image in split.images])
    wrong = sum(int(row.argmax()) != int(label) for row, label in zip(logits, split.labels, strict=True))
    assert steps[-1].test is not None
    assert steps[-1].test.error == pytest.approx(wrong / len(split))
    assert steps[-1].test.loss == pytest.approx(F.cross_entropy(logits, split.labels).item(), rel=1e-4)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_run_that_diverges_says_when_and_what_to_try(value: float) -> None:
    live = session(rate=0.5)
    steps = train(live)
    assert [next(steps).step, next(steps).step] == [1, 2]
    live.model.get_parameter("head.2.bias").data[0] = value
    before = live.state()["model"]
    with pytest.raises(Diverged, match=r"at step 3: try a learning rate below 0\.5, or a warm-up\.$"):
        next(steps)
    weight = live.model.get_parameter("stem.0.weight")
    assert torch.equal(weight, before["stem.0.weight"])  # what is no number has changed no weight


def test_a_warm_up_lasts_until_the_training_error_is_below_80_percent() -> None:
    live = session(warm_up=0.01, rate=0.1)
    assert live.update().rate == 0.01
    warm_up = WarmUp(0.01)
    for _ in range(200):
        warm_up.note(0.85)
    assert not warm_up.over
    for _ in range(200):
        warm_up.note(0.75)
    assert warm_up.over
    live.warm_up.restore(warm_up.state())
    assert live.update().rate == 0.1
    warm_up.note(1.0)
    assert warm_up.over  # for good


def test_every_picture_is_seen_once_an_epoch() -> None:
    order = EpochOrder(seed=3, count=10, batch=4)
    seen = torch.cat([order.at(step) for step in range(5)]).tolist()  # two epochs
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10))
    assert seen[:10] != seen[10:]
    assert EpochOrder(3, 10, 4).at(2).tolist() == seen[8:12]  # as when a run begins in the middle


def test_a_crop_is_torchvisions_of_the_padded_picture() -> None:
    images = DATASET.train.images[:6]
    shifts = torch.tensor([[0, 8, 4, 1, 5, 2], [8, 0, 4, 7, 3, 6]])
    for ours, image, top, left in zip(crop(images, shifts), images, *shifts.tolist(), strict=True):
        assert torch.equal(ours, TF.crop(TF.pad(image, [4, 4, 4, 4]), top, left, 8, 8))


def test_about_half_the_pictures_are_mirrored_and_the_rest_left_alone() -> None:
    images = DATASET.train.images
    flipped = augment(images, "flip", torch.Generator().manual_seed(0))
    kinds = ["same" if torch.equal(a, b) else "mirrored" for a, b in zip(flipped, images, strict=True)]
    mirrored = [torch.equal(a, TF.hflip(b)) for a, b in zip(flipped, images, strict=True)]
    assert [kind == "mirrored" for kind in kinds] == mirrored
    assert 20 < sum(mirrored) < 44  # of 64
    assert augment(images, "none", torch.Generator()) is images


def test_every_shift_from_0_to_8_occurs_both_ways() -> None:
    spots = torch.zeros(2000, 1, 17, 17, dtype=torch.uint8)
    spots[:, 0, 8, 8] = 1
    moved = augment(spots, "crop+flip", torch.Generator().manual_seed(0))
    where = moved[:, 0].nonzero()
    assert len(where) == 2000
    assert where[:, 1].unique().tolist() == where[:, 2].unique().tolist() == list(range(4, 13))


def test_grey_pictures_other_sizes_and_subsets_go_in() -> None:
    grey = random_dataset(40, (1, 12, 12))
    live = session(dataset=grey, size=8, subset=20, test_subset=8, batch=128)
    assert live.pictures.train.images.shape == (20, 1, 8, 8)
    assert live.pictures.test.images.shape == (8, 1, 8, 8)
    assert len(list(train(live))) == 12
    numbers = live.pictures.normalised(live.pictures.train.images)
    assert numbers.mean().item() == pytest.approx(0, abs=1e-5)
    assert numbers.std(correction=0).item() == pytest.approx(1, abs=1e-4)


def test_one_colour_throughout_is_not_divided_by_nothing() -> None:
    split = Split(torch.full((8, 3, 8, 8), 7, dtype=torch.uint8), torch.arange(8) % 4)
    flat = replace(DATASET, train=split, test=split)
    assert session(dataset=flat).update().loss > 0


def test_half_precision_learns_too() -> None:
    steps = list(train(session(steps=60, batch=64, rate=0.05, precision="bf16", size=8)))
    assert steps[-1].loss < steps[0].loss / 2


def test_a_network_that_cannot_take_the_pictures_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"^alexnet cannot take pictures of 3×8×8: "):
        session(Spec("torchvision", "alexnet"))


def test_a_network_with_several_answers_is_trained_on_the_first() -> None:
    dataset = random_dataset(8, (3, 32, 32))
    live = session(Spec("torchvision", "googlenet"), dataset, batch=4, steps=1)
    (step,) = train(live)
    norms = dict(zip(live.layers, step.norms, strict=True))
    assert norms["fc"] > 0
    assert norms["aux1.fc2"] == 0  # gets no gradient


def test_the_time_is_estimated_and_the_estimate_trains_nothing() -> None:
    plan = Plan(TINY, DATASET.key, Recipe(steps=100, batch=24, evaluate_every=30))
    found = estimate(plan, DATASET)
    assert (found.steps, found.tests) == (100, 4)
    assert found.seconds == pytest.approx(100 * found.seconds_per_step + 4 * found.seconds_per_test)
    assert found.seconds_per_step > 0
