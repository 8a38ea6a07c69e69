"""A network of the user's own is shown like any other, and a mistake in naming it is one sentence."""

import importlib
import itertools
import linecache
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import torchvision
from torch import nn

import explorer
from explorer.graph.graph import Graph, Node, SerializedGraph, from_json, to_json
from explorer.models.meta_init import blank
from explorer.models.onnx_export import python_lines
from explorer.models.selection import ModelSelection, decode_selection, home
from explorer.models.sources import OWN
from explorer.models.spec import Spec, build
from explorer.tracing.source_code import GIVEN, code_of, source_of
from explorer.tracing.tracer import graph_of, trace
from explorer.ui.startup import started
from testing.browser import ROOT, settle
from testing.waiting import until

NETS = """
import torch
from torch import nn

class Net(nn.Module):
    made = 0

    def __init__(self):
        super().__init__()
        Net.made += 1
        self.conv = nn.Conv2d(3, 8, 3)
        self.head = nn.Linear(8, 10)

    def forward(self, x):
        return self.head(torch.relu(self.conv(x)).mean((2, 3)))

class Broken(Net):
    def forward(self, x):
        return self.head(self.conv(x))

class Stubborn(Net):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(torch.linspace(0, 0.5, 3)[1].item())  # no number to ask for on `meta`

class Family:
    small = Net

net = Net()
number = 3
def make(): return Net()
def keep(): return net
def wide(width, *, depth): return Net()
def nothing(): return {}
def boom(): raise RuntimeError("out of cheese\\nand more")
def refuse(): raise ValueError("no cheese")
def leave(): raise SystemExit(2)
"""
PARAMS = 3 * 8 * 3 * 3 + 8 + 8 * 10 + 10
numbers = itertools.count()


@pytest.fixture
def nets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a new module of the user's, in the folder the app is started from."""
    name = f"nets{next(numbers)}"
    (tmp_path / f"{name}.py").write_text(NETS)
    (tmp_path / "torn.py").write_text("import cheese_that_nobody_has")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    importlib.invalidate_caches()
    yield name
    OWN.clear()
    GIVEN.clear()
    sys.modules.pop(name, None)


def start(*arguments: str) -> str:
    return started.__wrapped__(arguments)  # pyright: ignore


@pytest.mark.parametrize("thing", ["make", "Net", "net", "keep", "Family.small", "Stubborn"])
def test_a_function_a_class_and_an_instance_are_shown(nets, thing):
    assert start("--model", f"{nets}:{thing}", "--input", "3,32,32") == ""
    graph = graph_of(home().spec)
    assert (graph.params, graph.macs, graph.broken) == (PARAMS, 30 * 30 * 3 * 8 * 9 + 80, "")
    scope: dict[str, nn.Module] = {}
    exec(python_lines(home().spec), scope)
    assert sum(p.numel() for p in scope["model"].parameters()) == PARAMS


def test_a_factory_is_called_once_for_each_build(nets):
    start("--model", f"{nets}:make")
    kind = sys.modules[nets].Net
    before = kind.made
    one, other = build(home().spec), build(home().spec)
    assert kind.made == before + 2 and one is not other


