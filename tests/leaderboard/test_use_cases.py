"""The lesson's four situations, and how much there is to understand in its networks."""

import torchvision.models

from explorer.analysis.complexity import simplicity
from explorer.analysis.model_summary import study
from explorer.leaderboard.entries import torchvision_entries
from explorer.leaderboard.recommend.explanation import situation_verdict
from explorer.leaderboard.recommend.ranking import rank
from explorer.leaderboard.recommend.requirements import SIMPLICITY, Requirements
from explorer.leaderboard.recommend.use_cases import SITUATIONS, readable, readable_entry, situation_of, wishes_of
from explorer.models.facts import DISTURBED, Fact
from explorer.models.names import standard
from explorer.models.selection import ModelSelection
from explorer.models.spec import Spec
from explorer.ui.compare.recommend import notice

FIELD = torchvision_entries()


def test_each_situation_is_recognised_by_its_own_wishes() -> None:
    for situation in SITUATIONS.values():
        assert situation_of(wishes_of(situation, FIELD), FIELD) is situation


def test_the_lessons_choices_keep_the_limits_drawn_from_them() -> None:
    for use in ("fast", "accurate", "memory"):
        situation = SITUATIONS[use]
        stands = situation_verdict(situation, rank(FIELD, wishes_of(situation, FIELD))).stands
        assert len(stands) == len(situation.picks) and all(place for _, place in stands)


def test_by_macs_the_figures_agree_with_the_lesson_on_fast_inference() -> None:
    situation = SITUATIONS["fast"]
    found = situation_verdict(situation, rank(FIELD, wishes_of(situation, FIELD)))
    assert found.agrees and "efficientnet_b0" in found.words


def test_the_page_says_how_many_reach_more_than_the_lessons_most_accurate() -> None:
    situation = SITUATIONS["accurate"]
    found = situation_verdict(situation, rank(FIELD, wishes_of(situation, FIELD)))
    best = torchvision.models.EfficientNet_B7_Weights.IMAGENET1K_V1.meta["_metrics"]["ImageNet-1K"]["acc@1"]
    more = {each.architecture for each in FIELD if (each.value("top-1") or 0) > best}
    assert not found.agrees and f"{len(more)} of the" in found.words and "efficientnet_v2_s" in found.words


def test_measured_speed_takes_the_place_of_macs_once_the_lessons_choices_have_it() -> None:
    situation = SITUATIONS["fast"]
    timed = tuple(each.with_facts((Fact("latency", 0.02, "measured", "here"),)) for each in FIELD)
    assert wishes_of(situation, FIELD).limit("MACs") and wishes_of(situation, timed).limit("latency")


def test_latencies_taken_while_the_machine_was_busy_set_no_limit_and_the_page_says_so() -> None:
    situation = SITUATIONS["fast"]
    quiet, busy = Fact("latency", 0.02, "measured", "here"), Fact("latency", 0.6, "measured", "here", DISTURBED)
    timed = tuple(each.with_facts((busy if "mobilenet" in each.key else quiet,)) for each in FIELD)
    wishes = wishes_of(situation, timed)
    assert wishes == wishes_of(situation, FIELD)
    assert "because this machine was busy with something else" in notice(rank(timed, wishes), situation)
    assert "until the lesson’s networks have been measured" in notice(rank(FIELD, wishes), situation)


# What there is to understand


def test_what_there_is_to_understand_is_counted_from_the_network() -> None:
    # LeNet-5: convolution, tanh, average pooling, linear. ResNet-18: convolution, norm, ReLU, max pooling, addition,
    # average pooling, linear; and one block, BasicBlock.
    lenet, resnet = (
        simplicity(study(ModelSelection("model_defs", name, preset).spec).outline)
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
    ranked = rank(some, Requirements((), SIMPLICITY)).kept
    assert [each.entry.title for each in ranked] == ["LeNet-5", "VGG-16", "ResNet-18"]


def test_who_measures_what_is_measured_unless_one_chooses_can_be_told_what_is_fast() -> None:
    measured = {place.name for place in standard()}
    assert measured >= {*SITUATIONS["fast"].picks}
