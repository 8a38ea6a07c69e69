"""What differs between two networks: found without a hint, and adding up."""

import subprocess
import sys
import time
from collections import Counter
from itertools import pairwise
from math import prod
from pathlib import Path

import pytest

from explorer.compare.abreast import abreast, laid
from explorer.compare.bench import difference, drawn, links, marks, slots, views
from explorer.compare.bench_charts import by_level
from explorer.compare.changes import changes
from explorer.compare.deltas import rows
from explorer.compare.differing import Costs, Differing, costs_of, differing
from explorer.compare.least_change import least_change
from explorer.compare.lowering import lowered
from explorer.compare.ready_made import (
    EFFICIENTNET_B0,
    MOBILENET_V2,
    PLAIN_34,
    PREACT_34,
    READY_MADE,
    RESNET_34,
    RESNET_50,
    RESNEXT_50,
    SE_50,
    TABLES,
    VGG_16,
)
from explorer.compare.telling import told
from explorer.graph import kind_of
from explorer.places import Place
from explorer.stages import by_stage
from explorer.studies import study
from tests.networks import PRESETS

PADDED_34 = Place("model_defs", "ResNet", "ResNet-34", (("shortcut", "padding"),))
PAIRS = [pair for ready in READY_MADE for pair in pairwise(ready.bench)]
FAR = [
    (Place("torchvision", "densenet121", ""), Place("torchvision", "swin_t", "")),
    (RESNET_50, Place("torchvision", "resnet50", "")),
    (Place("torchvision", "googlenet", ""), Place("torchvision", "inception_v3", "")),
    (Place("model_defs", "CIFAR ResNet", "ResNet-20"), RESNET_34),
    (Place("torchvision", "vit_b_16", ""), Place("torchvision", "alexnet", "")),
]


def names(pair: tuple[Place, Place]) -> str:
    return " to ".join(place.title for place in pair)


def between(first: Place, second: Place) -> Differing:
    return difference(first.spec, second.spec)


def of(found: Differing, status: str) -> Counter[str]:
    """How many things were added, taken out, ... of each kind."""
    counted: Counter[str] = Counter()
    for change in changes(found):
        if change.status == status:
            counted[change.kind] += change.times
    return counted


@pytest.mark.parametrize("pair", PAIRS + FAR, ids=names)
def test_the_differences_add_up_to_the_difference_of_the_totals(pair: tuple[Place, Place]):
    first, second = (study(place.spec).graph for place in pair)
    found = between(*pair)
    params, macs = second.params - first.params, second.macs - first.macs
    written = [sum(prod(node.shape) for node in graph.nodes[1:] if not node.shares) for graph in (first, second)]
    in_all = Costs(params, macs, written[1] - written[0])
    assert sum((each.costs for each in found.pairs), Costs()) == in_all
    assert sum((change.costs for change in changes(found)), Costs()) == in_all


@pytest.mark.parametrize("pair", PAIRS + FAR, ids=names)
def test_backwards_what_was_added_is_taken_out(pair: tuple[Place, Place]):
    there, back = between(*pair), between(*pair[::-1])
    assert sum((change.costs for change in changes(back)), Costs()) == Costs() - sum(
        (change.costs for change in changes(there)), Costs()
    )
    weights = [sum(each.status == "same" and bool(each.before.params) for each in found.pairs if each.before)
               for found in (there, back)]  # fmt: skip
    assert weights[0] == weights[1]


@pytest.mark.parametrize("preset", [preset.name for _, preset in PRESETS[::5]])
def test_a_network_does_not_differ_from_itself(preset: str):
    family = next(family.name for family, each in PRESETS if each.name == preset)
    place = Place("model_defs", family, preset)
    found = between(place, place)
    assert {pair.status for pair in found.pairs} == {"same"}
    assert "are the same, layer by layer" in told(found, "A", "B")


# A 1×1 convolution without a bias and a batch norm's scale and shift, where the channels double: 64 → 128, ...
PROJECTIONS = sum(channels * 2 * channels + 2 * 2 * channels for channels in (64, 128, 256))
# The convolution's multiply-adds, on maps of 28, 14 and 7 pixels.
PROJECTED = sum(side**2 * channels * 2 * channels for side, channels in ((28, 64), (14, 128), (7, 256)))


