"""The milestones: in order, their figures from the network and from print, their pictures from the live module."""

import re

import pytest
import torchvision.models

from explorer.analysis.model_summary import study
from explorer.leaderboard.history import (
    MILESTONES,
    SCALES,
    Milestone,
    accuracies,
    against,
    block_outline,
    change_sentence,
    draw_milestone,
    fact_bar,
    scales,
    story,
)
from explorer.models.facts import Fact
from explorer.models.spec import build
from model_defs import CATALOG
from model_defs.architecture import Preset

LESSON = ["LeNet", "AlexNet", "VGG", "GoogLeNet", "ResNet", "EfficientNet", "ViT"]  # its section “Evolution”
BY_KEY = {each.key: each for each in MILESTONES}


def preset_of(each: Milestone) -> Preset:
    return next(preset for preset in CATALOG[each.place.name].presets if preset.name == each.place.preset)


def test_the_lessons_line_is_there_in_its_order_and_nothing_goes_back_in_time() -> None:
    names = [each.key for each in MILESTONES]
    assert [name for name in names if name in LESSON] == LESSON
    years = [each.architecture.year for each in MILESTONES]
    assert years == sorted(years) and years[0] == 1998


@pytest.mark.parametrize("each", MILESTONES, ids=lambda each: each.key)
def test_parameters_and_macs_are_the_live_networks(each: Milestone) -> None:
    found = draw_milestone(each)
    assert found.parameters.value == sum(weight.numel() for weight in build(each.place.spec, "meta").parameters())
    assert (found.parameters.kind, found.macs.kind) == ("computed", "computed")
    if builder := preset_of(each).torchvision:
        weights = next(iter(torchvision.models.get_model_weights(builder)))
        assert found.parameters.value == weights.meta["num_params"]
        assert found.macs.value / 1e9 == pytest.approx(weights.meta["_ops"], abs=0.001)


@pytest.mark.parametrize("each", MILESTONES, ids=lambda each: each.key)
def test_the_picture_is_of_a_block_that_runs_in_the_network(each: Milestone) -> None:
    inside = block_outline(each)
    whole = study(each.place.spec).graph
    here = [node for node in whole.nodes if each.block in node.path]
    assert sum(node.macs for node in inside.graph.nodes) == sum(node.macs for node in here)
    assert inside.graph.nodes[-1].shape == here[-1].shape
    picture = draw_milestone(each).picture
    assert len(re.findall('class="box ', picture.svg)) == len(picture.boxes) <= 25


@pytest.mark.parametrize(
    "key, op",
    [
        ("LeNet", "Tanh"),
        ("AlexNet", "ReLU"),
        ("GoogLeNet", "cat"),
        ("ResNet", "add"),
        ("SE-ResNet", "mul"),
        ("ShuffleNetV2", "chunk"),
        ("EfficientNet", "mul"),
        ("ViT", "scaled_dot_product_attention"),
    ],
)
def test_the_block_holds_what_its_idea_is_about(key: str, op: str) -> None:
    assert op in {node.op for node in block_outline(BY_KEY[key]).graph.nodes}


def test_lenet_has_no_imagenet_accuracy_and_every_other_has_one_with_its_source() -> None:
    assert accuracies(BY_KEY["LeNet"], "top-1") == ()
    for each in MILESTONES[1:]:
        first, *_ = accuracies(each, "top-1")
        assert first.kind == "published" and first.source


def test_what_a_newer_recipe_reached_stands_beside_what_was_first_published() -> None:
    # torchvision: ResNet-50 76.13 with its first weights, 80.86 (80.858) with its second.
    assert [round(fact.value, 1) for fact in accuracies(BY_KEY["ResNet"], "top-1")] == [76.1, 80.9]


def test_an_accuracy_of_another_form_says_so() -> None:
    (googlenet,) = accuracies(BY_KEY["GoogLeNet"], "top-1")
    assert googlenet.note == "GoogLeNet, 3×3 windows only"


# Bars


@pytest.mark.parametrize("quantity, middle", [("parameters", 10**6.5), ("MACs", 1e8), ("top-1", 50)])
def test_a_scale_runs_from_nothing_to_all_with_its_middle_in_the_middle(quantity: str, middle: float) -> None:
    scale = SCALES[quantity]
    assert (scale.share(scale.low), scale.share(middle), scale.share(scale.high)) == (0, 0.5, 1)


def test_every_figure_fits_on_its_scale() -> None:
    for each in MILESTONES:
        found = draw_milestone(each)
        for fact in (found.parameters, found.macs, *accuracies(each, "top-1")):
            assert 0 < SCALES[fact.quantity].share(fact.value) < 1


def test_logarithmic_rules_stand_at_powers_of_ten() -> None:
    parameters = SCALES["parameters"]
    assert parameters.rules == tuple(parameters.share(10.0**power) for power in (5, 6, 7, 8))


def test_where_there_is_no_figure_there_is_no_bar() -> None:
    assert fact_bar(()) is None


def test_a_change_is_the_ratio_of_the_two() -> None:
    old = {"parameters": Fact("parameters", 138e6, "computed", ""), "top-1": Fact("top-1", 71.6, "published", "")}
    new = {"parameters": Fact("parameters", 6.9e6, "computed", ""), "top-1": Fact("top-1", 69.8, "published", "")}
    assert change_sentence("VGG-16", old, new) == "Against VGG-16: 20 times fewer parameters, 1.8 points less top-1."


def test_accuracies_of_two_sources_are_not_subtracted() -> None:
    old = {"parameters": Fact("parameters", 25e6, "computed", ""), "top-1": Fact("top-1", 76.13, "published", "one")}
    new = {"parameters": Fact("parameters", 28e6, "computed", ""), "top-1": Fact("top-1", 76.71, "published", "other")}
    told = change_sentence("ResNet-50", old, new)
    assert told == (
        "Against ResNet-50: 1.1 times as many parameters. Their top-1 was published in two places and does not compare."
    )


def test_each_is_held_against_what_it_came_from() -> None:
    facts = {name: (Fact(name, 1.0, "computed", ""),) for name in ("parameters", "MACs")}
    known = [facts] * len(MILESTONES)
    told = {each.key: against(place, known) for place, each in enumerate(MILESTONES)}
    assert told["SE-ResNet"].startswith("Against ResNet-50:")  # Hu et al. put their gate into ResNet-50
    assert told["EfficientNet"].startswith("Against MobileNetV2:")  # Tan & Le start from its block
    assert told["LeNet"] == "" and told["VGG"].startswith("Against AlexNet:")


# The telling


def test_the_words_are_there_before_any_network_is_built() -> None:
    told = story({}, {})
    assert [each["year"] for each in told][:2] == [1998, 2012]
    assert all(each["idea"] and each["caption"] and not each["svg"] for each in told)
    assert len(scales()) == 3


def test_a_network_that_fails_is_named_and_the_rest_stays() -> None:
    vgg = BY_KEY["VGG"]
    told = story({BY_KEY["LeNet"]: draw_milestone(BY_KEY["LeNet"])}, {vgg: "no room for it"})
    assert "no room for it" in told[2]["problem"] and told[0]["svg"]
