"""One number of an output, spelled out, adds up to what the network computed: for every kind of operation there is."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import ConvNeXt, MaxVit, SwinTransformer, VisionTransformer, get_model
from torchvision.models.convnext import CNBlockConfig
from torchvision.models.swin_transformer import PatchMergingV2, SwinTransformerBlockV2

from explorer.activations.activations import Activations, activations
from explorer.activations.breakdown import LISTED, Breakdown, break_down
from explorer.activations.feature_maps import cell_of, feature_maps, index_of
from explorer.models.spec import Spec, build
from model_defs import CATALOG

NETWORKS = {name: (3, 64, 64) for name in ("GoogLeNet", "SE-ResNet", "MobileNetV2", "ShuffleNetV2", "EfficientNet")}
NETWORKS |= {"LeNet": (1, 32, 32), "CIFAR ResNet": (3, 16, 16), "ViT": (3, 32, 32), "MobileNetV3": (3, 64, 64)}
SMALLER = {"ViT": {"image_size": 32, "depth": 2}}
WINDOWS = {"patch_size": [4, 4], "embed_dim": 12, "depths": [2, 2], "num_heads": [2, 4], "window_size": [7, 7]}
SECOND = {"block": SwinTransformerBlockV2, "downsample_layer": PatchMergingV2}
SMALL: dict[str, tuple[Callable[[], nn.Module], int]] = {
    "ConvNeXt": (lambda: ConvNeXt([CNBlockConfig(16, 24, 1), CNBlockConfig(24, None, 1)]), 64),
    "ViT": (lambda: VisionTransformer(32, 8, 2, 4, 24, 48), 32),
    "Swin": (lambda: SwinTransformer(**WINDOWS), 64),
    "Swin V2": (lambda: SwinTransformer(**WINDOWS, **SECOND), 64),
    "MaxViT": (lambda: MaxVit((56, 56), 8, 7, [16, 24], [1, 1], 8, 0.0), 56),
    "ShuffleNet": (lambda: get_model("shufflenet_v2_x0_5"), 64),
}
PUBLISHED = {
    **dict.fromkeys(("resnet18", "vgg11", "googlenet", "mobilenet_v3_small", "shufflenet_v2_x1_0", "mnasnet0_5"), 64),
    **dict.fromkeys(("efficientnet_b0", "convnext_tiny", "swin_t", "swin_v2_t", "regnet_y_400mf", "densenet121"), 64),
    "squeezenet1_0": 64,
    "inception_v3": 128,
    "vit_b_16": 224,
    "maxvit_t": 224,
}
# What answers nothing, and why.
NOT_SPELLED: dict[str, Callable[[Tensor], Tensor]] = {
    "a quotient is no sum of products, nor a function of one number": lambda x: x / x.roll(1, 2),
    "in which order they come hangs on all of them": lambda x: x.sort(2)[0],
    "a deviation is no sum": lambda x: x.std(2),
    "a gate of two numbers": lambda x: F.glu(x, 1),
    "the larger of two is neither moved nor added": lambda x: torch.maximum(x, x.flip(2)),
    "a product of more than two": lambda x: x.prod(2),
    "where a number stands is not made of it": lambda x: x.argmax(2),
}


def run(model: nn.Module, *shape: int) -> Activations:
    torch.manual_seed(0)
    return activations(nn.Sequential(model.eval()), torch.randn(shape))


def last(layer: nn.Module, seen: Activations, *index: int) -> Breakdown:
    found = break_down(nn.Sequential(layer), seen, seen.graph.nodes[-1], index)
    assert found
    return found


def spell_out_one_of_each(model: nn.Module, side: int | tuple[int, ...]) -> None:
    seen, dice = run(model, *((3, side, side) if isinstance(side, int) else side)), torch.Generator().manual_seed(0)
    kinds = {(node.op, node.attribute("kernel_size"), node.depthwise): node for node in seen.graph.operations}
    for node in kinds.values():
        output = seen.outputs[node.name]
        index = tuple(int(torch.randint(side, (1,), generator=dice)) for side in output.shape)
        found = break_down(nn.Sequential(model), seen, node, index)
        assert found, f"{node.op} is not spelled out"
        assert found.stored == float(output[index])
        slack = 1e-6 * max(1.0, float(output.float().abs().max()))
        assert found.result == pytest.approx(found.stored, rel=1e-5, abs=slack), node
        for term in found.terms:
            stands = term.head is None and isinstance(seen.outputs[term.node], Tensor)
            assert not stands or term.value == float(seen.outputs[term.node][term.index])
            assert term.by is None or term.factor == float(seen.outputs[term.by[0]][term.by[1]])


@pytest.mark.parametrize("name", NETWORKS)
def test_the_sum_is_the_stored_number_for_every_kind_of_operation(name: str) -> None:
    options = dict(CATALOG[name].presets[0].options) | SMALLER.get(name, {})
    spell_out_one_of_each(build(Spec("model_defs", name, tuple(sorted(options.items())))), NETWORKS[name])


@pytest.mark.parametrize("name", SMALL)
def test_and_for_every_kind_of_attention_window_and_shuffle(name: str) -> None:
    make, side = SMALL[name]
    spell_out_one_of_each(make(), side)


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_and_for_what_torchvision_publishes(name: str) -> None:
    spell_out_one_of_each(get_model(name), PUBLISHED[name])


class Called(nn.Module):
    def __init__(self, function: Callable[..., Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def spelled(function: Callable[[Tensor], Tensor], shape: tuple[int, ...], *index: int) -> tuple[Activations, Breakdown]:
    """The last operation of the function."""
    model = Called(function)
    seen = run(model, *shape)
    found = break_down(nn.Sequential(model), seen, seen.graph.nodes[-1], index)
    assert found and found.result == pytest.approx(found.stored, rel=1e-5)
    return seen, found


@pytest.mark.parametrize("why", NOT_SPELLED)
def test_what_is_no_sum_is_not_shown_as_one(why: str) -> None:
    model = Called(NOT_SPELLED[why])
    seen = run(model, 4, 5, 6)
    node = seen.graph.nodes[-1]
    assert break_down(nn.Sequential(model), seen, node, (1,) * len(node.shape)) is None


def test_the_shares_of_a_softmax_by_hand() -> None:
    seen, found = spelled(lambda x: x.softmax(1), (3, 4, 5), 1, 2, 3)
    powers = seen.outputs["0"][:, 2, 3].double().exp()
    assert found.how == "softmax" and found.terms[0].index == (1, 2, 3)
    shares = {term.index[0]: term.factor for term in found.terms}
    assert [shares[each] for each in range(3)] == pytest.approx((powers / powers.sum()).tolist())
    many = spelled(lambda x: x.softmax(-1), (2, 40), 1, 7)[1]
    assert many.more == 40 - LISTED and sum(t.factor for t in many.terms) + many.others == pytest.approx(1)


def test_a_product_of_matrices_names_both_numbers_of_each_term() -> None:
    seen, found = spelled(lambda x: x[:, 0] @ x[:, 1].transpose(1, 2), (2, 3, 4), 2, 1)
    x = seen.outputs["0"]
    assert found.how == "products" and len(found.terms) == 4
    for term in found.terms:
        assert term.node != "0" and term.index == (2, place := term.index[1])
        assert term.value == float(x[0, 2, place]) and term.by and term.by[1] == (place, 1)
        assert term.factor == float(x[1, 1, place])
    gated = spelled(lambda x: x * x.relu().mean(1, keepdim=True), (2, 3, 4), 1, 2, 0)[1]
    assert gated.how == "product" and [term.index for term in gated.terms] == [(1, 2, 0), (0, 2, 0)]
    nothing = spelled(lambda x: x * (x * 0), (2, 3, 4), 1, 2, 0)[1]
    assert [term.index for term in nothing.terms] == [(1, 2, 0)] * 2 and nothing.result == 0


@pytest.mark.parametrize("how", [{}, {"scale": 0.7}, {"is_causal": True}, {"attn_mask": torch.eye(5).log()}])
def test_attention_is_the_values_by_their_shares(how: dict) -> None:
    seen, found = spelled(lambda x: F.scaled_dot_product_attention(x * 2, x - 1, x + 3, **how), (2, 5, 4), 1, 3, 2)
    later = torch.ones(5, 5).triu(1).bool() if "is_causal" in how else torch.zeros(5, 5).bool()
    x, mask = seen.outputs["0"][1].double(), how.get("attn_mask", torch.zeros(5, 5).masked_fill(later, -torch.inf))
    shares = ((2 * x) @ (x - 1).T * how.get("scale", 4**-0.5) + mask).softmax(1)[3]
    told = {term.index: term.factor for term in found.terms}
    assert found.how == "attention"
    assert [told.get((1, token, 2), 0) for token in range(5)] == pytest.approx(shares.tolist(), abs=1e-6)


def test_heads_of_attention_by_torchs_own_shares() -> None:
    layer = nn.MultiheadAttention(8, 2, batch_first=True)
    nn.init.normal_(layer.in_proj_bias)
    nn.init.normal_(layer.out_proj.bias)
    model = Called(lambda x: layer(x, x, x, need_weights=False)[0])
    model.layer = layer
    seen = run(model, 5, 8)
    node = next(node for node in seen.graph.nodes if node.op == "multi_head_attention_forward")
    found = break_down(nn.Sequential(model), seen, node, (3, 0, 6))
    x = seen.outputs["0"][None]
    _, shares = layer(x, x, x, average_attn_weights=False)
    assert found and found.how == "attention" and len(found.terms) + found.more == 2 * 5
    assert found.constant == pytest.approx(layer.out_proj.bias[6].item())
    for term in found.terms:
        assert term.factor == pytest.approx(shares[0, term.head, 3, term.index[0]].item(), rel=1e-5)


def test_a_padded_zero_reads_nothing_and_what_is_inside_is_moved() -> None:
    model = Called(lambda x: F.pad(x, (1, 0, 2, 0)))
    seen = run(model, 2, 3, 3)
    edge = break_down(nn.Sequential(model), seen, seen.graph.nodes[-1], (0, 1, 2))
    assert edge and (edge.how, edge.terms, edge.result) == ("padding", (), 0)
    inside = break_down(nn.Sequential(model), seen, seen.graph.nodes[-1], (1, 3, 2))
    assert inside and inside.how == "same" and inside.terms[0].index == (1, 1, 1)


@pytest.mark.parametrize(
    ("function", "index", "source"),
    [
        (lambda x: x.permute(0, 2, 3, 1), (2, 3, 1), (1, 2, 3)),
        (lambda x: x.transpose(1, 3), (3, 2, 1), (1, 2, 3)),
        (lambda x: x.roll((1, 1), (2, 3)), (1, 0, 0), (1, 3, 4)),
        (lambda x: x.flip(3), (1, 2, 0), (1, 2, 4)),
        (lambda x: x[:, :, 1::2, ::2], (1, 0, 2), (1, 1, 4)),
        (lambda x: x.chunk(2, 1)[1] + 0, (0, 2, 3), (2, 2, 3)),
        (lambda x: x.unbind(1)[2] + 0, (2, 3), (2, 2, 3)),
        (lambda x: torch.stack([x, x * 2], 1)[:, 0], (1, 2, 3), (0, 1, 2, 3)),
        (lambda x: x[:, 1:2].expand(-1, 3, -1, -1), (2, 2, 3), (0, 2, 3)),
        (lambda x: x.repeat(1, 2, 1, 1), (5, 2, 3), (1, 2, 3)),
        (lambda x: x.view(1, 2, 2, 4, 5).transpose(1, 2).reshape(1, 4, 4, 5), (1, 2, 3), (0, 1, 2, 3)),
        (lambda x: F.channel_shuffle(x, 2), (1, 2, 3), (2, 2, 3)),
        (lambda x: F.pixel_shuffle(x, 2), (0, 5, 6), (2, 2, 3)),
    ],
)
def test_a_number_that_was_only_moved_names_where_it_stood(function, index, source) -> None:
    seen, found = spelled(function, (4, 4, 5), *index)
    assert found.how == "same" and [term.index for term in found.terms] == [source]
    assert found.stored == float(seen.outputs[found.terms[0].node][source])


def test_norms_by_hand() -> None:
    layer = nn.GroupNorm(2, 4)
    nn.init.normal_(layer.weight)
    nn.init.normal_(layer.bias)
    seen = run(layer, 4, 3, 3)
    found, group = last(layer, seen, 2, 1, 0), seen.outputs["0"][2:].double()
    scale = layer.weight[2].item() / float((group.var(correction=0) + layer.eps).sqrt())
    assert found.group == 18 and found.terms[0].factor == pytest.approx(scale)
    assert found.constant == pytest.approx(layer.bias[2].item() - float(group.mean()) * scale)
    seen, found = spelled(lambda x: F.normalize(x, dim=-1), (3, 4, 5), 1, 2, 3)
    assert found.terms[0].factor == pytest.approx(1 / float(seen.outputs["0"][1, 2].norm())) and found.group == 5
    seen, found = spelled(lambda x: F.local_response_norm(x, 3), (6, 4, 4), 5, 1, 2)
    squares = float(seen.outputs["0"][4:, 1, 2].square().sum())  # the channel after it is not there
    assert found.terms[0].factor == pytest.approx((1 + 1e-4 * squares / 3) ** -0.75) and found.group == 2


def test_a_convolution_by_hand() -> None:
    layer = nn.Conv2d(2, 4, 3, stride=2, padding=1, groups=2)
    seen = run(layer, 2, 5, 5)
    found = last(layer, seen, 3, 1, 2)  # the second group reads channel 1; row 1 reads rows 1 to 3, column 2 3 and 4
    x, kernel = seen.outputs["0"][1, 1:4, 3:5], layer.weight[3, 0, :, :2]
    assert found.window == (1, 4, 3, 5) and len(found.terms) == 6 and found.more == 0
    assert {term.index for term in found.terms} == {(1, row, column) for row in (1, 2, 3) for column in (3, 4)}
    assert sum(term.product for term in found.terms) == pytest.approx(float((x * kernel).sum().detach()), rel=1e-5)
    assert found.constant == pytest.approx(float(layer.bias[3].detach()))  # type: ignore[index]


def test_of_many_terms_the_largest_are_listed_and_the_others_added_up() -> None:
    layer = nn.Linear(500, 3)
    seen = run(layer, 500)
    found = last(layer, seen, 2)
    products = (layer.weight[2] * seen.outputs["0"]).detach().double()
    largest = products[products.abs().argsort(descending=True)[:LISTED]]
    assert [term.product for term in found.terms] == pytest.approx(largest.tolist())
    assert found.more == 500 - LISTED and found.others == pytest.approx(float(products.sum() - largest.sum()))


@pytest.mark.parametrize(
    ("layer", "shape", "index", "window"),
    [
        (nn.MaxPool2d(3, 2, 1), (2, 6, 6), (1, 0, 2), (0, 2, 3, 6)),
        (nn.AvgPool2d(2), (2, 6, 6), (0, 2, 1), (4, 6, 2, 4)),
        (nn.AdaptiveAvgPool2d(2), (2, 5, 5), (0, 1, 0), (2, 5, 0, 3)),
        (nn.Conv2d(2, 2, 3, dilation=2), (2, 7, 7), (0, 1, 1), (1, 6, 1, 6)),
    ],
    ids=["largest, at the edge", "mean", "adaptive", "dilated"],
)
def test_the_window_is_what_the_layer_reads(layer: nn.Module, shape, index, window) -> None:
    found = last(layer, run(layer, *shape), *index)
    assert found.window == window and found.result == pytest.approx(found.stored, rel=1e-5, abs=1e-6)


def test_a_batch_norm_scales_and_shifts() -> None:
    layer = nn.BatchNorm2d(3)
    layer.running_mean, layer.running_var = torch.tensor([1.0, 2, 3]), torch.tensor([4.0, 9, 16])
    found = last(layer, run(layer, 3, 2, 2), 1, 0, 1)
    scale = 1 / (9 + layer.eps) ** 0.5
    assert found.terms[0].factor == pytest.approx(scale) and found.constant == pytest.approx(-2 * scale)


class Functions(nn.Module):
    def forward(self, x):
        gate = x.mean((2, 3), keepdim=True)
        return torch.cat([x + gate, x - x * 2, x * gate], 1).softmax(1)


def test_functions_are_spelled_out_by_what_they_read() -> None:
    model = Functions()
    seen = run(model, 2, 3, 3)
    known = {node.op: node for node in seen.graph.nodes}
    added = break_down(model, seen, known["add"], (1, 2, 0))
    assert added and [term.index for term in added.terms] == [(1, 2, 0), (1, 0, 0)] and added.how == "sum"
    less = break_down(model, seen, known["sub"], (0, 0, 0))
    assert less and less.terms[1].factor == -1 and less.result == pytest.approx(less.stored)
    gated = break_down(model, seen, [node for node in seen.graph.nodes if node.op == "mul"][-1], (1, 1, 1))
    assert gated and gated.how == "product" and gated.result == pytest.approx(gated.stored)
    joined = break_down(model, seen, known["cat"], (4, 2, 1))
    assert joined and joined.terms[0].index == (0, 2, 1) and joined.result == joined.stored
    shares = break_down(model, seen, known["softmax"], (0, 0, 0))
    assert shares and shares.how == "softmax" and len(shares.terms) == 6


@pytest.mark.parametrize("shape", [(4,), (3, 5, 6), (17, 8), (16, 8), (5, 7), (2, 3, 4, 4)])
def test_a_place_on_a_map_and_in_the_output_are_told_from_each_other(shape: tuple[int, ...]) -> None:
    output = torch.arange(float(torch.Size(shape).numel())).reshape(shape)
    maps = feature_maps(output).maps
    for channel in range(len(maps)):
        for row, column in ((0, 0), (maps.shape[1] - 1, maps.shape[2] - 1)):
            index = index_of(output, channel, row, column)
            assert output[index] == maps[channel, row, column] and cell_of(output, index) == (channel, row, column)


def test_a_class_token_is_on_no_map() -> None:
    assert cell_of(torch.zeros(17, 8), (0, 3)) == (3, -1, 3)
