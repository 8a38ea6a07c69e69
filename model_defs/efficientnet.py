"""EfficientNet: grow depth, width and resolution together, in a fixed ratio, instead of one of them alone.

Tan & Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", 2019.
"""

import math
from typing import Annotated, NamedTuple

import torch
from torch import Tensor, nn

from model_defs.architecture import Architecture, Preset, Span, knobs
from model_defs.mobilenet_v2 import conv_norm, round_channels
from model_defs.se import SqueezeExcitation


class Stage(NamedTuple):
    """Blocks of one kind, as a line of the paper's Table 1."""

    expansion: int
    kernel: int
    stride: int
    channels: int
    layers: int

    def scaled(self, width: float, depth: float) -> "Stage":
        layers = math.ceil(round(self.layers * depth, 6))  # rounded first: 3.0000000001 layers are 3
        return self._replace(channels=round_channels(self.channels * width), layers=layers)


B0 = (
    Stage(1, 3, 1, 16, 1),
    Stage(6, 3, 2, 24, 2),
    Stage(6, 5, 2, 40, 2),
    Stage(6, 3, 2, 80, 3),
    Stage(6, 5, 1, 112, 3),
    Stage(6, 5, 2, 192, 4),
    Stage(6, 3, 1, 320, 1),
)
DEEPEST = 16  # times B0's depth, or 256 blocks: what is deeper takes too long to build for a page


class StochasticDepth(nn.Module):
    """Skip a block for some images of a batch while training, so that deep networks train like shallower ones."""

    def __init__(self, drop: float) -> None:
        super().__init__()
        self.drop = drop

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.drop == 0:
            return x
        kept = torch.rand(x.shape[0], 1, 1, 1, device=x.device) >= self.drop
        return x * kept / (1 - self.drop)


class MBConv(nn.Module):
    """Widen, filter each channel alone, weigh the channels, narrow: MobileNetV2's block with squeeze-and-excitation."""

    def __init__(self, in_channels: int, stage: Stage, stride: int, se_ratio: float, drop: float) -> None:
        super().__init__()
        hidden, out_channels = in_channels * stage.expansion, stage.channels
        squeezed = max(1, int(in_channels * se_ratio))  # of the block's thin input, not of its wide inside
        self.expand = nn.Sequential(*conv_norm(in_channels, hidden, 1), nn.SiLU()) if stage.expansion > 1 else None
        self.depthwise = nn.Sequential(*conv_norm(hidden, hidden, stage.kernel, stride, groups=hidden), nn.SiLU())
        self.se = SqueezeExcitation(hidden, squeezed, act=nn.SiLU) if se_ratio else None
        self.project = nn.Sequential(*conv_norm(hidden, out_channels, 1))
        self.drop = StochasticDepth(drop) if stride == 1 and in_channels == out_channels else None

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else self.expand(x)  # (N, hidden, H, W)
        y = self.depthwise(y)  # (N, hidden, H / stride, W / stride)
        y = y if self.se is None else self.se(y)
        y = self.project(y)  # (N, out_channels, H / stride, W / stride)
        return y if self.drop is None else x + self.drop(y)


