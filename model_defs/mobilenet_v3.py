"""MobileNetV3: let a search choose each layer's size on a real phone, then trim by hand what is slow there.

Howard et al., "Searching for MobileNetV3", 2019.
"""

from typing import Annotated, Literal, NamedTuple

from torch import Tensor, nn

from model_defs.architecture import Architecture, Preset, Span, knobs
from model_defs.mobilenet_v2 import conv_norm, round_channels
from model_defs.se import SqueezeExcitation


class Row(NamedTuple):
    """One block, as a line of the paper's tables."""

    kernel: int
    hidden: int
    channels: int
    gated: bool
    act: type[nn.Module]
    stride: int


RE, HS = nn.ReLU, nn.Hardswish

LARGE = (  # Table 1
    Row(3, 16, 16, False, RE, 1),
    Row(3, 64, 24, False, RE, 2),
    Row(3, 72, 24, False, RE, 1),
    Row(5, 72, 40, True, RE, 2),
    Row(5, 120, 40, True, RE, 1),
    Row(5, 120, 40, True, RE, 1),
    Row(3, 240, 80, False, HS, 2),
    Row(3, 200, 80, False, HS, 1),
    Row(3, 184, 80, False, HS, 1),
    Row(3, 184, 80, False, HS, 1),
    Row(3, 480, 112, True, HS, 1),
    Row(3, 672, 112, True, HS, 1),
    Row(5, 672, 160, True, HS, 2),
    Row(5, 960, 160, True, HS, 1),
    Row(5, 960, 160, True, HS, 1),
)

SMALL = (  # Table 2
    Row(3, 16, 16, True, RE, 2),
    Row(3, 72, 24, False, RE, 2),
    Row(3, 88, 24, False, RE, 1),
    Row(5, 96, 40, True, HS, 2),
    Row(5, 240, 40, True, HS, 1),
    Row(5, 240, 40, True, HS, 1),
    Row(5, 120, 48, True, HS, 1),
    Row(5, 144, 48, True, HS, 1),
    Row(5, 288, 96, True, HS, 2),
    Row(5, 576, 96, True, HS, 1),
    Row(5, 576, 96, True, HS, 1),
)


class InvertedResidual(nn.Module):
    """MobileNetV2's block, with a gate on its wide part and h-swish, which bends like swish at a ReLU's price."""

    def __init__(self, in_channels: int, row: Row) -> None:
        super().__init__()
        kernel, hidden, channels, gated, act, stride = row
        self.expand = nn.Sequential(*conv_norm(in_channels, hidden, 1), act()) if hidden != in_channels else None
        self.depthwise = nn.Sequential(*conv_norm(hidden, hidden, kernel, stride, groups=hidden), act())
        squeezed = round_channels(hidden // 4)
        self.se = SqueezeExcitation(hidden, squeezed, gate=nn.Hardsigmoid) if gated else None
        self.project = nn.Sequential(*conv_norm(hidden, channels, 1))
        self.adds = stride == 1 and in_channels == channels

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else self.expand(x)  # (N, hidden, H, W)
        y = self.depthwise(y)  # (N, hidden, H / stride, W / stride)
        y = y if self.se is None else self.se(y)
        y = self.project(y)  # (N, channels, H / stride, W / stride)
        return x + y if self.adds else y


class MobileNetV3(nn.Module):
    """Blocks found by search between a thin stem and a head that pools before its widest layer, to save time."""

    def __init__(
        self,
        *,
        size: Literal["large", "small"] = "large",
        width: Annotated[float, Span(0.25, 2.0, 0.05)] = 1.0,
        num_classes: Annotated[int, Span(1, 1000)] = 1000,
        in_channels: Annotated[int, Span(1, 16)] = 3,
        image_size: Annotated[int, Span(32, 512, 32)] = 224,
    ) -> None:
        super().__init__()
        self.input_shape = (in_channels, image_size, image_size)
        channels = round_channels(16 * width)
        self.stem = nn.Sequential(*conv_norm(in_channels, channels, 3, stride=2), HS())
        blocks = []
        for row in LARGE if size == "large" else SMALL:
            hidden, out_channels = round_channels(row.hidden * width), round_channels(row.channels * width)
            blocks.append(InvertedResidual(channels, row._replace(hidden=hidden, channels=out_channels)))
            channels = out_channels
        self.blocks = nn.Sequential(*blocks)
        self.last = nn.Sequential(*conv_norm(channels, channels * 6, 1), HS())
        hidden = round_channels((1280 if size == "large" else 1024) * width)
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Sequential(
            nn.Linear(channels * 6, hidden), HS(), nn.Dropout(0.2), nn.Linear(hidden, num_classes)
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.BatchNorm2d):
                module.eps, module.momentum = 1e-3, 0.01  # torchvision's: a slow running average

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)  # (N, 16 × width, H / 2, W / 2)
        x = self.blocks(x)  # (N, 160 × width, H / 32, W / 32), or 96 × width in the small one
        x = self.pool(self.last(x))  # (N, 960 × width), or 576 × width
        return self.head(x)  # (N, num_classes)


ARCHITECTURE = Architecture(
    name="MobileNetV3",
    year=2019,
    idea="MobileNetV2's block, gated, with every size found by search on a phone.",
    paper="Howard et al., “Searching for MobileNetV3”, 2019",
    url="https://arxiv.org/abs/1905.02244",
    build=MobileNetV3,
    presets=(
        Preset("MobileNetV3-Large", knobs(size="large"), "mobilenet_v3_large"),
        Preset("MobileNetV3-Small", knobs(size="small"), "mobilenet_v3_small"),
    ),
)
