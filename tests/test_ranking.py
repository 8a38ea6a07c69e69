"""Wishes, the ranking that follows from them, the lesson's situations, and the code that each network ends in."""

import math
import re
from dataclasses import replace
from typing import Any

import pytest
import torch
import torchvision.models
from torch import nn

from explorer.blank import Blank, blank
from explorer.compare.advice import verdict
from explorer.compare.choices import share, ways_out
from explorer.compare.entries import Entry, torchvision_entries
from explorer.compare.facts import Fact
from explorer.compare.loading_lines import heads, lesson_lines, torchvision_lines
from explorer.compare.loosening import advice, loosenings
from explorer.compare.ranking import rank
from explorer.compare.readable import readable, readable_entry
from explorer.compare.simplicity import simplicity
from explorer.compare.situations import SITUATIONS, situation_of, wishes_of
from explorer.compare.standing import reason, unbeaten
from explorer.compare.wishes import SIMPLICITY, Limit, Wishes, handy, parse, read, spell
from explorer.places import Place
from explorer.sources import torchvision_names
from explorer.specs import Spec
from explorer.studies import study

FIELD = torchvision_entries()


def entry(name: str, **values: float) -> Entry:
    facts = tuple(
        Fact(quantity.replace("_", " "), value, "published", "the test") for quantity, value in values.items()
    )
    facts = tuple(replace(fact, quantity="top-1") if fact.quantity == "top1" else fact for fact in facts)
    return Entry(name, name, name, name, 2020, "torchvision", "", 224, facts)


BIG = entry("big", top1=80, parameters=40e6, MACs=8e9)
MID = entry("mid", top1=76, parameters=20e6, MACs=4e9)
POOR = entry("poor", top1=75, parameters=21e6, MACs=4e9)
TINY = entry("tiny", top1=60, parameters=1e6, MACs=1e8)
MUTE = entry("mute", top1=90)
ALL = (BIG, MID, POOR, TINY, MUTE)


def titles(wishes: Wishes, entries: tuple[Entry, ...] = ALL) -> list[str]:
    return [each.entry.title for each in rank(entries, wishes).kept]


# Limits


def test_only_what_keeps_every_limit_is_left_and_a_missing_figure_keeps_none() -> None:
    wishes = Wishes((Limit("top-1", 70), Limit("parameters", 30e6)), "top-1")
    assert titles(wishes) == ["mid", "poor"]


def test_each_limit_says_how_many_it_took_and_how_many_no_other_would_have_taken() -> None:
    ranking = rank(ALL, Wishes((Limit("top-1", 70), Limit("parameters", 20.5e6)), "top-1"))
    accuracy, parameters = ranking.tolls
    assert (accuracy.broken, accuracy.alone, accuracy.unknown) == (1, 1, 0)  # tiny
    assert (parameters.broken, parameters.alone, parameters.unknown) == (2, 2, 1)  # big and poor; mute does not say


@pytest.mark.parametrize("bound", [60, 70, 76.13, 80, 85])
def test_the_ranking_keeps_just_the_weights_that_torchvision_reports_above_the_limit(bound: float) -> None:
    reported = {
        name
        for name in torchvision_names()
        for weights in torchvision.models.get_model_weights(name)
        if weights.meta["_metrics"]["ImageNet-1K"]["acc@1"] >= bound  # nan is not
    }
    ranking = rank(FIELD, Wishes((Limit("top-1", bound),), "top-1"))
    assert {each.entry.architecture for each in ranking.kept} == reported


# Orders


def test_one_quantity_orders_from_the_best_to_the_worst() -> None:
    found = rank(FIELD, Wishes((), "parameters")).kept
    values = [each.entry.value("parameters") or 0 for each in found]
    assert values == sorted(values) and found[0].entry.architecture == "squeezenet1_1"  # 1,235,496, torchvision's least


def test_every_architecture_stands_once_with_the_weights_that_serve_best() -> None:
    found = rank(FIELD, Wishes((), "top-1")).kept
    assert len(found) == len({each.entry.architecture for each in found}) == 80
    resnet = next(each for each in found if each.entry.architecture == "resnet50")
    assert resnet.entry.title == "resnet50 V2" and [other.title for other in resnet.others] == ["resnet50 V1"]


