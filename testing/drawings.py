"""Pictures to test with, and what they hold: boxes, lines and words, read back from the SVG."""

from dataclasses import replace
from functools import cache
from xml.etree import ElementTree

import pytest
import torchvision

from explorer.diagram.render import Diagram, draw_diagram
from explorer.graph.expansion import View, default_view, open_everything
from explorer.graph.outline import Outline, outline
from explorer.tracing.tracer import trace

SVG = "{http://www.w3.org/2000/svg}"
NETWORKS = ("resnet18", "densenet121", "googlenet", "vit_b_16", "efficientnet_b0", "shufflenet_v2_x1_0")
Box = tuple[float, float, float, float]


@cache
def outlined(name: str) -> Outline:
    options = {"init_weights": False} if name == "googlenet" else {}
    return outline(trace(torchvision.models.get_model(name, **options).to("meta"), (3, 224, 224)))


@cache
def pictured(name: str, direction: str, opened: bool) -> Diagram:
    found = outlined(name)
    view = open_everything(found, View()) if opened else default_view(found)
    return draw_diagram(found, replace(view, direction=direction))


def groups(picture: Diagram, name: str) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(picture.svg)
    return [group for group in root.iter(f"{SVG}g") if name in group.get("class", "").split()]


def parts(group: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [part for part in group if name in part.get("class", "").split()]


def bounds(rect: ElementTree.Element) -> Box:
    x, y, width, height = (float(rect.get(side, 0)) for side in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def cards(picture: Diagram) -> dict[str, Box]:
    return {box.get("data-id", ""): bounds(parts(box, "card")[-1]) for box in groups(picture, "box")}


def inside(inner: Box, outer: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


every_picture = pytest.mark.parametrize("opened", [False, True])
every_network = pytest.mark.parametrize("name", NETWORKS)
