"""What comes back through a deep network and through each of its blocks, over the shortcut and through F, measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import acos, degrees, inf, isfinite
from typing import Any

import numpy as np
import plotly.graph_objects as go
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.activations.charts import LETTERS, plain
from explorer.colors import BLUE, GREEN, VERMILLION
from explorer.formatting import spell_figures
from explorer.glossary import read_glossary
from explorer.models.spec import Spec

FAMILY = "CIFAR ResNet"  # of model_defs: the same layers, plain and residual, original and pre-activation
DEPTHS = (8, 14, 20, 26, 32, 44, 56, 74, 92, 110, 164, 218, 302, 404, 506, 608, 806, 1004, 1202)  # 6n + 2
WIDTH, SIDE = 8, 16  # channels of the first stage and pixels a side, as in the quick experiments


@dataclass(frozen=True)
class BlockGradient:
    """Norms of the gradient of the loss over the whole batch: sums in float64, as the square of a number near the
    largest of float32 is none of those."""

    name: str  # "stage1.0"
    layer: int  # the number of its first convolution; the stem's is 1
    form: str  # what the shortcut does with it: "identity", "projected", or "none"
    masked: bool  # whether a ReLU stands after the sum
    out: float  # with respect to what the block gives, dL/dH
    past: float  # of that, what the ReLU after the sum lets through; the same where there is none
    shortcut: float  # what comes back over the shortcut; 0 where there is none
    branch: float  # what comes back through F
    angle: float | None  # between these two, in degrees; None where one of them is 0 or no number
    into: float  # with respect to what the block is given, dL/dx: their sum


@dataclass(frozen=True)
class GradientFlow:
    loss: float
    blocks: tuple[BlockGradient, ...]  # the one by the picture first
    weights: tuple[tuple[str, float], ...]  # of each layer its name and the norm of its weights' gradient
    overflow: int | None  # the first layer that is given inf or NaN on the way forward


def flow_spec(depth: int, shortcut: bool, pre_activation: bool) -> Spec:
    """A network to be measured as initialised; its twin is the one with, or without, shortcuts."""
    told = {"depth": depth, "width": WIDTH, "image_size": SIDE, "pre_activation": pre_activation}
    return Spec("model_defs", FAMILY, tuple((told | {"shortcut": "identity" if shortcut else "none"}).items()))


def without_norms(model: nn.Module) -> nn.Module:
    """The same with nothing in the place of its batch norms: changes the module that it is given."""
    for module in model.modules():
        for name, child in module.named_children():
            if isinstance(child, nn.BatchNorm2d):
                setattr(module, name, nn.Identity())
    return model


Tell = Callable[[BlockGradient], None]


def measure_flow(
    model: nn.Module,
    numbers: Tensor,
    labels: Tensor,
    tell: Tell = lambda found: None,
    entered: Callable[[int], None] = lambda layer: None,
) -> GradientFlow:
    """Of the cross-entropy of pictures (N, C, H, W), as the network takes them, and their classes (N,). Norms take the
    batch's own statistics, as in training.

    `model` is a network of the family, and nobody else's: it gets hooks and gradients. `tell` hears of each block, the
    one by the loss first; `entered` of the layers on the way forward.
    """
    blocks = {name: each for name, each in model.named_modules() if type(each).__name__ == "Block"}
    probes = [
        BlockProbe(name, 2 + 2 * place, each, (tell, entered)) for place, (name, each) in enumerate(blocks.items())
    ]
    with torch.enable_grad():
        loss = F.cross_entropy(model.train()(numbers), labels)
        loss.backward()
    found = tuple(probe.found for probe in probes if probe.found)
    return GradientFlow(loss.item(), found, weight_norms(model), next((p.layer for p in probes if p.overflow), None))


def weight_norms(model: nn.Module) -> tuple[tuple[str, float], ...]:
    """Of the layers that count, which a shortcut's own do not."""
    layers = {name: each for name, each in model.named_modules() if isinstance(each, nn.Conv2d | nn.Linear)}
    return tuple((name, norm(each.weight.grad)) for name, each in layers.items() if "shortcut" not in name)


def norm(gradient: Tensor | None) -> float:
    return 0.0 if gradient is None else float(gradient.double().norm())


