"""How each family is drawn: a colour for its line of descent, a symbol for itself."""

from explorer.palette import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION

STYLES: dict[str, tuple[str, str]] = {
    "AlexNet": (GREY, "circle"),
    "VGG": (GREY, "square"),
    "GoogLeNet": (SKY, "circle"),
    "Inception v3": (SKY, "square"),
    "DenseNet": (SKY, "diamond"),
    "ResNet": (BLUE, "circle"),
    "Pre-activation ResNet": (BLUE, "triangle-up"),
    "Wide ResNet": (BLUE, "square"),
    "ResNeXt": (BLUE, "diamond"),
    "SE-ResNet": (BLUE, "cross"),
    "SqueezeNet": (GREEN, "triangle-down"),
    "MobileNetV1": (GREEN, "triangle-up"),
    "MobileNetV2": (GREEN, "circle"),
    "MobileNetV3": (GREEN, "square"),
    "MnasNet": (GREEN, "diamond"),
    "ShuffleNetV2": (GREEN, "cross"),
    "EfficientNet": (VERMILLION, "circle"),
    "EfficientNetV2": (VERMILLION, "square"),
    "RegNet": (ORANGE, "circle"),
    "ConvNeXt": (ORANGE, "square"),
    "ViT": (PURPLE, "circle"),
    "Swin": (PURPLE, "square"),
    "MaxViT": (PURPLE, "diamond"),
}
OTHER = (GREY, "hexagon")  # whatever a visitor brings


def style(family: str) -> tuple[str, str]:
    """Colour and symbol, as plotly calls it."""
    return STYLES.get(family, OTHER)


def in_order(families: set[str]) -> tuple[str, ...]:
    """By line of descent, so that neighbours in a legend share a colour."""
    known = tuple(family for family in STYLES if family in families)
    return (*known, *sorted(families - set(known)))