def test_balance_puts_what_nothing_beats_before_what_something_beats() -> None:
    kept = rank((BIG, MID, POOR, TINY), Wishes()).kept
    assert kept[-1].entry is POOR and kept[-1].beaten_by is MID
    assert all(each.beaten_by is None for each in kept[:-1])


def test_balance_is_the_mean_of_the_shares_by_hand() -> None:
    kept = rank((BIG, MID, TINY), Wishes()).kept
    mid = next(each for each in kept if each.entry is MID)
    accuracy = (76 - 60) / (80 - 60)
    parameters = math.log(40e6 / 20e6) / math.log(40e6 / 1e6)
    macs = math.log(8e9 / 4e9) / math.log(8e9 / 1e8)
    assert mid.score == pytest.approx((accuracy + parameters + macs) / 3)


def test_nothing_that_is_beaten_outright_is_said_to_stand_alone() -> None:
    for each in rank(FIELD, Wishes()).kept:
        rivals = [
            other
            for other in FIELD
            if all(other.value(name) <= each.entry.value(name) for name in ("parameters", "MACs"))  # pyright: ignore
            and other.value("top-1") > each.entry.value("top-1")  # pyright: ignore
        ]
        assert not rivals or each.beaten_by is not None


# Reasons


def test_the_first_names_its_figure_and_the_runner_up() -> None:
    ranking = rank(ALL, Wishes((Limit("parameters", 50e6),), "top-1"))
    assert "80.00 %" in reason(ranking, 0) and "Next is mid with 76.00 %" in reason(ranking, 0)


def test_the_others_are_measured_by_the_one_above() -> None:
    ranking = rank(ALL, Wishes((Limit("parameters", 50e6),), "top-1"))
    assert "4 points below big, but 2 times fewer" in reason(ranking, 1)
    assert "mid is nowhere worse" in reason(ranking, 2) and not unbeaten(ranking, 2) and unbeaten(ranking, 1)


def test_every_place_of_every_order_has_a_reason_without_a_loose_end() -> None:
    for order in ("top-1", "parameters", "MACs", "file size", "balance"):
        ranking = rank(FIELD, Wishes((), order))
        said = [reason(ranking, place) for place in range(len(ranking.kept))]
        assert all(text.endswith(".") and "nan" not in text and "None" not in text for text in said)


# Where nothing is left


def test_where_nothing_is_left_the_smallest_step_that_helps_is_named() -> None:
    wishes = Wishes((Limit("top-1", 78), Limit("parameters", 30e6)), "top-1")
    found = loosenings(rank((BIG, MID, TINY), wishes))
    assert [(each.limits, each.entry) for each in found] == [
        ((Limit("top-1", 76),), MID),
        ((Limit("parameters", 40e6),), BIG),
    ]
    assert advice(found[0], wishes.limits) == (
        "Ask for at least 76 % instead of 78 % top-1 accuracy: that lets mid in."
    )


def test_where_no_single_limit_helps_all_that_must_move_are_named_together() -> None:
    wishes = Wishes((Limit("top-1", 99), Limit("parameters", 1e5), Limit("MACs", 1e6)), "top-1")
    (only,) = loosenings(rank(FIELD, wishes))
    assert len(only.limits) == 3


@pytest.mark.parametrize("bound", [60, 78, 82, 84, 88])
@pytest.mark.parametrize("size", [1e6, 3e6, 8e6, 25e6])
def test_what_is_advised_really_leaves_something(bound: float, size: float) -> None:
    ranking = rank(FIELD, Wishes((Limit("top-1", bound), Limit("parameters", size)), "top-1"))
    ways = loosenings(ranking)
    assert bool(ways) == (not ranking.kept)
    for way in ways:
        wishes = ranking.wishes
        for new in way.limits:
            wishes = wishes.limited(new.quantity, new.bound)
        assert way.entry.architecture in {each.entry.architecture for each in rank(FIELD, wishes).kept}


@pytest.mark.parametrize("quantity, value", [("top-1", 77.692), ("parameters", 5_288_548), ("MACs", 385_814_752)])
def test_a_bound_of_three_figures_still_lets_its_value_pass(quantity: str, value: float) -> None:
    assert Limit(quantity, handy(quantity, value)).kept(value)
    assert handy(quantity, value) == pytest.approx(value, rel=0.01)


