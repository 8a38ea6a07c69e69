"""The graph says what torch's own counter, torchvision's metadata and hand arithmetic say."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
import torchvision
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from explorer.graph.graph import Graph
from explorer.models.sources import timm_names, torchvision_names
from explorer.models.spec import Spec, build, inputs_of
from explorer.tracing.tracer import graph_of, trace
from model_defs import CATALOG
from testing.networks import torch_macs

ours = [Spec("model_defs", name, preset.options) for name, a in CATALOG.items() for preset in a.presets]
every_timm = pytest.mark.parametrize("name", timm_names()[::40])


def checked(spec: Spec) -> Graph:
    """The graph, held against the network it is of."""
    model = build(spec, "meta")
    shape = inputs_of(spec, model)[0].shape
    graph = trace(model, shape)
    assert graph.broken == ""
    assert graph.params + sum(count for _, count in graph.left_out) == sum(p.numel() for p in model.parameters())
    assert [node.name for node in graph.nodes[1:] if not node.inputs] == []
    assert graph.macs == torch_macs(model, shape)
    return graph


@pytest.mark.parametrize("name", torchvision_names())
def test_torchvision_is_counted_as_torch_and_its_metadata_count(name):
    graph = checked(Spec("torchvision", name))
    meta = next(iter(torchvision.models.get_model_weights(name))).meta
    assert graph.macs / 1e9 == pytest.approx(meta["_ops"], abs=6e-4)
    assert bool(graph.left_out) == (name in ("googlenet", "inception_v3"))  # their auxiliary heads
    assert graph.params == meta["num_params"] - (0 if name != "inception_v3" else sum(n for _, n in graph.left_out))


@pytest.mark.parametrize("spec", ours, ids=lambda spec: f"{spec.name}{dict(spec.options)}"[:60])
def test_our_presets_are_counted_as_torch_counts_them(spec):
    checked(spec)


COUNTED = (
    *(Spec("torchvision", name) for name in ("resnet18", "vit_b_32", "swin_v2_t", "maxvit_t", "convnext_tiny")),
    *(Spec("torchvision", name) for name in ("googlenet", "regnet_y_400mf", "mobilenet_v3_small")),
    *(Spec("timm", name) for name in ("davit_tiny", "xcit_nano_12_p16_224", "edgenext_small")),
)


@pytest.mark.parametrize("spec", COUNTED, ids=lambda spec: spec.name)
def test_torchs_formulas_alone_give_what_its_whole_counter_gives(spec):
    """The counter proper takes several times as long, so that most networks are held against its formulas."""
    model = build(spec, "meta").eval().requires_grad_(False)
    shape = inputs_of(spec, model)[0].shape
    with FlopCounterMode(display=False) as counter:
        model(torch.empty(1, *shape, device="meta"))
    assert torch_macs(model, shape) == counter.get_total_flops() // 2 > 0


@every_timm
def test_strangers_are_counted_as_torch_counts_them(name):
    checked(Spec("timm", name))


@pytest.mark.slow
@pytest.mark.parametrize("name", timm_names()[::4])
def test_hundreds_of_strangers_are_counted_as_torch_counts_them(name):
    checked(Spec("timm", name))


class Odd(nn.Module):
    """A layer called twice, a token, a scale no layer owns, a functional convolution, a matmul, a dead parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Linear(8, 8)
        self.token = nn.Parameter(torch.zeros(1, 1, 8))
        self.scale = nn.Parameter(torch.ones(8))
        self.filter = nn.Parameter(torch.zeros(8, 3, 4, 4))
        self.unused = nn.Parameter(torch.zeros(5))

    def forward(self, x):
        x = F.conv2d(x, self.filter, stride=4)  # (1, 8, 4, 4)
        x = x.flatten(2).transpose(1, 2)  # (1, 16, 8)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1)  # (1, 17, 8)
        x = x + self.scale * self.mix(F.gelu(self.mix(x)))
        x += x @ x.transpose(1, 2) @ x
        x[:, 0] = x.mean(1)
        return x


def test_what_no_layer_owns_is_counted_once():
    model = Odd()
    graph = trace(model, (3, 16, 16))
    assert graph.params == (8 * 8 + 8) + 8 + 8 + 8 * 3 * 4 * 4
    assert graph.left_out == (("unused", 5),)
    assert graph.macs == 16 * 8 * 3 * 4 * 4 + 2 * 17 * 8 * 8 + 2 * 17 * 17 * 8
    assert [node.params for node in graph.nodes if node.op == "Linear"] == [72, 0]
    assert all(node.inputs for node in graph.nodes[1:])


