"""What is kept of one picture, against forward hooks that copy and sums by hand; and the networks opened for it."""

import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.activations.activations import ActivationCache, Activations, activations
from explorer.activations.networks import Look, live_network, spec_of_plan
from explorer.datasets.drawings import drawings
from explorer.graph.graph import Graph, Node
from explorer.models.spec import Spec, build, inputs_of
from explorer.tracing.tracer import graph_of
from explorer.training.engine import build_network
from explorer.training.plan import Plan, parse_plan
from explorer.training.recipe import Recipe
from explorer.training.results.predictions import Intake, probabilities, read_intake
from explorer.training.runs.pretrained_weights import of_run, shipped_head, ships, weights_of
from explorer.training.runs.recorded_runs import collection
from explorer.training.runs.store import Store

pytestmark = pytest.mark.usefixtures("one_thread")

SMALL = (("image_size", 32), ("num_classes", 10))
ZOO = {
    "ResNet-20": Spec("model_defs", "CIFAR ResNet", (("depth", 20), ("width", 8))),
    "MobileNetV2": Spec("model_defs", "MobileNetV2", (("width", 0.25), *SMALL)),
    "ShuffleNetV2": Spec("model_defs", "ShuffleNetV2", (("channels", (24, 48, 96)), ("units", (2, 2, 2)), *SMALL)),
    "SE-ResNet": Spec("model_defs", "SE-ResNet", (("blocks", (1, 1, 1, 1)), ("group_width", 8), *SMALL)),
    "EfficientNet-B0": Spec("model_defs", "EfficientNet", SMALL),
    "ViT": Spec("model_defs", "ViT", (("patch", 8), ("depth", 2), ("width", 64), ("heads", 4), *SMALL)),
    "resnet18": Spec("torchvision", "resnet18", (("image_size", 64),)),
    "densenet121": Spec("torchvision", "densenet121", (("image_size", 32),)),
    "shufflenet": Spec("torchvision", "shufflenet_v2_x0_5", (("image_size", 64),)),
    "googlenet": Spec("torchvision", "googlenet", (("image_size", 64),)),
}
PLAN = Plan(Spec("model_defs", "CIFAR ResNet", (("depth", 8), ("width", 4))), "shapes10", Recipe(steps=1, size=16))
INTAKE = Intake(tuple("abcdefghij"), (3, 16, 16), (0.5, 0.4, 0.3), (0.2, 0.3, 0.4))


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@cache
def seen_of(name: str) -> tuple[nn.Module, Tensor, Activations]:
    """A network in evaluation mode, a picture, and what was kept of it."""
    model = build(ZOO[name]).eval()
    image = noise(*inputs_of(ZOO[name], model)[0].shape)
    return model, image, activations(model, image)


def plain(model: nn.Module, image: Tensor) -> Tensor:
    with torch.no_grad():
        return model(image[None])[0]