class BlockProbe:
    """Hooks on one block: each of the two ways through it gets what enters as a tensor of its own, whose gradient is
    what comes back that way."""

    def __init__(self, name: str, layer: int, block: Any, told: tuple[Tell, Callable[[int], None]]) -> None:
        self.name, self.layer, self.told = name, layer, told
        self.original, self.shortcut = not block.wiring.pre_activation, block.shortcut
        self.gradients: dict[str, Tensor] = {}
        self.found: BlockGradient | None = None
        self.overflow = False
        block.register_forward_pre_hook(self.enter)
        block.register_forward_hook(lambda module, given, result: self.watch("out", result))
        self.split("branch", block.conv1 if self.original else block.norm1)
        if self.shortcut is not None:
            self.split("shortcut", self.shortcut)
        if self.original:
            block.act2.register_forward_pre_hook(lambda module, given: self.watch("past", given[0]))

    def split(self, way: str, module: nn.Module) -> None:
        def enter(module: nn.Module, given: tuple[Tensor]) -> tuple[Tensor]:
            own = given[0].view_as(given[0])
            self.watch(way, own)
            return (own,)

        module.register_forward_pre_hook(enter)

    def watch(self, place: str, tensor: Tensor) -> None:
        tensor.register_hook(lambda gradient: self.gradients.__setitem__(place, gradient))

    def enter(self, module: nn.Module, given: tuple[Tensor]) -> tuple[Tensor]:
        own = given[0].view_as(given[0])
        self.overflow = not bool(own.detach().isfinite().all())
        own.register_hook(self.leave)
        self.told[1](self.layer)
        return (own,)

    def leave(self, into: Tensor) -> None:
        """On the way back it is the last to be heard of."""
        norms = {place: norm(self.gradients.get(place)) for place in ("out", "branch", "shortcut")}
        norms["past"] = norm(self.gradients["past"]) if self.original else norms["out"]
        both = self.gradients.get("shortcut"), self.gradients["branch"]
        self.gradients = {}
        bent = None if both[0] is None else angle_between(both[0], both[1])
        told = self.name, self.layer, shortcut_form(self.shortcut), self.original
        self.found = BlockGradient(*told, into=norm(into), angle=bent, **norms)
        self.told[0](self.found)


def shortcut_form(shortcut: nn.Module | None) -> str:
    if shortcut is None:
        return "none"
    return "identity" if isinstance(shortcut, nn.Identity) else "projected"


def angle_between(one: Tensor, other: Tensor) -> float | None:
    """In degrees; None where one of them is 0, or no number."""
    first, second = one.double(), other.double()
    size = float(first.norm() * second.norm())
    if not 0 < size < inf:
        return None
    return degrees(acos(max(-1.0, min(1.0, float((first * second).sum()) / size))))


# What the figures show, in words that claim nothing else


MEANINGS = (  # of angles, from the least on
    (100, "they partly cancel"),
    (80, "each adds to the other what is mostly its own"),
    (0, "they add up"),
)
STEADY = 10  # times: within that, from the loss to the picture, a gradient is called steady


def course_words(name: str, norms: Sequence[tuple[int, float]]) -> str:
    """`norms`: of each place its layer and its norm, from the picture on."""
    back = norms[::-1]
    for broken, said in ((lambda each: not isfinite(each), "inf or NaN"), (lambda each: each == 0, "exactly 0")):
        if (layer := next((layer for layer, each in back if broken(each)), None)) is not None:
            where = "from the loss on" if layer == back[0][0] else f"from layer {layer:,} on, seen from the loss"
            return f"**{name}: {said}** {where}."
    times = norms[0][1] / norms[-1][1]
    if times >= STEADY:
        return f"**{name}: {spell_times(times)} as strong** by the picture as by the loss: it grows on its way back."
    if times <= 1 / STEADY:
        return f"**{name}: {spell_times(1 / times)} weaker** by the picture than by the loss: it fades on its way back."
    return f"**{name}: {spell_figures(times, 2)} times** by the picture what it is by the loss."


