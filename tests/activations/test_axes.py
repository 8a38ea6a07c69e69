"""Which side of an output holds the channels, where its lengths cannot tell: against maps that are known to be so."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torchvision.models import ConvNeXt, SwinTransformer, VisionTransformer
from torchvision.models.convnext import CNBlockConfig

from explorer.activations.activations import Activations, activations
from explorer.activations.feature_maps import ChannelsLast, Slices, cell_of, feature_maps, index_of
from explorer.analysis.input_windows import input_windows
from explorer.graph.graph import Node


def run(model: nn.Module, *shape: int) -> Activations:
    torch.manual_seed(0)
    return activations(model.eval(), torch.randn(shape))


def named(seen: Activations, *ops: str) -> list[Node]:
    return [node for node in seen.graph.operations if node.op in ops]


class Turned(nn.Module):
    """Eight channels of 8 × 8: no length tells which side is which."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.linear = nn.Conv2d(3, 8, 1), nn.LayerNorm(8), nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        y = self.norm(x.permute(0, 2, 3, 1))
        y = self.linear(y).movedim(-1, 1)
        return self.conv(x[:, :3]) + y + x.transpose(1, 3).transpose(1, 3)


def test_a_permutation_is_followed_where_all_sides_are_as_long() -> None:
    seen = run(Turned(), 3, 8, 8)
    conv, turned, norm, linear, back = (seen.outputs[node.name] for node in seen.graph.operations[:5])
    assert [type(each) for each in (conv, turned, norm, linear, back)] == [Tensor, *[ChannelsLast] * 3, Tensor]
    assert np.array_equal(feature_maps(turned).maps, feature_maps(conv).maps)
    assert np.array_equal(feature_maps(linear).maps, feature_maps(back).maps)
    there, again = (seen.outputs[node.name] for node in named(seen, "transpose"))
    assert isinstance(there, Slices) and type(again) is Tensor  # columns, rows and channels: nothing has these sides


def test_all_that_a_block_of_convnext_makes_shows_its_channels() -> None:
    seen = run(ConvNeXt([CNBlockConfig(16, 24, 1), CNBlockConfig(24, None, 1)]), 3, 64, 64)
    last = [node for node in seen.graph.nodes if isinstance(seen.outputs[node.name], ChannelsLast)]
    assert {node.op for node in last} == {"permute", "layer_norm", "LayerNorm", "Linear", "GELU"}
    first, second = [feature_maps(seen.outputs[node.name]).maps.shape for node in last if node.op == "Linear"][:2]
    assert (first, second) == ((64, 16, 16), (16, 16, 16))
    assert {feature_maps(seen.outputs[node.name]).form for node in seen.graph.nodes} == {"maps", "vector"}


def test_windows_of_swin_are_slices_and_what_comes_of_them_has_its_channels_last_again() -> None:
    seen = run(SwinTransformer([4, 4], 12, [2, 2], [2, 4], [4, 4]), 3, 48, 48)
    outputs = seen.outputs
    assert all(isinstance(outputs[node.name], Slices) for node in named(seen, "matmul", "softmax"))
    flat = ("LayerNorm", "add", "pad", "GELU", "Linear")
    whole = [node for node in named(seen, *flat) if len(node.shape) == 3 and node.shape[0] == node.shape[1] > 1]
    assert len(whole) > 20 and all(isinstance(outputs[node.name], ChannelsLast) for node in whole)
    windows = input_windows(seen.graph)
    for node in seen.graph.nodes:
        layout = windows[node.name].layout
        if isinstance(outputs[node.name], ChannelsLast):
            assert layout in ("last", "one"), node
        elif layout == "last":
            assert node.op == "never", node


def test_tokens_with_the_picture_between_lie_on_their_grid() -> None:
    seen = run(VisionTransformer(32, 8, 1, 4, 24, 48), 3, 32, 32)
    (inside,) = named(seen, "multi_head_attention_forward")
    tokens = next(node for node in named(seen, "transpose") if int(node.name) > int(inside.name))
    assert inside.shape == (17, 1, 24) and tokens.shape == (17, 24)
    one, other = (feature_maps(seen.outputs[node.name]) for node in (inside, tokens))
    assert np.array_equal(one.maps, other.maps) and one.maps.shape == (24, 4, 4)
    assert index_of(seen.outputs[inside.name], 5, 1, 2) == (7, 0, 5)
    assert cell_of(seen.outputs[inside.name], (0, 0, 5)) == (5, -1, 3)
    lines = next(node for node in named(seen, "reshape"))  # 24 × 16: not 24 tokens
    assert isinstance(seen.outputs[lines.name], Slices)


@pytest.mark.parametrize("shape", [(3, 4, 5), (4, 4, 4), (17, 1, 6), (16, 1, 6), (5, 1, 6), (1, 1, 6), (2, 1, 1)])
def test_a_place_and_its_index_are_told_from_each_other_with_the_channels_last(shape: tuple[int, ...]) -> None:
    output = torch.arange(float(torch.Size(shape).numel())).reshape(shape).as_subclass(ChannelsLast)
    maps = feature_maps(output).maps
    assert len(maps) == shape[-1]
    for channel in range(len(maps)):
        for row, column in ((0, 0), (maps.shape[1] - 1, maps.shape[2] - 1)):
            index = index_of(output, channel, row, column)
            assert output[index] == maps[channel, row, column] and cell_of(output, index) == (channel, row, column)


def test_slices_are_no_tokens() -> None:
    output = torch.arange(48.0).reshape(16, 3).as_subclass(Slices)
    shown = feature_maps(output)
    assert shown.form == "slices" and shown.maps.shape == (1, 16, 3)
    assert output[index_of(output, 0, 5, 2)] == shown.maps[0, 5, 2] and cell_of(output, (5, 2)) == (0, 5, 2)