class EfficientNet(nn.Module):
    """A baseline found by search, and one dial φ that scales depth by α^φ, width by β^φ and resolution by γ^φ."""

    def __init__(
        self,
        *,
        width: Annotated[float, Span(0.5, 4.0, 0.05)] = 1.0,
        depth: Annotated[float, Span(0.5, 8.0, 0.05)] = 1.0,
        phi: Annotated[float, Span(0.0, 7.0, 0.05)] = 0.0,
        alpha: Annotated[float, Span(1.0, 2.0, 0.01)] = 1.2,
        beta: Annotated[float, Span(1.0, 2.0, 0.01)] = 1.1,
        gamma: Annotated[float, Span(1.0, 2.0, 0.01)] = 1.15,
        se_ratio: Annotated[float, Span(0.0, 1.0, 0.05)] = 0.25,
        dropout: Annotated[float, Span(0.0, 0.8, 0.1)] = 0.2,
        tensorflow_norm: bool = False,
        num_classes: Annotated[int, Span(1, 1000)] = 1000,
        in_channels: Annotated[int, Span(1, 16)] = 3,
        image_size: Annotated[int, Span(32, 632, 4)] = 224,
    ) -> None:
        super().__init__()
        depth, width, resolution = depth * alpha**phi, width * beta**phi, round(image_size * gamma**phi)
        if depth > DEEPEST:
            fits = math.floor(10 * (phi - math.log(depth / DEEPEST, alpha))) / 10
            raise ValueError(f"This is {depth:.0f} times as deep as B0, and {DEEPEST} is the most: φ = {fits:g} works.")
        self.input_shape = (in_channels, resolution, resolution)
        channels = round_channels(32 * width)
        self.stem = nn.Sequential(*conv_norm(in_channels, channels, 3, stride=2), nn.SiLU())
        self.stages = make_stages(channels, width, depth, se_ratio)
        last = round_channels(1280 * width)
        self.last = nn.Sequential(*conv_norm(round_channels(320 * width), last, 1), nn.SiLU())
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout), nn.Linear(last, num_classes)
        )
        start(self, tensorflow_norm)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)  # (N, 32 × width, H / 2, W / 2)
        x = self.stages(x)  # (N, 320 × width, H / 32, W / 32)
        x = self.last(x)  # (N, 1280 × width, H / 32, W / 32)
        return self.head(x)  # (N, num_classes)


def make_stages(channels: int, width: float, depth: float, se_ratio: float) -> nn.Sequential:
    """B0's stages, each wider and longer, where training skips block k of n for 0.2 × k / n of the images."""
    scaled = [stage.scaled(width, depth) for stage in B0]
    total, built, stages = sum(stage.layers for stage in scaled), 0, []
    for stage in scaled:
        blocks = []
        for position in range(stage.layers):
            stride = 1 if position else stage.stride
            blocks.append(MBConv(channels, stage, stride, se_ratio, 0.2 * built / total))
            channels, built = stage.channels, built + 1
        stages.append(nn.Sequential(*blocks))
    return nn.Sequential(*stages)


def start(network: nn.Module, tensorflow_norm: bool) -> None:
    """Random weights; and, if asked, the norm constants of the authors' code, which torchvision's B5 to B7 keep."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out")
        elif isinstance(module, nn.BatchNorm2d) and tensorflow_norm:
            module.eps, module.momentum = 1e-3, 0.01


def preset(index: int, width: float, depth: float, pixels: int, dropout: float) -> Preset:
    options = knobs(width=width, depth=depth, image_size=pixels, dropout=dropout, tensorflow_norm=index >= 5)
    return Preset(f"EfficientNet-B{index}", options, f"efficientnet_b{index}")


ARCHITECTURE = Architecture(
    name="EfficientNet",
    year=2019,
    idea="Scale depth, width and resolution together.",
    paper="Tan & Le, “EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks”, 2019",
    url="https://arxiv.org/abs/1905.11946",
    build=EfficientNet,
    presets=(
        preset(0, 1.0, 1.0, 224, 0.2),
        preset(1, 1.0, 1.1, 240, 0.2),
        preset(2, 1.1, 1.2, 260, 0.3),
        preset(3, 1.2, 1.4, 300, 0.3),
        preset(4, 1.4, 1.8, 380, 0.4),
        preset(5, 1.6, 2.2, 456, 0.4),
        preset(6, 1.8, 2.6, 528, 0.5),
        preset(7, 2.0, 3.1, 600, 0.5),
        Preset("B0 scaled by φ = 1", knobs(phi=1.0)),  # B2's network; the shipped B1 to B7 were rounded by hand
        Preset("B0 scaled by φ = 2", knobs(phi=2.0)),
    ),
)
