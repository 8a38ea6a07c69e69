"""The grid of channels, a map and a vector as charts: every number where it belongs, and none made up."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from explorer.activations.charts import channels_chart, map_chart, vector_chart
from explorer.activations.feature_maps import feature_maps

HIGH, WIDE = 2, 3
PLACES = {  # of the upper left number of each channel, in a grid with a gap of one
    1: [(0, 0)],
    2: [(0, 0), (0, 4)],
    5: [(0, 0), (0, 4), (0, 8), (3, 0), (3, 4)],
    64: [(3 * row, 4 * column) for row in range(8) for column in range(8)],
}


def numbered(channels: int) -> Any:
    """Maps (C, 2, 3) in which 423 is channel 4, row 2, column 3."""
    parts = (torch.arange(1.0, n + 1) * unit for n, unit in ((channels, 100), (HIGH, 10), (WIDE, 1)))
    channel, row, column = parts
    return feature_maps(channel[:, None, None] + row[:, None] + column)


def cells(figure: go.Figure, channel: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns that are said to be this channel's."""
    rows, columns = np.nonzero(np.asarray(figure.data[0].customdata) == str(channel))
    return rows, columns


@pytest.mark.parametrize("count", PLACES)
def test_the_numbers_of_each_channel_are_where_they_belong_and_between_them_is_nothing(count: int) -> None:
    figure = channels_chart(numbered(count), np.arange(count), 0)
    z, names = np.asarray(figure.data[0].z), np.asarray(figure.data[0].customdata)
    for channel, (top, left) in enumerate(PLACES[count]):
        base = 100 * (channel + 1)
        expected = [[base + 11, base + 12, base + 13], [base + 21, base + 22, base + 23]]
        assert z[top : top + HIGH, left : left + WIDE].tolist() == expected
        assert set(names[top : top + HIGH, left : left + WIDE].ravel()) == {str(channel)}
    assert np.isfinite(z).sum() == count * HIGH * WIDE
    assert (np.isnan(z) == (names == "")).all()
    assert z.shape == (PLACES[count][-1][0] + HIGH, max(left for _, left in PLACES[count]) + WIDE)


def test_channels_stand_in_the_order_that_was_asked_for() -> None:
    figure = channels_chart(numbered(9), np.array([7, 2, 4]), 4)
    assert [cells(figure, channel)[0].min() for channel in (7, 2, 4)] == [0, 0, 3]
    assert [cells(figure, channel)[1].min() for channel in (7, 2, 4)] == [0, 4, 0]
    assert np.asarray(figure.data[0].z)[0].tolist()[:3] == [811, 812, 813]
    (frame,) = figure.layout.shapes  # around 4, which is the third, below the first
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (-0.5, 2.5, 2.5, 4.5)


@pytest.mark.parametrize("count", PLACES)
def test_the_chosen_channel_alone_has_a_frame_around_its_own_cells(count: int) -> None:
    for chosen in {0, count // 2, count - 1}:
        figure = channels_chart(numbered(count), np.arange(count), chosen)
        (frame,) = figure.layout.shapes
        rows, columns = cells(figure, chosen)
        assert (frame.y0, frame.y1) == (rows.min() - 0.5, rows.max() + 0.5)
        assert (frame.x0, frame.x1) == (columns.min() - 0.5, columns.max() + 0.5)


def test_a_channel_that_is_not_among_them_has_no_frame() -> None:
    assert channels_chart(numbered(9), np.array([7, 2, 4]), 5).layout.shapes == ()


def test_one_scale_for_all_channels_reaches_to_the_largest_number_of_any() -> None:
    shown = feature_maps(torch.tensor([[[1.0, 2]], [[-8.0, 0]], [[float("inf"), float("nan")]]]))
    for figure in (channels_chart(shown, np.array([0]), 0), map_chart(shown.maps[0], shown.largest())):
        assert (figure.data[0].zmin, figure.data[0].zmax) == (-8, 8)
    shades = [shade for _, shade in figure.data[0].colorscale]
    assert [at for at, _ in figure.data[0].colorscale] == pytest.approx(np.linspace(0, 1, len(shades)))
    blue, white, red = (tuple(bytes.fromhex(shades[at][1:])) for at in (0, len(shades) // 2, -1))
    assert blue[2] > 2 * blue[0] and red[0] > 2 * red[2] and min(white) > 235 and len(shades) % 2


@pytest.mark.parametrize(
    ("sides", "step"), [((28, 28), 1), ((29, 29), 2), ((100, 70), 4), ((10, 57), 3), ((1, 3000), 108)]
)
def test_large_maps_are_thinned_without_a_number_made_up(sides: tuple[int, int], step: int) -> None:
    output = torch.randperm(2 * sides[0] * sides[1], generator=torch.Generator().manual_seed(0)).view(2, *sides)
    figure = channels_chart(feature_maps(output), np.array([1]), 1)
    z = np.asarray(figure.data[0].z)
    rows, columns = range(0, sides[0], step), range(0, sides[1], step)
    assert max(z.shape) <= 28
    assert z.tolist() == [[float(output[1, row, column]) for column in columns] for row in rows]


def test_a_map_by_itself_shows_every_number_upright() -> None:
    output = torch.arange(60.0 * 40).view(60, 40)
    figure = map_chart(output.numpy(), 10.0)
    assert np.asarray(figure.data[0].z).tolist() == output.tolist()
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-10, 10)
    assert list(figure.layout.xaxis.range) == [-0.5, 39.5] and list(figure.layout.yaxis.range) == [59.5, -0.5]


def test_bars_have_the_names_of_their_classes_where_there_are_as_many() -> None:
    shown = feature_maps(torch.tensor([0.5, -2.0, 0.0]))
    figure = vector_chart(shown, ("cat", "dog", "ship"))
    assert list(figure.data[0].y) == [0.5, -2, 0] and list(figure.data[0].x) == [0, 1, 2]
    assert list(figure.data[0].hovertext) == list(figure.layout.xaxis.ticktext) == ["cat", "dog", "ship"]
    assert list(figure.layout.xaxis.tickvals) == [0, 1, 2]
    first, second, third = figure.data[0].marker.color
    assert first == third != second


@pytest.mark.parametrize("names", [(), ("cat", "dog")])
def test_bars_that_are_no_classes_are_numbered(names: tuple[str, ...]) -> None:
    figure = vector_chart(feature_maps(torch.tensor([1.0, 2.0, 3.0]).view(3, 1, 1)), names)
    assert list(figure.data[0].hovertext) == ["number 0", "number 1", "number 2"]


def test_of_many_classes_each_bar_still_knows_its_own() -> None:
    names = tuple(f"class {at}" for at in range(1000))
    figure = vector_chart(feature_maps(torch.arange(1000.0)), names)
    assert list(figure.data[0].hovertext) == list(names) and len(figure.data[0].y) == 1000
    assert figure.layout.xaxis.ticktext is None
