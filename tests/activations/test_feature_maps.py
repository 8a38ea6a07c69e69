"""Channels, figures and thumbnails of an output: against sums by hand, and what Pillow reads in the picture."""

import io
import math
from base64 import b64decode

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from explorer.activations.feature_maps import Figures, feature_maps, figures, thumbnail

NAN, INF = math.nan, math.inf
WHITE, RED, BLUE, GREY = "white", "red", "blue", "grey"


def decoded(output: Tensor) -> np.ndarray:
    """(H, W, 3)"""
    head, _, packed = thumbnail(output).partition(",")
    assert head == "data:image/png;base64"
    picture = Image.open(io.BytesIO(b64decode(packed, validate=True)))
    assert picture.format == "PNG"
    return np.asarray(picture.convert("RGB")).astype(int)


def colour(pixel: np.ndarray) -> str:
    red, green, blue = pixel.tolist()
    if red == green == blue:
        return WHITE if red > 235 else GREY
    return RED if red > blue else BLUE


def colours(output: Tensor) -> list[list[str]]:
    return [[colour(pixel) for pixel in row] for row in decoded(output)]


def columns(numbers: list[float]) -> list[list[str]]:
    """Of a vector's thumbnail, from left to right, each from the top down."""
    return [list(column) for column in zip(*colours(torch.tensor(numbers)), strict=True)]


def test_figures_are_those_added_up_by_hand() -> None:
    output = torch.tensor([[[0.0, 0.0], [0.0, 0.0]], [[1.0, NAN], [INF, -3.0]]])
    told = figures(output)
    assert (told.least, told.most, told.zeros, told.dead, told.strange) == (-3, 1, 4 / 8, 1, 2)
    assert told.mean == pytest.approx((1 - 3) / 6)  # of the six that are finite


def test_a_channel_of_nans_or_of_negatives_is_not_dead_and_without_a_finite_number_all_figures_are_zero() -> None:
    output = torch.tensor([[[NAN, NAN]], [[-INF, INF]]])
    assert figures(output) == Figures(0, 0, 0, zeros=0, dead=0, strange=4)
    assert figures(torch.tensor([[[-1.0, -1]], [[-1.0, 0]]])).dead == 0
    assert figures(torch.zeros(3, 2, 2)) == Figures(0, 0, 0, zeros=1, dead=3, strange=0)


def test_figures_of_a_vector_of_whole_numbers_and_of_maps_of_one_number() -> None:
    assert figures(torch.tensor([0, 4, -2, 0])) == Figures(-2, 4, 0.5, zeros=0.5, dead=0, strange=0)
    assert figures(torch.tensor([2.0, 0.0, 0.0, 4.0]).view(4, 1, 1)) == Figures(0, 4, 1.5, zeros=0.5, dead=2, strange=0)


def test_the_mean_of_many_numbers_is_not_rounded_away() -> None:
    output = torch.full((1, 1000, 1000), 0.1)
    assert figures(output).mean == pytest.approx(float(np.float32(0.1)), rel=1e-9)


def test_maps_stay_as_they_are() -> None:
    output = torch.arange(12.0).view(2, 2, 3)
    shown = feature_maps(output)
    assert shown.form == "maps" and not shown.vector
    assert shown.maps.tolist() == [[[0, 1, 2], [3, 4, 5]], [[6, 7, 8], [9, 10, 11]]]


@pytest.mark.parametrize("first", [[], [[90, 91]]])
def test_tokens_lie_on_their_grid_row_by_row_and_a_class_token_is_left_out(first: list[list[float]]) -> None:
    shown = feature_maps(torch.tensor([*first, [1, 10], [2, 20], [3, 30], [4, 40]], dtype=torch.float32))
    assert shown.form == "tokens"
    assert shown.maps.tolist() == [[[1, 2], [3, 4]], [[10, 20], [30, 40]]]


