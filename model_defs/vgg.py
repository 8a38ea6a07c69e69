"""VGG: nothing but 3×3 convolutions and 2×2 pooling, stacked deep.

Simonyan & Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2014.
"""

from typing import Annotated

from torch import Tensor, nn

from model_defs.architecture import Architecture, Preset, Span, knobs


class VGG(nn.Module):
    """Stacked 3×3 convolutions see as far as one large filter, with fewer weights to learn and more ReLUs between."""

    def __init__(
        self,
        *,
        convs: Annotated[tuple[int, int, int, int, int], Span(0, 4)] = (2, 2, 3, 3, 3),
        width: Annotated[int, Span(8, 128, 8)] = 64,
        norm: bool = False,
        hidden: Annotated[int, Span(128, 4096, 128)] = 4096,
        num_classes: Annotated[int, Span(1, 1000)] = 1000,
        in_channels: Annotated[int, Span(1, 16)] = 3,
        image_size: Annotated[int, Span(32, 512, 32)] = 224,
    ) -> None:
        super().__init__()
        poolings = sum(count > 0 for count in convs)
        if poolings == 0:
            raise ValueError("VGG without a convolution sees nothing: give at least one stage a convolution.")
        if image_size < 2**poolings:
            raise ValueError(
                f"An image of {image_size} px is halved {poolings} times: the least side is {2**poolings}."
            )
        self.input_shape = (in_channels, image_size, image_size)
        widths = (width, width * 2, width * 4, width * 8, width * 8)
        stages, channels = [], in_channels
        for out_channels, count in zip(widths, convs, strict=True):
            if count:  # a stage without convolutions is left out, its pooling too
                stages.append(stage(channels, out_channels, count, norm))
                channels = out_channels
        self.stages = nn.Sequential(*stages)
        last = nn.Linear(hidden, num_classes)
        side = min(7, image_size // 2**poolings)  # the head was made for the 7×7 map of 224 px
        self.head = head(channels, side, hidden, last)
        initialise(self)
        nn.init.normal_(last.weight, std=0.01)  # at first, no class is favoured

    def forward(self, x: Tensor) -> Tensor:
        x = self.stages(x)  # (N, 8 × width, H / 32, W / 32)
        return self.head(x)  # (N, num_classes)


def stage(in_channels: int, out_channels: int, count: int, norm: bool) -> nn.Sequential:
    """Convolutions of equal width that keep the map's size, then one pooling that halves it."""
    layers: list[nn.Module] = []
    for index in range(count):
        layers.append(nn.Conv2d(out_channels if index else in_channels, out_channels, 3, padding=1))
        layers += [nn.BatchNorm2d(out_channels), nn.ReLU()] if norm else [nn.ReLU()]
    return nn.Sequential(*layers, nn.MaxPool2d(2))


def head(channels: int, side: int, hidden: int, last: nn.Linear) -> nn.Sequential:
    """Three linear layers on a map of one size, whatever the image's."""
    return nn.Sequential(
        nn.AdaptiveAvgPool2d(side),
        nn.Flatten(),
        nn.Linear(channels * side * side, hidden),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(hidden, hidden),
        nn.ReLU(),
        nn.Dropout(0.5),
        last,
    )


def initialise(network: nn.Module) -> None:
    """Weights of He et al. 2015: without a norm, only the right size keeps the signal alive through sixteen layers."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            nn.init.zeros_(module.bias)  # type: ignore[arg-type]


DEPTHS = {16: (2, 2, 3, 3, 3), 11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 19: (2, 2, 4, 4, 4)}


ARCHITECTURE = Architecture(
    name="VGG",
    year=2014,
    idea="Use one small filter size everywhere and go deep.",
    paper="Simonyan & Zisserman, “Very Deep Convolutional Networks for Large-Scale Image Recognition”, 2014",
    url="https://arxiv.org/abs/1409.1556",
    build=VGG,
    presets=(
        *(Preset(f"VGG-{depth}", knobs(convs=convs), f"vgg{depth}") for depth, convs in DEPTHS.items()),
        *(
            Preset(f"VGG-{depth} + batch norm", knobs(convs=convs, norm=True), f"vgg{depth}_bn")
            for depth, convs in DEPTHS.items()
        ),
        Preset(
            "VGG-style for CIFAR-10",  # the first four convolutions of VGG-11, half as wide
            knobs(convs=(1, 1, 2, 0, 0), width=32, hidden=256, num_classes=10, image_size=32),
        ),
    ),
)
