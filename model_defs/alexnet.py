"""AlexNet: ReLU, dropout and two graphics cards make a large network trainable, and it wins ImageNet.

Krizhevsky, Sutskever & Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", 2012.
One tower is Krizhevsky's later form for a single card ("One weird trick", 2014), which torchvision has.
"""

from typing import Annotated, Literal

from torch import Tensor, nn

from model_defs.architecture import Architecture, Preset, Span, knobs

# With two towers, convolutions 2, 4 and 5 read only the half of the channels that lay on their own card.
CHANNELS = {1: (64, 192, 384, 256, 256), 2: (96, 256, 384, 384, 256)}


class AlexNet(nn.Module):
    """Large windows shrink the image at once, small ones refine it, and three linear layers name what they found."""

    def __init__(
        self,
        *,
        towers: Literal[1, 2] = 1,
        width: Annotated[float, Span(0.25, 2, 0.25)] = 1.0,
        dropout: Annotated[float, Span(0, 0.9, 0.1)] = 0.5,
        num_classes: Annotated[int, Span(1, 1000)] = 1000,
        in_channels: Annotated[int, Span(1, 16)] = 3,
        image_size: Annotated[int, Span(64, 512, 32)] = 224,
    ) -> None:
        super().__init__()
        if image_size < 63:
            raise ValueError(f"An image of {image_size} px is gone before the last pooling: the least side is 63.")
        self.input_shape = (in_channels, image_size, image_size)
        c1, c2, c3, c4, c5 = (int(channels * width) for channels in CHANNELS[towers])
        hidden = int(4096 * width)
        self.stage1 = nn.Sequential(
            nn.Conv2d(in_channels, c1, 11, stride=4, padding=2), nn.ReLU(), *contrast(towers), nn.MaxPool2d(3, 2)
        )
        self.stage2 = nn.Sequential(
            nn.Conv2d(c1, c2, 5, padding=2, groups=towers), nn.ReLU(), *contrast(towers), nn.MaxPool2d(3, 2)
        )
        self.stage3 = nn.Sequential(
            *(nn.Conv2d(c2, c3, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(c3, c4, 3, padding=1, groups=towers), nn.ReLU()),
            *(nn.Conv2d(c4, c5, 3, padding=1, groups=towers), nn.ReLU()),
            nn.MaxPool2d(3, 2),
        )
        self.head = nn.Sequential(
            *(nn.AdaptiveAvgPool2d(6), nn.Flatten()),
            *(nn.Dropout(dropout), nn.Linear(c5 * 6 * 6, hidden), nn.ReLU()),
            *(nn.Dropout(dropout), nn.Linear(hidden, hidden), nn.ReLU()),
            nn.Linear(hidden, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.stage1(x)  # (N, 64, 27, 27) for 224 px
        x = self.stage2(x)  # (N, 192, 13, 13)
        x = self.stage3(x)  # (N, 256, 6, 6)
        return self.head(x)  # (N, num_classes)


def contrast(towers: int) -> list[nn.Module]:
    """The 2012 network's normalisation: neighbouring channels compete; the form for one card dropped it."""
    if towers == 1:
        return []
    return [nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2)]  # PyTorch divides alpha by 5, the paper does not


ARCHITECTURE = Architecture(
    name="AlexNet",
    year=2012,
    idea="More layers, more data and two graphics cards beat features designed by hand.",
    paper="Krizhevsky, Sutskever & Hinton, “ImageNet Classification with Deep Convolutional Neural Networks”, 2012",
    url="https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks",
    build=AlexNet,
    presets=(Preset("AlexNet", knobs(towers=1), "alexnet"), Preset("AlexNet, two towers", knobs(towers=2))),
)
