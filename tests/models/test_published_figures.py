"""Every published figure is a number, and says where it was read."""

from math import isfinite
from pathlib import Path

import pytest

from explorer.diff.comparison import pair_tables
from explorer.models import published_numbers as numbers
from explorer.models.facts import Fact
from explorer.models.published_figures import published_figures
from explorer.models.published_numbers import published_numbers
from explorer.models.sources import torchvision_names
from model_defs import CATALOG
from testing.comparisons import PLAIN_34


@pytest.mark.parametrize("name", torchvision_names())
def test_torchvision_publishes_four_numbers_of_each_network(name: str):
    figures = published_figures("torchvision", name, "")
    assert {figure.quantity for figure in figures} == {"parameters", "MACs", "top-1", "top-5"}
    assert all(isfinite(figure.value) and figure.value > 0 and figure.source for figure in figures)


def test_every_line_of_the_published_numbers_is_about_a_network_that_exists():
    for number in published_numbers():
        assert set(number.shown) <= {"network", "leaderboard", "scaling", "lesson", "speed"} and number.shown
        if number.preset:
            assert number.preset in [preset.name for preset in CATALOG[number.family].presets], number
        if "network" in number.shown or "lesson" in number.shown:
            assert number.preset, number
        if "speed" in number.shown:
            assert number.architecture in torchvision_names(), number


def test_a_published_number_stands_on_one_line():
    lines = [(each.paper, each.where, each.name, each.figure.quantity) for each in published_numbers()]
    assert len(lines) == len(set(lines)) > 200


def test_an_error_of_imagenets_is_shown_as_an_accuracy_that_says_so():
    (plain,) = (each for each in published_numbers() if each.name == "plain-34" and each.figure.quantity == "top-1")
    assert plain.figure == Fact(
        *("top-1", 71.46, "published", "He et al. 2015, Table 2"),
        "printed as an error of 28.54; 10 crops of a picture averaged",
    )
    assert [table[PLAIN_34.spec].value for table in pair_tables() if PLAIN_34.spec in table] == [71.46, 71.46]


@pytest.mark.parametrize("word", ["", "a lot"])
def test_a_broken_line_is_named(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    first, second = numbers.NUMBERS.read_text(encoding="utf-8").splitlines()[:2]
    file = tmp_path / "papers.csv"
    file.write_text(f"{first}\n{second.replace('60000', word)}\n", encoding="utf-8")
    monkeypatch.setattr(numbers, "NUMBERS", file)
    with pytest.raises(ValueError, match=r"Line 2 of assets/papers\.csv is broken"):
        published_numbers.__wrapped__()
