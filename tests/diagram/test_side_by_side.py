"""Networks side by side: equal resolutions at equal heights, each box with its counterpart, accuracies that compare."""

import pytest

from explorer.analysis.model_summary import study
from explorer.analysis.stage_costs import by_stage
from explorer.diagram.render import lay_out
from explorer.diagram.scene import visible
from explorer.diagram.side_by_side import abreast, level_starts, lowered
from explorer.diff.charts import by_level
from explorer.diff.comparison import READY_MADE, diff_specs, draw_networks, metric_rows, pair_tables, slots, views
from explorer.diff.layer_diff import box_links, pane_marks
from explorer.models.selection import ModelSelection
from testing.comparisons import EFFICIENTNET_B0, PLAIN_34, RESNET_34, RESNET_50, SE_50, VGG_16


@pytest.mark.parametrize(
    "place", [RESNET_50, VGG_16, EFFICIENTNET_B0, ModelSelection("torchvision", "vit_b_16", "")], ids=str
)
def test_the_bars_by_resolution_add_up_to_the_network(place: ModelSelection):
    known = study(place.spec)
    levels, stages = by_level(known.outline), by_stage(known.graph).values()
    for quantity in ("params", "macs", "activations"):
        assert sum(getattr(each.costs, quantity) for each in levels) == sum(getattr(each, quantity) for each in stages)
    assert len({each.level for each in levels}) == len(levels)


def test_resolutions_are_those_of_the_papers_table():
    assert [each.map for each in by_level(study(RESNET_50.spec).outline)] == [
        *("112×112", "56×56", "28×28", "14×14", "7×7", "head"),
    ]


@pytest.mark.parametrize("title", READY_MADE)
def test_equal_resolutions_stand_at_equal_heights(title: str):
    found = slots(READY_MADE[title])
    opened = views(found)
    pictures = [lay_out(study(slot.place.spec).outline, opened[slot.letter]) for slot in found]
    panes = abreast(pictures)
    assert len({pane.height for pane in panes}) == 1
    shared = sorted(set.intersection(*(set(level_starts(picture)) for picture in pictures)))
    assert len(shared) >= 6
    moves = lowered([level_starts(picture) for picture in pictures])
    for index, here in enumerate(shared):
        tops = {
            round(level_starts(picture)[here] + move[index][1], 3)
            for picture, move in zip(pictures, moves, strict=True)
        }
        assert len(tops) == 1


def bench(*places: ModelSelection):
    found = slots(places)
    opened = views(found)
    return draw_networks(tuple((slot.place.spec, opened[slot.letter]) for slot in found))


def test_every_box_knows_its_counterpart_and_what_became_of_it():
    first, second = bench(PLAIN_34, RESNET_34)
    found = diff_specs(PLAIN_34.spec, RESNET_34.spec)
    there = box_links(first, second, found, forward=True)
    assert there["stage3.1"] == ["stage3.1"] and there["input"] == ["input"] and there["head"] == ["head"]
    became = pane_marks(second, found.status_after)
    assert became["stage1.0/add"].status == "added"  # the first block lies open
    assert became["stage2.0"].note == "inside 3 added, 6 the same"
    assert not pane_marks(first, found.status_before)


def test_the_accuracies_of_a_pair_come_from_one_source():
    strips = metric_rows(slots((PLAIN_34, RESNET_34)))
    assert [strip.score.figure.value for strip in strips if strip.score] == [71.46, 75.48]  # 28.54 and 24.52 % errors
    assert strips[1].score and strips[1].score.change == pytest.approx(4.02)
    strips = metric_rows(slots((RESNET_50, SE_50)))
    assert {strip.score.figure.source for strip in strips if strip.score} == {"Hu et al. 2017, Table 2"}
    strips = metric_rows(slots((RESNET_34, SE_50)))  # nobody has trained both
    assert strips[1].score and strips[1].score.change is None


def test_what_the_tables_hold_can_be_built():
    for table in pair_tables():
        assert all(study(spec).graph.params > 1e6 and 50 < printed.value < 100 for spec, printed in table.items())


def test_a_network_that_fails_is_named_and_the_rest_stays():
    bad = ModelSelection("model_defs", "VGG", "VGG-16", (("convs", (0, 0, 0, 0, 0)),))
    good, failed = slots((RESNET_34, bad))
    assert good.study and failed.study is None and failed.problem.startswith("VGG-16 cannot be shown.")
    assert metric_rows((good, failed))[1].costs is None


def test_the_pre_activation_pair_opens_on_a_block_with_nothing_on_its_shortcut() -> None:
    """The first block of the first stage is special: its shortcut leaves after a norm and a ReLU."""
    found = slots(READY_MADE["ResNet-34 → pre-act"])
    second = found[1]
    assert second.study
    opened = views(found)["B"].opened
    assert "stages.0.1" in opened and "stages.0.0" not in opened
    scene = visible(second.study.outline, views(found)["B"])
    shortcut = next(edge for edge in scene.edges if edge.role == "shortcut")
    assert shortcut.target == "stages.0.1/add"
    assert shortcut.source in {"stages.0.0", "stages.0.0/add"}  # what the block before put out, as it is
