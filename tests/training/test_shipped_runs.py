"""What ships as recorded shows what the pages say of it, and the weights beside it are its own."""

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from explorer.training.plan import parse_plan
from explorer.training.runs import pretrained_weights
from explorer.training.runs.pretrained_weights import (
    SEAL,
    SHIPPED,
    loaded,
    pack_weights,
    read_head,
    shipped_bytes,
    shipped_file,
    shipped_head,
    shipped_safetensors,
    ships,
    unpack_weights,
    weights_of,
)
from explorer.training.runs.recorded_runs import collection, run_summary
from explorer.training.runs.run_log import Record
from explorer.training.runs.store import Store

LAST = 15  # points of a quick run, each one step
FULL_LAST = 10  # of one at full length, each the mean of several steps
WITH_WEIGHTS = [run for run in collection().runs() if ships(run)]


def recorded(experiment: str, length: str, seed: int) -> dict[str, Record]:
    runs = collection().of(experiment, length)
    return {run.title: collection()[run.id] for run in runs if parse_plan(run.plan).recipe.seed == seed}


def loss(record: Record) -> float:
    assert record.width == 1 and record.run.step == 150
    return float(record.measured["loss"][-LAST:].mean())


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_depth_hurts_the_plain_network_and_with_shortcuts_it_does_not(seed: int) -> None:
    ends = {title: loss(record) for title, record in recorded("degradation", "quick", seed).items()}
    assert ends["plain-56"] - ends["plain-20"] >= 0.2
    assert ends["ResNet-56"] - ends["ResNet-20"] <= 0.05


def test_at_length_the_order_is_the_papers() -> None:
    """He et al. 2015, Fig. 6 and Table 6: of the test errors and of the training losses."""
    found = {run.title: collection()[run.id] for run in collection().of("degradation", "full")}
    order = ["ResNet-56", "ResNet-20", "plain-20", "plain-56"]
    assert sorted(found, key=lambda title: found[title].test_error[-1]) == order
    assert sorted(found, key=lambda title: found[title].measured["loss"][-FULL_LAST:].mean()) == order


def test_the_lessons_say_of_the_second_seeds_what_these_show() -> None:
    """The order of exercise 5 is the same in both, that of exercise 3 is not."""
    ways = {"exercise5": ["ResNet-style", "VGG-style", "LeNet-style"], "exercise3": ["CIFAR10Net + SE", "CIFAR10Net"]}
    orders: dict[str, list[list[str]]] = {}
    for experiment in ways:
        for seed in (0, 1):
            found = recorded(experiment, "full", seed)
            orders.setdefault(experiment, []).append(sorted(found, key=lambda title: found[title].test_error[-1]))
    assert orders["exercise5"] == [ways["exercise5"], ways["exercise5"]]
    assert orders["exercise3"] == [ways["exercise3"], ways["exercise3"][::-1]]


def test_the_lesson_says_of_depth_and_shortcuts_what_exercise_1_shows() -> None:
    """Depth alone fits its training pictures better, and errs more with one seed, less with the other; with shortcuts
    both become smaller, by more than a seed moves any of the three."""
    nets, errors, losses = ("Plain 6-layer CNN", "6 blocks, no shortcuts", "6-block ResNet"), [], []
    for seed in (0, 1):
        found = recorded("exercise1", "full", seed)
        assert found.keys() == {*nets}
        errors.append([float(found[each].test_error[-1]) for each in nets])
        losses.append([float(found[each].measured["loss"][-FULL_LAST:].mean()) for each in nets])
    assert all(plain > between > residual for plain, between, residual in losses)
    (more, less), moved = (of[1] - of[0] for of in errors), [abs(a - b) for a, b in zip(*errors, strict=True)]
    assert more > 0 > less
    assert all(min(of[:2]) - of[2] > max(moved) for of in errors)


def test_all_weights_that_ship_belong_to_a_recorded_run_and_are_small_together() -> None:
    files = sorted(SHIPPED.glob("*"))
    assert {*files} == {shipped_file(run) for run in WITH_WEIGHTS} and files
    assert sum(file.stat().st_size for file in files) <= 6 * 10**6
    for run in WITH_WEIGHTS:
        content = shipped_file(run).read_bytes()
        assert hashlib.sha256(content).hexdigest() == run_summary(run, SEAL)


@pytest.mark.parametrize("run", WITH_WEIGHTS, ids=lambda run: f"{run.title} {run.id}")
def test_rounded_they_err_as_the_run_did(run) -> None:
    measured = float(shipped_head(run)["test_error"])  # of the file's own weights, when they were written
    assert abs(measured - collection()[run.id].test_error[-1]) <= 0.001 + 1e-6


def test_weights_that_are_missing_or_changed_are_refused_by_name(tmp_path: Path, monkeypatch) -> None:
    (run, *_), store = WITH_WEIGHTS, Store(tmp_path / "store")
    assert loaded(weights_of(run, store).state, "this")["model"]  # type: ignore[union-attr]
    damaged = shipped_file(run).read_bytes()[:-1] + b"!"
    monkeypatch.setattr(pretrained_weights, "SHIPPED", tmp_path)
    for content in (None, damaged):
        if content:
            (tmp_path / shipped_file(run).name).write_bytes(content)
        with pytest.raises(ValueError, match=f"{run.id}.safetensors.gz is missing or damaged"):
            weights_of(run, store)


def test_a_recorded_run_without_weights_has_none(tmp_path: Path) -> None:
    without = next(run for run in collection().runs() if not ships(run))
    assert weights_of(without, Store(tmp_path / "store")) is None


@pytest.mark.parametrize("bits", [16, 8])
def test_what_is_packed_is_what_was_there_to_half_a_step_and_what_is_few_to_the_bit(bits: int) -> None:
    """One step is a 127th, or a 32,767th, of what is largest in the row."""
    chance = torch.Generator().manual_seed(0)
    kernel = torch.randn(6, 32, 3, 3, generator=chance).to(memory_format=torch.channels_last)
    kernel[2], kernel[4] = 0, kernel[4] * 1e3
    model = {"kernel": kernel, "matrix": kernel.flatten(1), "bias": kernel[:, 0, 0, 0], "count": torch.tensor(7)}
    found = unpack_weights(pack_weights(model, {"title": "any"}, bits))
    rows = kernel.flatten(1)
    most = rows.abs().amax(1, keepdim=True) / {8: 254, 16: 65534}[bits]
    for name in ("kernel", "matrix"):
        assert found[name].dtype == torch.float32 and found[name].shape == model[name].shape
        assert ((found[name].flatten(1) - rows).abs() <= most * (1 + 1e-2)).all()
    assert {*found} == {*model}
    assert torch.equal(found["bias"], model["bias"]) and torch.equal(found["count"], model["count"])


def test_other_programs_get_the_numbers_of_the_file_whole(tmp_path: Path) -> None:
    """By safetensors' own reader, which knows neither scales nor compression."""
    for run in {shipped_head(run)["bits"]: run for run in WITH_WEIGHTS}.values():
        (tmp_path / "it").write_bytes(shipped_safetensors(run))
        read, kept = load_file(tmp_path / "it"), unpack_weights(shipped_bytes(run))
        assert {*read} == {*kept} and all(torch.equal(read[name], kept[name]) for name in kept)
        with safe_open(tmp_path / "it", "pt") as file:
            assert file.metadata() == read_head(shipped_bytes(run))
