"""What scripts and notebooks import from `explorer`, and that importing it alone costs nothing."""

import subprocess
import sys

import pytest

import explorer
from explorer import Spec, build, graph_of, show, trace
from explorer.paths import ROOT


def test_the_public_names_are_those_of_their_modules() -> None:
    graph = graph_of(Spec("torchvision", "resnet18"))
    assert trace(build(Spec("torchvision", "resnet18"), "meta"), (3, 224, 224)).params == graph.params == 11_689_512
    assert callable(show)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = explorer.nothing


def test_importing_explorer_loads_neither_torch_nor_streamlit() -> None:
    program = "import sys, explorer; sys.exit(bool({'torch', 'streamlit', 'plotly'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT).returncode == 0
