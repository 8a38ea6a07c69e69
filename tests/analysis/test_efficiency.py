"""Exercise 4's table: the figures of the lesson, torchvision and the tools, each in its place, and the way to CSV."""

import csv
import io
from collections.abc import Callable

import pytest
import torchvision.models
from streamlit.testing.v1 import AppTest

from explorer.analysis.crosscheck.crosscheck import COUNTERS
from explorer.analysis.crosscheck.efficiency import (
    EXERCISE,
    NetworkEfficiency,
    best_for_price,
    efficiency_csv,
    network_efficiency,
    top1_sources,
)
from explorer.models.facts import Fact
from explorer.models.selection import ModelSelection
from explorer.ui.compare.efficiency_table import table_rows

OpenPage = Callable[..., AppTest]
# What thop 0.1.1 and torchinfo 1.8.0 print of torchvision's three at 224 px.
PRINTED = {
    "vgg16": (15_470_314_496, 15_483_862_016),
    "resnet50": (4_133_742_592, 4_089_184_256),
    "efficientnet_b0": (414_933_504, 385_874_976),
}
SMALL = ModelSelection("torchvision", "resnet50", "", (("image_size", 64),))


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tools need seconds: here they have answered already."""
    answers = {
        place.spec: {
            tool: {"params": params, "macs": macs, "version": ""}
            for params in [torchvision.models.get_model_weights(place.name)["DEFAULT"].meta["num_params"]]
            for tool, macs in zip(("torch", "thop", "torchinfo"), (1, *PRINTED[place.name]), strict=True)
        }
        for place in (*EXERCISE, SMALL)
    }
    monkeypatch.setattr(COUNTERS.answers, "done", answers)


def test_the_exercises_three_are_counted_as_torchvisions_metadata_says() -> None:
    for place in EXERCISE:
        row, meta = network_efficiency(place), torchvision.models.get_model_weights(place.name)["IMAGENET1K_V1"].meta
        assert row.params == meta["num_params"] and round(row.macs / 1e9, 3) == meta["_ops"]
        assert row.shape == "3×224×224"


def test_each_accuracy_names_its_source_the_lessons_first() -> None:
    said = [(figure.source, figure.value) for figure in top1_sources(EXERCISE[1])]
    assert said[0] == ("the lesson, section 5", 76.0)
    assert ("torchvision, IMAGENET1K_V1", 76.13) in said and ("torchvision, IMAGENET1K_V2", 80.858) in said
    ours = top1_sources(ModelSelection("model_defs", "EfficientNet", "EfficientNet-B0"))
    assert ours[0].value == 77.1
    assert top1_sources(ModelSelection("model_defs", "VGG", "VGG-16", (("width", 32),))) == ()


def test_accuracy_for_its_price_is_a_division_by_one_source_alone() -> None:
    big = NetworkEfficiency("big", "", 100_000_000, 10 * 10**9, {}, (Fact("top-1", 80, "published", "A"),))
    small = NetworkEfficiency("small", "", 5_000_000, 20 * 10**9, {}, (Fact("top-1", 70, "published", "A"),))
    other = NetworkEfficiency("other", "", 1, 1, {}, (Fact("top-1", 99, "published", "B"),))
    assert small.per_million(small.accuracies[0]) == 14 and big.per_giga(big.accuracies[0]) == 8
    words = best_for_price((big, small, other))
    assert words.startswith("By the accuracies of A: most for each parameter small, 14 points a million")
    assert "most for each multiply-add big, 8 points a billion" in words
    assert best_for_price((big, other)) == "" == best_for_price(())


@pytest.mark.usefixtures("answered")
def test_the_table_as_csv_has_a_line_for_each_accuracy_and_every_count() -> None:
    lines = list(csv.DictReader(io.StringIO(efficiency_csv([network_efficiency(place) for place in EXERCISE]))))
    lesson = [line for line in lines if line["source"] == "the lesson, section 5"]
    assert [(line["network"], line["top-1"]) for line in lesson] == [
        *(("vgg16", "71.5"), ("resnet50", "76.0"), ("efficientnet_b0", "77.1")),
    ]
    assert lesson[1]["MACs by thop"] == "4133742592" and lesson[1]["MACs"] == "4089184256"
    assert lesson[2]["points for a million parameters"] == "14.58"  # 77.1 / 5.288548


@pytest.mark.usefixtures("answered")
def test_the_page_shows_the_networks_in_the_comparison_and_nothing_before_it_is_asked_for(open_page: OpenPage) -> None:
    def table(app: AppTest) -> str:
        assert not app.exception
        return "".join(each.proto.body for each in app.get("html") if "strip efficiency" in each.proto.body)

    assert table(open_page("compare", view="witnesses")) == ""
    links = {slot: f"source=torchvision&model={place.name}" for slot, place in zip("abc", EXERCISE, strict=True)}
    words = table(open_page("compare", view="witnesses", **links))
    for shown in ("vgg16", "138,357,544", "4.13 G", "+1.1 %", "+7.5 %", "the lesson, section 5", "14.58"):
        assert shown in words
    other = table(open_page("compare", view="witnesses", a="source=torchvision&model=resnet50&image_size=64"))
    assert "nobody has trained it" in other and "vgg16" not in other


def test_what_is_not_counted_is_said_in_the_table_and_in_the_csv() -> None:
    tools = {"thop": {"params": 10, "macs": 500}}
    row = NetworkEfficiency("net", "3×8×8", 10, 400, tools, (), uncounted="no formula for lstm")
    words = [cell.text for cell in table_rows(row)[0]]
    assert words[1:3] == ["10", "≥ 400"] and table_rows(row)[0][4].change == ""  # how far apart is not known
    (line,) = csv.DictReader(io.StringIO(efficiency_csv([row])))
    assert line["not counted in MACs"] == "no formula for lstm" and line["MACs"] == "400"