def test_a_limit_on_what_nobody_has_measured_is_named_and_can_be_dropped() -> None:
    ranking = rank(FIELD, Wishes((Limit("latency", 0.05), Limit("top-1", 70)), "top-1"))
    (way,) = ways_out(ranking)
    assert "latency" in way["words"] and way["limits"] == {"latency": ""}


def test_an_order_by_what_nobody_has_measured_says_so() -> None:
    (way,) = ways_out(rank(FIELD, Wishes((), "latency")))
    assert "choose something else" in way["words"] and not way["limits"]


# Links


def test_wishes_survive_their_link() -> None:
    wishes = Wishes((Limit("top-1", 78), Limit("parameters", 10e6), Limit("file size", 40 * 2**20)), "MACs")
    assert read({name: word for name, word in spell(wishes).items() if word}) == (wishes, ())


@pytest.mark.parametrize("words", [{"accuracy": "much"}, {"accuracy": "120"}, {"params": "-3"}, {"macs": "nan"}])
def test_a_wrong_word_is_named_and_left_out(words: dict[str, str]) -> None:
    wishes, (problem,) = read(words | {"by": "params"})
    assert wishes == Wishes((), "parameters") and next(iter(words.values())) in problem


def test_an_unknown_order_is_named() -> None:
    wishes, (problem,) = read({"by": "beauty"})
    assert wishes is None and "beauty" in problem and "accuracy" in problem


def test_a_number_is_read_in_its_unit() -> None:
    assert parse("parameters", " 2,5 ") == 2.5e6 and parse("latency", "40") == pytest.approx(0.04)


# The lesson's situations


def test_each_situation_is_recognised_by_its_own_wishes() -> None:
    for situation in SITUATIONS.values():
        assert situation_of(wishes_of(situation, FIELD), FIELD) is situation


def test_the_lessons_choices_keep_the_limits_drawn_from_them() -> None:
    for use in ("fast", "accurate", "memory"):
        situation = SITUATIONS[use]
        stands = verdict(situation, rank(FIELD, wishes_of(situation, FIELD))).stands
        assert len(stands) == len(situation.picks) and all(stand.place for stand in stands)


def test_by_macs_the_figures_agree_with_the_lesson_on_fast_inference() -> None:
    situation = SITUATIONS["fast"]
    found = verdict(situation, rank(FIELD, wishes_of(situation, FIELD)))
    assert found.agrees and "efficientnet_b0" in found.words


def test_the_page_says_how_many_reach_more_than_the_lessons_most_accurate() -> None:
    situation = SITUATIONS["accurate"]
    found = verdict(situation, rank(FIELD, wishes_of(situation, FIELD)))
    best = torchvision.models.EfficientNet_B7_Weights.IMAGENET1K_V1.meta["_metrics"]["ImageNet-1K"]["acc@1"]
    more = {each.architecture for each in FIELD if (each.value("top-1") or 0) > best}
    assert not found.agrees and f"{len(more)} of the" in found.words and "efficientnet_v2_s" in found.words


def test_measured_speed_takes_the_place_of_macs_once_the_lessons_choices_have_it() -> None:
    situation = SITUATIONS["fast"]
    timed = tuple(each.with_facts((Fact("latency", 0.02, "measured", "here"),)) for each in FIELD)
    assert wishes_of(situation, FIELD).limit("MACs") and wishes_of(situation, timed).limit("latency")


# What there is to understand


def test_what_there_is_to_understand_is_counted_from_the_network() -> None:
    # LeNet-5: convolution, tanh, average pooling, linear. ResNet-18: convolution, norm, ReLU, max pooling, addition,
    # average pooling, linear; and one block, BasicBlock.
    lenet, resnet = (
        simplicity(study(Place("model_defs", name, preset).spec).outline)
        for name, preset in (("LeNet", "LeNet-5"), ("ResNet", "ResNet-18"))
    )
    assert (lenet.things, lenet.blocks) == (4, ())
    assert (len(resnet.operations), resnet.blocks) == (7, ("BasicBlock",))


def test_depth_and_width_add_nothing_to_understand() -> None:
    counts = [simplicity(study(Spec("torchvision", name)).outline).things for name in ("vgg11", "vgg13", "vgg19")]
    assert len(set(counts)) == 1


