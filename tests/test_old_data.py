"""A data folder that an earlier version of this program left behind: all of it opens, replays, is listed and goes on.

`data/old/made_by.py.txt` made it, and says with which version and how. It is kept as text: nothing in it can be run.
"""

import io
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load, load_file
from torch import Tensor

from explorer.datasets.registry import load_dataset as load_dataset
from explorer.leaderboard import counts_cache
from explorer.models.spec import Spec
from explorer.profiler.measurements import Measurements, Roof, Speed
from explorer.training.engine import Session, train
from explorer.training.results.charts import CurvesLook, curves_chart, norms_chart
from explorer.training.results.findings import run_findings
from explorer.training.results.grouping import (
    groups,
    pictures_of,
    plan_of,
    run_result,
    seen_group,
)
from explorer.training.results.library import fits_filters, library_lines, outcomes
from explorer.training.results.predictions import checkpoints, noted
from explorer.training.runs.curves import steps_after
from explorer.training.runs.pretrained_weights import safetensors_bytes
from explorer.training.runs.recorded_runs import collection, every_run, stored_record
from explorer.training.runs.run_log import unpack_record
from explorer.training.runs.store import Checkpoint, Store
from explorer.training.scheduler.service import training_service
from tests.conftest import OpenPage

OLD = Path(__file__).parent / "data" / "old"
STATES = {"finished": "done", "stopped": "stopped", "failed": "failed", "from another": "interrupted"}