def test_from_plain_34_to_resnet_34_only_shortcuts_were_added():
    found = between(PLAIN_34, RESNET_34)
    assert of(found, "added") == {"addition": 16, "projection": 3}
    assert {pair.status for pair in found.pairs} == {"same", "added"}
    change = costs_of(found.second) - costs_of(found.first)
    assert (change.params, change.macs) == (PROJECTIONS, PROJECTED) == (173_824, 19_267_584)
    projections = [row.costs.params for row in changes(found) if row.kind == "projection"]
    assert projections == [64 * 128 + 256, 128 * 256 + 512, 256 * 512 + 1024]
    sentence = told(found, "plain-34", "ResNet-34")
    assert "All 34 convolutions and linear layers of plain-34 stand unchanged in ResNet-34." in sentence
    assert "Added: 16 additions and 3 projections." in sentence and "+173,824 parameters" in sentence


def test_option_a_shortcuts_cost_no_parameter():
    found = between(PLAIN_34, PADDED_34)
    assert costs_of(found.second).params == costs_of(found.first).params
    assert of(found, "added") == {"addition": 16, "PaddingShortcut": 3}


def test_pre_activation_moves_norms_and_activations_and_touches_no_weight():
    found = between(RESNET_34, PREACT_34)
    assert of(found, "moved") == {"BatchNorm2d": 16, "ReLU": 16}
    assert not of(found, "changed")
    convolutions = [each.status for each in found.pairs if each.before and kind_of(each.before.op) == "convolution"]
    assert convolutions == ["same"] * 36
    assert "to before the first: 16 BatchNorm2d and 16 ReLU" in told(found, "ResNet-34", "Pre-act ResNet-34")


def test_resnext_changes_groups_and_widths_and_adds_nothing():
    found = between(RESNET_50, RESNEXT_50)
    assert not of(found, "added") and not of(found, "removed")
    grouped = [row for row in changes(found) if "groups 1 → 32" in row.what]
    assert [(row.what, row.times) for row in grouped] == [
        (f"3×3 convolution: groups 1 → 32, channels read {width} → {2 * width}, filters {width} → {2 * width}", times)
        for width, times in ((64, 3), (128, 4), (256, 6), (512, 3))
    ]


