"""What a transfer starts from stands in the link, and a link leads back to it."""

from pathlib import Path

import pytest

from explorer.training.experiments.presets import NOTHING, ExperimentSelection
from explorer.ui.train import dataset, sidebar
from explorer.ui.train.sidebar import available_start

HERE = ("run:0000000b", "run:0000000a", NOTHING)


@pytest.mark.parametrize("chosen", HERE)
def test_what_a_link_names_is_taken(chosen: str) -> None:
    assert available_start(ExperimentSelection("transfer", start=chosen), HERE) == chosen


def test_without_a_link_it_is_the_newest() -> None:
    assert available_start(ExperimentSelection("transfer"), HERE) == "run:0000000b"
    assert available_start(ExperimentSelection("transfer"), (NOTHING,)) == NOTHING


def test_a_backbone_trained_for_lack_of_one_is_meant_once_it_is_done() -> None:
    lab = ExperimentSelection("transfer", runs=("0000000a",), start=NOTHING)
    assert available_start(lab, HERE[2:]) == NOTHING
    assert available_start(lab, HERE) == "run:0000000a"


@pytest.mark.parametrize(("chosen", "offered"), [("CIFAR-10 (JPEG)", []), ("Shapes-10", ["CIFAR-10"])])
def test_pictures_are_offered_unless_they_are_here_as_a_folder(
    chosen: str, offered: list[str], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pressed: list[str] = []
    monkeypatch.setattr(dataset, "fetch_button", lambda wanted: pressed.append(wanted.title) or True)
    dataset.fetch_pictures("cifar10", chosen)
    assert pressed == offered


def test_what_is_not_here_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(sidebar, "complain", said.append)
    assert available_start(ExperimentSelection("transfer", start="run:ffffffff"), HERE) == "run:0000000b"
    assert "run:ffffffff" in said[0]
