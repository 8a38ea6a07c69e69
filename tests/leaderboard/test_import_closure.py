"""The counts on disk are thrown away when the code that counts is another, wherever it lies, and at no other time."""

import shutil
import subprocess
import sys
from inspect import getsourcefile
from pathlib import Path
from typing import Any

import pytest

from explorer.analysis.model_summary import count_graph
from explorer.analysis.stage_costs import by_stage
from explorer.diagram.render import paint_svg
from explorer.glossary import explain_layer
from explorer.leaderboard import counts_cache as closure
from explorer.leaderboard.counts_cache import COUNTER, Ledger
from explorer.notebook import show
from explorer.tracing.recorder import Recorder
from explorer.tracing.tracer import trace
from model_defs.resnet import ResNet

ROOT = Path(__file__).parents[2]
PASS = f"""
import sys
from {COUNTER} import count_or_problem
from explorer.models.spec import Spec
assert count_or_problem(Spec("model_defs", "LeNet")).macs
for name, module in sys.modules.items():
    if name.partition(".")[0] in ("explorer", "model_defs") and module.__file__:
        print(module.__file__)
"""


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of our sources, to edit them."""
    for package in ("explorer", "model_defs"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(closure, "ROOT", tmp_path)
    return tmp_path


def test_what_a_count_really_loads_is_in_its_key_and_nothing_else() -> None:
    done = subprocess.run([sys.executable, "-c", PASS], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {Path(line) for line in done.stdout.split()} == set(closure.import_closure(COUNTER))


def test_the_key_follows_the_code_that_counts_into_a_package(copy: Path) -> None:
    tracer = copy / "explorer" / "deep" / "down"
    tracer.mkdir(parents=True)
    (copy / "explorer" / "deep" / "__init__.py").write_text("")
    (tracer / "__init__.py").write_text("")
    (tracer / "walk.py").write_text('"""Counts."""\n')
    worker = copy / "explorer" / "deep" / "count.py"
    worker.write_text("from explorer.deep.down import walk\n\ndef main():\n    import model_defs.lenet\n")
    before = closure.digest_sources("explorer.deep.count")
    (tracer / "walk.py").write_text('"""Counts otherwise."""\n')
    assert (middle := closure.digest_sources("explorer.deep.count")) != before
    (copy / "model_defs" / "lenet.py").write_text('"""Another network."""\n')
    assert closure.digest_sources("explorer.deep.count") != middle


COUNTING = (trace, Recorder, count_graph, by_stage, ResNet)
SHOWING = (explain_layer, paint_svg, Ledger, show)


@pytest.mark.parametrize("what", COUNTING + SHOWING, ids=lambda what: what.__name__)
def test_an_edit_clears_the_counts_only_where_something_is_counted(copy: Path, what: Any) -> None:
    before = closure.digest_sources(COUNTER)
    file = copy / Path(getsourcefile(what) or "").relative_to(ROOT)
    file.write_text(file.read_text() + "\n")
    assert (closure.digest_sources(COUNTER) != before) == (what in COUNTING)
