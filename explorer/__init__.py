"""An explorer of convolutional architectures: `streamlit run explorer/app.py`.

From a script or a notebook, loaded when first asked for: `from explorer import show, trace, graph_of, build, Spec`.

    models       where networks come from, how they are chosen and built, what is published of them
    graph        a network as values, without torch: the computation graph, its modules nested and folded
    tracing      from an `nn.Module` to its graph
    analysis     what a graph costs; `crosscheck`: who else counts it, and why they differ
    diagram      from a graph to its picture
    diff         two networks aligned: what was added, taken out, changed
    leaderboard  every ImageNet result with its sources, the Pareto front, the history; `recommend`: which one to use
    profiler     speed and memory as measured here
    scaling      compound scaling
    datasets     a dataset is two tensors
    training     recipe, engine, optimizer; `experiments`, `runs`, `scheduler`, `results`
    ui           a folder a page, and the components that run in the browser
"""

from importlib import import_module
from typing import Any

PUBLIC = {  # and the one module each comes from
    "show": "explorer.notebook",
    "trace": "explorer.tracing.tracer",
    "graph_of": "explorer.tracing.tracer",
    "build": "explorer.models.spec",
    "Spec": "explorer.models.spec",
}


def __getattr__(name: str) -> Any:
    if name not in PUBLIC:
        raise AttributeError(f"module 'explorer' has no attribute {name!r}")
    return getattr(import_module(PUBLIC[name]), name)  # most of them load torch, which drawing must not
