"""What is left of the networks and in which order, with a reason for each, and what helps where nothing is left."""

import math
from dataclasses import replace
from itertools import combinations

import pytest
import torchvision.models

from explorer.leaderboard.entries import Entry, disturbance, torchvision_entries
from explorer.leaderboard.recommend.cards import (
    advice,
    bar_fill,
    choice_cards,
    funnel,
    loosenings,
    ways_out,
)
from explorer.leaderboard.recommend.explanation import rank_reason, unbeaten
from explorer.leaderboard.recommend.ranking import rank
from explorer.leaderboard.recommend.requirements import ORDERS, Limit, Requirements
from explorer.models.facts import DISTURBED, Fact
from explorer.models.sources import torchvision_names

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


def titles(wishes: Requirements, entries: tuple[Entry, ...] = ALL) -> list[str]:
    return [each.entry.title for each in rank(entries, wishes).kept]


# Limits


def test_only_what_keeps_every_limit_is_left_and_a_missing_figure_keeps_none() -> None:
    wishes = Requirements((Limit("top-1", 70), Limit("parameters", 30e6)), "top-1")
    assert titles(wishes) == ["mid", "poor"]


def test_each_limit_says_how_many_it_took_and_how_many_no_other_would_have_taken() -> None:
    ranking = rank(ALL, Requirements((Limit("top-1", 70), Limit("parameters", 20.5e6)), "top-1"))
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
    ranking = rank(FIELD, Requirements((Limit("top-1", bound),), "top-1"))
    assert {each.entry.architecture for each in ranking.kept} == reported


# Orders


def test_one_quantity_orders_from_the_best_to_the_worst() -> None:
    found = rank(FIELD, Requirements((), "parameters")).kept
    values = [each.entry.value("parameters") or 0 for each in found]
    assert values == sorted(values) and found[0].entry.architecture == "squeezenet1_1"  # 1,235,496, torchvision's least


def test_every_architecture_stands_once_with_the_weights_that_serve_best() -> None:
    found = rank(FIELD, Requirements((), "top-1")).kept
    assert len(found) == len({each.entry.architecture for each in found}) == 80
    resnet = next(each for each in found if each.entry.architecture == "resnet50")
    assert resnet.entry.title == "resnet50 V2" and [other.title for other in resnet.others] == ["resnet50 V1"]


def test_balance_puts_what_nothing_beats_before_what_something_beats() -> None:
    kept = rank((BIG, MID, POOR, TINY), Requirements()).kept
    assert kept[-1].entry is POOR and kept[-1].beaten_by is MID
    assert all(each.beaten_by is None for each in kept[:-1])


def test_balance_is_the_mean_of_the_shares_by_hand() -> None:
    kept = rank((BIG, MID, TINY), Requirements()).kept
    mid = next(each for each in kept if each.entry is MID)
    accuracy = (76 - 60) / (80 - 60)
    parameters = math.log(40e6 / 20e6) / math.log(40e6 / 1e6)
    macs = math.log(8e9 / 4e9) / math.log(8e9 / 1e8)
    assert mid.score == pytest.approx((accuracy + parameters + macs) / 3)


def test_nothing_that_is_beaten_outright_is_said_to_stand_alone() -> None:
    for each in rank(FIELD, Requirements()).kept:
        rivals = [
            other
            for other in FIELD
            if all(other.value(name) <= each.entry.value(name) for name in ("parameters", "MACs"))  # pyright: ignore
            and other.value("top-1") > each.entry.value("top-1")  # pyright: ignore
        ]
        assert not rivals or each.beaten_by is not None


# Reasons


def test_the_first_names_its_figure_and_the_runner_up() -> None:
    ranking = rank(ALL, Requirements((Limit("parameters", 50e6),), "top-1"))
    assert "80.00 %" in rank_reason(ranking, 0) and "Next is mid with 76.00 %" in rank_reason(ranking, 0)


def test_the_others_are_measured_by_the_one_above() -> None:
    ranking = rank(ALL, Requirements((Limit("parameters", 50e6),), "top-1"))
    assert "4 points below big, but 2 times fewer" in rank_reason(ranking, 1)
    assert "mid is nowhere worse" in rank_reason(ranking, 2) and not unbeaten(ranking, 2) and unbeaten(ranking, 1)


def test_every_place_of_every_order_has_a_reason_without_a_loose_end() -> None:
    for order in ("top-1", "parameters", "MACs", "file size", "balance"):
        ranking = rank(FIELD, Requirements((), order))
        said = [rank_reason(ranking, place) for place in range(len(ranking.kept))]
        assert all(text.endswith(".") and "nan" not in text and "None" not in text for text in said)


# Where nothing is left


def test_where_nothing_is_left_the_smallest_step_that_helps_is_named() -> None:
    wishes = Requirements((Limit("top-1", 78), Limit("parameters", 30e6)), "top-1")
    found = loosenings(rank((BIG, MID, TINY), wishes))
    assert [(each.limits, each.entry) for each in found] == [
        ((Limit("top-1", 76),), MID),
        ((Limit("parameters", 40e6),), BIG),
    ]
    assert advice(found[0], wishes.limits) == (
        "Ask for at least 76 % instead of 78 % top-1 accuracy: that lets mid in."
    )