def test_the_lessons_choices_for_learning_are_among_those_ranked() -> None:
    named = {place.preset for place in readable()}
    assert {"VGG-16", "ResNet-18", "LeNet-5", "ViT-B/16"} <= named
    some = tuple(readable_entry(place) for place in readable() if place.preset in ("LeNet-5", "VGG-16", "ResNet-18"))
    assert titles(Wishes((), SIMPLICITY), some) == ["LeNet-5", "VGG-16", "ResNet-18"]


# The code


def run(lines: str) -> dict[str, Any]:
    """The lines as they stand, but for the weights, on `meta`."""
    lines = re.sub(r"\(weights=weights\)", "(weights=None)", lines)
    names: dict[str, Any] = {}

    def make() -> nn.Module:
        names.clear()
        exec(lines, names)
        return names["model"]

    names["model"] = blank(make)
    return names


def check(builder: str) -> None:
    weights = next(iter(torchvision.models.get_model_weights(builder)))
    names = run(torchvision_lines(builder, weights.name))
    model = names["model"]
    side = getattr(
        model, "image_size", weights.transforms.keywords["crop_size"]
    )  # without weights a ViT is built for 224
    assert names["weights"] is weights and callable(names["preprocess"])
    heirs = {head.path for head in heads(Spec("torchvision", builder))}
    learning = {name.rpartition(".")[0] for name, weight in model.named_parameters() if weight.requires_grad}
    assert learning and learning <= heirs
    with torch.no_grad():
        assert model(torch.empty(2, 3, side, side, device="meta")).shape == (2, 10)


# One of each family, the smallest; the others take a minute.
SPREAD = (
    *("alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "googlenet", "inception_v3"),
    *("maxvit_t", "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small", "regnet_x_400mf", "resnet18", "resnext50_32x4d"),
    *("shufflenet_v2_x0_5", "squeezenet1_1", "swin_t", "vgg11_bn", "vit_b_32", "wide_resnet50_2"),
)


@pytest.mark.filterwarnings("ignore:The default weight initialization")
@pytest.mark.parametrize("builder", SPREAD)
def test_the_lines_give_ten_classes_and_only_the_head_learns(builder: str) -> None:
    check(builder)


@pytest.mark.slow
@pytest.mark.parametrize("builder", [name for name in torchvision_names() if name not in SPREAD])
def test_the_lines_work_for_every_builder(builder: str) -> None:
    check(builder)


def test_every_set_of_weights_on_the_list_has_lines() -> None:
    for each in FIELD[::9]:
        _, builder, weights = each.key.split("/")
        assert f"{weights}\n" in torchvision_lines(builder, weights)


@pytest.mark.parametrize("builder", ["googlenet", "inception_v3", "squeezenet1_0"])
def test_the_lines_run_as_they_stand_where_the_weights_are_on_the_disk(
    builder: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = next(iter(torchvision.models.get_model_weights(builder)))
    extra = {} if builder == "squeezenet1_0" else {"aux_logits": True, "init_weights": False}
    with Blank("cpu"):  # which spares the random numbers
        model = torchvision.models.get_model_builder(builder)(weights=None, **extra)
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    torch.save(model.half().state_dict(), folder / weights.url.rpartition("/")[2])
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    names: dict[str, Any] = {}
    exec(torchvision_lines(builder, weights.name), names)
    learning = {name.rpartition(".")[0] for name, weight in names["model"].named_parameters() if weight.requires_grad}
    assert learning == {head.path for head in heads(Spec("torchvision", builder)) if not head.path.startswith("aux")}


def test_a_network_of_the_lesson_is_built_by_its_lines() -> None:
    names = run(lesson_lines(Place("model_defs", "LeNet", "LeNet-5")))
    assert names["model"](torch.empty(2, 1, 32, 32, device="meta")).shape == (2, 10)
    assert "models.vgg16(" in lesson_lines(Place("model_defs", "VGG", "VGG-16"))


# Bars


def test_bars_of_what_spans_powers_of_ten_are_logarithmic_and_stay_on_their_rail() -> None:
    ends = (1e6, 1e8)
    assert share("parameters", 1e7, ends) == pytest.approx(0.04 + 0.96 / 2)
    assert share("parameters", 1e9, ends) == 1 and share("parameters", 1, ends) == 0.04
