"""What differs between two networks: found without a hint, and adding up."""

import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from math import prod

import pytest
from torch import Tensor, nn
from torchvision import models

from explorer.analysis.model_summary import study
from explorer.analysis.stage_costs import Costs
from explorer.diff.alignment import least_change
from explorer.diff.changes import list_changes
from explorer.diff.comparison import READY_MADE, diff_specs
from explorer.diff.layer_diff import Differing, costs_of, diff_outlines
from explorer.diff.summary import difference_sentences
from explorer.graph.outline import outline
from explorer.models.selection import ModelSelection
from explorer.tracing.tracer import trace
from testing.comparisons import (
    EFFICIENTNET_B0,
    MOBILENET_V2,
    PLAIN_34,
    PREACT_34,
    RESNET_34,
    RESNET_50,
    RESNEXT_50,
    SE_50,
    VGG_16,
)
from testing.networks import PRESETS

PADDED_34 = ModelSelection("model_defs", "ResNet", "ResNet-34", (("shortcut", "padding"),))
PAIRS = [pair for bench in READY_MADE.values() for pair in pairwise(bench)]
FAR = [
    (ModelSelection("torchvision", "densenet121", ""), ModelSelection("torchvision", "swin_t", "")),
    (RESNET_50, ModelSelection("torchvision", "resnet50", "")),
    (ModelSelection("torchvision", "googlenet", ""), ModelSelection("torchvision", "inception_v3", "")),
    (ModelSelection("model_defs", "CIFAR ResNet", "ResNet-20"), RESNET_34),
    (ModelSelection("torchvision", "vit_b_16", ""), ModelSelection("torchvision", "alexnet", "")),
]


def names(pair: tuple[ModelSelection, ModelSelection]) -> str:
    return " to ".join(place.title for place in pair)


def between(first: ModelSelection, second: ModelSelection) -> Differing:
    return diff_specs(first.spec, second.spec)


def of(found: Differing, status: str) -> Counter[str]:
    """How many things were added, taken out, ... of each kind."""
    counted: Counter[str] = Counter()
    for change in list_changes(found):
        if change.status == status:
            counted[change.kind] += change.times
    return counted


@pytest.mark.parametrize("pair", PAIRS + FAR, ids=names)
def test_the_differences_add_up_to_the_difference_of_the_totals(pair: tuple[ModelSelection, ModelSelection]):
    first, second = (study(place.spec).graph for place in pair)
    found = between(*pair)
    params, macs = second.params - first.params, second.macs - first.macs
    written = [sum(prod(node.shape) for node in graph.nodes[1:] if not node.shares) for graph in (first, second)]
    in_all = Costs(params, macs, written[1] - written[0])
    assert sum((each.costs for each in found.pairs), Costs()) == in_all
    assert sum((change.costs for change in list_changes(found)), Costs()) == in_all


@pytest.mark.parametrize("pair", PAIRS + FAR, ids=names)
def test_backwards_what_was_added_is_taken_out(pair: tuple[ModelSelection, ModelSelection]):
    there, back = between(*pair), between(*pair[::-1])
    assert sum((change.costs for change in list_changes(back)), Costs()) == Costs() - sum(
        (change.costs for change in list_changes(there)), Costs()
    )
    weights = [sum(each.status == "same" and bool(each.before.params) for each in found.pairs if each.before)
               for found in (there, back)]  # fmt: skip
    assert weights[0] == weights[1]


@pytest.mark.parametrize("preset", [preset.name for _, preset in PRESETS[::5]])
def test_a_network_does_not_differ_from_itself(preset: str):
    family = next(family.name for family, each in PRESETS if each.name == preset)
    place = ModelSelection("model_defs", family, preset)
    found = between(place, place)
    assert {pair.status for pair in found.pairs} == {"same"}
    assert "are the same, layer by layer" in difference_sentences(found, "A", "B")


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
    projections = [row.costs.params for row in list_changes(found) if row.kind == "projection"]
    assert projections == [64 * 128 + 256, 128 * 256 + 512, 256 * 512 + 1024]
    sentence = difference_sentences(found, "plain-34", "ResNet-34")
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
    convolutions = [each.status for each in found.pairs if each.before and each.before.kind == "convolution"]
    assert convolutions == ["same"] * 36
    assert "to before the first: 16 BatchNorm2d and 16 ReLU" in difference_sentences(
        found, "ResNet-34", "Pre-act ResNet-34"
    )


def test_resnext_changes_groups_and_widths_and_adds_nothing():
    found = between(RESNET_50, RESNEXT_50)
    assert not of(found, "added") and not of(found, "removed")
    grouped = [row for row in list_changes(found) if "groups 1 → 32" in row.what]
    assert [(row.what, row.times) for row in grouped] == [
        (f"3×3 convolution: groups 1 → 32, channels read {width} → {2 * width}, filters {width} → {2 * width}", times)
        for width, times in ((64, 3), (128, 4), (256, 6), (512, 3))
    ]


