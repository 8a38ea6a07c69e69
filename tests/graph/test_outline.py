"""The outline: what is nested, what is folded, and that nothing is lost in any view of it."""

import random
from collections import Counter
from dataclasses import replace
from functools import cache

import pytest
import torchvision
from torch import Tensor, nn

from explorer.diagram.scene import Scene, visible
from explorer.graph.expansion import (
    View,
    count_items,
    default_view,
    fold_all,
    open_everything,
    open_one_level,
    open_parents,
    toggle,
)
from explorer.graph.graph import Graph
from explorer.graph.module_tree import Item
from explorer.graph.outline import Outline, outline, walk
from explorer.tracing.tracer import trace

NETWORKS = ("resnet18", "resnet152", "densenet121", "googlenet", "vit_b_16", "efficientnet_b0", "shufflenet_v2_x1_0")


def graph_of(name: str) -> Graph:
    options = {"init_weights": False} if name == "googlenet" else {}
    return trace(torchvision.models.get_model(name, **options).to("meta"), (3, 224, 224))


@cache
def outlined(name: str) -> Outline:
    return outline(graph_of(name))


def drawn(net: nn.Module) -> Outline:
    return outline(trace(net.to("meta"), (8, 16, 16)))


def ids(scene: Scene) -> list[str]:
    return [box.item.id for box in scene.boxes]


def edges(scene: Scene, jumps: bool) -> set[tuple[str, str]]:
    return {edge.ends for edge in scene.edges if edge.jumps == jumps}


def random_views(found: Outline, seed: int) -> list[View]:
    chance = random.Random(seed)
    names = [item.id for item in walk(found.written) if item.children]
    picks = [frozenset(chance.sample(names, chance.randrange(len(names) + 1))) for _ in range(6)]
    views = [View(opened, repeats=chance.random() < 0.5) for opened in picks]
    return [default_view(found), open_everything(found, View()), open_everything(found, View(repeats=False)), *views]


class Block(nn.Module):
    def __init__(self, dilation: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=dilation, dilation=dilation)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x)


@pytest.mark.parametrize("name", NETWORKS)
def test_ids_are_unique_and_the_same_whenever_the_network_is_built(name: str) -> None:
    found = outlined(name)
    for items in (found.written, found.folded):
        names = [item.id for item in walk(items)]
        assert len(set(names)) == len(names)
    again = outline(graph_of(name))
    assert [item.id for item in walk(again.folded)] == [item.id for item in walk(found.folded)]


@pytest.mark.parametrize("name", NETWORKS)
def test_the_boxes_add_up_to_the_network_in_every_view(name: str) -> None:
    found = outlined(name)
    params = found.graph.params
    assert params == torchvision.models.get_model_weights(name)["IMAGENET1K_V1"].meta["num_params"]
    for view in random_views(found, seed=1):
        boxes = visible(found, view).boxes
        assert sum(box.params for box in boxes) == params
        assert sum(box.macs for box in boxes) == found.graph.macs
        assert sum(box.memory for box in boxes) == sum(item.memory for item in found.written)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_box_is_reached_from_the_input_and_reaches_the_output(name: str) -> None:
    found = outlined(name)
    for view in random_views(found, seed=2):
        scene = visible(found, view)
        onwards, back = {"input"}, {"output"}
        for edge in sorted(scene.edges, key=lambda edge: ids(scene).index(edge.source)):
            onwards |= {edge.target} if edge.source in onwards else set()
        for edge in sorted(scene.edges, key=lambda edge: -ids(scene).index(edge.target)):
            back |= {edge.source} if edge.target in back else set()
        assert onwards == back == set(ids(scene))


def test_resnet_152_is_at_most_25_boxes_with_its_repeats_counted() -> None:
    scene = visible(outlined("resnet152"), default_view(outlined("resnet152")))
    assert len(scene.boxes) <= 25
    times = {box.item.id: box.item.times for box in scene.boxes}
    # He et al. 2015, Table 1: 3, 8, 36 and 3 blocks, the first of each with a projection
    assert [times[f"layer{stage}.{block}"] for stage in (1, 2, 3, 4) for block in (0, 1)] == [1, 2, 1, 7, 1, 35, 1, 2]


def test_at_first_all_blocks_of_a_class_are_open_or_none() -> None:
    found = outlined("efficientnet_b0")  # some MBConv blocks have a way around, others are plain chains
    opened = default_view(found).opened
    ops = {
        item.op: {other.id in opened for other in walk(found.folded) if other.op == item.op}
        for item in walk(found.folded)
    }
    assert ops["MBConv"] == {False}


