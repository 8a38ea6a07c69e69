"""ShuffleNetV2: design for measured speed, not for few multiply-adds: equal widths, few groups, cheap mixing.

Ma, Zhang, Zheng & Sun, "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design", 2018.
"""

from typing import Annotated

import torch
from torch import Tensor, nn

from model_defs.architecture import Architecture, Preset, Span, knobs
from model_defs.mobilenet_v2 import conv_norm


class ChannelShuffle(nn.Module):
    """Interleave the two halves of the channels, so that what one branch has learned reaches the other."""

    def forward(self, x: Tensor) -> Tensor:
        x = x.unflatten(1, (2, -1))  # (N, 2, C / 2, H, W)
        return x.transpose(1, 2).flatten(1, 2)  # (N, C, H, W): a0 b0 a1 b1 ...


def make_branch(in_channels: int, channels: int, stride: int) -> nn.Sequential:
    """1×1, depthwise 3×3, 1×1, all equally wide, which costs least memory traffic for its multiply-adds."""
    return nn.Sequential(
        *conv_norm(in_channels, channels, 1),
        nn.ReLU(),
        *conv_norm(channels, channels, 3, stride, groups=channels),
        *conv_norm(channels, channels, 1),
        nn.ReLU(),
    )


class ShuffleUnit(nn.Module):
    """Work on half of the channels, pass the other half on untouched, then shuffle: reuse of features for free."""

    def __init__(self, channels: int, shuffle: bool) -> None:
        super().__init__()
        self.branch = make_branch(channels // 2, channels // 2, stride=1)
        self.shuffle = ChannelShuffle() if shuffle else None

    def forward(self, x: Tensor) -> Tensor:
        kept, worked = x.chunk(2, dim=1)  # (N, C / 2, H, W) each
        x = torch.cat((kept, self.branch(worked)), dim=1)  # (N, C, H, W)
        return x if self.shuffle is None else self.shuffle(x)


class DownsampleUnit(nn.Module):
    """Two branches that both see everything: side by side they double the channels while the map is halved."""

    def __init__(self, in_channels: int, out_channels: int, shuffle: bool) -> None:
        super().__init__()
        self.shortcut = nn.Sequential(
            *conv_norm(in_channels, in_channels, 3, stride=2, groups=in_channels),
            *conv_norm(in_channels, out_channels // 2, 1),
            nn.ReLU(),
        )
        self.branch = make_branch(in_channels, out_channels // 2, stride=2)
        self.shuffle = ChannelShuffle() if shuffle else None

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat((self.shortcut(x), self.branch(x)), dim=1)  # (N, out_channels, H / 2, W / 2)
        return x if self.shuffle is None else self.shuffle(x)


def stage(in_channels: int, out_channels: int, units: int, shuffle: bool) -> nn.Sequential:
    """One unit that halves the map, then units that keep its shape."""
    rest = (ShuffleUnit(out_channels, shuffle) for _ in range(units - 1))
    return nn.Sequential(DownsampleUnit(in_channels, out_channels, shuffle), *rest)


class ShuffleNetV2(nn.Module):
    """A small stem, three stages of units and a linear head, drawn up by four rules for speed on real hardware."""

    def __init__(
        self,
        *,
        channels: Annotated[tuple[int, int, int], Span(8, 1024, 4)] = (116, 232, 464),
        units: Annotated[tuple[int, int, int], Span(1, 20)] = (4, 8, 4),
        last: Annotated[int, Span(256, 2048, 256)] = 1024,
        shuffle: bool = True,
        num_classes: Annotated[int, Span(1, 1000)] = 1000,
        in_channels: Annotated[int, Span(1, 16)] = 3,
        image_size: Annotated[int, Span(32, 512, 32)] = 224,
    ) -> None:
        super().__init__()
        odd = next((count for count in channels if count % 2), None)
        if odd is not None:
            raise ValueError(f"A unit works on half of its channels, and {odd} is odd: {odd + 1} works.")
        self.input_shape = (in_channels, image_size, image_size)
        self.stem = nn.Sequential(*conv_norm(in_channels, 24, 3, stride=2), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1))
        self.stage2 = stage(24, channels[0], units[0], shuffle)
        self.stage3 = stage(channels[0], channels[1], units[1], shuffle)
        self.stage4 = stage(channels[1], channels[2], units[2], shuffle)
        self.last = nn.Sequential(*conv_norm(channels[2], last, 1), nn.ReLU())
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(last, num_classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)  # (N, 24, H / 4, W / 4)
        x = self.stage2(x)  # (N, channels[0], H / 8, W / 8)
        x = self.stage3(x)  # (N, channels[1], H / 16, W / 16)
        x = self.stage4(x)  # (N, channels[2], H / 32, W / 32)
        return self.head(self.last(x))  # (N, num_classes)


def preset(scale: str, channels: tuple[int, int, int], last: int) -> Preset:
    name = f"shufflenet_v2_x{scale.replace('.', '_')}"
    return Preset(f"ShuffleNetV2 ×{scale}", knobs(channels=channels, last=last), name)


ARCHITECTURE = Architecture(
    name="ShuffleNetV2",
    year=2018,
    idea="Half of the channels rest, half work, and a shuffle lets them meet.",
    paper="Ma, Zhang, Zheng & Sun, “ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design”, 2018",
    url="https://arxiv.org/abs/1807.11164",
    build=ShuffleNetV2,
    presets=(
        preset("1.0", (116, 232, 464), 1024),
        preset("0.5", (48, 96, 192), 1024),
        preset("1.5", (176, 352, 704), 1024),
        preset("2.0", (244, 488, 976), 2048),
    ),
)