def block_words(blocks: Sequence[BlockGradient]) -> str:
    """What the shortcuts bring; empty where there are none."""
    told = [each for each in blocks if each.form != "none" and isfinite(each.into) and each.out > 0]
    if not told:
        return ""
    over, less = sum(each.shortcut > each.branch for each in told), sum(each.into < each.out for each in told)
    angles = sorted(each.angle for each in told if each.angle is not None)
    words = f"In {over} of {len(told)} blocks more comes back over the shortcut than through F"
    words += f"; the middle angle between the two is {angles[len(angles) // 2]:.0f}°" if angles else ""
    words += f". dL/dx is weaker than dL/dH in {less or 'none'} of them."
    if told[0].masked:
        passed = sorted(each.past / each.out for each in told)[len(told) // 2]
        words += f" The ReLU after the sum lets {passed:.0%} of the norm of dL/dH through (the middle block)."
    return words


def formula(block: BlockGradient) -> str:
    """What comes back, in the form that holds for this block."""
    words = read_glossary("laboratories")["gradients"]["forms"]
    return words[f"{block.form}{'_masked' if block.masked else ''}"]


def angle_words(block: BlockGradient, angle: float) -> str:
    meaning = next(words for least, words in MEANINGS if angle >= least)
    return f"{meaning}; their sum is {spell_norm(block.into)}, of at most {spell_norm(block.shortcut + block.branch)}."


def spell_times(times: float) -> str:
    return f"{times:,.0f} times" if times < 1e6 else f"10^{np.log10(times):.0f} times"


FAINT = dict(color="rgba(128,128,128,0.6)", width=1.5)


def block_drawing(found: BlockGradient, height: int = 230) -> go.Figure:
    """The block with the way that the gradient takes through it, from the right to the left; the thicker, the more."""
    most = max((each for each in (found.past, found.shortcut, found.branch, found.into) if isfinite(each)), default=0)

    def wide(value: float) -> float:
        return 1.5 + 5 * value / most if isfinite(value) and most > 0 else 1.5

    def arrow(start: tuple[float, float], end: tuple[float, float], value: float, color: str) -> None:
        where = dict(x=end[0], y=end[1], ax=start[0], ay=start[1], xref="x", yref="y", axref="x", ayref="y")
        look = dict(arrowwidth=wide(value), arrowcolor=color, arrowhead=2, arrowsize=0.6)
        figure.add_annotation(**where, **look, showarrow=True, text="")

    figure = go.Figure()
    add_box(figure, 2.9, 5.6, "F: two convolutions")
    if found.masked:
        add_box(figure, 7.6, 8.7, "ReLU")
        arrow((9.9, 1), (8.75, 1), found.out, GREEN)
    arrow((7.55 if found.masked else 9.3, 1), (6.9, 1), found.past, GREEN)
    circle = dict(xanchor=6.58, yanchor=1, x0=-12, x1=12, y0=-12, y1=12, xsizemode="pixel", ysizemode="pixel")
    figure.add_shape(type="circle", line=FAINT, **circle)
    arrow((6.25, 1), (5.65, 1), found.past, VERMILLION)
    arrow((2.85, 1), (1.75, 1), found.branch, VERMILLION)
    arrow((1.3, 1), (0.35, 1), found.into, GREEN)
    if found.form != "none":
        for x0, y0, x1, y1 in ((6.58, 1.4, 6.58, 2.5), (6.58, 2.5, 1.4, 2.5)):
            figure.add_shape(type="line", x0=x0, y0=y0, x1=x1, y1=y1, line=dict(color=BLUE, width=wide(found.shortcut)))
        arrow((1.4, 2.5), (1.4, 1.3), found.shortcut, BLUE)
    add_norms(figure, found)
    figure.update_xaxes(range=[0, 10], visible=False, fixedrange=True)
    figure.update_yaxes(range=[-0.2, 3.2], visible=False, fixedrange=True)
    return plain(figure.update_layout(height=height, margin=dict(l=4, r=4, t=4, b=4)))


def add_box(figure: go.Figure, left: float, right: float, words: str) -> None:
    figure.add_shape(type="rect", x0=left, x1=right, y0=0.55, y1=1.45, line=FAINT)
    figure.add_annotation(x=(left + right) / 2, y=1, text=words, showarrow=False, font=LETTERS)


def add_norms(figure: go.Figure, found: BlockGradient) -> None:
    path = "× 1" if found.form == "identity" else "projection"
    told = {
        (9.5, 1.75): (GREEN, f"dL/dH<br>{spell_norm(found.out)}"),
        (0.6, 0.25): (GREEN, f"dL/dx<br>{spell_norm(found.into)}"),
        (2.3, 0.25): (VERMILLION, f"through F<br>{spell_norm(found.branch)}"),
        (6.58, 1): (None, "+" if found.form != "none" else ""),
    }
    if found.form != "none":
        told[4.25, 2.9] = BLUE, f"over the shortcut ({path}): {spell_norm(found.shortcut)}"
    for (x, y), (color, words) in told.items():
        figure.add_annotation(x=x, y=y, text=words, showarrow=False, font=LETTERS | ({"color": color} if color else {}))


def spell_norm(value: float) -> str:
    """As the charts and sentences say it."""
    return spell_figures(value) if isfinite(value) else "inf or NaN"
