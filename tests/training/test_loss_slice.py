"""The loss around the weights: directions, the centre, what does not change it; and the jobs that measure it."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from math import log
from pathlib import Path
from threading import Semaphore
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from explorer.activations.networks import live_network, spec_of_plan
from explorer.datasets.drawings import drawings
from explorer.datasets.registry import load_dataset
from explorer.models.spec import Spec
from explorer.training.engine import Session, train, trajectory_steps
from explorer.training.evaluation import Test, evaluate
from explorer.training.plan import Plan, parse_plan
from explorer.training.recipe import Recipe
from explorer.training.results.loss_slice import LossSlice, clipped_words, sharper_words
from explorer.training.results.predictions import read_intake
from explorer.training.results.slice_jobs import RECORDED, LossSlices, SliceSource, recorded_slices
from explorer.training.results.weight_space import (
    LINE,
    MARGIN,
    PLANE,
    STEP,
    TRAJECTORY,
    Point,
    PointsFound,
    PointsOrder,
    SliceFacts,
    SliceKey,
    WeightSpace,
    measure_points,
    normalise_filters,
    random_direction,
    random_directions,
    trained_directions,
)
from explorer.training.runs.pretrained_weights import SEAL, loaded, of_run, shipped_head, ships, weights_of
from explorer.training.runs.recorded_runs import collection, run_summary
from explorer.training.runs.store import Run, Store
from explorer.training.scheduler.worker_task import pack_state
from explorer.ui.train.page_state import dataset_here
from testing.waiting import until

# Those of which a slice ships; of the runs at full length it is measured when somebody asks.
SHIPPED = [run for run in collection().runs() if ships(run)]
FACTS = SliceFacts("noise", 8, 10, 100, 4, "a machine", "2")
AROUND: tuple[Point, ...] = ((0, 0), (3, 0), (-8, 6), (20, 20))
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A small network with norms, never trained, and 24 test pictures of noise."""
    noise = np.random.default_rng(0)
    for part in ("train", "test"):
        for label in ("one", "other"):
            place = tmp_path / part / label
            place.mkdir(parents=True)
            for number in range(12):
                Image.fromarray(noise.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(place / f"{number}.png")
    net = Spec("model_defs", "CIFAR ResNet", (("depth", 8), ("width", 8)))
    plan = Plan(net, f"folder:{tmp_path}", Recipe(steps=1, batch=8))
    return Session(plan, load_dataset(plan.dataset))


def space_of(session: Session, model: nn.Module | None = None) -> WeightSpace:
    test = session.pictures.test
    model = model or session.model
    numbers = session.pictures.normalised(test.images)
    return WeightSpace(model, numbers, test.labels, random_directions(model, 3))


def test_each_filter_of_a_direction_is_as_long_as_that_of_the_weights() -> None:
    weight = torch.tensor([[[[3.0, 4.0]]], [[[0.0, 0.0]]]])  # two filters, 5 and 0 long
    direction = torch.tensor([[[[0.0, 2.0]]], [[[1.0, 1.0]]]])
    assert torch.allclose(normalise_filters(direction, weight), torch.tensor([[[[0.0, 5.0]]], [[[0.0, 0.0]]]]))
    assert not normalise_filters(torch.ones(4), torch.ones(4)).any()


def test_the_same_seed_gives_the_same_direction_and_another_turn_another() -> None:
    weights = [torch.ones(2, 3)]
    (one,), (same,), (other,) = (random_direction(weights, 7, turn) for turn in (0, 0, 1))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_the_centre_is_the_evaluated_loss_to_the_bit(session: Session) -> None:
    expected = evaluate(session.model, session.pictures)
    order = PointsOrder(SliceKey("a", "b", session.plan.dataset, 3), session.plan.json(), None, None, AROUND, 60)
    assert measure_points(order).missing
    found = measure_points(PointsOrder(order.key, order.plan, None, pack_state(session), ((5, 5), (0, 0)), 60))
    assert found.failure == "" and found.facts
    assert dict(found.losses)[0, 0] == expected.loss
    assert (found.facts.pictures, found.facts.classes) == (24, 2)
    again = measure_points(order)  # it is alive there now
    assert dict(again.losses)[0, 0] == expected.loss


def test_a_point_is_the_loss_of_the_network_with_those_weights(session: Session) -> None:
    space = space_of(session)
    found = space.loss((-8, 6))
    with torch.no_grad():
        for parameter, middle, one, two in zip(
            session.model.parameters(), space.centre, *space.directions.pair, strict=True
        ):
            parameter.copy_(middle - 8 * STEP * one + 6 * STEP * two)
    assert isinstance(known := evaluate(session.model, session.pictures), Test)
    assert found == pytest.approx(known.loss, rel=1e-5)


def test_a_convolution_ten_times_as_large_before_its_norm_changes_nothing(session: Session) -> None:
    """Its norm's averages are ten times as large, too: so they would have been averaged."""
    session.model.train()(session.pictures.normalised(session.pictures.train.images))  # averages of these pictures
    space = space_of(session)
    before = [space.loss(point) for point in (*AROUND, (0, 0))]  # back to the centre
    layers = [layer for layer in session.model.modules() if isinstance(layer, nn.Conv2d | nn.BatchNorm2d)]
    convolution, norm = layers[2], layers[3]
    assert isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
    assert norm.running_mean is not None and norm.running_var is not None
    with torch.no_grad():
        convolution.weight *= 10
        norm.running_mean *= 10
        norm.running_var.copy_(100 * (norm.running_var + norm.eps) - norm.eps)
    space = space_of(session)
    assert [space.loss(point) for point in (*AROUND, (0, 0))] == pytest.approx(before, rel=1e-4)
    assert len({*before}) == len(AROUND)


# The training's own directions


def test_the_plane_of_a_flat_way_holds_all_of_it_and_each_checkpoint_lies_where_it_was() -> None:
    """Of four numbers: the end is the origin, the checkpoints lie at 4, 2 and 1 along one side and −3 along another."""
    model = nn.Linear(4, 1, bias=True)
    with torch.no_grad():
        model.weight.zero_()
    places = {0: [4.0, 0, 0, 0], 5: [2.0, -3.0, 0, 0], 9: [1.0, 0, 0, 0]}
    found = trained_directions(model, {step: {"weight": torch.tensor([row]).half()} for step, row in places.items()})
    assert sum(found.shares) == pytest.approx(1) and found.shares[0] > found.shares[1]
    assert [step for step, *_ in found.way] == [0, 5, 9] and found.way[0][1] < 0
    assert max(abs(along) for _, along, _ in found.way) == pytest.approx(1 / 1.15)
    for step, along, across in found.way:
        (first, bias), (second, _) = found.pair
        assert torch.allclose(along * first + across * second, torch.tensor([places[step]]), atol=1e-5)
        assert not bias.any()


def noisy(weight: torch.Tensor, noise: torch.Generator) -> torch.Tensor:
    return (weight + torch.randn(weight.shape, generator=noise)).half()


def test_the_directions_are_those_of_a_plain_decomposition(session: Session) -> None:
    """By NumPy, of the same differences: the two axes, and what each holds."""
    noise = torch.Generator().manual_seed(1)
    end = {name: each.detach() for name, each in session.model.named_parameters() if each.ndim > 1}
    kept = {step: {name: noisy(each, noise) for name, each in end.items()} for step in range(5)}
    found = trained_directions(session.model, kept)
    apart = [[(kept[step][name].float() - end[name]).flatten() for name in end] for step in kept]
    _, lengths, axes = np.linalg.svd(np.array([torch.cat(row).numpy() for row in apart]), full_matrices=False)
    assert found.shares == pytest.approx((lengths**2 / (lengths**2).sum())[:2], rel=1e-4)
    for axis, direction in zip(axes, found.pair, strict=False):
        moved = torch.cat([each.detach().flatten() for each in direction if each.ndim > 1]).numpy()
        assert abs(moved @ axis) == pytest.approx(np.linalg.norm(moved), rel=1e-4)


def test_a_run_keeps_its_weights_on_the_way_and_goes_on_with_them(session: Session) -> None:
    plan = Plan(session.plan.spec, session.plan.dataset, Recipe(steps=24, batch=8))
    dataset = load_dataset(plan.dataset)
    whole, first = Session(plan, dataset), Session(plan, dataset)
    start = {name: each.clone() for name, each in whole.model.named_parameters()}
    list(train(whole))
    for _ in range(9):
        first.update()
    rest = Session(plan, dataset)
    rest.restore(loaded(pack_state(first), "a checkpoint"))
    list(train(rest))
    assert [*whole.trajectory] == [*range(0, 24, 2)] == [*rest.trajectory]
    for step, kept in whole.trajectory.items():
        assert all(torch.equal(each, rest.trajectory[step][name]) for name, each in kept.items())
    assert all(torch.equal(each, start[name].half()) for name, each in whole.trajectory[0].items())
    assert {name for name, each in start.items() if each.ndim > 1} == whole.trajectory[0].keys()
    found = trained_points(whole)
    assert found.failure == "" and found.facts and [step for step, *_ in found.facts.way] == [*whole.trajectory]
    assert dict(found.losses)[0, 0] == evaluate(whole.model, whole.pictures).loss


def trained_points(session: Session) -> PointsFound:
    key = SliceKey("b", "c", session.plan.dataset, TRAJECTORY)
    return measure_points(PointsOrder(key, session.plan.json(), None, pack_state(session), AROUND, 60))


def test_a_run_that_kept_too_little_says_so(session: Session) -> None:
    assert "kept too few checkpoints" in trained_points(session).failure  # of one step
    assert len(trajectory_steps(1000, 10**6)) == 4 and not trajectory_steps(1000, 2 * 10**6)


def test_points_come_from_the_centre_outwards_and_share_the_line() -> None:
    assert len({*LINE}) == 41 and len({*PLANE}) == 441 and len({*LINE, *PLANE}) == 461
    for points in (LINE, PLANE):
        lengths = [along**2 + across**2 for along, across in points]
        assert lengths[0] == 0 and lengths == sorted(lengths)


# What ships


def shipped_loss(run: Run, pictures: str) -> float | None:
    state = weights_of(run, None)  # pyright: ignore[reportArgumentType]  (what ships is in no store)
    assert state
    intake = None if pictures else read_intake(shipped_head(run))
    key = SliceKey(run.id, run_summary(run, SEAL), pictures, 0)
    (found,) = measure_points(PointsOrder(key, run.plan, intake, state.state, LINE[:1], 60)).losses
    return found[1]


def test_recorded_slices_are_whole_and_of_the_weights_that_ship() -> None:
    found = recorded_slices()
    weights = {run_summary(run, SEAL) for run in SHIPPED}
    assert {seal for seal, seed in found if seed == 0} == weights
    assert RECORDED.stat().st_size <= 200_000
    for each in found.values():
        points = {*PLANE} if each.key.seed == TRAJECTORY else {*LINE, *PLANE}
        assert each.losses.keys() == points and each.facts and each.facts.data.startswith("CIFAR-10")
        centre = recorded_slices()[each.key.weights, 0].centre
        assert each.centre == centre  # whatever the directions


def test_the_ways_of_the_quick_runs_are_recorded_from_their_first_update_on() -> None:
    quick = [run for run in SHIPPED if run_summary(run, "length") == "quick"]
    ways = {run.title: recorded_slices()[run_summary(run, SEAL), TRAJECTORY].facts for run in quick}
    assert {*ways} == {"plain-20", "plain-56", "ResNet-20", "ResNet-56", "Pre-act ResNet-56"}
    for facts in filter(None, ways.values()):
        assert [step for step, *_ in facts.way] == sorted(trajectory_steps(150, 0)) and 0 < sum(facts.shares) <= 1
        assert max(abs(place) for _, *places in facts.way for place in places) == pytest.approx(1 / MARGIN)


@pytest.mark.parametrize("run", SHIPPED, ids=lambda run: f"{run.title}, {run.steps} steps")
def test_recorded_centres_are_the_evaluated_losses(run: Run) -> None:
    """Those of the pictures where these are here, and always those of the drawings, by the same way."""
    drawn = json.loads(RECORDED.read_text(encoding="utf-8"))["on_drawings"][run.id]
    assert shipped_loss(run, "") == pytest.approx(drawn, rel=1e-3)  # Pillow draws nearly alike everywhere
    if pictures := dataset_here(run):
        assert shipped_loss(run, pictures) == pytest.approx(recorded_slices()[run_summary(run, SEAL), 0].centre)


def test_the_loss_on_drawings_is_that_of_the_network_by_itself() -> None:
    run = next(run for run in SHIPPED if run.title == "plain-20")
    store: Any = Store
    intake = read_intake(shipped_head(run))
    live = live_network(run.title, spec_of_plan(parse_plan(run.plan), intake), of_run(run.id, store), intake)
    with torch.no_grad():
        logits = torch.cat([live.model(intake.numbers(intake.fitted(each.image))[None]) for each in drawings()])
    labels = torch.tensor([intake.classes.index(each.label) for each in drawings()])
    assert shipped_loss(run, "") == pytest.approx(F.cross_entropy(logits, labels).item(), rel=1e-5)


# Jobs


class Workers:
    """One thread that measures a bowl. It can be held after so many tasks, and told to end as a worker does."""

    def __init__(self) -> None:
        self.pool, self.go, self.orders, self.lost = ThreadPoolExecutor(1), Semaphore(10_000), list[PointsOrder](), 0

    def ask(self, function: Callable[..., Any], order: PointsOrder) -> Future[PointsFound]:
        return self.pool.submit(self.measure, order)

    def measure(self, order: PointsOrder) -> PointsFound:
        assert self.go.acquire(timeout=60)
        self.orders.append(order)
        if self.lost:
            self.lost -= 1
            raise ValueError("A worker could not do this (KilledWorker): try again.")
        losses = tuple(((x, y), 1.0 + (x * x + y * y) / 400) for x, y in order.points)
        return PointsFound(losses, FACTS, 0.1 * len(losses))

    def measured(self) -> list[Point]:
        return [point for order in self.orders for point in order.points]


@pytest.fixture
def workers() -> Iterator[Workers]:
    found = Workers()
    yield found
    found.go.release(10_000)
    found.pool.shutdown()


KEY = SliceKey("0123abcd", "step 5", "noise", 1)
SOURCE = SliceSource(KEY, "{}", None, lambda: b"weights")


def finished(slices: LossSlices) -> bool:
    return slices.status(KEY).state not in ("queued", "running")


def test_a_job_measures_the_line_first_and_each_point_once(workers: Workers, tmp_path: Path) -> None:
    slices = LossSlices(workers.ask, tmp_path, 2)
    slices.want(SOURCE, plane=True)
    until(lambda: finished(slices))
    assert {*workers.measured()[: len(LINE)]} == {*LINE}
    assert sorted(workers.measured()) == sorted({*LINE, *PLANE})
    found = slices.found(KEY)
    assert (found.centre, found.rise(0.5), found.rise(1)) == (1.0, 0.25, 1.0)
    assert found.plane()[1][0, 0] == 3.0 and not np.isnan(found.plane()[1]).any()
    slices.want(SOURCE, plane=True)  # all is there
    assert finished(slices) and len(workers.measured()) == 461


def test_a_stopped_job_keeps_its_points_and_goes_on_with_the_rest_on_another_server(
    workers: Workers, tmp_path: Path
) -> None:
    workers.go = Semaphore(2)
    slices = LossSlices(workers.ask, tmp_path, 2)
    slices.want(SOURCE, plane=False)
    until(lambda: len(workers.orders) == 2 and slices.found(KEY).losses.keys() == {*workers.measured()})
    slices.stop([KEY])
    assert slices.status(KEY).state == "stopped"
    workers.go.release(10_000)
    workers.pool.submit(int).result()  # what was under way has come in
    before = {*workers.measured()}
    until(lambda: slices.found(KEY).losses.keys() == before)
    assert before < {*LINE}
    later = LossSlices(workers.ask, tmp_path, 2)
    assert {*later.found(KEY).losses} == before
    workers.orders.clear()
    later.want(SOURCE, plane=False)
    until(lambda: finished(later))
    assert {*workers.measured()} == {*LINE} - before


def test_the_points_of_a_worker_that_ended_are_measured_by_the_next(workers: Workers, tmp_path: Path) -> None:
    workers.lost = 2
    slices = LossSlices(workers.ask, tmp_path, 2)
    slices.want(SOURCE, plane=False)
    until(lambda: finished(slices))
    assert slices.status(KEY).state == "" and {*slices.found(KEY).losses} == {*LINE}


def test_what_never_works_ends_with_its_sentence(workers: Workers, tmp_path: Path) -> None:
    workers.lost = 10**6
    slices = LossSlices(workers.ask, tmp_path, 2)
    slices.want(SOURCE, plane=False)
    until(lambda: finished(slices))
    assert slices.status(KEY).state == "failed" and "KilledWorker" in slices.status(KEY).message


# Words


def slice_with(losses: dict[Point, float | None]) -> LossSlice:
    return LossSlice(KEY, losses, FACTS)


def test_words_follow_from_the_figures() -> None:
    flat = {(0, 0): log(10)} | {(side, 0): log(10) + 0.01 * abs(side) for side in (-20, -10, 10, 20)}
    bowl = {(0, 0): 1.5} | {(side, 0): 1.5 + 0.1 * abs(side) for side in (-20, -10, 10, 20)}
    said = sharper_words({"plain": slice_with({**flat}), "residual": slice_with({**bowl})})
    assert "**residual is the sharper one**, and at distance 1 too." in said
    assert "plain does hardly better than guessing (2.30; guessing: 2.30)" in said
    wild = {**flat, (-20, 0): 900.0, (20, 0): None}
    said = sharper_words({"plain": slice_with(wild), "residual": slice_with({**bowl})})
    assert "at distance 1 it is plain" in said
    assert clipped_words({"plain": slice_with(wild), "residual": slice_with({**bowl})}).startswith(
        "Where the loss of plain is"
    )
    assert clipped_words({"residual": slice_with({**bowl})}) == ""
    assert sharper_words({"plain": slice_with({}), "residual": slice_with({**bowl})}) == ""