def test_an_instance_keeps_its_weights_and_its_mode(nets):
    start("--model", f"{nets}:net")
    net = sys.modules[nets].net
    assert build(home().spec) is net and net.training
    assert all(p.device.type == "cpu" for p in net.parameters())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--model {}", "package.module:factory"),
        ("--model", "needs a value"),
        ("--modle {}:make", "did you mean --model?"),
        ("--model nowhere_{}:make", "There is no module “nowhere_{}”"),
        ("--model torn:make", "cheese_that_nobody_has"),
        ("--model {}:nope", "has no “nope”"),
        ("--model {}:number", "int"),
        ("--model {}:wide", "(width, depth)"),
        ("--model {}:nothing", "returned dict"),
        ("--model {}:boom", "RuntimeError: out of cheese."),
        ("--model {}:refuse", "ValueError: no cheese."),
        ("--model {}:leave", "SystemExit: 2."),
        ("--model {}:make --input 3,x", "--input 3,x is no shape"),
        ("--model {}:make --input 3,-1,2", "--input 3,-1,2 is no shape"),
        ("--model {}:make --input 3,99999999999,99999999999", "3×99999999999×99999999999 holds too much"),
        ("--graph {}.py", "no graph that explorer.show wrote"),
        ("--graph nowhere", "No such file"),
    ],
)
def test_a_mistake_is_one_sentence_and_resnet_50_is_shown(nets, arguments, words):
    said = start(*arguments.format(nets).split())
    assert words.format(nets) in said and "\n" not in said and said.endswith("instead.")
    assert not OWN and home() == ModelSelection()


def test_what_a_test_runner_was_started_with_is_no_mistake():
    assert start("-q", "-n", "2", "--dist", "loadfile", "-m", "") == ""


def test_the_page_opens_on_the_network_it_was_started_with(nets, open_page, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["app.py", "--model", f"{nets}:Broken", "--input", "3,32,32"])
    page = open_page("explore")
    assert not page.exception and not page.error
    assert page.query_params["model"] == f"{nets}:Broken"
    assert "head (Linear) stopped" in page.warning[0].value


def test_the_page_says_what_went_wrong_and_works(nets, open_page, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["app.py", "--model", f"{nets}:boom"])
    page = open_page("explore")
    assert not page.exception and "out of cheese" in page.error[0].value
    assert page.query_params["preset"] == "ResNet-50"


def test_a_link_may_still_lead_to_the_lesson(nets):
    start("--model", f"{nets}:Net")
    assert decode_selection({})[0].source == "own"
    assert decode_selection({"preset": "ResNet-152"}) == (ModelSelection(preset="ResNet-152"), ())


@pytest.mark.parametrize("name", ["resnet18", "densenet121", "swin_t", "vit_b_32", "googlenet", "convnext_tiny"])
def test_a_graph_comes_back_from_json_equal(name):
    parcel = SerializedGraph(name, graph_of(Spec("torchvision", name)), (("a.B", 'class B:\n    "ü"\n'),))
    again = from_json(to_json(parcel))
    assert again == parcel and hash(again) == hash(parcel)
    assert (again.graph.params, again.graph.macs) == (parcel.graph.params, parcel.graph.macs)


def test_a_broken_graph_and_odd_settings_come_back_from_json():
    settings = (("padding", (1, (2, None))), ("p", 0.1), ("bias", True), ("output_size", torch.Size((1, 1))))
    graph = Graph((Node("0", "Input", "input", (), (), (), (3,), 0, 0, attributes=settings),), broken="It stopped.")
    assert from_json(to_json(SerializedGraph("odd", graph))).graph == graph
    strange = Node("0", "Input", "input", (), (), (), (3,), 0, 0, attributes=(("dtype", torch.float16),))
    assert (
        from_json(to_json(SerializedGraph("odd", Graph((strange,))))).graph.nodes[0].attribute("dtype")
        == "torch.float16"
    )


def test_what_lives_in_another_program_is_drawn_but_not_built(nets, tmp_path):
    file = tmp_path / "graph.json"
    graph = trace(torchvision.models.resnet18(), (3, 64, 64))
    file.write_text(to_json(SerializedGraph("mine", graph, (("__main__.Net", "class Net: ..."),))))
    assert start("--graph", str(file)) == ""
    assert home() == ModelSelection("own", "mine", "") and graph_of(home().spec) == graph
    assert source_of("__main__.Net") == "class Net: ..." and python_lines(home().spec) == ""
    with pytest.raises(ValueError, match="only its graph is here"):
        build(home().spec)


def test_weights_computed_from_others_are_no_hindrance():
    with pytest.warns(FutureWarning):
        model = nn.utils.weight_norm(nn.Conv2d(3, 4, 3))
    assert trace(model, (3, 8, 8)).params == 4 + 4 * 3 * 3 * 3 + 4


