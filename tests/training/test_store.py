"""What is stored of a run, what charts read of it, and how it travels as a file."""

import csv
import gzip
import io
import json
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explorer.models.spec import Spec
from explorer.training.plan import Plan
from explorer.training.recipe import Recipe
from explorer.training.runs.curves import curve, norms, steps_after, width_of
from explorer.training.runs.run_log import Record, record, unpack_record
from explorer.training.runs.store import Checkpoint, Row, Run, Store, StoreTrouble, fresh_id, timestamp

LAYERS = ("conv1", "conv2", "fc")
PLAN = Plan(Spec("model_defs", "LeNet", ()), "shapes10", Recipe(seed=1, steps=20)).json()


def rows(first: int, last: int) -> list[Row]:
    """Loss 1 / step, tested at every hundredth step, the norm of layer i as step + i."""
    norms = {step: np.array([step, step + 1, step + 2], "<f4").tobytes() for step in range(first, last + 1)}
    tested: dict[int, tuple[float | None, float | None]]
    tested = {step: (2.0, 0.5) if step % 100 == 0 else (None, None) for step in norms}
    return [(step, 1 / step, 0.25, 0.1, 1000.0, *tested[step], norms[step]) for step in norms]


def made(store: Store, last: int = 1000) -> Run:
    run = Run(fresh_id(), timestamp(), "e", "four nets", "plain-20", PLAN, layers=LAYERS)
    store.add([run])
    run = replace(run, state="done", step=last, steps=last, about=(("machine", "a laptop"), ("torch", "2")))
    store.write(run, rows(1, last), Checkpoint(last, b"state"))
    return run


def page_count(store: Store) -> int:
    with store.connection() as connection:
        return connection.execute("PRAGMA page_count").fetchone()[0]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_a_run_is_read_as_it_was_written(store: Store) -> None:
    run = made(store)
    assert store.runs() == (run,) == (store.run(run.id),)
    assert store.checkpoint(run.id) == Checkpoint(1000, b"state")
    assert steps_after(store, run.id, 990) == rows(991, 1000)


def test_steps_done_again_replace_themselves(store: Store) -> None:
    run = made(store)
    store.write(run, rows(500, 1000))
    assert steps_after(store, run.id) == rows(1, 1000)


def test_points_of_a_curve_are_means_over_a_fixed_grid(store: Store) -> None:
    found = curve(store, made(store).id, points=100)
    assert found.width == 16  # 1000 steps in at most 100 points: 8 are too few, and widths are powers of two
    loss = 1 / np.arange(1, 1001)
    parts = [loss[start : start + 16] for start in range(0, 1000, 16)]
    np.testing.assert_allclose(found.loss, [part.mean() for part in parts])
    assert found.step.tolist() == [*range(16, 1000, 16), 1000]
    assert found.test_step.tolist() == list(range(100, 1001, 100)) and set(found.test_error) == {0.5}


def test_a_grid_holds_until_there_are_twice_as_many_steps() -> None:
    assert [width_of(step, 100) for step in (0, 1, 100, 101, 200, 201, 400, 401)] == [1, 1, 1, 2, 2, 4, 4, 8]


def test_norms_are_a_matrix_of_steps_and_layers(store: Store) -> None:
    found = norms(store, made(store).id, points=100)
    assert found.step.tolist() == list(range(16, 1001, 16))
    np.testing.assert_array_equal(found.norms, found.step[:, None] + np.arange(3))
    np.testing.assert_array_equal(found.norms[:, 0], found.step)


def test_a_run_without_steps_has_empty_curves(store: Store) -> None:
    run = made(store, last=0)
    assert len(curve(store, run.id).step) == 0 and norms(store, run.id).norms.shape == (0, 0)
    assert len(unpack_record(record(store, run.id).pack()).step) == 0


def test_what_was_deleted_leaves_nothing_and_does_not_come_back(store: Store) -> None:
    run = made(store)
    pages = page_count(store)
    store.delete([run.id])
    assert page_count(store) < pages / 2
    store.write(run, rows(1, 10), Checkpoint(10, b""))  # a slice that was under way
    assert store.runs() == () and store.checkpoint(run.id) is None and steps_after(store, run.id) == []
    with pytest.raises(ValueError, match=run.id):
        store.run(run.id)


