"""Weights that no module registered, mapped functions, scripts, hooks, lazy layers: counted by hand, or by torch's
counter on real tensors."""

import io
from typing import Any

import pytest
import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.parameter import is_lazy
from torch.utils.flop_counter import FlopCounterMode

from explorer.analysis.model_summary import ModelSummary, count_graph, counted_facts, layer_csv, layer_rows
from explorer.analysis.op_costs import macs_sum, macs_words
from explorer.diagram.node_labels import node_cards, node_hover
from explorer.diagram.scene import visible
from explorer.graph.expansion import View
from explorer.graph.graph import Graph, SerializedGraph, from_json, to_json
from explorer.models import torchscript
from explorer.models.selection import ModelSelection
from explorer.models.spec import Spec
from explorer.tracing.recorder import NOT_SEEN, UNSEEN
from explorer.tracing.tensors import MADE_INSIDE, UNREGISTERED
from explorer.tracing.tracer import trace
from explorer.ui.explore.metrics import macs_help
from testing.calls import Calls

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:FutureWarning")  # TorchScript, which people still have


def torch_count(model: nn.Module, *shape: int) -> int:
    """Multiply-adds by torch's own counter, on real numbers."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.randn(1, *shape))
    return counter.get_total_flops() // 2


def in_turn(self: Any, x: Tensor) -> Tensor:
    for layer in self.layers:
        x = layer(x)
    return x


def sentences(graph: Graph) -> list[str]:
    return [said for _, said in graph.notes]


def test_layers_in_a_plain_list_are_counted_and_said() -> None:
    model = Calls(in_turn, layers=[nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 3, 3)])
    graph = trace(model, (3, 8, 8))
    assert graph.params == 8 * 3 * 9 + 8 + 3 * 8 * 9 + 3 == 443
    assert graph.macs == torch_count(model, 3, 8, 8) == 36 * 8 * 27 + 16 * 3 * 72
    assert graph.left_out == () and [node.op for node in graph.nodes] == ["Input", "conv2d", "relu", "conv2d"]
    assert sentences(graph) == [f"224 parameters {UNREGISTERED}", f"219 parameters {UNREGISTERED}"]
    assert graph.nodes[1].weights[0] == ("layers[0].weight", (8, 3, 3, 3))
    assert from_json(to_json(SerializedGraph("net", graph))).graph == graph


def test_weights_of_a_closure_and_of_a_plain_attribute() -> None:
    weight = nn.Parameter(torch.randn(4, 3, 3, 3))
    scale = torch.ones(4, 1, 1, requires_grad=True)
    model = Calls(lambda self, x: F.conv2d(x, weight) * self.scale + self.shift, scale=scale, shift=torch.ones(1))
    graph = trace(model, (3, 8, 8))
    assert graph.params == 4 * 27 + 4  # what is never learned is no parameter
    assert graph.macs == 36 * 4 * 27 and [name for name, _ in graph.notes] == ["1", "2"]
    assert model.scale is scale and scale.grad is None and not weight.is_meta


def test_a_closure_that_reads_a_registered_layer_reads_that_layer() -> None:
    model: Any = nn.Sequential(nn.Conv2d(3, 4, 3))
    model.add_module("then", Calls(lambda self, x: F.conv2d(x, model[0].weight.transpose(0, 1))))
    graph = trace(model, (3, 8, 8))
    assert graph.params == 112 and graph.notes == () and graph.macs == 36 * 108 + 16 * 108


def make_head(self: Any, x: Tensor) -> Tensor:
    x = self.conv(x).flatten(1)
    if self.head is None:
        self.head = nn.Linear(x.shape[1], 10)
    return self.head(x)


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_a_layer_made_inside_forward_is_counted_and_said_and_gone_afterwards(device: str) -> None:
    with torch.device(device):
        model = Calls(make_head, conv=nn.Conv2d(3, 4, 3), head=None)
    before = dict(vars(model)), dict(model._modules)
    graph = trace(model, (3, 18, 18))
    assert graph.params == 112 + 4 * 16 * 16 * 10 + 10 and graph.macs == 256 * 4 * 27 + 4 * 256 * 10
    assert sentences(graph) == [f"10,250 parameters {MADE_INSIDE}"]
    assert [name for name, _ in graph.nodes[-1].weights] == ["head.weight", "head.bias"]
    assert (vars(model), model._modules) == before and model.head is None


def test_what_a_network_keeps_for_the_next_time_is_gone_afterwards() -> None:
    def remembering(self: Any, x: Tensor) -> Tensor:
        if not self.kept:
            self.kept["bias"] = self.bias[[2, 1, 0]]
            self.calls.append(1)
        return x + self.kept["bias"]

    model = Calls(remembering, bias=nn.Parameter(torch.ones(3, 1, 1, device="meta")), kept={}, calls=[0])
    graph = trace(model, (3, 8, 8))
    assert graph.params == 3 and (model.kept, model.calls) == ({}, [0])
    assert trace(model, (3, 8, 8)) == graph


def four_at_once(self: Any, x: Tensor) -> Tensor:
    def one(weights: Any, buffers: Any, x: Tensor) -> Tensor:
        return torch.relu(torch.func.functional_call(self.base[0], (weights, buffers), (x,)))

    return torch.vmap(one, (0, 0, None))(self.weights, self.buffers_of, x).mean(0)


def test_an_ensemble_by_vmap_is_counted_once_by_what_it_reads() -> None:
    layers = [nn.Conv2d(3, 8, 3) for _ in range(4)]
    weights, buffers = torch.func.stack_module_state(layers)
    model = Calls(four_at_once, weights=weights, buffers_of=buffers, base=[layers[0]])
    graph = trace(model, (3, 8, 8))
    assert graph.params == 4 * (8 * 3 * 9 + 8) and graph.macs == 4 * 36 * 8 * 27 == torch_count(model, 3, 8, 8)
    assert [(node.op, node.inputs, node.shape) for node in graph.nodes[1:]] == [
        ("conv2d", ("0",), (4, 1, 8, 6, 6)),
        ("relu", ("1",), (4, 1, 8, 6, 6)),
        ("mean", ("2",), (8, 6, 6)),
    ]
    assert sentences(graph) == [f"896 parameters {UNREGISTERED}"]


def stacked(self: Any, x: Tensor) -> Tensor:
    weight = torch.stack([layer.weight for layer in self.layers])
    return torch.vmap(F.conv2d, (None, 0))(x, weight).sum(0)


def test_vmap_over_registered_weights_and_over_images() -> None:
    model = Calls(stacked, layers=nn.ModuleList(nn.Conv2d(3, 8, 3, bias=False) for _ in range(4)))
    graph = trace(model, (3, 8, 8))
    assert graph.params == 4 * 216 and graph.macs == 4 * 36 * 216 and graph.notes == () and len(graph.nodes) == 3
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
    each = trace(Calls(lambda self, x: torch.vmap(self.net)(x[:, None]).flatten(1), net=net), (3, 8, 8))
    assert each.params == 224 + 16 and each.macs == 36 * 216
    assert [node.shape for node in each.nodes if node.op == "Conv2d"] == [(1, 8, 6, 6)]
    assert each.nodes[-1].inputs and each.uncounted == ()


def test_functional_call_reads_the_weights_it_is_given() -> None:
    conv = nn.Conv2d(3, 8, 3)
    model = Calls(
        lambda self, x: torch.func.functional_call(self.conv, {"weight": self.scale * 2}, (x,)),
        conv=conv,
        scale=nn.Parameter(torch.ones(8, 3, 3, 3)),
    )
    graph = trace(model, (3, 8, 8))
    assert graph.params == 216 + 8 and graph.left_out == (("conv.weight", 216),) and graph.macs == 36 * 216
    own = torch.ones(8, 3, 3, 3, requires_grad=True)
    graph = trace(
        Calls(lambda self, x: torch.func.functional_call(self.conv, {"weight": own}, (x,)), conv=conv), (3, 8, 8)
    )
    assert graph.params == 216 + 8 and sentences(graph) == [f"216 parameters {UNREGISTERED}"]


def test_a_deformable_convolution_costs_what_a_plain_one_does() -> None:
    model = Calls(lambda self, x: self.deform(x, self.offset(x)), offset=nn.Conv2d(2, 18, 3, padding=1))
    model.deform = torchvision.ops.DeformConv2d(2, 16, 3, padding=1, stride=1)
    graph = trace(model, (2, 8, 8))
    assert graph.macs == 64 * (18 * 2 * 9) + 64 * (16 * 2 * 9) and graph.params == 18 * 18 + 18 + 16 * 18 + 16
    assert graph.nodes[2].attribute("kernel_size") == (3, 3) and graph.uncounted == ()


@pytest.mark.parametrize(
    ("layer", "macs"),
    [
        (nn.LSTM(8, 6, batch_first=True), 5 * 4 * 6 * (8 + 6)),
        (nn.GRU(8, 6, batch_first=True), 5 * 3 * 6 * (8 + 6)),
        (nn.RNN(8, 6, batch_first=True), 5 * 6 * (8 + 6)),
        # two layers both ways, of which the second reads both projections
        (nn.LSTM(8, 6, 2, batch_first=True, bidirectional=True, proj_size=3), 5 * 2 * (24 * (8 + 3) + 24 * 9 + 2 * 18)),
        (nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 5 * 8 * (24 + 8 + 32) + 2 * 2 * 5 * 5 * 4),
    ],
    ids=lambda value: type(value).__name__,
)
def test_fused_layers_by_hand(layer: nn.Module, macs: int) -> None:
    graph = trace(nn.Sequential(layer), (5, 8))
    assert graph.macs == macs and graph.uncounted == () and graph.broken == ""
    assert graph.params == sum(parameter.numel() for parameter in layer.parameters())


def test_products_with_vectors_count_one_for_each_number_of_the_matrix() -> None:
    graph = trace(
        Calls(lambda self, x: torch.dot(y := x.view(24, 8) @ self.w, y), w=nn.Parameter(torch.ones(8))), (3, 8, 8)
    )
    assert graph.macs == 24 * 8 + 24 and graph.params == 8


class Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        return (x @ weight).relu()


def test_a_custom_autograd_function_is_seen_into() -> None:
    model = Calls(lambda self, x: Product.apply(x, self.w) + 1, w=nn.Parameter(torch.ones(8, 8)))
    graph = trace(model, (3, 8, 8))
    assert (graph.params, graph.macs) == (64, 3 * 8 * 64) and graph.uncounted == ()
    assert [node.op for node in graph.nodes] == ["Input", "matmul", "relu", "add"]


@torch.library.custom_op("explorer_tests::product", mutates_args=())
def product(x: Tensor, weight: Tensor) -> Tensor:
    return x @ weight


product.register_fake(lambda x, weight: x.new_empty(*x.shape[:-1], weight.shape[1]))


def test_an_operator_without_a_formula_is_drawn_and_listed() -> None:
    model = Calls(lambda self, x: product(x, self.w) + 1, w=nn.Parameter(torch.ones(8, 6)))
    graph = trace(model, (3, 8, 8))
    assert [(node.op, node.params) for node in graph.nodes[1:]] == [("product", 48), ("add", 0)]
    [(name, why)] = graph.uncounted
    assert name == "1" and "explorer_tests::product" in why
    assert from_json(to_json(SerializedGraph("net", graph))).graph == graph
    [(name, why)] = trace(Calls(lambda self, x: torch.linalg.inv(x)), (3, 8, 8)).uncounted
    assert name == "1" and "linalg_inv" in why
    assert trace(Calls(lambda self, x: F.normalize(x) * torch.linalg.vector_norm(x)), (3, 8, 8)).uncounted == ()


def test_what_ran_without_being_seen_is_a_box_of_its_own() -> None:
    def hidden(self: Any, x: Tensor) -> Tensor:
        with torch._C.DisableTorchFunction():
            return self.conv(x) @ torch.ones(6, 6, device=x.device)

    graph = trace(Calls(hidden, conv=nn.Conv2d(3, 4, 3)), (3, 8, 8))
    assert graph.uncounted == ((graph.nodes[-1].name, UNSEEN),) and graph.nodes[-1].shape == (4, 6, 6)


@pytest.mark.parametrize("device", ["cpu", "meta"])
@pytest.mark.parametrize("written", ["parts", "views"])
def test_what_is_written_into_a_tensor_made_inside_is_found_in_it(device: str, written: str) -> None:
    def forward(self: Any, x: Tensor) -> Tensor:
        out = torch.zeros(1, 8, 8, 8)
        if written == "parts":
            out[:, :4] = self.one(x)
            out[:, 4:] = self.other(x)
        else:
            first, second = out.chunk(2, 1)
            first += self.one(x)
            second += self.other(x)
        return self.both(out)

    with torch.device(device):
        model = Calls(forward, one=nn.Conv2d(3, 4, 1), other=nn.Conv2d(3, 4, 1), both=nn.Conv2d(8, 2, 1))
    graph = trace(model, (3, 8, 8))
    write, second, last = ("setitem", ("2", "3"), ("4",)) if written == "parts" else ("add", ("3",), ("2", "4"))
    convs = [("Conv2d", ("0",)), (write, ("1",)), ("Conv2d", ("0",)), (write, second), ("Conv2d", last)]
    assert [(node.op, node.inputs) for node in graph.nodes[1:]] == convs
    assert graph.uncounted == () and graph.macs == 64 * (12 + 12 + 16)
    if device == "cpu":
        assert graph.macs == torch_count(model, 3, 8, 8)


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_hooks_that_change_data_are_run_and_drawn(device: str) -> None:
    with torch.device(device):
        model = nn.Sequential(nn.Conv2d(4, 8, 3), nn.ReLU(), nn.Conv2d(8, 2, 3))
    model[0].register_forward_pre_hook(lambda module, args: (args[0][:, :4],))
    model[1].register_forward_hook(lambda module, args, kwargs, out: out * 2, with_kwargs=True)
    hooks = [dict(module._forward_hooks) | dict(module._forward_pre_hooks) for module in model]
    graph = trace(model, (6, 8, 8))
    ops = ["Input", "getitem", "Conv2d", "ReLU", "mul", "Conv2d"]
    assert [node.op for node in graph.nodes] == ops and [node.inputs for node in graph.nodes[1:]] == [
        (str(at),) for at in range(5)
    ]
    assert graph.broken == "" and graph.macs == 36 * 8 * 36 + 16 * 2 * 72
    assert hooks == [dict(module._forward_hooks) | dict(module._forward_pre_hooks) for module in model]


def test_hooks_that_only_note_leave_no_trace() -> None:
    model, seen = nn.Sequential(nn.Conv2d(4, 8, 3), nn.ReLU(), nn.Conv2d(8, 2, 3)), []
    plain = trace(model, (4, 8, 8))
    model[0].register_forward_hook(lambda module, args, out: seen.append(out.abs().mean()))
    assert trace(model, (4, 8, 8)) == plain and len(seen) == 1
    model[1].register_forward_hook(lambda module, args, out: seen.append(out.abs().mean().item()))
    graph = trace(model, (4, 8, 8))
    assert graph.nodes == plain.nodes and graph.broken == ""
    [(name, why)] = graph.notes
    assert graph.by_name[name].op == "ReLU" and "a hook of 1 asks for the numbers" in why
    model(torch.randn(1, 4, 8, 8))
    assert len(seen) == 4 and seen[-1] > 0  # they run on real numbers afterwards


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_lazy_layers_are_materialised_on_a_copy(device: str) -> None:
    with torch.device(device):
        model: Any = nn.Sequential(
            *(nn.LazyConv2d(8, 3), nn.LazyBatchNorm2d(), nn.Conv2d(8, 4, 3), nn.Flatten(), nn.LazyLinear(10))
        )
    graph = trace(model, (3, 8, 8))
    assert [node.op for node in graph.nodes[1:]] == ["Conv2d", "BatchNorm2d", "Conv2d", "Flatten", "Linear"]
    assert graph.params == 224 + 16 + 292 + 650 and graph.macs == 36 * 216 + 16 * 288 + 640
    assert type(model[0]) is nn.LazyConv2d and is_lazy(model[0].weight) and model.training
    assert graph.blocks[1].kind == "Conv2d" and graph.left_out == () == graph.notes
    if device == "cpu":
        assert graph.macs == torch_count(model, 3, 8, 8)  # it runs on real numbers afterwards


def test_a_lazy_network_that_breaks_says_where() -> None:
    graph = trace(nn.Sequential(nn.LazyConv2d(8, 3), nn.Conv2d(9, 4, 3), nn.LazyLinear(10)), (3, 8, 8))
    assert (
        "1 (Conv2d)" in graph.broken
        and graph.params == 224
        and [node.op for node in graph.nodes] == ["Input", "Conv2d"]
    )


PLAIN = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3)).eval()


@pytest.mark.parametrize("kind", ["script", "trace", "loaded"])
def test_a_scripted_network_is_its_eager_one(kind: str) -> None:
    script: Any = torch.jit.trace(PLAIN, torch.zeros(1, 3, 8, 8)) if kind == "trace" else torch.jit.script(PLAIN)
    if kind == "loaded":
        torch.jit.save(script, file := io.BytesIO())
        file.seek(0)
        script = torch.jit.load(file)
    before = {name: value.clone() for name, value in script.state_dict().items()}
    graph = trace(script, (3, 8, 8))
    assert graph == trace(PLAIN, (3, 8, 8)) and graph.params == 808 and graph.macs == torch_count(PLAIN, 3, 8, 8)
    inside = trace(nn.Sequential(script, nn.ReLU()), (3, 8, 8))
    assert (inside.params, inside.macs, inside.uncounted) == (808, 36 * 216 + 16 * 576, ())
    assert all(torch.equal(value, before[name]) for name, value in script.state_dict().items())
    assert script(torch.ones(1, 3, 8, 8)).shape == (1, 8, 4, 4)


@pytest.mark.parametrize("how", ["script", "trace"])
def test_a_scripted_resnet_counts_as_torchvision_says(how: str) -> None:
    eager = torchvision.models.resnet18().eval()
    script: Any = torch.jit.trace(eager, torch.zeros(1, 3, 32, 32)) if how == "trace" else torch.jit.script(eager)
    graph, plain = trace(script, (3, 224, 224)), trace(eager, (3, 224, 224))
    assert graph.params == 11_689_512 and graph.macs == plain.macs == 1_814_073_344
    assert [node.inputs for node in graph.nodes] == [node.inputs for node in plain.nodes]
    assert graph.blocks == plain.blocks and graph.uncounted == () == graph.left_out


@torch.jit.script
def doubled(x: Tensor) -> Tensor:
    return x * 2 if x.dim() == 4 else x


class Branches(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.drop = nn.Conv2d(3, 3, 3, padding=1), nn.Dropout()

    def forward(self, x: Tensor) -> Tensor:
        outs: list[Tensor] = []
        for at in range(3):
            x = self.drop(torch.nn.functional.relu(self.conv(doubled(x))))
            if at > 0:
                outs.append(x)
        return torch.cat(outs, 1)


def test_loops_lists_and_functions_of_a_script() -> None:
    graph = trace(torch.jit.script(Branches()), (3, 8, 8))
    assert graph.params == 84 and graph.macs == 3 * 64 * 81 and graph.broken == ""
    assert [node.op for node in graph.nodes[1:]] == [*("mul", "Conv2d", "relu", "Dropout") * 3, "cat"]
    assert len(graph.nodes[-1].inputs) == 2 and graph.nodes[-1].shape == (6, 8, 8)


def test_a_script_that_cannot_be_looked_into_is_a_closed_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torchscript, "is_known", lambda node: False)
    graph = trace(nn.Sequential(torch.jit.script(PLAIN), nn.Conv2d(8, 2, 1)), (3, 8, 8))
    assert [(node.op, node.params, node.shape) for node in graph.nodes[1:]] == [
        ("Sequential", 808, (8, 4, 4)),
        ("Conv2d", 18, (2, 4, 4)),
    ]
    assert (
        graph.uncounted == (("1", NOT_SEEN.format(808)),) and graph.macs == 16 * 16 and graph.nodes[1].inputs == ("0",)
    )


def test_what_is_not_counted_is_said_wherever_the_sum_is() -> None:
    model = Calls(
        lambda self, x: product(self.conv(x), self.w) + 1, conv=nn.Conv2d(3, 4, 3), w=nn.Parameter(torch.ones(6, 5))
    )
    graph = trace(model, (3, 8, 8))
    counts = count_graph(graph)
    assert (counts.uncounted, counts.macs, macs_words(graph, None, graph.macs)) == (1, 36 * 108, "≥ 3.89 k")
    assert "at least: what 1 of its operations multiply is not known" in counted_facts(counts)[1].note
    assert "unknown: explorer_tests::product" in macs_sum(graph.by_name["2"], graph).text
    assert count_graph(trace(PLAIN, (3, 8, 8))).uncounted == 0
    summary = ModelSummary(Spec("own", "net"), graph)
    header, *rows = layer_csv(summary).splitlines()
    said = macs_help(ModelSelection("model_defs", "LeNet"), summary)
    assert "At least so many" in said and "operation 2: explorer_tests::product" in said
    assert header.endswith(",remarks") and "explorer_tests::product" in rows[2] and "explorer_tests" not in rows[1]


def test_boxes_and_layers_say_what_was_not_counted_in_them() -> None:
    inner = Calls(
        lambda self, x: product(self.conv(x), self.w), conv=nn.Conv2d(3, 4, 3), w=nn.Parameter(torch.ones(6, 5))
    )
    graph = trace(nn.Sequential(inner, nn.Conv2d(4, 2, 1)), (3, 8, 8))
    summary = ModelSummary(Spec("own", "net"), graph)
    scene = visible(summary.outline, View(frozenset()))
    cards, boxes = node_cards(scene, graph, "LR"), {box.item.id: box for box in scene.boxes}
    assert cards["0"].details == ("142 params · ≥ 3.89 k MACs",)
    assert "MACs" not in " ".join(cards["1"].details)  # a layer's settings alone
    assert "≥ 3.89 k MACs" in node_hover(boxes["0"], graph, {})
    assert f"{30 * 8} MACs" in node_hover(boxes["1"], graph, {})  # of a sum that lacks some it is no known part
    opened = visible(summary.outline, View(frozenset({"0"})))
    assert node_cards(opened, graph, "LR")["0/product"].details[-1] == "MACs unknown"
    assert [row["MACs"] for row in layer_rows(summary)] == [0, 36 * 108, None, 30 * 8]