def test_what_cannot_run_on_one_image_says_so():
    two = trace(nn.Bilinear(3, 3, 2), (3,))
    assert two.broken.startswith("The network (Bilinear) stopped before its first operation")
    assert trace(nn.LazyLinear(3), (3,)).params == 3 * 3 + 3  # what it waits for is found out


def test_a_class_written_in_a_notebook_has_its_source():
    text = "class Net(nn.Module):\n    def forward(self, x):\n        return x\n"
    cell = f"x = 1\n{text}y = 2\n"
    linecache.cache["<cell 1>"] = len(cell), None, [*cell.splitlines(True)], "<cell 1>"
    scope = {"nn": nn, "__name__": "notebook"}
    exec(compile(cell, "<cell 1>", "exec"), scope)
    assert code_of(scope["Net"]) == text


def test_only_a_module_can_be_shown_and_only_on_a_free_port():
    with pytest.raises(TypeError, match=r"torch\.nn\.Module"):
        explorer.show({})
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        taken.listen()
        with pytest.raises(ValueError, match="is taken"):
            explorer.show(nn.ReLU(), (3, 8, 8), port=taken.getsockname()[1])


class Tiny(nn.Sequential):
    """The smallest network worth a picture."""

    def __init__(self) -> None:
        super().__init__(nn.Conv2d(3, 4, 3), nn.ReLU())


def answers(url: str) -> bool:
    with socket.socket() as s:
        return s.connect_ex(("localhost", int(url.rpartition(":")[2]))) == 0


@pytest.mark.browser
def test_a_module_is_on_show_until_it_is_stopped(chromium, capsys):
    shown = explorer.show(Tiny(), (3, 16, 16), open_browser=False)
    assert shown.url in capsys.readouterr().out and shown.folder.exists()
    page = chromium.new_page()
    page.goto(shown.url)
    settle(page)
    assert page.url.endswith("?source=own&model=Tiny")
    page.get_by_role("tab", name="Source code").click()
    page.get_by_text("The smallest network worth a picture.").wait_for()
    page.get_by_role("tab", name="Take it home").click()
    page.get_by_text("The module itself is in the program that showed it").wait_for()
    page.close()
    assert "Traceback" not in shown.log.read_text()
    shown.stop()
    shown.stop()
    assert not answers(shown.url) and not shown.folder.exists() and "no longer" in repr(shown)


PROGRAM = """
import sys, explorer
assert "torch" not in sys.modules
from torch import nn
page = explorer.show(nn.ReLU(), (3, 8, 8), open_browser=False)
print(page.url, page.folder, flush=True)
input()
"""


def test_a_page_ends_with_the_program_that_showed_it_however_that_ends():
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    with program:
        assert program.stdout
        assert "ReLU is on show at http://localhost:" in program.stdout.readline()
        url, folder = program.stdout.readline().split()
        assert answers(url)
        program.kill()
    until(lambda: not answers(url) and not Path(folder).exists())


def test_source_that_python_stumbles_over_once_is_read_again(monkeypatch):
    stumbled: list[type] = []

    def stumble(kind: type) -> str:
        if not stumbled:
            stumbled.append(kind)
            raise SystemError("AST constructor recursion depth mismatch")
        return "class Linear: ..."

    monkeypatch.setattr("explorer.tracing.source_code.inspect.getsource", stumble)
    assert code_of(nn.Linear) == "class Linear: ..."


class Truncated(nn.Module):
    """Built in memory, for on `meta` there is no number to ask for."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((8, 8), 9.0))
        nn.init.trunc_normal_(self.weight, std=torch.linspace(0, 0.5, 3)[1].item())


def test_what_draws_numbers_until_they_fit_comes_to_an_end_where_none_are_drawn() -> None:
    assert blank(Truncated).get_parameter("weight").is_meta
