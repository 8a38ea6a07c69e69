"""Whatever a network's parts are called, it is traced, outlined, drawn and shown, and no two parts become one."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.diagram.render import draw_diagram, standalone_svg
from explorer.graph.expansion import View, open_everything
from explorer.graph.graph import Graph, SerializedGraph, from_json, to_json
from explorer.graph.outline import outline, text_alternative, walk
from explorer.models.inputs import arguments_of
from explorer.models.sources import OWN, Own
from explorer.tracing.tracer import trace

SHAPE = (3, 4, 4)
LONG = "n" * 100_000
STRANGE = (
    "\x00",
    "\x07bell",
    "half \ud800",
    "\udfff",
    "a\nb",
    "\t",
    "\ufffe",
    "\u202e",
    "<b>&amp;",
    "\"'`",
    "a#2",
    "a/b",
)
STRANGE += (
    "a,b",
    "\\N",
    "$x$ | *y*",
    "![p](http://x)",
    " ",
    LONG,
    LONG + "1",
    "input",
    "output",
    "\\x07bell",
    "add",
    "²",
)
NAMES = st.text(st.characters(), min_size=1, max_size=8).filter(lambda name: "." not in name)


class Scaled(nn.Module):
    """A block whose parameter is called so."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        self.called = name
        self.register_parameter(name, nn.Parameter(self.conv.weight.detach().clone()))

    def forward(self, x: Tensor) -> Tensor:
        return x + F.conv2d(self.conv(x), self._parameters[self.called])  # pyright: ignore


def network(names: list[str] | tuple[str, ...]) -> nn.Module:
    """A block under each name; the network's class is called as the first."""
    net = nn.Sequential()
    for number, name in enumerate(names):
        if name not in dir(net):
            parameter = name if name not in (*dir(nn.Module()), "conv", "called") else "own"
            net.add_module(name, Scaled(parameter) if number % 2 else nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU()))
    net.__class__ = type(names[0].replace("\0", "\1").encode("utf-8", "ignore").decode() or "x", (nn.Sequential,), {})
    return net


def every_word(graph: Graph) -> Iterator[str]:
    yield from (word for block in graph.blocks for word in (block.path, block.kind, block.qualname))
    yield from (word for node in graph.nodes for word in (node.op, *node.path, *(name for name, _ in node.weights)))


@settings(max_examples=60)
@given(st.lists(NAMES, min_size=1, max_size=5, unique=True))
@example(list(STRANGE))
def test_a_network_whose_parts_have_any_name_is_drawn_with_every_part(names: list[str]) -> None:
    net = network(names)
    graph = trace(net, SHAPE)
    assert len({block.path for block in graph.blocks}) == len(list(net.modules()))
    assert all(word.isprintable() and len(word) < 300 for word in every_word(graph))
    assert graph.params == sum(parameter.numel() for parameter in net.parameters())
    read = from_json(to_json(SerializedGraph("net", graph))).graph
    assert (read.blocks, read.params) == (graph.blocks, graph.params)
    found = outline(graph)
    ids = [item.id for item in walk(found.written)]
    assert len(ids) == len(set(ids)) and not any("," in id for id in ids)
    assert text_alternative(found).count("\n") == len(list(walk(found.folded))) - 1
    picture = draw_diagram(found, open_everything(found, View(repeats=False)))
    boxes = ET.fromstring(standalone_svg(picture)).iterfind(".//*[@data-id]")
    assert sorted({box.get("data-id") for box in boxes}) == sorted(ids)  # pyright: ignore


def test_an_error_that_cannot_be_shown_is_spelled_out() -> None:
    class Failing(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            raise RuntimeError("\ud800\x07" + "long " * 10_000)

    graph = trace(nn.Sequential(Failing()), SHAPE)
    assert r"\ud800\x07long" in graph.broken and len(graph.broken) < 3000
    assert graph.broken.isprintable()


@pytest.mark.parametrize("selected", ["", *(r"\x07bell~2/add", r"half \ud800", "<b>&amp;", "output#2")])
def test_explore_shows_a_network_of_strange_names(selected: str, open_page: Callable[..., AppTest]) -> None:
    OWN["strange"] = Own(arguments_of(SHAPE), lambda: network(STRANGE))
    try:
        opened = ",".join(re.sub("[#/,]", lambda mark: rf"\x{ord(mark[0]):02x}", name) for name in ("<b>&amp;", "a#2"))
        app = open_page("explore", source="own", model="strange", open=opened, at=selected)
        assert not app.exception and not app.error
        if selected:
            assert any(word.value.startswith("#### ") for word in app.markdown)
    finally:
        OWN.clear()
