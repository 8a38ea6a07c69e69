"""GoogLeNet: windows of several sizes side by side, made affordable by 1×1 convolutions.

Szegedy et al., "Going Deeper with Convolutions", 2014. Two choices of ours: each convolution has a batch norm, which
came a year later, and the two auxiliary heads, which help training only, are left out. torchvision draws the 5×5
windows as 3×3 (pytorch/vision issue 906) and carries the auxiliary heads unless built with `aux_logits=False`.
"""

from typing import Annotated, Literal

from torch import Tensor, cat, nn

from model_defs.architecture import Architecture, Preset, Span, knobs

# The paper's Table 1: 1×1, then 3×3 and the 1×1 before it, then 5×5 and the 1×1 before it, then 1×1 after the pooling.
Widths = tuple[int, int, int, int, int, int]
STAGE3: tuple[Widths, ...] = ((64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64))
STAGE4: tuple[Widths, ...] = (
    (192, 96, 208, 16, 48, 64),
    (160, 112, 224, 24, 64, 64),
    (128, 128, 256, 24, 64, 64),
    (112, 144, 288, 32, 64, 64),
    (256, 160, 320, 32, 128, 128),
)
STAGE5: tuple[Widths, ...] = ((256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128))


class Conv(nn.Module):
    """A convolution that keeps the map's size (at stride 1), normalised and rectified: the brick of every branch."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel, stride, padding=kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels, eps=0.001)
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.norm(self.conv(x)))  # (N, out_channels, H / stride, W / stride)


class Inception(nn.Module):
    """Looks through windows of several sizes at once and lets the next layer choose; 1×1 first makes it cheap."""

    def __init__(self, in_channels: int, widths: Widths, kernel: int) -> None:
        super().__init__()
        one, narrow3, three, narrow5, five, pooled = widths
        self.branch1 = Conv(in_channels, one, 1)
        self.branch2 = nn.Sequential(Conv(in_channels, narrow3, 1), Conv(narrow3, three, 3))
        self.branch3 = nn.Sequential(Conv(in_channels, narrow5, 1), Conv(narrow5, five, kernel))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), Conv(in_channels, pooled, 1))
        self.out_channels = one + three + five + pooled

    def forward(self, x: Tensor) -> Tensor:
        return cat(
            [self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], dim=1
        )  # (N, out_channels, H, W)


class GoogLeNet(nn.Module):
    """Nine Inception blocks after a shrinking stem: deeper than VGG-16, with a twentieth of its weights to learn."""

    def __init__(
        self,
        *,
        largest_window: Literal["5x5", "3x3"] = "5x5",
        width: Annotated[float, Span(0.25, 2, 0.25)] = 1.0,
        dropout: Annotated[float, Span(0, 0.9, 0.1)] = 0.4,
        num_classes: Annotated[int, Span(1, 1000)] = 1000,
        in_channels: Annotated[int, Span(1, 16)] = 3,
        image_size: Annotated[int, Span(32, 512, 32)] = 224,
    ) -> None:
        super().__init__()
        if image_size < 15:
            raise ValueError(f"An image of {image_size} px is gone before the last pooling: the least side is 15.")
        self.input_shape = (in_channels, image_size, image_size)
        kernel = 5 if largest_window == "5x5" else 3
        narrow, wide = int(64 * width), int(192 * width)
        self.stem = nn.Sequential(
            *(Conv(in_channels, narrow, 7, stride=2), nn.MaxPool2d(3, 2, ceil_mode=True)),
            *(Conv(narrow, narrow, 1), Conv(narrow, wide, 3), nn.MaxPool2d(3, 2, ceil_mode=True)),
        )
        stage3 = stage(wide, STAGE3, width, kernel)
        stage4 = stage(stage3[-1].out_channels, STAGE4, width, kernel)
        stage5 = stage(stage4[-1].out_channels, STAGE5, width, kernel)
        self.stage3 = nn.Sequential(*stage3, nn.MaxPool2d(3, 2, ceil_mode=True))
        self.stage4 = nn.Sequential(*stage4, nn.MaxPool2d(2, 2, ceil_mode=True))
        self.stage5 = nn.Sequential(*stage5)
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout), nn.Linear(stage5[-1].out_channels, num_classes)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)  # (N, 192, 28, 28) for 224 px
        x = self.stage3(x)  # (N, 480, 14, 14)
        x = self.stage4(x)  # (N, 832, 7, 7)
        x = self.stage5(x)  # (N, 1024, 7, 7)
        return self.head(x)  # (N, num_classes)


def stage(in_channels: int, rows: tuple[Widths, ...], width: float, kernel: int) -> list[Inception]:
    """The Inception blocks of one map size, each reading what all branches of the one before put side by side."""
    blocks: list[Inception] = []
    for row in rows:
        one, narrow3, three, narrow5, five, pooled = (int(channels * width) for channels in row)
        blocks.append(Inception(in_channels, (one, narrow3, three, narrow5, five, pooled), kernel))
        in_channels = blocks[-1].out_channels
    return blocks


ARCHITECTURE = Architecture(
    name="GoogLeNet",
    year=2014,
    idea="Look through several window sizes at once, and narrow the channels first so that it stays cheap.",
    paper="Szegedy et al., “Going Deeper with Convolutions”, 2014",
    url="https://arxiv.org/abs/1409.4842",
    build=GoogLeNet,
    presets=(
        Preset("GoogLeNet", knobs(largest_window="5x5")),
        Preset("GoogLeNet, 3×3 windows only", knobs(largest_window="3x3", dropout=0.2), "googlenet"),
    ),
)
