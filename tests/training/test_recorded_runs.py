"""Recorded runs: made by the engine, packed into small files, read back as they were, and refused when they are not."""

import gzip
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explorer.datasets.registry import load_dataset
from explorer.record_runs import make, parse_arguments, planned_takes
from explorer.training.evaluation import Confusion
from explorer.training.experiments.presets import EXPERIMENTS, IMAGENET
from explorer.training.plan import Plan, parse_plan
from explorer.training.recipe import PRESETS
from explorer.training.results.library import exported, files_in
from explorer.training.runs.recorded_runs import collection, keep_record, open_record, provenance, thrifty, write
from explorer.training.runs.run_log import MEASURED, Record
from explorer.training.runs.store import Run, Store, fresh_id

STEPS = 64_000
ABOUT = (
    ("experiment", "degradation"),
    ("length", "full"),
    ("data", "CIFAR-10"),
    ("machine", "a GPU"),
    ("torch", "2.15"),
)


def recorded(steps: int = STEPS, layers: int = 56, seed: int = 0) -> Record:
    chance = np.random.default_rng(seed)
    experiment = EXPERIMENTS["degradation"]
    contestant = experiment.entries("full")[1]
    plan = Plan(contestant.spec, "cifar10", replace(experiment.full, seed=seed)).json()
    names = tuple(f"layer{place}" for place in range(layers))
    about = {"made": "2026-07-14T09:00:00.000+00:00", "layers": names, "about": ABOUT, "seconds": 1500.0}
    run = Run(
        fresh_id(), experiment="e", name=experiment.title, title=contestant.title, plan=plan, state="done", **about
    )
    run = replace(run, step=steps, steps=steps, recorded=True)
    measured = {name: chance.uniform(0.1, 1 if name == "error" else 3, steps) for name in MEASURED}
    tested = np.arange(400, steps + 1, 400)
    errors = chance.uniform(0, 1, len(tested)).astype("<f4")
    norms = np.exp(chance.normal(-2, 1, (steps, layers))).astype("<f4")
    return Record(run, 1, np.arange(1, steps + 1), measured, tested, errors, errors, norms)


@pytest.fixture(scope="module")
def small() -> Record:
    return thrifty(recorded())


def test_a_shipped_run_is_small_and_has_as_many_points_as_a_chart(small: Record) -> None:
    assert len(small.step) == 500  # 64,000 steps, 128 a point
    assert len(small.pack()) < 100_000


def test_its_points_are_the_means_of_what_was_measured(small: Record) -> None:
    whole = recorded()
    assert np.allclose(small.measured["loss"], whole.measured["loss"].reshape(500, 128).mean(1))
    assert np.array_equal(small.test_step, whole.test_step)
    assert np.array_equal(small.test_error, whole.test_error)
    assert np.allclose(small.norms, whole.norms[127::128], rtol=1 / 256)


def test_a_file_gives_back_the_arrays_that_were_written(small: Record, tmp_path: Path) -> None:
    write(small, tmp_path / "a.json.gz")
    found = collection(tmp_path, tmp_path / "none")[small.run.id]
    assert found.run == small.run
    assert np.array_equal(found.step, small.step)
    assert np.array_equal(found.norms, small.norms)
    assert np.array_equal(found.measured["loss"], small.measured["loss"].astype("<f4"))
    assert np.array_equal(found.curve().test_error, small.test_error)
    assert not list(tmp_path.glob("*.part"))


def test_runs_of_an_experiment_are_found_by_it_and_its_length(small: Record, tmp_path: Path) -> None:
    write(small, tmp_path / "a.json.gz")
    found = collection(tmp_path, tmp_path / "none")
    assert found.of("degradation", "full") == (small.run,)
    assert found.of("degradation", "quick") == found.of("ladder", "full") == ()


def test_a_run_that_was_brought_is_at_hand_but_of_no_experiment(small: Record, tmp_path: Path) -> None:
    theirs = replace(small, run=replace(small.run, id="0badc0de", title="<b>not ours</b>"))
    write(small, tmp_path / "shipped" / "a.json.gz")
    write(theirs, tmp_path / "brought" / "b.json.gz")
    found = collection(tmp_path / "shipped", tmp_path / "brought")
    assert dict(theirs.run.about) | {"experiment": "degradation", "length": "full"} == dict(theirs.run.about)
    assert theirs.run.id in found and {run.id for run in found.runs()} == {small.run.id, theirs.run.id}
    assert found.of("degradation", "full") == (small.run,)