def hooked_run(model: nn.Module, image: Tensor) -> dict[str, Tensor]:
    """What every childless module that was called once gave, copied at once; those that only hand on have no box."""
    seen: dict[str, Tensor] = {}
    calls: Counter[str] = Counter()

    def look(path: str, module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
        calls[path] += 1
        if out is not given[0] or type(module).__module__.startswith("torch.nn"):
            seen[path] = out.clone()[0]

    leaves = [(path, module) for path, module in model.named_modules() if not module._modules]
    handles = [module.register_forward_hook(partial(look, path)) for path, module in leaves]
    plain(model, image)
    for handle in handles:
        handle.remove()
    return {path: out for path, out in seen.items() if calls[path] == 1}


def last_of(seen: Activations, path: str) -> Tensor:
    """What the innermost module gave at its end."""
    return seen.outputs[[node for node in seen.graph.nodes if node.path and node.path[-1] == path][-1].name]


def of_op(seen: Activations, op: str) -> Tensor:
    (node,) = [node for node in seen.graph.nodes if node.op == op]
    return seen.outputs[node.name]


def said_of(nodes: tuple[Node, ...]) -> list[tuple[Any, ...]]:
    return [(node.name, node.op, node.inputs, node.shape) for node in nodes]


@pytest.mark.parametrize("name", ZOO)
def test_every_layer_called_once_gave_bit_for_bit_what_a_hook_copies(name: str) -> None:
    model, image, seen = seen_of(name)
    copies = hooked_run(model, image)
    assert len(copies) >= 15
    assert [path for path, copy in copies.items() if not torch.equal(last_of(seen, path), copy)] == []
    assert torch.equal(list(seen.outputs.values())[-1], plain(model, image))
    assert torch.equal(seen.outputs["0"], image)


@pytest.mark.parametrize("name", ZOO)
def test_the_nodes_are_those_of_the_picture_and_each_output_has_the_shape_of_its_node(name: str) -> None:
    seen, graph = seen_of(name)[2], graph_of(ZOO[name])
    assert said_of(seen.graph.nodes) == said_of(graph.nodes)
    assert {at: tuple(each.shape) for at, each in seen.outputs.items()} == {n.name: n.shape for n in graph.nodes}
    assert seen.size == sum(math.prod(node.shape) * 4 for node in graph.nodes)


def test_a_convolution_before_an_in_place_relu_keeps_its_negatives() -> None:
    conv = nn.Conv2d(1, 1, 1)
    conv.weight.data.fill_(2)
    conv.bias.data.fill_(-1)  # type: ignore[union-attr]
    seen = activations(nn.Sequential(conv, nn.ReLU(inplace=True)), torch.tensor([[[1.0, -2.0, 0.0]]]))
    assert of_op(seen, "Conv2d").flatten().tolist() == [1, -5, -1]  # 2x - 1
    assert of_op(seen, "ReLU").flatten().tolist() == [1, 0, 0]


class Sums(nn.Module):
    """Functions alone."""

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(x) + x
        both = torch.cat((x, y), 1)
        return torch.matmul(both[:, :, 0], both[:, :, 0].transpose(1, 2)).softmax(-1)


def test_functions_have_an_output_too() -> None:
    seen = activations(Sums(), torch.tensor([[[1.0, -2.0]]]))
    assert of_op(seen, "relu").tolist() == [[[1, 0]]]
    assert of_op(seen, "add").tolist() == [[[2, -2]]]
    assert of_op(seen, "cat").tolist() == [[[1, -2]], [[2, -2]]]
    assert of_op(seen, "matmul").tolist() == [[5, 6], [6, 8]]  # 1 + 4, 2 + 4; 4 + 4
    e = math.e
    expected = [1 / (1 + e), e / (1 + e), 1 / (1 + e**2), e**2 / (1 + e**2)]  # of 5 and 6, and of 6 and 8
    assert of_op(seen, "softmax").flatten().tolist() == pytest.approx(expected)


def test_the_module_is_left_as_it_was_and_no_gradient_is_recorded() -> None:
    model, image = build(PLAN.spec).train(), noise(3, 32, 32)
    model.get_submodule("stage1").eval()
    model.get_submodule("stem").register_forward_hook(lambda module, given, out: None)
    before = {path: (module.training, set(vars(module))) for path, module in model.named_modules()}
    hooks = dict(model.get_submodule("stem")._forward_hooks)
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    seen = activations(model, image)
    assert {each.requires_grad for each in seen.outputs.values()} == {False}
    for path, module in model.named_modules():
        assert (module.training, set(vars(module))) == before[path] and "forward" not in vars(module)
    assert dict(model.get_submodule("stem")._forward_hooks) == hooks
    now = model.state_dict()
    assert now.keys() == state.keys() and all(torch.equal(now[name], state[name]) for name in state)
    assert torch.equal(plain(model.eval(), image), seen.outputs[seen.graph.nodes[-1].name])
    assert model(image[None]).requires_grad


@pytest.mark.parametrize("strange", [math.nan, math.inf])
def test_the_first_bad_one_is_the_layer_whose_weights_are_not_numbers(strange: float) -> None:
    model = build(PLAN.spec)
    assert activations(model, noise(3, 32, 32)).first_bad == ""
    model.get_parameter("stage2.0.conv2.weight").data[3, 0, 1, 1] = strange
    seen = activations(model, torch.ones(3, 32, 32))
    assert seen.graph.by_name[seen.first_bad].path[-1] == "stage2.0.conv2"
    model.get_buffer("stem.1.running_mean")[0] = strange
    seen = activations(model, torch.ones(3, 32, 32))
    assert seen.graph.by_name[seen.first_bad].path[-1] == "stem.1"


class Stopping(nn.Conv2d):
    def forward(self, input: Tensor) -> Tensor:
        if super().forward(input).amax() > 100:
            raise RuntimeError("the numbers are too large for me")
        return input


def test_a_network_that_stops_says_so_in_a_sentence_and_is_left_as_it_was() -> None:
    model = nn.Sequential(Stopping(3, 4, 1))
    nn.init.ones_(model.get_parameter("0.weight"))
    with pytest.raises(ValueError, match=r"^0 \(Stopping\) stopped at .*: the numbers are too large for me"):
        activations(model, torch.full((3, 2, 2), 99.0))
    with pytest.raises(ValueError, match=r"^0 \(Stopping\) stopped at conv2d on 1×5×2×2 .*: it takes 3 channels"):
        activations(model, noise(5, 2, 2))
    assert model.training and not any("forward" in vars(module) for module in model.modules())


def test_more_memory_than_there_is_to_be_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    model, image = nn.Sequential(nn.Conv2d(1, 2, 1)), torch.ones(1, 2, 2)
    monkeypatch.setattr("explorer.activations.activations.MOST", 4 * 4 + 8 * 4)  # the picture, and two of its size
    assert activations(model, image).size == 48
    monkeypatch.setattr("explorer.activations.activations.MOST", 47)
    with pytest.raises(ValueError, match="takes more than 47 B: choose a smaller image"):
        activations(model, image)
    assert "forward" not in vars(model[0]) and model(image[None]).shape == (1, 2, 2, 2)


def test_hooks_that_only_look_shift_no_names_and_hooks_that_change_are_followed() -> None:
    model, image, told = build(PLAN.spec).eval(), noise(3, 32, 32), list[float]()
    alone = activations(model, image)

    def look(module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
        told.append(float((out.detach().clone() * 2).abs().mean()))

    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.register_forward_hook(look)
    seen = activations(model, image)
    assert len(told) == len(norms) and said_of(seen.graph.nodes) == said_of(alone.graph.nodes)
    assert seen.outputs.keys() == alone.outputs.keys()
    assert all(torch.equal(each, alone.outputs[at]) for at, each in seen.outputs.items())
    model.get_submodule("stage1").register_forward_hook(lambda *call: call[-1] * 3)
    seen = activations(model, image)
    assert {at: tuple(each.shape) for at, each in seen.outputs.items()} == {n.name: n.shape for n in seen.graph.nodes}
    assert len(seen.outputs) == len(alone.outputs) + 1
    assert torch.equal(seen.outputs[seen.graph.nodes[-1].name], plain(model, image))


def test_eight_threads_on_one_module_get_each_its_own_picture_and_disturb_nobody_who_only_runs_it() -> None:
    model = build(PLAN.spec).eval()
    images = [noise(3, 32, 32, seed=seed) for seed in range(8)]
    alone = [activations(model, image) for image in images]
    answers = [plain(model, image) for image in images]
    with ThreadPoolExecutor(10) as threads:
        found = threads.map(partial(activations, model), images)
        told = threads.map(partial(plain, model), images)
    for one, other in zip(alone, found, strict=True):
        assert one.outputs.keys() == other.outputs.keys()
        assert all(torch.allclose(each, other.outputs[at], atol=1e-5) for at, each in one.outputs.items())
    assert all(torch.allclose(one, other, atol=1e-5) for one, other in zip(answers, told, strict=True))


def kept(numbers: int) -> Activations:
    """Of four bytes each."""
    return Activations(Graph(()), {"0": torch.zeros(numbers)})


def test_the_cache_makes_once_and_lets_the_one_go_that_was_longest_not_asked_for() -> None:
    made, cache_of = list[str](), ActivationCache(100)

    def ask(key: str, numbers: int) -> int:
        return cache_of.get(key, lambda: made.append(key) or kept(numbers)).size

    assert [ask("a", 10), ask("b", 10), ask("a", 10)] == [40, 40, 40] and made == ["a", "b"]
    assert ask("c", 10) == 40  # 120 bytes: b was asked for before a was again
    assert [ask("a", 10), ask("c", 10)] == [40, 40] and made == ["a", "b", "c"]
    assert ask("b", 5) == 20 and ask("c", 10) == ask("a", 10) == 40 and made == ["a", "b", "c", "b"]  # 100 fit
    assert [ask("large", 50), ask("large", 50)] == [200, 200] and made[4:] == ["large"]
    assert ask("a", 10) == 40 and ask("large", 50) == 200 and made[5:] == ["a", "large"]


def trained() -> nn.Module:
    """As a run would leave it, with averages in its norms."""
    model = build_network(PLAN, INTAKE.shape, 10, torch.device("cpu")).eval()
    for at, norm in enumerate(each for each in model.modules() if isinstance(each, nn.BatchNorm2d)):
        norm.running_mean = noise(norm.num_features, seed=at)
    return model


def test_a_network_opened_with_a_runs_weights_is_the_one_that_was_built() -> None:
    model, image = trained(), noise(3, 16, 16)
    live = live_network("a run", spec_of_plan(PLAN, INTAKE), model.state_dict(), INTAKE)
    assert not any(module.training for module in live.model.modules())
    assert torch.allclose(plain(live.model, image), plain(model, image), atol=1e-6)
    assert said_of(activations(live.model, image).graph.nodes) == said_of(graph_of(live.spec).nodes)


def test_weights_that_do_not_fit_are_refused_in_a_sentence() -> None:
    state = trained().state_dict()
    first, weight = next(iter(state.items()))
    lacking = {name: each for name, each in state.items() if name != first}
    for each in ({**state, "stranger": weight}, {**state, first: weight[:1]}, lacking):
        with pytest.raises(ValueError, match=r"^These weights do not fit a run: the network .* has changed .*\.$"):
            live_network("a run", spec_of_plan(PLAN, INTAKE), each, INTAKE)


def test_the_likeliest_classes_are_those_of_the_softmax() -> None:
    model, picture = trained(), (noise(3, 16, 16).abs() * 90).clamp(0, 255).to(torch.uint8)
    live = live_network("a run", spec_of_plan(PLAN, INTAKE), model.state_dict(), INTAKE)
    means, stds = (torch.tensor(each).view(3, 1, 1) for each in ((0.5, 0.4, 0.3), (0.2, 0.3, 0.4)))
    powers = [math.exp(each) for each in plain(model, (picture / 255 - means) / stds).tolist()]
    chances = sorted(zip((each / sum(powers) for each in powers), "abcdefghij", strict=True), reverse=True)
    found = Look(live, picture, "noise", activations(live.model, INTAKE.numbers(picture))).likeliest(4)
    assert [name for name, _ in found] == [name for _, name in chances[:4]]
    assert [chance for _, chance in found] == pytest.approx([chance for chance, _ in chances[:4]], rel=1e-4)


@pytest.mark.parametrize("run", list(filter(ships, collection().runs())), ids=lambda run: run.title)
def test_what_ships_answers_as_where_it_is_asked_for_its_predictions(run: Any, tmp_path: Path) -> None:
    intake, store = read_intake(shipped_head(run)), Store(tmp_path / "store")
    live = live_network(run.title, spec_of_plan(parse_plan(run.plan), intake), of_run(run.id, store), intake)
    state = weights_of(run, store).state  # type: ignore[union-attr]
    for drawing in (drawings()[0], drawings()[17], drawings()[39]):
        fitted = intake.fitted(drawing.image)
        look = Look(live, drawing.image, drawing.name, activations(live.model, intake.numbers(fitted)))
        chances = dict(zip(intake.classes, probabilities(run.plan, state, intake, fitted), strict=True))
        assert dict(look.likeliest(len(intake.classes))) == pytest.approx(chances, abs=1e-6)