def test_se_adds_sixteen_gates_of_which_the_parameters_are_known():
    found = between(RESNET_50, SE_50)
    assert of(found, "added") == {"SqueezeExcitation": 16}
    assert len(changes(found)) == 4  # one row a stage
    widths = (256, 256, 256, *[512] * 4, *[1024] * 6, *[2048] * 3)
    gates = sum(2 * width * (width // 16) + width // 16 + width for width in widths)  # two matrices, two biases
    assert sum(change.costs.params for change in changes(found)) == gates == 28_088_024 - 25_557_032


def test_from_vgg_16_to_resnet_50_the_two_hidden_layers_went():
    found = between(VGG_16, RESNET_50)
    hidden = next(row for row in changes(found) if row.status == "removed" and row.kind == "linear layer")
    assert hidden.times == 2
    assert -hidden.costs.params == 25088 * 4096 + 4096 + 4096 * 4096 + 4096
    assert of(found, "added")["addition"] == 16
    same_map = [each for each in found.pairs if each.status == "changed" and each.before and each.before.macs > 0]
    assert all(each.before.shape[1:] == each.after.shape[1:] for each in same_map if each.before and each.after)


def test_from_mobilenet_to_efficientnet_kernels_grow_and_gates_come():
    found = between(MOBILENET_V2, EFFICIENTNET_B0)
    assert of(found, "added") == {"SqueezeExcitation": 15, "MBConv block": 1}  # of its 16 blocks one is new as a whole
    assert of(found, "removed") == {"InvertedResidual block": 2}
    kernels = [(each.before.attribute("kernel_size"), each.after.attribute("kernel_size"))
               for each in found.pairs if each.before and each.after and each.before.macs]  # fmt: skip
    assert Counter(kernels)[(3, 3), (5, 5)] == 8  # B0 has nine blocks of 5×5, one of them in the new block
    assert of(found, "changed")["ReLU6 → SiLU"] == 31


def test_deeper_means_blocks_more_and_nothing_else():
    found = between(RESNET_50, Place("model_defs", "ResNet", "ResNet-152"))
    assert of(found, "added") == {"Bottleneck block": 8 - 4 + 36 - 6}
    assert {pair.status for pair in found.pairs} == {"same", "added"}


def test_a_library_s_network_is_recognised_layer_by_layer():
    found = between(RESNET_50, Place("torchvision", "resnet50", ""))
    weighted = [pair.status for pair in found.pairs if pair.before and pair.before.params]
    assert set(weighted) == {"same"} and len(weighted) == 53 + 53 + 1


def test_two_resnet_152_are_compared_in_a_blink():
    first = study(Place("model_defs", "ResNet", "ResNet-152").spec).outline
    second = study(Place("torchvision", "resnet152", "").spec).outline
    times: list[float] = []
    for _ in range(5):
        start = time.thread_time()
        differing(first, second)
        times.append(time.thread_time() - start)
    assert min(times) < 0.2


def test_the_least_change_is_the_edit_distance():
    """With every exchange impossible, only a longest common subsequence stays: of these two words it is 4 letters."""
    words = [[ord(letter) - 97 for letter in word] for word in ("abcbdab", "bdcaba")]
    steps = least_change(*words, lambda i, j: 0 if i == j else float("inf"), [1.0] * 26)
    assert sum(None not in step for step in steps) == 4
    assert [i for i, _ in steps if i is not None] == list(range(7))
    assert [j for _, j in steps if j is not None] == list(range(6))


@pytest.mark.parametrize("place", [RESNET_50, VGG_16, EFFICIENTNET_B0, Place("torchvision", "vit_b_16", "")], ids=str)
def test_the_bars_by_resolution_add_up_to_the_network(place: Place):
    known = study(place.spec)
    levels, stages = by_level(known.outline), by_stage(known.graph)
    for quantity in ("params", "macs", "activations"):
        assert sum(getattr(each.costs, quantity) for each in levels) == sum(getattr(each, quantity) for each in stages)
    assert len({each.level for each in levels}) == len(levels)


def test_resolutions_are_those_of_the_papers_table():
    assert [each.map for each in by_level(study(RESNET_50.spec).outline)] == [
        *("112×112", "56×56", "28×28", "14×14", "7×7", "head"),
    ]


@pytest.mark.parametrize("ready", READY_MADE, ids=lambda ready: ready.title)
def test_equal_resolutions_stand_at_equal_heights(ready):
    found = slots(ready.bench)
    opened = views(found)
    pictures = [laid(study(slot.place.spec).outline, opened[slot.letter]) for slot in found]
    panes = abreast(pictures)
    assert len({pane.height for pane in panes}) == 1
    shared = sorted(set.intersection(*(set(picture.starts) for picture in pictures)))
    assert len(shared) >= 6
    moves = lowered([picture.starts for picture in pictures])
    for index, here in enumerate(shared):
        tops = {round(picture.starts[here] + move[index][1], 3) for picture, move in zip(pictures, moves, strict=True)}
        assert len(tops) == 1


def bench(*places: Place):
    found = slots(places)
    opened = views(found)
    return drawn(tuple((slot.place.spec, opened[slot.letter]) for slot in found))


def test_every_box_knows_its_counterpart_and_what_became_of_it():
    first, second = bench(PLAIN_34, RESNET_34)
    found = between(PLAIN_34, RESNET_34)
    there = links(first, second, found, forward=True)
    assert there["stage3.1"] == ["stage3.1"] and there["input"] == ["input"] and there["head"] == ["head"]
    became = marks(second, found.status_after)
    assert became["stage1.0/add"].status == "added"  # the first block lies open
    assert became["stage2.0"].note == "inside 3 added, 6 the same"
    assert not marks(first, found.status_before)


def test_the_accuracies_of_a_pair_come_from_one_source():
    strips = rows(slots((PLAIN_34, RESNET_34)))
    assert [strip.score.figure.value for strip in strips if strip.score] == [71.46, 75.48]  # 28.54 and 24.52 % errors
    assert strips[1].score and strips[1].score.change == pytest.approx(4.02)
    strips = rows(slots((RESNET_50, SE_50)))
    assert {strip.score.figure.source for strip in strips if strip.score} == {"Hu et al. 2017"}
    strips = rows(slots((RESNET_34, SE_50)))  # nobody has trained both
    assert strips[1].score and strips[1].score.change is None


def test_what_the_tables_hold_can_be_built():
    for table in TABLES:
        assert all(study(spec).graph.params > 1e6 and 50 < value < 100 for spec, value in table.values)


def test_a_network_that_fails_is_named_and_the_rest_stays():
    bad = Place("model_defs", "VGG", "VGG-16", (("convs", (0, 0, 0, 0, 0)),))
    good, failed = slots((RESNET_34, bad))
    assert good.study and failed.study is None and failed.problem.startswith("VGG-16 cannot be shown.")
    assert rows((good, failed))[1].costs is None


def test_comparing_loads_no_torch():
    modules = ("units", "likeness", "least_change", "alignment", "differing", "naming", "changes", "telling", "abreast")
    program = f"import sys, {', '.join(f'explorer.compare.{name}' for name in (*modules, 'lowering', 'bench_charts'))}"
    root = Path(__file__).parents[1]
    assert (
        subprocess.run([sys.executable, "-c", f"{program}; sys.exit('torch' in sys.modules)"], cwd=root).returncode == 0
    )
