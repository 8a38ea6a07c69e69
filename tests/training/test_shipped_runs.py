"""What ships as recorded shows what the pages say of it, and the weights beside it are its own."""

import hashlib
from pathlib import Path

import pytest

from explorer.training.plan import parse_plan
from explorer.training.runs import pretrained_weights
from explorer.training.runs.pretrained_weights import SEAL, SHIPPED, loaded, shipped_head, ships, weights_of
from explorer.training.runs.recorded_runs import collection, run_summary
from explorer.training.runs.run_log import Record
from explorer.training.runs.store import Store

LAST = 15  # points of a quick run, each one step
FULL_LAST = 10  # of one at full length, each the mean of several steps
WITH_WEIGHTS = [run for run in collection().runs() if ships(run)]
# It was evaluated in bf16, where its halved weights are rounded once more. The whole ones are gone: only to record it
# again would help.
FAR = pytest.mark.xfail(reason="plain-56 of twelve epochs answers 12 of 10,000 otherwise, not 10", strict=True)
HALVED = [pytest.param(run, marks=FAR) if run.id == "259337b0" else run for run in WITH_WEIGHTS]


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


def test_all_weights_that_ship_belong_to_a_recorded_run_and_are_small_together() -> None:
    files = sorted(SHIPPED.glob("*"))
    assert {file.stem for file in files} == {run.id for run in WITH_WEIGHTS} and files
    assert sum(file.stat().st_size for file in files) <= 6 * 10**6
    for run in WITH_WEIGHTS:
        content = (SHIPPED / f"{run.id}.safetensors").read_bytes()
        assert hashlib.sha256(content).hexdigest() == run_summary(run, SEAL)


@pytest.mark.parametrize("run", HALVED, ids=lambda run: f"{run.title} {run.id}")
def test_in_half_precision_they_err_as_the_run_did(run) -> None:
    measured = float(shipped_head(run)["test_error"])  # of the file's own weights, when they were written
    assert abs(measured - collection()[run.id].test_error[-1]) <= 0.001 + 1e-6


def test_weights_that_are_missing_or_changed_are_refused_by_name(tmp_path: Path, monkeypatch) -> None:
    (run, *_), store = WITH_WEIGHTS, Store(tmp_path / "store")
    assert loaded(weights_of(run, store).state, "this")["model"]  # type: ignore[union-attr]
    monkeypatch.setattr(pretrained_weights, "SHIPPED", tmp_path)
    for content in (None, (SHIPPED / f"{run.id}.safetensors").read_bytes()[:-1] + b"!"):
        if content:
            (tmp_path / f"{run.id}.safetensors").write_bytes(content)
        with pytest.raises(ValueError, match=f"{run.id}.safetensors is missing or damaged"):
            weights_of(run, store)


def test_a_recorded_run_without_weights_has_none(tmp_path: Path) -> None:
    without = next(run for run in collection().runs() if not ships(run))
    assert weights_of(without, Store(tmp_path / "store")) is None
