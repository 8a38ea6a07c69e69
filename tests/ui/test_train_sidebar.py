"""What a transfer starts from stands in the link, and a link leads back to it."""

from pathlib import Path

import numpy as np
import pytest

from explorer.models.spec import Spec
from explorer.training.experiments.presets import NOTHING, ExperimentSelection
from explorer.training.plan import Plan
from explorer.training.recipe import Recipe
from explorer.training.runs.recorded_runs import collection
from explorer.training.runs.store import Run, Store
from explorer.ui.train import dataset, sidebar
from explorer.ui.train.page_state import decode_experiment
from explorer.ui.train.sidebar import available_start, beats_guessing
from tests.conftest import OpenPage

HERE = ("run:0000000b", "run:0000000a", NOTHING)


def always(key: str) -> bool:
    return True


@pytest.mark.parametrize("chosen", HERE)
def test_what_a_link_names_is_taken(chosen: str) -> None:
    assert available_start(ExperimentSelection("transfer", start=chosen), HERE, always) == chosen


def test_without_a_link_it_is_the_newest() -> None:
    assert available_start(ExperimentSelection("transfer"), HERE, always) == "run:0000000b"
    assert available_start(ExperimentSelection("transfer"), (NOTHING,), always) == NOTHING


def test_nobody_is_led_to_a_start_that_learnt_nothing_unless_a_link_names_it() -> None:
    def able(key: str) -> bool:
        return key != "run:0000000b"

    assert available_start(ExperimentSelection("transfer"), HERE, able) == "run:0000000a"
    assert available_start(ExperimentSelection("transfer"), (HERE[0], NOTHING), able) == NOTHING
    trained_in_vain = ExperimentSelection("transfer", runs=("0000000b",), start=NOTHING)
    assert available_start(trained_in_vain, (HERE[0], NOTHING), able) == NOTHING
    assert available_start(ExperimentSelection("transfer", start=HERE[0]), HERE, able) == HERE[0]


@pytest.mark.parametrize(
    ("loss", "test_error", "data", "able"),
    [
        (1.5, 0.5, "shapes10", True),
        (3.6e9, 0.88, "shapes10", False),  # exploded: a few more right than by chance
        (2.31, 0.5, "shapes10", False),
        (1.5, 0.9, "shapes10", False),
        (1.5, None, "shapes10", False),
        (1.5, 0.5, "folder:/gone", False),
    ],
)
def test_a_run_is_able_where_it_beats_chance(
    loss: float, test_error: float | None, data: str, able: bool, tmp_path: Path
) -> None:
    plan = Plan(Spec("model_defs", "LeNet", ()), data, Recipe(steps=2))
    run = Run("0000000a", "2026-01-01T00:00:00", "0000000b", "own", "LeNet", plan.json(), "done", step=2, steps=2)
    store = Store(tmp_path)
    store.add([run])
    norm = np.ones(1, "<f4").tobytes()
    store.write(run, [(step, loss, 0.5, 0.1, 1.0, None, test_error, norm) for step in (1, 2)])
    assert beats_guessing(store, run) is able


def test_a_backbone_trained_for_lack_of_one_is_meant_once_it_is_done() -> None:
    lab = ExperimentSelection("transfer", runs=("0000000a",), start=NOTHING)
    assert available_start(lab, HERE[2:], always) == NOTHING
    assert available_start(lab, HERE, always) == "run:0000000a"


@pytest.mark.parametrize(("chosen", "offered"), [("CIFAR-10 (JPEG)", []), ("Shapes-10", ["CIFAR-10"])])
def test_pictures_are_offered_unless_they_are_here_as_a_folder(
    chosen: str, offered: list[str], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pressed: list[str] = []
    monkeypatch.setattr(dataset, "fetch_button", lambda wanted: pressed.append(wanted.title) or True)
    dataset.fetch_pictures("cifar10", chosen)
    assert pressed == offered


def test_of_a_folder_that_no_link_reaches_neither_here_nor_not_here_is_said(
    place: Path, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tree.parent)  # beside the data folder
    (beyond,), (nowhere,) = (decode_experiment({"data": f"folder:{name}"})[1] for name in ("pets", "gone"))
    assert beyond.startswith("A link reaches only the folders and archives of pictures in the data folder, and “folder")
    assert beyond == nowhere.replace("gone", "pets") and "on this computer" not in beyond
    assert "are not on this computer" in decode_experiment({"data": "cifar10"})[1][0]


def test_what_is_not_here_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(sidebar, "complain", said.append)
    assert available_start(ExperimentSelection("transfer", start="run:ffffffff"), HERE, always) == "run:0000000b"
    assert "run:ffffffff" in said[0]


def test_pictures_of_the_next_run_are_not_taken_for_those_of_the_runs_above(open_page: OpenPage) -> None:
    runs = collection().of("degradation", "quick")  # on CIFAR-10
    words = "The runs above were trained on **CIFAR-10"
    app = open_page("train", runs=runs[0].id, dataset="shapes10")
    (told,) = (each.value for each in app.markdown if words in each.value)
    assert "the pictures of the next run, **Shapes-10**" in told
    assert not any(words in each.value for each in open_page("train", dataset="shapes10").markdown)
