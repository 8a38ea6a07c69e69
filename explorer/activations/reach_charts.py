"""What a number sees, drawn: the picture with a frame on it, and the heat of its pixels; filters as colour tiles."""

from math import ceil, sqrt

import numpy as np
import plotly.graph_objects as go
from PIL import Image
from torch import Tensor

from explorer.activations.charts import AXIS, NOTHING, heatmap, plain
from explorer.activations.feature_maps import Numbers
from explorer.analysis.pixel_windows import PixelFrame
from explorer.training.image_preview import address

FRAME, HALO = "#0072b2", "#ffffff"  # the blue of what is computed, on white, which shows on any picture
PIXEL = "#d55e00"
CLICKED = 64  # places a side that can be clicked, at most: of more pixels one in each square
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


def heat_chart(pixels: Numbers, frame: PixelFrame, height: int) -> go.Figure:
    """(H, W), none below 0."""
    words = "row %{y}, column %{x}: %{z:.3g}<extra></extra>"
    figure = heatmap(pixels, float(pixels.max()) or 1.0, height, words)
    figure.update_traces(showscale=False)
    draw_frame(figure, frame)
    return finished(figure, pixels.shape, height)


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
    """(filters, 1 or 3, K, K), all by one scale: grey is 0, white the largest absolute weight, black its negative; the
    chosen one in a frame."""
    count, _, high, wide = weights.shape
    across, gap = ceil(sqrt(count * 2)), max(1, wide // 4)
    largest = float(weights.abs().max()) or 1.0
    levels = ((weights.detach() / largest + 1) * 127.5).round().byte().expand(-1, 3, -1, -1).permute(0, 2, 3, 1).numpy()
    down = ceil(count / across)
    whole = np.zeros((down * (high + gap) + gap, across * (wide + gap) + gap, 4), np.uint8)
    for place in range(count):
        top, left = place // across * (high + gap) + gap, place % across * (wide + gap) + gap
        if place == chosen:
            whole[top - 1 : top + high + 1, left - 1 : left + wide + 1] = (213, 94, 0, 255)
        whole[top : top + high, left : left + wide, :3] = levels[place]
        whole[top : top + high, left : left + wide, 3] = 255
    return Image.fromarray(whole, "RGBA")
