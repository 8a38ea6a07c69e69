"""Windows of the picture, by hand, and against receptive fields where no edge is near."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.analysis.input_windows import input_windows, sliding_spans
from explorer.analysis.pixel_windows import InputWindows
from explorer.analysis.receptive_field import receptive_fields
from explorer.tracing.tracer import trace


def rows_of(net: nn.Module, side: int, channels: int = 1) -> list[tuple[int, int]]:
    """Of each row of the last output: the rows of the picture from and up to."""
    graph = trace(net, (channels, side, side))
    rows = input_windows(graph)[graph.nodes[-1].name].rows
    return list(zip(rows.first.tolist(), rows.end.tolist(), strict=True))


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize(
    ("layer", "side", "rows"),
    [
        (nn.Conv2d(1, 1, 3, padding=1), 4, [(0, 2), (0, 3), (1, 4), (2, 4)]),
        (nn.Conv2d(1, 1, 3, stride=2), 7, [(0, 3), (2, 5), (4, 7)]),
        (nn.Conv2d(1, 1, 3, dilation=2), 6, [(0, 5), (1, 6)]),
        (nn.Conv2d(1, 1, 2, padding="same"), 3, [(0, 2), (1, 3), (2, 3)]),
        (nn.Conv2d(1, 1, (3, 1), padding=(1, 0)), 3, [(0, 2), (0, 3), (1, 3)]),
        (nn.ConvTranspose2d(1, 1, 3, 2), 2, [(0, 1), (0, 1), (0, 2), (1, 2), (1, 2)]),  # 2·row + 0 … 2
        (nn.MaxPool2d(3, 2, ceil_mode=True), 6, [(0, 3), (2, 5), (4, 6)]),
        (nn.MaxPool2d(3, 2, padding=1), 6, [(0, 2), (1, 4), (3, 6)]),
        (nn.AdaptiveAvgPool2d(3), 7, [(0, 3), (2, 5), (4, 7)]),  # ⌊7i/3⌋ up to ⌈7(i + 1)/3⌉
        (nn.AdaptiveAvgPool2d(1), 5, [(0, 5)]),
        (nn.PixelShuffle(2), 2, [(0, 1), (0, 1), (1, 2), (1, 2)]),
    ],
    ids=str,
)
def test_a_layer_reads_the_rows_that_it_reads(layer: nn.Module, side: int, rows: list[tuple[int, int]]) -> None:
    assert rows_of(layer, side, 4 if isinstance(layer, nn.PixelShuffle) else 1) == rows


class Every(nn.Module):
    """As the path around a block that strides: every second row and column, and more channels that are 0."""

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 1, 1))


def test_of_every_second_row_it_reads_two() -> None:
    assert rows_of(Every(), 5) == [(0, 2), (2, 4), (4, 5)]


def last_windows(net: nn.Module, *shape: int) -> tuple[InputWindows, tuple[int, ...]]:
    graph = trace(net, shape)
    return input_windows(graph)[graph.nodes[-1].name], graph.nodes[-1].shape


def test_rows_and_columns_are_told_apart_and_a_flat_number_knows_its_place() -> None:
    windows, shape = last_windows(nn.Sequential(nn.Conv2d(1, 2, (1, 3)), nn.Flatten()), 1, 2, 5)
    assert shape == (12,)  # two channels of 2 × 3
    assert windows.frame(shape, (6 + 5,)) == (1, 2, 2, 5)
    assert windows.reached(shape, (0, 0)).nonzero()[0].tolist() == [0, 6]


class Last(nn.Module):
    """Works on the channels alone, which it puts last, and first again."""

    def __init__(self, back: bool) -> None:
        super().__init__()
        self.norm, self.linear, self.back = nn.LayerNorm(8), nn.Linear(8, 6), back

    def forward(self, x: Tensor) -> Tensor:
        x = self.linear(self.norm(x.permute(0, 2, 3, 1)))
        return x.permute(0, 3, 1, 2) if self.back else x


@pytest.mark.parametrize("back", [True, False])
def test_channels_may_stand_last(back: bool) -> None:
    windows, shape = last_windows(nn.Sequential(nn.Conv2d(3, 8, 2, 2), Last(back)), 3, 6, 4)
    assert windows.frame(shape, (5, 2, 1) if back else (2, 1, 5)) == (4, 6, 2, 4)


def test_a_matrix_on_all_numbers_sees_what_any_of_them_sees() -> None:
    windows, shape = last_windows(nn.Sequential(nn.Conv2d(1, 1, 2, 2), nn.Flatten(), nn.Linear(4, 3)), 1, 5, 5)
    assert windows.mixer == "3" and windows.frame(shape, (2,)) == (0, 4, 0, 4)  # the last row and column are not read


@pytest.mark.parametrize(
    "layer", [nn.GroupNorm(1, 2), nn.LayerNorm([6, 6]), nn.InstanceNorm2d(2), nn.Softmax(2)], ids=str
)
def test_what_is_over_the_whole_map_sees_it_whole(layer: nn.Module) -> None:
    windows, shape = last_windows(nn.Sequential(nn.Conv2d(1, 2, 1), layer), 1, 6, 6)
    assert windows.frame(shape, (0, 3, 3)) == (0, 6, 0, 6)


def test_padding_that_is_not_in_the_settings_is_not_taken_for_none() -> None:
    circular = nn.Conv2d(1, 1, 3, padding=1, padding_mode="circular")
    windows, shape = last_windows(circular, 1, 6, 6)
    assert windows.frame(shape, (0, 0, 0)) == (0, 6, 0, 6)  # its first row reads the last


def test_away_from_the_edges_a_window_is_as_large_as_the_receptive_field() -> None:
    layers = [nn.Conv2d(1, 1, 5, 2, padding=2), nn.MaxPool2d(3, 2, 1), nn.Conv2d(1, 1, 3, dilation=3, padding=3)]
    with torch.device("meta"):
        graph = trace(nn.Sequential(*layers, nn.AvgPool2d(2)), (1, 160, 160))
    for node in graph.operations:
        windows, middle = input_windows(graph)[node.name], node.shape[-1] // 2
        size = int(windows.rows.end[middle] - windows.rows.first[middle])
        assert (size, size) == receptive_fields(graph)[node.name].size
        assert np.all(np.diff(windows.rows.first) >= 0) and np.all(np.diff(windows.rows.end) >= 0)


SLIDING = [
    nn.Conv2d(4, 4, 3, padding=1),
    nn.Conv2d(4, 4, 3, stride=2, padding=1, groups=2),
    nn.Conv2d(4, 4, (5, 3), stride=(1, 2), padding=(0, 2), groups=4),
    nn.Conv2d(4, 4, 3, dilation=2),
    nn.Conv2d(4, 4, 1),
    nn.MaxPool2d(3, 2, 1),
    nn.MaxPool2d(2, 2, ceil_mode=True),
    nn.AvgPool2d(3, 2, 1),
    nn.AdaptiveAvgPool2d((3, 4)),
]


@pytest.mark.parametrize("layer", SLIDING, ids=str)
def test_what_a_number_has_a_gradient_with_is_what_its_sliding_window_holds(layer: nn.Module) -> None:
    graph = trace(layer, (4, 9, 11))
    spans = sliding_spans(graph.nodes[-1], (4, 9, 11))
    assert spans
    x = torch.randn(1, 4, 9, 11, requires_grad=True)
    out = layer(x)[0, 2]
    for row, column in np.ndindex(*out.shape):
        _, *places = torch.autograd.grad(out[row, column], x, retain_graph=True)[0][0].nonzero(as_tuple=True)
        for read, span, at, side in zip(places, spans, (row, column), (9, 11), strict=True):
            first, end = max(0, int(span.first[at])), min(side, int(span.end[at]))
            found = int(read.min()), int(read.max()) + 1
            assert first <= found[0] < found[1] <= end
            assert isinstance(layer, nn.MaxPool2d) or found == (first, end)


def test_beyond_the_edge_a_window_goes_on_and_where_none_slides_there_is_none() -> None:
    node = trace(nn.Conv2d(1, 1, 3, padding=1), (1, 4, 4)).nodes[-1]
    spans = sliding_spans(node, (1, 4, 4))
    assert spans and (spans[0].first.tolist(), spans[1].end.tolist()) == ([-1, 0, 1, 2], [2, 3, 4, 5])
    for layer, shape in ((nn.ReLU(), (1, 4, 4)), (nn.ConvTranspose2d(1, 1, 3), (1, 4, 4)), (nn.Linear(4, 4), (4,))):
        assert sliding_spans(trace(layer, shape).nodes[-1], shape) is None