def test_skips_concatenations_and_gates_are_what_they_are():
    graph = graph_of(Spec("model_defs", "ResNet"))
    adds = [node for node in graph.nodes if node.op == "add"]
    assert len(adds) == 16 and all(len(node.inputs) == 2 for node in adds)
    dense = graph_of(Spec("torchvision", "densenet121"))
    assert max(len(node.inputs) for node in dense.nodes if node.op == "cat") == 25
    squeeze = graph_of(Spec("torchvision", "mobilenet_v3_large"))
    assert sum(node.op == "mul" for node in squeeze.nodes) == 8


def test_the_traced_module_is_left_as_it_was():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(), nn.ReLU())
    model[2].eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    graph = trace(model, (3, 8, 8))
    assert [module.training for module in model.modules()] == modes
    assert all(not module._forward_hooks and not module._forward_pre_hooks for module in model.modules())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert [node.op for node in graph.nodes] == ["Input", "Conv2d", "BatchNorm2d", "Dropout", "ReLU"]


def test_hooks_run_on_shapes_and_are_kept():
    model, seen = nn.Sequential(nn.utils.spectral_norm(nn.Linear(4, 4)), nn.ReLU()), []
    hook = model[1].register_forward_hook(lambda *args: seen.append(args))
    assert trace(model, (4,)).macs >= 16
    assert len(seen) == 1 and seen[0][2].is_meta and list(model[1]._forward_hooks) == [hook.id]


def test_eight_threads_trace_while_a_ninth_trains():
    specs = [Spec("torchvision", name) for name in ("resnet18", "vit_b_32", "shufflenet_v2_x1_0", "regnet_y_400mf")]
    alone = [trace(build(spec, "meta"), (3, 224, 224)) for spec in specs]
    stop, steps, failures = threading.Event(), [0], []

    def learn() -> None:
        model = build(Spec("model_defs", "ResNet", (("block", "basic"), ("blocks", (1, 1, 1, 1)), ("width", 8))))
        optimizer = torch.optim.SGD(model.parameters(), 0.01)
        try:
            while not stop.is_set():
                model(torch.randn(2, 3, 32, 32)).sum().backward()
                optimizer.step()
                steps[0] += 1
        except Exception as error:
            failures.append(error)

    learner = threading.Thread(target=learn)
    learner.start()
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda spec: trace(build(spec, "meta"), (3, 224, 224)), specs * 6))
    stop.set()
    learner.join()
    assert together == alone * 6
    assert steps[0] > 0 and failures == []


def test_one_module_may_be_traced_by_many_threads_at_once():
    model = build(Spec("torchvision", "resnet18"))
    alone = trace(model, (3, 64, 64))
    with ThreadPoolExecutor(8) as pool:
        assert all(graph == alone for graph in pool.map(lambda _: trace(model, (3, 64, 64)), range(24)))


def test_a_broken_network_is_drawn_up_to_the_break():
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(100, 10))
    graph = trace(model, (3, 8, 8))
    assert [node.op for node in graph.nodes] == ["Input", "Conv2d", "ReLU", "Flatten"]
    assert "3 (Linear)" in graph.broken and "1×288" in graph.broken and "10×100" in graph.broken


def test_an_image_too_small_is_a_finding_with_two_shapes():
    graph = trace(build(Spec("torchvision", "vgg16"), "meta"), (4, 64, 64))
    assert "features.0 (Conv2d)" in graph.broken and "1×4×64×64" in graph.broken and "64×3×3×3" in graph.broken


class Careful(nn.Module):
    """Goes on where a part of it fails."""

    def __init__(self) -> None:
        super().__init__()
        self.fails, self.goes = nn.Sequential(nn.Linear(3, 3)), nn.Conv2d(3, 4, 3)

    def forward(self, x):
        try:
            return self.fails(x)
        except RuntimeError:
            return self.goes(x)


def test_an_error_that_the_network_catches_leaves_no_trace():
    graph = trace(Careful(), (3, 8, 8))
    assert graph.broken == "" and [node.path for node in graph.nodes] == [(), ("goes",)]
    assert "goes (Conv2d) stopped" in trace(Careful(), (4, 8, 8)).broken


def test_a_forward_that_somebody_put_on_the_instance_is_followed_and_kept():
    model = nn.Sequential(nn.ReLU(), nn.Identity())
    theirs = model[0].forward = lambda x: x * 2
    assert [(node.op, node.path) for node in trace(model, (3, 8, 8)).nodes[1:2]] == [("ReLU", ("0",))]
    assert vars(model[0])["forward"] is theirs and "forward" not in vars(model[1])