def test_a_record_comes_back_from_its_file(store: Store) -> None:
    run = made(store)
    found = unpack_record(record(store, run.id).pack())
    assert found.run == replace(run, recorded=True)
    np.testing.assert_allclose(found.curve().loss, curve(store, run.id, points=1000).loss, rtol=1e-6)
    np.testing.assert_array_equal(found.strip().norms, norms(store, run.id, points=1000).norms)
    assert found.test_step.tolist() == list(range(100, 1001, 100))


def test_a_thinned_record_holds_the_same_means(store: Store) -> None:
    run = made(store)
    thin, stored = record(store, run.id).thinned(100), curve(store, run.id, points=100)
    assert thin.width == stored.width
    np.testing.assert_array_equal(thin.step, stored.step)
    np.testing.assert_allclose(thin.curve().loss, stored.loss)
    assert unpack_record(thin.pack()).width == 16


def test_a_log_has_a_line_for_every_step(store: Store) -> None:
    found = record(store, made(store).id)
    lines = list(csv.DictReader(io.StringIO(found.csv())))
    assert [int(line["step"]) for line in lines] == list(range(1, 1001))
    assert float(lines[9]["loss"]) == 0.1 and float(lines[9]["norm conv2"]) == 11.0
    assert lines[98]["test error"] == "" and float(lines[99]["test error"]) == 0.5
    log = json.loads(found.json())
    assert log["loss"][9] == 0.1 and log["run"]["title"] == "plain-20" and log["run"]["plan"]["recipe"]["seed"] == 1


def test_a_thinned_log_keeps_every_test(store: Store) -> None:
    thin = record(store, made(store).id).thinned(100)  # a point at every 16th step, a test at every hundredth
    lines = {int(line["step"]): line for line in csv.DictReader(io.StringIO(thin.csv()))}
    assert list(lines) == sorted({*range(16, 1000, 16), *range(100, 1001, 100)})
    assert [step for step, line in lines.items() if line["test error"]] == list(range(100, 1001, 100))
    assert lines[100]["loss"] == lines[100]["norm fc"] == "" and float(lines[400]["norm conv1"]) == 400


def torn(packed: bytes) -> bytes:
    """Gzip to its head, nonsense behind it."""
    return packed[:200] + b"\0" * 50 + packed[250:]


def written(text: str) -> bytes:
    return gzip.compress(text.encode())


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"format": 1, "run": 3}', '{"format": 1, "run": {"layers": [], "about": []}, "arrays": 3}']
)
def test_json_that_is_no_record_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"it\.gz is no recorded run"):
        unpack_record(written(text), "it.gz")


@pytest.mark.parametrize("damage", ["cut", "torn", "foreign", "empty", "lengths"])
def test_a_damaged_record_is_named(store: Store, damage: str) -> None:
    whole: Record = record(store, made(store).id)
    packed = whole.pack()
    wrong = {"cut": packed[: len(packed) // 2], "torn": torn(packed), "foreign": b"\x89PNG", "empty": b""}
    wrong["lengths"] = replace(whole, measured=whole.measured | {"loss": whole.step[:5]}).pack()
    with pytest.raises(ValueError, match=r"four-nets\.gz is no recorded run"):
        unpack_record(wrong[damage], "four-nets.gz")


def test_a_file_that_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "runs.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreTrouble, match="move it away"):
        Store(tmp_path)


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreTrouble, match="EXPLORER_DATA"):
        Store(tmp_path / "file" / "data")


def test_visitors_read_while_one_writes(store: Store) -> None:
    run = made(store, last=100)
    seen: list[bool] = []

    def visit() -> None:
        for _ in range(20):
            found = curve(store, run.id, points=10_000).step
            seen.append(bool((np.diff(found) == 1).all() and len(found) % 100 == 0))

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for last in range(200, 2001, 100):
        store.write(run, rows(last - 99, last))
    for thread in threads:
        thread.join()
    assert len(seen) == 80 and all(seen)