@pytest.mark.parametrize("shape", [(5,), (5, 1, 1), (1, 1, 1), (1,), ()])
def test_numbers_without_sides_are_a_vector(shape: tuple[int, ...]) -> None:
    count = math.prod(shape)
    shown = feature_maps(torch.arange(1.0, count + 1).view(shape))
    assert shown.vector and shown.maps.shape == (count, 1, 1)
    assert shown.maps.ravel().tolist() == [1, 2, 3, 4, 5][:count]


@pytest.mark.parametrize("shape", [(3, 5), (6, 2), (7, 2), (1, 6), (2, 6)])
def test_two_sides_that_are_no_grid_of_tokens_are_one_map(shape: tuple[int, int]) -> None:
    output = torch.arange(float(math.prod(shape))).view(shape)
    shown = feature_maps(output)
    assert shown.form == "maps" and shown.maps.tolist() == [output.tolist()]


def test_of_four_sides_the_last_two_are_a_map_and_a_side_of_one_stays() -> None:
    output = torch.arange(120.0).view(2, 3, 4, 5)
    shown = feature_maps(output)
    assert shown.form == "maps" and shown.maps.shape == (6, 4, 5)
    assert shown.maps[4].tolist() == output[1, 1].tolist()  # 4 = 1 × 3 + 1
    assert feature_maps(torch.zeros(2, 1, 3)).maps.shape == (2, 1, 3)


@pytest.mark.parametrize("dtype", [torch.int64, torch.bool, torch.bfloat16, torch.float64])
def test_all_types_of_numbers_are_shown_with_or_without_a_gradient(dtype: torch.dtype) -> None:
    output = torch.tensor([[[1, 0]], [[0, 1]]], dtype=dtype)
    if dtype.is_floating_point:
        output.requires_grad_()
    shown = feature_maps(output)
    assert shown.maps.dtype == np.float32 and shown.maps.tolist() == [[[1, 0]], [[0, 1]]]


def test_the_strength_is_the_root_mean_square_and_of_equals_the_first_comes_first() -> None:
    shown = feature_maps(torch.tensor([[[4.0, 0, 0, 0]], [[-3.0, 3, -3, 3]], [[3.0, NAN, 4, 0]], [[0.0, 0, 0, -4]]]))
    assert shown.strengths().tolist() == [2, 3, 2.5, 2]  # √(16/4), √(36/4), √(25/4), √(16/4)
    assert shown.by_strength().tolist() == [1, 2, 0, 3]
    many = feature_maps((torch.arange(200.0) % 3).view(200, 1, 1).expand(-1, 2, 2)).by_strength().tolist()
    assert many == [*range(2, 200, 3), *range(1, 200, 3), *range(0, 200, 3)]


def test_both_ends_of_the_colours_are_the_largest_finite_number() -> None:
    assert feature_maps(torch.tensor([[[1.0, -7.0]], [[NAN, -INF]]])).largest() == 7
    assert feature_maps(torch.zeros(2, 3, 3)).largest() == 1
    assert feature_maps(torch.full((2, 3, 3), NAN)).largest() == 1


def test_zero_is_white_more_is_red_less_is_blue_and_no_number_is_grey() -> None:
    assert colours(torch.tensor([[[0.0, 1.0], [-1.0, NAN]]])) == [[WHITE, RED], [BLUE, GREY]]
    assert colours(torch.tensor([[[0.0, 1e-30], [INF, -INF]]])) == [[WHITE, RED], [GREY, GREY]]


def test_the_larger_the_number_the_deeper_its_colour() -> None:
    (row,) = decoded(torch.tensor([[[-4.0, -3, -2, -1, 0, 1, 2, 3, 4]]]))
    others = [*row[:4, 0], row[4, 1], *row[5:, 2]]  # the less red in a blue, the less blue in a red, the deeper
    assert sorted(others[:5]) == others[:5] and sorted(others[4:], reverse=True) == others[4:]
    assert len(set(others[:5])) == len(set(others[4:])) == 5