def test_the_twelve_layers_of_vit_fold_into_one() -> None:
    layer = outlined("vit_b_16").find("encoder.layers.encoder_layer_0")
    assert layer and layer.times == 12 and layer.last == "encoder_layer_11"


def test_without_repeats_the_copies_are_shown_one_by_one() -> None:
    found = outlined("resnet152")
    scene = visible(found, View(frozenset({"layer3"}), repeats=False))
    assert [id for id in ids(scene) if id.startswith("layer3.")] == [f"layer3.{index}" for index in range(36)]


def test_an_opened_repeat_shows_one_copy_that_counts_for_all() -> None:
    found = outlined("resnet152")
    scene = visible(found, View(frozenset({"layer3", "layer3.1"})))
    conv = next(box for box in scene.boxes if box.item.id == "layer3.1.conv2")
    assert conv.params == 35 * 256 * 256 * 3 * 3
    assert not any(id.startswith("layer3.2") for id in ids(scene))
    assert ("layer3.1/relu-3" in ids(scene)) or any(edge.target == "layer4" for edge in scene.edges)


def test_items_nest_as_the_modules_do() -> None:
    found = outlined("resnet18")
    model = torchvision.models.resnet18()
    layers = {path for path, module in model.named_modules() if path and not list(module.children())}
    leaves = {item.id.partition("#")[0] for item in walk(found.written) if not item.children and "/" not in item.id}
    assert leaves - {"input", "output"} == layers
    assert [item.id for item in found.parents("layer1.0.conv1")] == ["layer1", "layer1.0"]
    conv = found.find("layer1.0.conv1")
    assert conv and found.items_of_node(conv.nodes[0])[-1] == conv
    assert [item.id for item in found.items_of_node(conv.nodes[0])] == ["layer1", "layer1.0", "layer1.0.conv1"]


def test_a_module_called_again_is_an_item_of_its_own() -> None:
    names = Counter(item.id.partition("#")[0] for item in walk(outlined("resnet18").written))
    assert names["layer1.0.relu"] == 2
    assert outlined("resnet18").find("layer1.0.relu#2", repeats=False)


def test_the_shortcut_is_marked_as_a_way_around() -> None:
    scene = visible(outlined("resnet18"), View(frozenset({"layer1", "layer1.0"})))
    assert edges(scene, jumps=True) == {("maxpool", "layer1.0/add")}
    assert ("layer1.0.bn2", "layer1.0/add") in edges(scene, jumps=False)


def test_edges_carry_the_shape_of_what_flows() -> None:
    scene = visible(outlined("resnet18"), View())
    shapes = {edge.ends: edge.shapes for edge in scene.edges}
    assert shapes["layer1", "layer2"] == ((64, 56, 56),)
    assert shapes["layer4", "avgpool"] == ((512, 7, 7),)


@pytest.mark.parametrize("name", ["densenet121", "densenet201"])
def test_a_dense_block_has_of_the_order_of_n_edges(name: str) -> None:
    found = outlined(name)
    scene = visible(found, open_everything(found, View(repeats=False)))
    assert sum(len(node.inputs) for node in found.graph.nodes) > 2 * len(scene.boxes)
    assert len(scene.edges) < 1.25 * len(scene.boxes)


def test_a_running_concatenation_says_how_much_it_takes() -> None:
    found = outlined("densenet121")
    scene = visible(found, View(frozenset({"features", "features.denseblock2"})))
    takes = {box.item.id.rpartition(".")[2]: box.takes for box in scene.boxes}
    assert takes["denselayer12"] == 12  # the block's input, and eleven layers


def test_what_does_nothing_is_passed_by_but_not_lost() -> None:
    found = drawn(nn.Sequential(nn.Conv2d(8, 8, 1), nn.Identity(), nn.Dropout(0.0), nn.ReLU()))
    scene = visible(found, View())
    assert ids(scene) == ["input", "0", "3", "output"]
    assert edges(scene, jumps=False) == {("input", "0"), ("0", "3"), ("3", "output")}
    assert len(found.graph.nodes) == 5


def test_equal_neighbours_fold_and_unequal_ones_do_not() -> None:
    chain = nn.Sequential(Block(), Block(), Block(2), Block(2), Block(2), Block())
    assert [(item.id, item.times) for item in drawn(chain).folded[1:-1]] == [("0", 2), ("2", 3), ("5", 1)]


