"""The picture: words fit, nothing overlaps, names are safe, and a layout that takes too long hurts nobody."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import psutil
import pytest
from PIL import ImageFont
from torch import nn

from explorer.analysis.receptive_field import ReceptiveField, receptive_fields
from explorer.diagram.graphviz_process import Graphviz, LayoutTooLong, graphviz
from explorer.diagram.render import draw_diagram, shades, standalone_svg, told_by_shades
from explorer.formatting import short_number
from explorer.graph.expansion import View, open_everything
from explorer.graph.outline import outline, text_alternative
from explorer.tracing.tracer import trace
from testing.drawings import (
    SVG,
    Box,
    bounds,
    cards,
    every_network,
    every_picture,
    groups,
    inside,
    outlined,
    overlap,
    parts,
    pictured,
)

TANGLE = "digraph {" + "".join(f"{a} -> {b};" for a in range(150) for b in range(a + 1, 150)) + "}"


def written(text: ElementTree.Element, size: float) -> Box:
    """Where Pillow's own font would put the words."""
    width = ImageFont.load_default(size).getlength(text.text or "")
    x, y = float(text.get("x", 0)), float(text.get("y", 0))
    left = x - width if text.get("text-anchor") == "end" else x
    return left, y - size * 0.75, left + width, y + size * 0.25


both_ways = pytest.mark.parametrize("direction", ["TB", "LR"])


@every_network
@both_ways
@every_picture
def test_the_words_fit_into_their_boxes(name: str, direction: str, opened: bool) -> None:
    for box in groups(pictured(name, direction, opened), "box"):
        card = bounds(parts(box, "card")[-1])
        if parts(box, "symbol"):
            continue  # one centred letter in a circle
        words = [
            written(text, {"title": 14, "detail": 12, "badge": 13}[text.get("class", "").split()[0]])
            for text in box.iter(f"{SVG}text")
        ]
        assert all(inside(word, card) for word in words)
        assert not any(overlap(a, b) for index, a in enumerate(words) for b in words[:index])


@every_network
@both_ways
@every_picture
def test_nothing_lies_on_a_box(name: str, direction: str, opened: bool) -> None:
    picture = pictured(name, direction, opened)
    places = list(cards(picture).values())
    assert not any(overlap(a, b) for index, a in enumerate(places) for b in places[:index])
    shapes = [written(line, 11.5) for edge in groups(picture, "edge") for line in edge.iter(f"{SVG}tspan")]
    assert shapes and not any(overlap(shape, place) for shape in shapes for place in places)
    assert not any(overlap(a, b) for index, a in enumerate(shapes) for b in shapes[:index])


@every_network
@both_ways
def test_frames_hold_their_boxes_and_the_picture_holds_all(name: str, direction: str) -> None:
    picture, found = pictured(name, direction, True), outlined(name)
    frames = {group.get("data-id", ""): [*map(bounds, parts(group, "frame"))] for group in groups(picture, "group")}
    for id, place in cards(picture).items():
        assert inside(place, (0, 0, picture.width, picture.height))
        assert all(any(inside(place, piece) for piece in frames[parent.id]) for parent in found.parents(id))


@every_network
def test_the_picture_and_its_facts_name_the_same_boxes(name: str) -> None:
    picture = pictured(name, "TB", False)
    assert list(cards(picture)) == list(picture.boxes)
    ends = {edge.get(end) for edge in groups(picture, "edge") for end in ("data-from", "data-to")}
    assert ends == set(picture.boxes)
    assert sum(box.params for box in picture.boxes.values()) == outlined(name).graph.params


def test_every_piece_of_a_cut_frame_is_named() -> None:
    found = groups(pictured("efficientnet_b0", "TB", False), "group")
    cut = [frame for frame in found if len(parts(frame, "frame")) > 1]
    assert cut
    for frame in cut:
        first, *later = [text.text or "" for text in parts(frame, "frame-title")]
        assert len(later) == len(parts(frame, "frame")) - 1
        assert all(first.split(" · ")[0] in title for title in later)


def test_an_opened_repeat_says_that_it_shows_one_of_its_copies() -> None:
    found = outlined("vit_b_16")
    picture = draw_diagram(found, open_everything(found, View()))
    titles = [text.text or "" for group in groups(picture, "repeated") for text in parts(group, "frame-title")]
    assert any(title.endswith("one of 12") for title in titles)  # ViT-B has 12 equal encoder layers


def test_kinds_folds_and_repeats_are_classes_to_style_by() -> None:
    names = {
        box.get("data-id"): box.get("class", "").split() for box in groups(pictured("resnet18", "TB", False), "box")
    }
    assert names["conv1"] == ["box", "kind-convolution"]
    assert names["layer1.0"] == ["box", "kind-block", "foldable", "repeated"]


