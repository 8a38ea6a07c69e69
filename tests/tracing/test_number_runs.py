"""A network that asks for values, run once on real numbers: the way it took, in a process that can be stopped."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torchvision
from torch import Tensor, nn

from explorer.models.inputs import arguments_of, takes_picture
from explorer.models.selection import ModelSelection, decode_selection
from explorer.models.sources import OWN, named_model
from explorer.models.spec import Spec
from explorer.subprocess_client import STOPPED
from explorer.tracing.failures import wants_numbers
from explorer.tracing.number_runs import NumberRuns
from explorer.tracing.number_runs_worker import numbers
from explorer.tracing.tracer import graph_of, trace, trace_run
from explorer.url_params import encode_query
from testing.waiting import until

CODE = """
import time
import torch
from torch import nn

class Fork(nn.Module):
    '''Three by three where the seed's noise is bright, five by five where it is not.'''
    def __init__(self):
        super().__init__()
        self.near, self.far = nn.Conv2d(1, 1, 3, padding=1), nn.Conv2d(1, 1, 5, padding=2)
    def forward(self, x):
        return self.near(x) if x.flatten()[0] > 0.5 else self.far(x)

class Endless(nn.Module):
    def forward(self, x):
        while x.mean() > -1:
            time.sleep(0.01)
        return x

class Breaks(nn.Module):
    def forward(self, x):
        if x.mean() > -1:
            raise RuntimeError("the fuse has blown")
        return x
