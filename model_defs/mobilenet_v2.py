"""MobileNetV2: carry information through thin layers, work on it in wide, cheap, depthwise ones.

Sandler, Howard, Zhu, Zhmoginov & Chen, "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018.
"""

import math
from typing import Annotated

from torch import Tensor, nn

from model_defs.architecture import Architecture, Preset, Span, knobs


def round_channels(channels: float) -> int:
    """The nearest multiple of 8, and never less than 90 % of what was asked: hardware likes eights."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded if rounded >= 0.9 * channels else rounded + 8


def conv_norm(
    in_channels: int, out_channels: int, kernel: int, stride: int = 1, groups: int = 1
) -> tuple[nn.Conv2d, nn.BatchNorm2d]:
    """A convolution that keeps the size of the map, but for its stride, and its norm."""
    conv = nn.Conv2d(in_channels, out_channels, kernel, stride, kernel // 2, groups=groups, bias=False)
    return conv, nn.BatchNorm2d(out_channels)


class InvertedResidual(nn.Module):
    """Widen, filter each channel alone, narrow: the thin ends, without a ReLU, carry all there is to know cheaply."""

    def __init__(self, in_channels: int, out_channels: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = in_channels * expansion
        self.expand = nn.Sequential(*conv_norm(in_channels, hidden, 1), nn.ReLU6()) if expansion > 1 else None
        self.depthwise = nn.Sequential(*conv_norm(hidden, hidden, 3, stride, groups=hidden), nn.ReLU6())
        self.project = nn.Sequential(*conv_norm(hidden, out_channels, 1))
        self.adds = stride == 1 and in_channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else self.expand(x)  # (N, hidden, H, W)
        y = self.depthwise(y)  # (N, hidden, H / stride, W / stride)
        y = self.project(y)  # (N, out_channels, H / stride, W / stride)
        return x + y if self.adds else y


# Table 2 of the paper: channels, blocks, stride of the first
STAGES = ((16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1))


class MobileNetV2(nn.Module):
    """Seventeen inverted residuals between a small stem and a wide head, and one dial each for width and depth."""

    def __init__(
        self,
        *,
        width: Annotated[float, Span(0.25, 3.0, 0.05)] = 1.0,
        depth: Annotated[float, Span(0.5, 8.0, 0.05)] = 1.0,
        expansion: Annotated[int, Span(1, 10)] = 6,
        num_classes: Annotated[int, Span(1, 1000)] = 1000,
        in_channels: Annotated[int, Span(1, 16)] = 3,
        image_size: Annotated[int, Span(32, 632, 4)] = 224,
    ) -> None:
        super().__init__()
        self.input_shape = (in_channels, image_size, image_size)
        channels = round_channels(32 * width)
        self.stem = nn.Sequential(*conv_norm(in_channels, channels, 3, stride=2), nn.ReLU6())
        stages = []
        for index, (base, count, stride) in enumerate(STAGES):
            blocks, out_channels = [], round_channels(base * width)
            for position in range(math.ceil(round(count * depth, 6))):  # rounded first: 3.0000000001 blocks are 3
                first_stride = 1 if position else stride
                blocks.append(InvertedResidual(channels, out_channels, first_stride, expansion if index else 1))
                channels = out_channels
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.Sequential(*stages)
        last = round_channels(1280 * max(1.0, width))  # narrow networks keep the full head, as in the paper
        self.last = nn.Sequential(*conv_norm(channels, last, 1), nn.ReLU6())
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(last, num_classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)  # (N, 32 × width, H / 2, W / 2)
        x = self.stages(x)  # (N, 320 × width, H / 32, W / 32)
        x = self.last(x)  # (N, 1280, H / 32, W / 32)
        return self.head(x)  # (N, num_classes)


ARCHITECTURE = Architecture(
    name="MobileNetV2",
    year=2018,
    idea="Thin between blocks, wide and depthwise inside them: a network for phones.",
    paper="Sandler, Howard, Zhu, Zhmoginov & Chen, “MobileNetV2: Inverted Residuals and Linear Bottlenecks”, 2018",
    url="https://arxiv.org/abs/1801.04381",
    build=MobileNetV2,
    presets=(
        Preset("MobileNetV2", torchvision="mobilenet_v2"),
        Preset("MobileNetV2 ×0.5", knobs(width=0.5)),
        Preset("MobileNetV2 ×1.4", knobs(width=1.4)),
    ),
)