def test_names_are_escaped() -> None:
    awkward = '<b a="1">&\\N'
    inner = nn.Sequential()
    inner.add_module("]]>\\", nn.Conv2d(3, 4, 1))
    net = nn.Sequential()
    net.add_module(awkward, inner)
    found = outline(trace(net.to("meta"), (3, 8, 8)))
    for view in (View(), View(frozenset({awkward}))):
        picture = draw_diagram(found, view)
        assert awkward in {group.get("data-id") for group in ElementTree.fromstring(picture.svg)}
        assert ElementTree.fromstring(standalone_svg(picture)).find(f"{SVG}style") is not None
        assert graphviz().render(picture.dot, "pdf").startswith(b"%PDF")


def test_a_file_is_coloured_by_what_the_boxes_hold() -> None:
    picture = draw_diagram(outlined("resnet18"), View())
    found = shades(picture, "macs")
    assert found["layer1"] == (253, 231, 37) and "maxpool" not in found  # the most, and none
    file = ElementTree.fromstring(standalone_svg(picture, "macs"))
    boxes = {box.get("data-id"): box.get("style") for box in file if "box" in box.get("class", "")}
    assert boxes["layer1"] == "--shade:rgb(253, 231, 37);--ink:#1f2937" and boxes["maxpool"] is None
    assert told_by_shades(picture, "macs") == "multiply-adds from 512 k (dark) to 462 M (bright), log scale"
    assert not told_by_shades(picture, "kind") and standalone_svg(picture, "kind") == standalone_svg(picture)
    assert ".amounts{visibility:hidden}" in standalone_svg(picture, figures=False)


def test_a_box_says_what_it_holds() -> None:
    fields = {node.name: ReceptiveField((99, 99)) for node in outlined("resnet18").graph.nodes}
    lines = draw_diagram(outlined("resnet18"), View(), fields).boxes["conv1"].lines
    assert lines == (
        *("conv1", "gives 64×112×112", "9,408 parameters"),
        *(f"118 M MACs ({64 * 112 * 112 * 3 * 49 / 1_814_073_344:.1%} of all)", "each output sees 99 × 99 pixels"),
    )
    dense = draw_diagram(outlined("densenet121"), View(frozenset({"features", "features.denseblock2"}))).boxes
    assert "takes the outputs of 12 earlier layers" in dense["features.denseblock2.denselayer12"].lines


def test_what_filters_reach_and_what_brings_in_the_rest_of_the_image_are_told_apart() -> None:
    outline, shown = outlined("efficientnet_b0"), View(frozenset({"features"}))
    fields = receptive_fields(outline.graph)
    boxes = draw_diagram(outline, shown, fields).boxes
    assert "each output sees 3 × 3 pixels" in boxes["features.0"].lines
    told = "each output sees 7 × 7 pixels through filters, and all of the image through global pooling"
    assert told in boxes["features.1"].lines


def test_convolutions_say_their_settings() -> None:
    words = " ".join(re.findall(r'class="detail"[^>]*>([^<]+)', pictured("efficientnet_b0", "TB", True).svg))
    for setting in ("3×3, 3 → 32, /2", "3×3, 32 → 32, depthwise", "5×5, 144 → 144, /2, depthwise", "1280 → 1000"):
        assert setting in words


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0"), (999, "999"), (1000, "1.00 k"), (25_557_032, "25.6 M"), (4.09e9, "4.09 G")]
)
def test_large_numbers_are_told_in_three_figures(number: float, words: str) -> None:
    assert short_number(number) == words


def test_the_network_can_be_read_as_a_list() -> None:
    lines = text_alternative(outlined("resnet18")).splitlines()
    assert lines[:2] == ["- input", "- conv1: Conv2d, 9,408 parameters"]
    assert "  - 0: BasicBlock, 2 times, 147,968 parameters" in lines  # 2 × (2 × 64 × 64 × 9 + 4 × 64)


def test_a_layout_that_takes_too_long_is_ended_and_the_next_one_works() -> None:
    helpers = Graphviz(helpers=1, seconds=0.5)
    try:
        helpers.render("digraph { a -> b }")
        begun = psutil.Process().children(recursive=True)
        with pytest.raises(LayoutTooLong, match="Fold some blocks"):
            helpers.render(TANGLE)
        ended = [process for process in begun if process not in psutil.Process().children(recursive=True)]
        assert len(ended) == 1  # the one that laid it out, in the midst of it
        assert b'"name": "b"' in Graphviz.render(helpers, "digraph { a -> b }")
    finally:
        helpers.close()


def test_what_graphviz_cannot_read_is_an_error_of_one_sentence() -> None:
    with pytest.raises(ValueError, match="cannot lay this picture out"):
        graphviz().render("digraph {")


def test_many_visitors_get_each_their_own_picture() -> None:
    with ThreadPoolExecutor(8) as visitors:
        answers = list(visitors.map(lambda index: graphviz().render(f"digraph {{ box{index} }}"), range(24)))
    assert all(f'"box{index}"'.encode() in answer for index, answer in enumerate(answers))


def test_the_helper_ends_with_its_server() -> None:
    helpers = Graphviz(helpers=1)
    helpers.render("digraph {}")
    process = helpers.free.get().process
    assert process and process.stdin
    process.stdin.close()
    try:
        assert process.wait(5) == 0
    except subprocess.TimeoutExpired:
        process.kill()
        raise