def test_a_run_says_where_and_when_it_was_recorded(small: Record) -> None:
    assert provenance([small.run]) == "Recorded on a GPU, 2026-07-14; CIFAR-10; torch 2.15."
    assert provenance([replace(small.run, recorded=False)]) == ""


def test_a_damaged_file_is_named_and_the_others_are_shown(small: Record, tmp_path: Path) -> None:
    write(small, tmp_path / "good.json.gz")
    packed = small.pack()
    (tmp_path / "short.json.gz").write_bytes(packed[:1000])
    (tmp_path / "torn.json.gz").write_bytes(packed[:200] + b"\0" * 50 + packed[250:])
    found = collection(tmp_path, tmp_path / "none")
    assert list(found.records) == [small.run.id]
    assert [file.name for file in found.troubles] == ["short.json.gz", "torn.json.gz"]
    assert all(trouble.startswith(file.name) for file, trouble in found.troubles.items())


def edited(record: Record, **changes: object) -> bytes:
    """The file with other values."""
    plain = json.loads(gzip.decompress(record.pack()))
    return gzip.compress(json.dumps(plain | changes).encode())


def changed(record: Record, **changes: object) -> bytes:
    """The file with other values in its run."""
    return edited(record, run=json.loads(gzip.decompress(record.pack()))["run"] | changes)


MATRIX = Confusion(("cat", "dog"), np.array([[3, 1], [0, 4]]))


def test_a_confusion_matrix_comes_back_from_its_file_and_stands_in_the_log(small: Record) -> None:
    kept = replace(small, confusion=MATRIX)
    found = open_record(kept.pack(), "it.gz").confusion
    assert found and found.classes == MATRIX.classes and found.counts.tolist() == [[3, 1], [0, 4]]
    assert (found.pictures, found.wrong) == (8, 1)
    assert found.spoken() == "Confusion matrix. Most often cat is taken for dog: 1 times."
    assert json.loads(kept.json())["confusion"] == {"classes": ["cat", "dog"], "counts": [[3, 1], [0, 4]]}


def test_the_first_recordings_came_without_a_matrix_and_are_still_read(small: Record) -> None:
    assert "confusion" not in json.loads(gzip.decompress(small.pack()))
    assert open_record(small.pack(), "it.gz").confusion is None
    assert all(record.run.id for record in collection().records.values()) and not collection().troubles


@pytest.mark.parametrize(
    "confusion",
    [
        None,
        {},
        {"classes": ["a"], "counts": [[1, 2]]},
        {"classes": ["a", "b"], "counts": [[1, -2], [0, 4]]},
        {"classes": ["a", "b"], "counts": [[0.5, 2], [0, 4]]},
        {"classes": ["a", "b"], "counts": [[0, 0], [0, 0]]},
        {"classes": ["a", 2], "counts": [[1, 2], [0, 4]]},
        {"classes": ["a", "b"], "counts": [[1, 2], [3]]},
        {"classes": ["a", "b"], "counts": "many"},
    ],
    ids=str,
)
def test_a_matrix_that_is_none_is_refused_with_a_sentence(small: Record, confusion: object) -> None:
    with pytest.raises(ValueError, match=r"^it\.gz is no recorded run"):
        open_record(edited(small, confusion=confusion), "it.gz")


def test_a_file_of_a_later_format_is_not_called_damaged(small: Record) -> None:
    with pytest.raises(ValueError, match=r"^it\.gz was recorded by a newer version of this program"):
        open_record(edited(small, format=2), "it.gz")


def test_a_later_program_may_add_what_this_one_does_not_know(small: Record) -> None:
    assert open_record(edited(small, weather="rain"), "it.gz").run == small.run


@pytest.mark.parametrize(
    "changes",
    [
        {"plan": "{}"},
        {"plan": None},
        {"made": "yesterday"},
        {"title": {"a": 1}},
        {"title": "x" * 2000},
        {"steps": -1},
        {"step": 3},
        {"layers": ["one"]},
        {"about": [["machine", 3]]},
        {"about": 7},
        {"seconds": "long"},
        {"stranger": 1},
        {"title": "a\ud800b"},
        {"title": "a\x00b"},
        {"made": "2020-W01-1"},
        {"made": "2026-07-14"},
        {"id": "../../etc"},
        {"state": "running"},
        {"state": "ruined"},
        {"seconds": float("inf")},
        {"steps": 10**12},
    ],
    ids=str,
)
def test_a_record_with_a_wrong_value_is_refused_with_a_sentence(small: Record, changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"^it\.gz is no recorded run"):
        open_record(changed(small, **changes), "it.gz")


