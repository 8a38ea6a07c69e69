"""Run a network once on shapes alone, and give its graph."""

import threading
from functools import lru_cache
from weakref import WeakKeyDictionary

import torch
from torch import nn

from explorer.graph.graph import Block, Graph, Shape
from explorer.graph.op_kinds import torch_base
from explorer.graph.shown_names import with_shown_names
from explorer.models.meta_init import modules_of, on_meta
from explorer.models.spec import Spec, build, given, input_shape
from explorer.tracing.failures import TraceFailure, explain_failure
from explorer.tracing.recorder import Recorder

# Two traces of one module would lay their detours over each other.
LOCKS: WeakKeyDictionary[nn.Module, threading.RLock] = WeakKeyDictionary()


@lru_cache(maxsize=512)
def graph_of(spec: Spec) -> Graph:
    """The graph of a chosen network. Raises `ValueError` with a reason where it cannot be built."""
    if graph := given(spec):
        return graph
    model = build(spec, "meta")
    return trace(model, input_shape(spec, model))


def trace(model: nn.Module, input_shape: Shape) -> Graph:
    """One evaluation pass over an input of `input_shape`, (C, H, W) or what the network takes, without the batch.

    The module may live on any device and is left as it was; no number is computed. A network that breaks gives the
    graph up to the break, and says in `Graph.broken` where and why.
    """
    model = on_meta(model)
    modules = modules_of(model)
    recorder = Recorder(modules)
    failure = TraceFailure("")
    with LOCKS.setdefault(model, threading.RLock()), recorder.detours(), torch.no_grad():
        x = recorder.begin(input_shape)
        try:
            with recorder:
                model(x)
        except Exception as error:  # whatever a network of somebody's raises is a finding, not a crash
            failure = explain_failure(recorder, model, error)
    read = tuple(recorder.nodes), traced_blocks(modules), recorder.unread()
    return with_shown_names(Graph(*read, failure.sentence, failure.said))


def traced_blocks(modules: list[tuple[str, nn.Module]]) -> tuple[Block, ...]:
    return tuple(
        Block(path, cls.__name__, f"{cls.__module__}.{cls.__qualname__}", torch_base(cls))
        for path, module in modules
        for cls in (type(module),)
    )