def test_se_adds_sixteen_gates_of_which_the_parameters_are_known():
    found = between(RESNET_50, SE_50)
    assert of(found, "added") == {"SqueezeExcitation": 16}
    assert len(list_changes(found)) == 4  # one row a stage
    widths = (256, 256, 256, *[512] * 4, *[1024] * 6, *[2048] * 3)
    gates = sum(2 * width * (width // 16) + width // 16 + width for width in widths)  # two matrices, two biases
    assert sum(change.costs.params for change in list_changes(found)) == gates == 28_088_024 - 25_557_032


def test_from_vgg_16_to_resnet_50_the_two_hidden_layers_went():
    found = between(VGG_16, RESNET_50)
    hidden = next(row for row in list_changes(found) if row.status == "removed" and row.kind == "linear layer")
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
    found = between(RESNET_50, ModelSelection("model_defs", "ResNet", "ResNet-152"))
    assert of(found, "added") == {"Bottleneck block": 8 - 4 + 36 - 6}
    assert {pair.status for pair in found.pairs} == {"same", "added"}


def test_a_library_s_network_is_recognised_layer_by_layer():
    found = between(RESNET_50, ModelSelection("torchvision", "resnet50", ""))
    weighted = [pair.status for pair in found.pairs if pair.before and pair.before.params]
    assert set(weighted) == {"same"} and len(weighted) == 53 + 53 + 1


def fastest(work: Callable[[], object]) -> float:
    """Seconds of this thread, the quietest of five times."""
    times: list[float] = []
    for _ in range(5):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return min(times)


def test_two_resnet_152_are_compared_about_as_fast_as_one_is_traced():
    first = study(ModelSelection("model_defs", "ResNet", "ResNet-152").spec).outline
    second = study(ModelSelection("torchvision", "resnet152", "").spec).outline
    network = models.resnet152().to("meta")
    tracing = fastest(lambda: trace(network, (3, 224, 224)))
    assert fastest(lambda: diff_outlines(first, second)) < 4 * tracing  # 1.5 times as long


def test_the_least_change_is_the_edit_distance():
    """With every exchange impossible, only a longest common subsequence stays: of these two words it is 4 letters."""
    one, other = ([ord(letter) - 97 for letter in word] for word in ("abcbdab", "bdcaba"))
    steps = least_change(one, other, lambda i, j: 1 if None in (i, j) else 0 if i == j else float("inf"))
    assert sum(None not in step for step in steps) == 4
    assert [i for i, _ in steps if i is not None] == list(range(7))
    assert [j for _, j in steps if j is not None] == list(range(6))


def test_a_factor_of_thousands_is_written_out():
    found = between(
        ModelSelection("model_defs", "LeNet", "LeNet-5"), VGG_16
    )  # 61,706 and 138,357,544 parameters: 2,242 times
    assert "+138,295,838 parameters (× 2,200)" in difference_sentences(found, "LeNet-5", "VGG-16")


class Block(nn.Module):
    """Two linear layers, added; with a convolution and then a ReLU behind them, or only with the ReLU before them."""

    def __init__(self, convolved: bool) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
        self.mix = nn.Conv2d(8, 8, 1) if convolved else None
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return x + (self.layers(self.act(x)) if self.mix is None else self.act(self.mix(self.layers(x))))


def test_what_moved_in_a_block_that_lost_its_convolution_is_told():
    ends = [nn.Conv2d(8, 8, 3, padding=1) for _ in range(6)]  # so that the block is not nearly all there is
    first, second = (outline(trace(nn.Sequential(*ends[3:], Block(c), *ends[:3]), (8, 4, 4))) for c in (True, False))
    sentence = difference_sentences(diff_outlines(first, second), "A", "B")
    assert "Moved within their blocks: 1 ReLU." in sentence and "Taken out: one 1×1 convolution." in sentence


def test_what_is_gone_altogether_is_no_factor_of_0():
    first, second = (outline(trace(nn.Sequential(each), (8, 4, 4))) for each in (nn.Conv2d(8, 8, 1), nn.ReLU()))
    assert "Taken out: one 1×1 convolution." in difference_sentences(diff_outlines(first, second), "A", "B")
    assert "−72 parameters (all of them)" in difference_sentences(diff_outlines(first, second), "A", "B")
    assert difference_sentences(diff_outlines(second, first), "B", "A").endswith("as many activations.")


def test_of_one_layer_it_is_said_whether_it_stands():
    one, other = (outline(trace(nn.Sequential(nn.Conv2d(3, 4, 3), *more), (3, 8, 8))) for more in ([], [nn.ReLU()]))
    assert difference_sentences(diff_outlines(one, other), "A", "B").startswith(
        "The one layer with weights of A stands unchanged in B."
    )