def planned(**spec: object) -> str:
    """The plan of `recorded`, of another network."""
    plan = json.loads(recorded(1, 1).run.plan)
    return json.dumps(plan | {"spec": plan["spec"] | spec})


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        (planned(source="zzz", name="<b>"), "There is no source “zzz”"),
        (planned(name="ResNit"), "has no network “ResNit”"),
        (planned(name="ResNet", options=[["blocks", [10**9] * 4]]), "“Blocks” cannot be"),
        (planned(name="ResNet", options=[["blocks", 3]]), "“Blocks” cannot be"),
        (planned(name="ResNet", options=[["colour", "red"]]), "has no setting “colour”"),
    ],
    ids=["source", "name", "limits", "kind", "stranger"],
)
def test_a_run_of_a_network_that_does_not_exist_is_refused_with_the_reason(
    small: Record, plan: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=rf"^it\.gz is of a network that cannot be shown here: .*{reason}"):
        open_record(changed(small, plan=plan), "it.gz")


def test_a_file_cannot_take_the_place_of_a_shipped_run(small: Record, tmp_path: Path) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    write(small, shipped / "a.json.gz")
    write(replace(small, run=replace(small.run, title="another")), own / "a.json.gz")
    found = collection(shipped, own)
    assert found[small.run.id].run == small.run
    assert list(found.troubles) == [own / "a.json.gz"]


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", gzip.compress(b"[" * 100_000), gzip.compress(b"[]"), b"\x80\x04."],
    ids=["nothing", "text", "deep", "empty", "pickle"],
)
def test_a_file_that_is_no_record_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"^it\.gz is no recorded run"):
        open_record(content, "it.gz")


def test_the_same_file_brought_twice_is_one_run(small: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    folder = tmp_path / "recorded"
    first = keep_record(small, folder)
    again = keep_record(open_record(small.pack(), "it"), folder)
    exported_again = keep_record(open_record(collection()[first.id].pack(), "it"), folder)
    assert first == again == exported_again
    assert len(list(folder.iterdir())) == 1


def test_an_export_of_several_runs_holds_each_of_them(
    small: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    runs = [
        keep_record(replace(small, run=replace(small.run, title=title)), tmp_path / "recorded") for title in ("a", "b")
    ]
    name, make = exported(Store(tmp_path), runs)
    found = [open_record(content, inside) for inside, content in files_in(make(), name)]
    assert [record.run for record in found] == runs
    with pytest.raises(ValueError, match="damaged"):
        files_in(make()[:1000], name)


def test_what_is_recorded_starts_where_the_experiment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    takes = planned_takes(parse_arguments(["transfer", "quick", "shapes10", "--out", str(tmp_path)]))
    plans = [parse_plan(take.run.plan) for take in takes]
    assert [(plan.start, plan.frozen) for plan in plans] == [(IMAGENET, True), (IMAGENET, False), ("", False)]


def test_a_recording_may_differ_from_the_recipe_in_what_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    asked = ["degradation", "full", "shapes10", "--out", str(tmp_path), "--recipe"]
    changes = ["schedule=onecycle", "milestones=[]", "steps=null", "epochs=12"]
    recipes = {parse_plan(take.run.plan).recipe for take in planned_takes(parse_arguments([*asked, *changes]))}
    assert recipes == {replace(PRESETS["he"], schedule="onecycle", milestones=(), steps=None, epochs=12)}
    with pytest.raises(SystemExit, match="“epochs” cannot be “no”"):
        planned_takes(parse_arguments([*asked, "epochs=no"]))


@pytest.mark.slow
def test_recording_is_training_and_goes_on_after_an_interruption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    asked = ["degradation", "quick", "shapes10", "--steps", "12", "--networks", "plain-20", "--out"]
    (take,) = planned_takes(parse_arguments([*asked, str(tmp_path / "out")]))
    make(take)
    (whole,) = collection(tmp_path / "out", tmp_path / "none").records.values()
    assert list(whole.step) == list(range(1, 13))
    assert whole.run.id == take.run.id
    assert whole.confusion and whole.confusion.classes == load_dataset("shapes10").classes
    assert whole.confusion.wrong / whole.confusion.pictures == pytest.approx(whole.test_error[-1], abs=1e-6)
    shutil.rmtree(tmp_path / "out")
    make(take)
    (again,) = collection(tmp_path / "out", tmp_path / "none").records.values()
    assert np.array_equal(whole.measured["loss"], again.measured["loss"])