@pytest.mark.parametrize("number", [0.0, NAN, INF])
def test_maps_with_nothing_to_see_are_of_one_colour(number: float) -> None:
    expected = GREY if number else WHITE
    assert {each for row in colours(torch.full((2, 3, 3), number)) for each in row} == {expected}


def test_the_strongest_channel_is_shown_not_the_one_with_the_largest_number() -> None:
    assert colours(torch.tensor([[[4.0, 0], [0, 0]], [[-3.0, -3], [-3, -3]]])) == [[BLUE, BLUE], [BLUE, BLUE]]


@pytest.mark.parametrize(
    ("shape", "sides"),
    [((56, 56), (56, 56)), ((57, 57), (56, 56)), ((112, 56), (56, 28)), ((3, 900), (1, 56)), ((1, 1), (1, 1))],
)
def test_a_thumbnail_has_at_most_56_pixels_a_side(shape: tuple[int, int], sides: tuple[int, int]) -> None:
    output = torch.ones(2, *shape) if shape != (1, 1) else torch.ones(1, 1, 1, 1)
    assert decoded(output).shape == (*sides, 3)


def test_a_large_map_is_shrunk_with_everything_in_its_place_and_nothing_strange_gets_lost() -> None:
    output = torch.ones(1, 112, 112)
    output[:, :, 56:] = -1
    output[0, 20, 30] = NAN
    seen = colours(output)
    assert seen[10][15] == GREY
    assert all(row[at] == (RED if at < 28 else BLUE) for y, row in enumerate(seen) for at in range(56) if y != 10)
    assert [each for each in seen[10] if each != GREY] == [RED] * 27 + [BLUE] * 28


def test_bars_rise_from_zero_to_the_top_and_fall_to_the_bottom() -> None:
    high, half, none, low = columns([4.0, 2.0, 0.0, -4.0])[8::16]
    assert {len(each) for each in (high, half, none, low)} == {44}
    assert high == [RED] * 22 + [WHITE] * 22 and low == [WHITE] * 22 + [BLUE] * 22
    assert half[:10] == [WHITE] * 10 and half[12:22] == [RED] * 10 and half[22:] == [WHITE] * 22
    assert none == [WHITE] * 44


def test_all_bars_of_one_sign_have_their_full_height() -> None:
    assert columns([1.0, 3.0])[-1] == [RED] * 44
    assert columns([-1.0, -3.0])[-1] == [BLUE] * 44
    assert columns([5.0]) == [[RED] * 44] * 64


@pytest.mark.parametrize("numbers", [[1.0, 0.0, 2.0], [-1.0, 0.0, -2.0], [0.0, 0.0, 0.0]])
def test_a_zero_has_no_bar_where_all_others_have_one_sign(numbers: list[float]) -> None:
    assert columns(numbers)[len(columns(numbers)) // 2] == [WHITE] * 44


def test_what_is_no_number_has_no_bar() -> None:
    assert columns([4.0, NAN, -4.0, INF])[24] == columns([4.0, NAN, -4.0, INF])[56] == [WHITE] * 44


def test_of_a_long_vector_the_largest_of_those_that_fall_together_are_seen() -> None:
    numbers = torch.zeros(200)
    numbers[0], numbers[137] = 5, -5  # of 64 parts the first 8 are of four, the others of three: 137 = 8 × 4 + 35 × 3
    seen = [list(column) for column in zip(*colours(numbers.view(200, 1, 1)), strict=True)]
    assert len(seen) == 64
    assert [at for at, column in enumerate(seen) if column[0] == RED] == [0]
    assert [at for at, column in enumerate(seen) if column[-1] == BLUE] == [8 + 35]
    assert all(column == [WHITE] * 44 for at, column in enumerate(seen) if at not in (0, 43))


@pytest.mark.parametrize("count", [1, 33, 64, 65, 1000])
def test_bars_never_need_more_than_64_pixels(count: int) -> None:
    high, wide, _ = decoded(torch.linspace(-1, 1, count)).shape
    assert high == 44 and wide <= 64