def test_where_no_single_limit_helps_all_that_must_move_are_named_together() -> None:
    wishes = Requirements((Limit("top-1", 99), Limit("parameters", 1e5), Limit("MACs", 1e6)), "top-1")
    (only,) = loosenings(rank(FIELD, wishes))
    assert len(only.limits) == 3


@pytest.mark.parametrize("bound", [60, 78, 82, 84, 88])
@pytest.mark.parametrize("size", [1e6, 3e6, 8e6, 25e6])
def test_what_is_advised_really_leaves_something(bound: float, size: float) -> None:
    ranking = rank(FIELD, Requirements((Limit("top-1", bound), Limit("parameters", size)), "top-1"))
    ways = loosenings(ranking)
    assert bool(ways) == (not ranking.kept)
    for way in ways:
        wishes = ranking.wishes
        for new in way.limits:
            wishes = wishes.limited(new.quantity, new.bound)
        assert way.entry.architecture in {each.entry.architecture for each in rank(FIELD, wishes).kept}


def test_a_limit_on_what_nobody_has_measured_is_named_and_can_be_dropped() -> None:
    ranking = rank(FIELD, Requirements((Limit("latency", 0.05), Limit("top-1", 70)), "top-1"))
    (way,) = ways_out(ranking)
    assert "latency" in way["words"] and way["limits"] == {"latency": ""}


def test_an_order_by_what_nobody_has_measured_says_so() -> None:
    (way,) = ways_out(rank(FIELD, Requirements((), "latency")))
    assert "choose something else" in way["words"] and not way["limits"]


# Figures that are missing, equal or 0


BARE = entry("bare", parameters=0, MACs=0)  # an own network may have neither
FREE = entry("free", top1=50, parameters=0, MACs=0)
SILENT = entry("silent")
CROWDS = [each for size in range(4) for each in combinations((MID, BARE, FREE, SILENT), size)]
LIMITS = [(), (Limit("parameters", 1e6),), (Limit("top-1", 70), Limit("MACs", 1e6)), (Limit("latency", 0.1),)]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_every_ranking_can_be_told_whatever_is_missing_equal_or_0(limits: tuple[Limit, ...], order: str) -> None:
    for crowd in CROWDS:
        ranking = rank(crowd, Requirements(limits, order))
        told = choice_cards(ranking, ())
        assert [each["title"] for each in told] == [each.entry.title for each in ranking.kept]
        assert not any(word in each["reason"] for each in told for word in ("inf", "nan", "None"))
        assert funnel(ranking) and all(0 <= bar["share"] <= 1 for each in told for bar in each["bars"])
        assert not ranking.kept or not ways_out(ranking)


def test_of_those_that_have_none_of_something_it_is_said_so() -> None:
    ranking = rank((entry("half", top1=50, parameters=1e6, MACs=1e6), FREE), Requirements((), "parameters"))
    assert rank_reason(ranking, 1) == "1.00 M parameters, more than free. free is nowhere worse, and has no parameters."


def test_where_one_is_left_alone_nothing_is_said_of_others() -> None:
    for order in ("top-1", "balance"):
        ranking = rank((MID,), Requirements((), order))
        assert rank_reason(ranking, 0) == "The only one left." and not unbeaten(ranking, 0)


def test_a_difference_of_hundreds_is_written_out() -> None:
    small, large = entry("small", top1=60, parameters=6e4), entry("large", top1=70, parameters=138e6)
    assert "2,300 times fewer parameters" in rank_reason(rank((small, large), Requirements((), "top-1")), 1)


def test_no_limit_is_loosened_where_only_the_order_is_unknown() -> None:
    (way,) = ways_out(rank((BIG, MID), Requirements((Limit("parameters", 50e6),), "latency")))
    assert "choose something else" in way["words"]


# Bars


def test_bars_of_what_spans_powers_of_ten_are_logarithmic_and_stay_on_their_rail() -> None:
    ends = (1e6, 1e8)
    assert bar_fill("parameters", 1e7, ends) == pytest.approx(0.04 + 0.96 / 2)
    assert bar_fill("parameters", 1e9, ends) == 1 and bar_fill("parameters", 1, ends) == 0.04


def test_what_was_measured_while_others_were_busy_is_marked_and_said() -> None:
    slow, quiet = (
        entry(name, top1=70).with_facts((Fact("latency", seconds, "measured", "here", note),))
        for name, seconds, note in (("slow", 0.05, f"one image; {DISTURBED}"), ("quiet", 0.02, "one image"))
    )
    ranking = rank((slow, quiet), Requirements((Limit("latency", 0.1),), "latency"))
    marked = {card["title"]: [bar["disturbed"] for bar in card["bars"]] for card in choice_cards(ranking, ())}
    assert any(marked["slow"]) and not any(marked["quiet"])
    assert disturbance((slow, quiet), ["latency"]).startswith("⚠ One of these networks was measured while")
    assert disturbance((slow, quiet), ["top-1"]) == disturbance((quiet,), ["latency"]) == ""