def thawed(plain: dict[str, Any], tensors: dict[str, Tensor]) -> Any:
    """What a checkpoint held."""
    ((kind, value),) = plain.items()
    if kind == "pairs":
        return {key: thawed(each, tensors) for key, each in value}
    if kind == "list":
        return [thawed(each, tensors) for each in value]
    return tensors[value] if kind == "tensor" else value


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("home") / "data"
    shutil.copytree(OLD, folder)
    tensors = load_file(OLD / "checkpoints.safetensors")
    with sqlite3.connect(folder / "runs.sqlite") as database:
        database.executescript((OLD / "runs.sql").read_text(encoding="utf-8"))
        for run, kept in json.loads((OLD / "checkpoints.json").read_text()).items():
            state = io.BytesIO()
            torch.save(thawed(kept["state"], tensors), state)
            database.execute("INSERT INTO checkpoints VALUES (?, ?, ?)", (run, kept["step"], state.getvalue()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_DATA", str(folder))
        yield folder


@pytest.fixture
def store(folder: Path) -> Store:
    return Store(folder)


@pytest.fixture
def ids(store: Store) -> dict[str, str]:
    """By title."""
    return {run.title: run.id for run in store.runs()}


def kept(store: Store, run: str) -> Checkpoint:
    found = store.checkpoint(run)
    assert found
    return found


def test_every_run_is_there_as_it_ended(store: Store) -> None:
    assert {run.title: run.state for run in store.runs()} == STATES
    finished, stopped, failed, later = (next(run for run in store.runs() if run.title == title) for title in STATES)
    assert (finished.step, finished.steps, finished.layers[-1]) == (40, 40, "head.2")
    assert 20 < stopped.step < stopped.steps == 4000 and later.step > 5
    assert failed.step == 0 and "/nowhere" in failed.message
    assert all(dict(run.about)["torch"].startswith("2.15.0") for run in (finished, stopped, later))
    for run in (finished, stopped, later):
        assert [row[0] for row in steps_after(store, run.id)] == list(range(1, run.step + 1))


def test_every_plan_is_read_and_its_network_built(store: Store, ids: dict[str, str]) -> None:
    plans = {run.title: plan_of(run.plan) for run in store.runs()}
    little = Spec("model_defs", "Exercise nets", (("blocks", (1, 1, 1)), ("width", 8)))
    assert {title: plan.spec for title, plan in plans.items()} == dict.fromkeys(STATES, little) | {
        "failed": Spec("torchvision", "resnet18", ())
    }
    assert plans["from another"].start == f"run:{ids['finished']}"
    assert {run.title: pictures_of(run) for run in store.runs()} == dict.fromkeys(STATES, "Shapes-10") | {
        "failed": "nowhere"
    }
    assert plans["finished"].recipe.seed == 1 and plans["finished"].recipe.evaluate_every == 20


def test_every_run_is_drawn_and_replayed(store: Store) -> None:
    found = [seen_group(store, group) for group in groups([run for run in store.runs() if run.step])]
    curves = curves_chart(found, CurvesLook(), 10)
    assert {trace.legendgroup for trace in curves.data} >= {"finished", "stopped", "from another"}
    norms = norms_chart(found)
    maps = [trace for trace in norms.data if trace.type == "heatmap"]
    assert [len(trace.z) for trace in maps] == [len(each.group.runs[0].layers) for each in found]
    assert run_findings([run_result(each) for each in found], 10)
    for run in store.runs():
        again = unpack_record(stored_record(store, run).pack())
        assert (again.run.title, again.run.state, len(again.step)) == (run.title, run.state, run.step)


def test_every_run_is_listed_beside_what_was_brought(folder: Path, store: Store, ids: dict[str, str]) -> None:
    brought = collection(shipped=folder / "none")
    assert brought.troubles == {} and [run.title for run in brought.runs()] == ["finished"]
    (same,) = brought.runs()
    assert same.recorded and same.id != ids["finished"] and same.step == 40
    assert brought[same.id].test_step.tolist() == [20, 40]
    rows = library_lines(store.runs(), outcomes(store, brought), "run", pictures_of)
    assert {line.networks for line in rows} == {(title,) for title in STATES}
    assert [line.states for line in rows if fits_filters(line, "from another")] == [("interrupted",)]
    assert {*ids.values(), same.id} <= every_run(store).keys()


def test_the_page_opens_with_every_run(ids: dict[str, str], open_page: OpenPage) -> None:
    training_service.cache_clear()
    try:
        app = open_page("train", runs=",".join(ids.values()))
        (table,) = (each.value for each in app.markdown if 'class="runs"' in each.value)
    finally:
        training_service().close()
        training_service.cache_clear()
    assert not app.exception and not app.warning
    rows = {title: table.partition(f">{title}<")[2].partition("</tr>")[0] for title in STATES}
    assert all(STATES[title] in row for title, row in rows.items() if title != "failed")
    assert "/nowhere is neither a folder" in rows["failed"]


def test_a_stopped_run_goes_on_from_its_checkpoint(store: Store, ids: dict[str, str]) -> None:
    run = store.run(ids["stopped"])
    plan = plan_of(run.plan)
    session = Session(plan, load_dataset(plan.dataset))
    session.restore(torch.load(io.BytesIO(kept(store, run.id).state), weights_only=True))
    assert session.step == run.step
    step = next(train(session))
    assert step.step == run.step + 1 and step.loss < 2.3  # it has learned something: guessing is at 2.303


def test_what_a_finished_run_learned_is_taken_home(store: Store, ids: dict[str, str]) -> None:
    run = ids["finished"]
    assert checkpoints(store, (run,)) == {run: 40}
    taken, named = load(safetensors_bytes(kept(store, run).state, {})), load_file(OLD / "checkpoints.safetensors")
    assert taken and all(torch.equal(tensor, named[f"{run}/model/{name}"]) for name, tensor in taken.items())
    error = noted(store, run, 40)
    assert error is not None and error < 0.9


def test_measured_speeds_are_read(folder: Path) -> None:
    roof, speed = Measurements(folder).all()
    assert isinstance(roof, Roof) and isinstance(speed, Speed)
    assert (roof.machine, roof.bandwidth) == ("A processor", 20e9)
    assert (speed.spec, speed.title, speed.macs) == (Spec("torchvision", "resnet18", ()), "ResNet-18", 1_814_073_344)
    (timing,) = speed.timings
    assert (timing.batch, timing.median, timing.runs) == (1, 0.02, 50)


def test_counts_of_another_version_are_not_shown(folder: Path) -> None:
    (old,) = folder.glob("counts-*.json")
    assert old.name != counts_cache.counts_file().name
    assert counts_cache.read_kept() == {}