def test_a_copy_whose_output_is_used_elsewhere_is_not_folded_away() -> None:
    class Pyramid(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.c, self.d = (Block() for _ in range(4))

        def forward(self, x: Tensor) -> Tensor:
            b = self.b(self.a(x))
            return self.d(self.c(b)) * b

    assert [(item.id, item.times) for item in drawn(Pyramid()).folded[1:-2]] == [("a", 2), ("c", 2)]


def test_branches_side_by_side_do_not_fold() -> None:
    class Fork(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = Block(), Block()

        def forward(self, x: Tensor) -> Tensor:
            return self.a(x) * self.b(x)

    assert [item.id for item in drawn(Fork()).folded] == ["input", "a", "b", "/mul", "output"]


def test_a_module_of_one_function_is_one_box() -> None:
    class Halve(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.flatten(1)

    item = drawn(nn.Sequential(Halve())).written[1]
    assert (item.id, item.op, item.kind, item.children) == ("0", "Halve", "reshape", ())


def test_a_broken_network_is_drawn_up_to_its_break() -> None:
    found = drawn(nn.Sequential(nn.Conv2d(8, 4, 1), nn.Conv2d(8, 4, 1)))
    assert ids(visible(found, View())) == ["input", "0", "output"]
    assert found.folded[-1] == Item("output", "stops here", "Error", "output", ())


def test_views_open_and_close() -> None:
    found = outlined("resnet18")
    view = open_one_level(found, View())
    assert {"layer1", "layer4"} <= view.opened and "layer1.0" not in view.opened
    assert fold_all(view) == View()
    assert toggle(found, toggle(found, view, "layer1"), "layer1") == view
    assert len(visible(found, open_everything(found, View(repeats=False))).boxes) == len(found.graph.nodes) + 1
    assert visible(found, replace(view, opened=view.opened | {"no such block"})) == visible(found, view)


def test_what_is_open_lies_in_what_is_open() -> None:
    found = outlined("resnet18")
    for repeats in (True, False):
        view = open_parents(found, View(frozenset({"layer2.0", "layer4.1.conv1", "no such block"}), repeats))
        assert view.opened == {"layer2", "layer2.0", "layer4", "layer4.1", "layer4.1.conv1", "no such block"}
        folded = toggle(found, view, "layer4")
        assert open_parents(found, folded) == folded and folded.opened == {"layer2", "layer2.0", "no such block"}


def test_too_many_boxes_are_refused_with_a_way_out() -> None:
    found = drawn(nn.Sequential(*(nn.Sequential(nn.Conv2d(8, 8, 1), nn.ReLU()) for _ in range(500))))
    assert count_items(found.folded, open_everything(found, View()).opened) == 4
    with pytest.raises(ValueError, match=r"1,002 boxes; at most 800 fit\. Fold"):
        open_everything(found, View(repeats=False))


class Unrolled(nn.Module):
    """As RAFT's: a loop whose functions stand in one `forward`, around a module."""

    def __init__(self, rounds: int) -> None:
        super().__init__()
        self.block, self.rounds = Block(), rounds

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(self.rounds):
            x = self.block(x.sin().cos().tan().exp().tanh())
        return x


def test_functions_of_an_unrolled_loop_are_one_box_that_opens() -> None:
    assert not [item for item in walk(drawn(Unrolled(10)).written) if item.title == "operations"]  # 60 can be read
    found = drawn(Unrolled(12))
    together = [item for item in found.written if item.title == "operations"]
    assert [[child.op for child in item.children] for item in together] == [["sin", "cos", "tan", "exp", "tanh"]] * 12
    assert [item.op for item in found.written[:3]] == ["Input", "5 operations", "Block"]
    inside = {name for item in found.written for name in item.nodes}
    assert inside == {node.name for node in found.graph.nodes}
    once = visible(found, View(frozenset({together[0].id}), repeats=False))
    assert len(once.boxes) == 1 + 5 + 23 + 1


class Row(nn.Module):
    """Nine hundred layers in one `forward`, no two neighbours alike."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(8 + at % 3, 8 + (at + 1) % 3) for at in range(900))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


def test_a_row_too_long_to_draw_is_cut_into_boxes_that_open() -> None:
    found = outline(trace(Row().to("meta"), (8,)))
    assert [item.op for item in found.written] == ["Input", *["50 parts"] * 18, "Output"]
    assert count_items(found.folded, default_view(found).opened) < 25
    assert sum(item.params for item in found.written) == found.graph.params