"""


class Fork(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem, self.yes, self.no = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 8, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        return self.yes(x) if x.mean() > 0 else self.no(x)


@pytest.fixture
def runs() -> Iterator[NumberRuns]:
    found = NumberRuns()
    yield found
    found.client.end()


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Spec]]:
    name = f"forks_{os.getpid()}"
    (tmp_path / f"{name}.py").write_text(CODE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    specs = {kind: Spec("own", f"{name}:{kind}", seed=0) for kind in ("Fork", "Endless", "Breaks")}
    for spec in specs.values():
        OWN[spec.name] = named_model(spec.name, arguments_of((1, 8, 8)))
    yield specs
    for spec in specs.values():
        del OWN[spec.name]


@pytest.mark.parametrize(
    "name",
    ["resnet18", "shufflenet_v2_x0_5", "densenet121", "mobilenet_v3_small", "swin_t", "convnext_tiny", "vit_b_32"],
)
def test_a_network_that_asks_nothing_takes_the_same_way_as_on_shapes_with_the_same_settings(name: str) -> None:
    side = 224 if name == "vit_b_32" else 64
    model, inputs = torchvision.models.get_model(name).eval(), arguments_of((3, side, side))
    ran = trace_run(model, inputs, {"": torch.rand(1, 3, side, side)})
    assert ran.nodes == trace(model, inputs).nodes
    assert (ran.left_out, ran.uncounted, ran.broken) == ((), (), "")


@pytest.mark.parametrize(("brightness", "way", "macs"), [(1.0, "yes", 4 * 4 * 9 * 64), (-1.0, "no", 4 * 8 * 64)])
def test_the_numbers_decide_which_way_is_drawn(brightness: float, way: str, macs: int) -> None:
    model = Fork().eval()
    nn.init.constant_(model.stem.bias, brightness)  # type: ignore[arg-type]
    nn.init.zeros_(model.stem.weight)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    assert wants_numbers(trace(model, (3, 8, 8)))
    graph = trace_run(model, arguments_of((3, 8, 8)), {"": torch.rand(1, 3, 8, 8)})
    assert [node.path for node in graph.nodes if node.kind == "convolution"] == [("stem",), (way,)]
    assert graph.macs == 3 * 4 * 9 * 64 + macs
    other = "no" if way == "yes" else "yes"
    assert dict(graph.left_out).keys() == {f"{other}.weight", f"{other}.bias"}
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_it_is_run_in_a_process_and_found_by_its_seed(runs: NumberRuns, own: dict[str, Spec]) -> None:
    ways = {}
    for seed in range(8):
        runs.start(spec := replace(own["Fork"], seed=seed))
        until(lambda spec=spec: not runs.under_way(spec))
        assert runs.trouble(spec) == "" and runs.finished(spec)
        ways[seed] = runs.graph(spec).macs
    expected = {}
    for seed in range(8):  # what the worker draws: the weights first, then the noise
        torch.manual_seed(seed)
        nn.Conv2d(1, 1, 3, padding=1)
        nn.Conv2d(1, 1, 5, padding=2)
        expected[seed] = 64 * (9 if torch.rand(1, 1, 8, 8).flatten()[0] > 0.5 else 25)
    assert ways == expected and len(set(ways.values())) == 2
    with pytest.raises(ValueError, match="has not been run"):
        runs.graph(replace(own["Fork"], seed=9))


@pytest.mark.parametrize(("brightness", "filter_side"), [(255, 3), (0, 5)])
def test_a_picture_takes_the_place_of_the_noise(
    runs: NumberRuns, own: dict[str, Spec], brightness: int, filter_side: int
) -> None:
    spec = replace(own["Fork"], picture=f"of {brightness}")
    runs.start(spec, torch.full((3, 20, 20), brightness, dtype=torch.uint8))  # in colour, and of another size
    until(lambda: not runs.under_way(spec))
    assert runs.trouble(spec) == "" and runs.graph(spec).macs == 64 * filter_side**2
    assert runs.pictures == {}  # nothing of it is kept


def test_pictures_go_where_pictures_are_taken_at_the_size_and_in_the_colours_that_are_taken() -> None:
    grey = torch.arange(16, dtype=torch.uint8).reshape(1, 4, 4) * 17
    picture = tuple(grey.shape), grey.numpy().tobytes()
    (batch, single, tokens) = arguments_of(((3, 8, 8), torch.empty(1, 4, 4), torch.empty(1, 9)))
    enlarged = numbers(batch, picture)
    assert enlarged.shape == (1, 3, 8, 8) and torch.equal(enlarged[0, 0], enlarged[0, 2])
    assert torch.equal(numbers(single, picture), grey / 255)
    assert (
        numbers(tokens, picture).shape == (1, 9) and not takes_picture((2, 3, 8, 8)) and not takes_picture((16, 8, 8))
    )


def test_a_run_without_end_is_stopped_and_another_follows(runs: NumberRuns, own: dict[str, Spec]) -> None:
    runs.start(own["Endless"])
    runs.start(own["Fork"])  # waits
    until(lambda: runs.running == own["Endless"] and runs.client.running)
    runs.stop(own["Endless"])
    until(lambda: runs.finished(own["Fork"]))
    assert runs.trouble(own["Endless"]) == STOPPED and not runs.under_way(own["Endless"])
    runs.start(own["Endless"])  # once more, at once
    until(lambda: runs.running == own["Endless"])
    runs.stop(own["Endless"])
    until(lambda: not runs.under_way(own["Endless"]))


def test_what_breaks_on_numbers_too_is_drawn_up_to_there(runs: NumberRuns, own: dict[str, Spec]) -> None:
    runs.start(own["Breaks"])
    until(lambda: not runs.under_way(own["Breaks"]))
    assert "the fuse has blown" in runs.graph(own["Breaks"]).broken and not wants_numbers(runs.graph(own["Breaks"]))


def test_a_detector_comes_to_its_end(runs: NumberRuns) -> None:
    spec = Spec("tasks", "ssdlite320_mobilenet_v3_large", seed=0)
    assert wants_numbers(graph_of(replace(spec, seed=None)))
    runs.start(spec)
    until(lambda: not runs.under_way(spec))
    graph = runs.graph(spec)
    assert graph.broken == "" and [name for name, _ in graph.outputs] == ["0.boxes", "0.scores", "0.labels"]
    assert (graph.params, round(graph.macs / 1e9, 3)) == (3_440_060, 0.583)  # as torchvision prints


def test_the_link_keeps_the_seed_and_says_what_is_none() -> None:
    place, problems = decode_selection({"source": "tasks", "model": "ssd300_vgg16", "numbers": "7"})
    assert (place.seed, problems, encode_query(place)["numbers"]) == (7, (), "7")
    assert place.network.seed is None and place.spec.seed is None
    for word in ("x", "-1", "1000", "9" * 40, "٣"):
        place, problems = decode_selection({"model": "LeNet", "preset": "LeNet-5", "numbers": word})
        assert place == ModelSelection("model_defs", "LeNet", "LeNet-5") and "no seed from 0 to 999" in problems[0]
