"""What a number sees, drawn: the picture with a frame on it, and the heat of its pixels; filters as colour tiles."""

from math import ceil, sqrt

import numpy as np
import plotly.graph_objects as go
from PIL import Image
from torch import Tensor

from explorer.activations.charts import AXIS, NOTHING, heatmap, plain
from explorer.activations.feature_maps import COLOURS, Numbers
from explorer.analysis.pixel_windows import PixelFrame
from explorer.training.image_preview import address

FRAME, HALO = "#0072b2", "#ffffff"  # the blue of what is computed, on white, which shows on any picture
PIXEL, ORANGE = "#d55e00", (213, 94, 0, 255)
TILE, GAP, LINE = 40, 6, 4  # of filters, in pixels
CLICKED = 64  # places a side that can be clicked, at most: of more pixels one in each square
WARM = COLOURS[len(COLOURS) // 2 :]  # from 0 up
CLEAR = [[0, "rgba(0,0,0,0)"], [1, "rgba(0,0,0,0)"]]


def picture_chart(image: Tensor, frame: PixelFrame, pixel: tuple[int, int] | None, height: int) -> go.Figure:
    """(C, H, W) of bytes, of one channel or three; a click chooses "row,column" of a pixel."""
    levels = image[0] if len(image) == 1 else image.permute(1, 2, 0)
    high, wide = image.shape[1:]
    step = ceil(max(high, wide) / CLICKED)
    rows, columns = (np.arange(step // 2, side, step) for side in (high, wide))
    names = np.array([[f"{row},{column}" for column in columns] for row in rows], object)
    figure = go.Figure(go.Image(source=address(Image.fromarray(levels.contiguous().numpy()).convert("RGB"))))
    look = dict(colorscale=CLEAR, showscale=False, hovertemplate="row %{y}, column %{x}<extra></extra>")
    figure.add_trace(go.Heatmap(x=columns, y=rows, z=np.zeros(names.shape), customdata=names, **look))
    draw_frame(figure, frame)
    if pixel:
        draw_frame(figure, PixelFrame(pixel[0], pixel[0] + 1, pixel[1], pixel[1] + 1), PIXEL)
    return finished(figure, (high, wide), height)


def heat_chart(pixels: Numbers, frame: PixelFrame | None, height: int) -> go.Figure:
    """(H, W), none below 0."""
    figure = heatmap(pixels, float(pixels.max()) or 1.0, height, "row %{y}, column %{x}: %{z:.3g}<extra></extra>")
    figure.update_traces(showscale=False)
    if frame:
        draw_frame(figure, frame)
    return finished(figure, pixels.shape, height)


def change_chart(numbers: Numbers, frame: PixelFrame | None, height: int) -> go.Figure:
    """(H, W) of one channel, none below 0; a click chooses "row,column" of a number."""
    figure = heat_chart(numbers, frame, height)
    names = np.array([[f"{row},{column}" for column in range(numbers.shape[1])] for row in range(len(numbers))], object)
    scale = [[at / (len(WARM) - 1), colour] for at, colour in enumerate(WARM)]
    figure.update_traces(customdata=names, zmin=0, colorscale=scale, showscale=True)
    return figure


def draw_frame(figure: go.Figure, frame: PixelFrame, colour: str = FRAME) -> None:
    corners = dict(x0=frame.left - 0.5, x1=frame.right - 0.5, y0=frame.top - 0.5, y1=frame.bottom - 0.5)
    figure.add_shape(type="rect", line=dict(color=HALO, width=4), **corners)
    figure.add_shape(type="rect", line=dict(color=colour, width=2), **corners)


def finished(figure: go.Figure, shape: tuple[int, ...], height: int) -> go.Figure:
    """With room for the frame's line around the edge."""
    room = max(shape) * 0.02
    figure.update_xaxes(**AXIS, range=[-0.5 - room, shape[1] - 0.5 + room], constrain="domain")
    figure.update_yaxes(**AXIS, range=[shape[0] - 0.5 + room, -0.5 - room], scaleanchor="x", constrain="domain")
    figure.update_layout(height=height, margin=NOTHING)
    return plain(figure)


def filter_tiles(weights: Tensor, chosen: int) -> Image.Image:
    """(filters, 1 or 3, K, K), all by one scale: mid-grey is 0, full colour the largest absolute weight, black its
    negative; the chosen one in a frame."""
    weights = weights.detach()
    count, _, high, wide = weights.shape
    zoom = max(1, TILE // wide)
    largest = float(weights.abs().max()) or 1.0
    levels = ((weights / largest + 1) * 127.5).round().byte().expand(-1, 3, -1, -1).permute(0, 2, 3, 1).numpy()
    tiles = levels.repeat(zoom, 1).repeat(zoom, 2)
    high, wide, across = high * zoom, wide * zoom, ceil(sqrt(count * 2))
    whole = np.zeros((ceil(count / across) * (high + GAP) + GAP, across * (wide + GAP) + GAP, 4), np.uint8)
    for place, each in enumerate(tiles):
        top, left = place // across * (high + GAP) + GAP, place % across * (wide + GAP) + GAP
        if place == chosen:
            whole[top - LINE : top + high + LINE, left - LINE : left + wide + LINE] = ORANGE
        whole[top : top + high, left : left + wide] = np.dstack([each, np.full((high, wide), 255, np.uint8)])
    return Image.fromarray(whole, "RGBA")
