"""Run a network once on shapes alone, and give its graph."""

import threading
from dataclasses import replace
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from explorer.graph.graph import Block, Graph
from explorer.graph.op_kinds import torch_base
from explorer.graph.shown_names import with_shown_names
from explorer.models.inputs import Inputs, argument_titles, arguments_of, arranged, check_call
from explorer.models.meta_init import materialise_lazy, modules_of, on_meta
from explorer.models.spec import Spec, build, given, inputs_of
from explorer.tracing.detours import detours, without_dead_ends
from explorer.tracing.failures import TraceFailure, explain_failure
from explorer.tracing.number_runs import number_runs
from explorer.tracing.recorder import Recorder

# Two traces of one module would lay their detours over each other, and find what the other hung into it meanwhile.
LOCKS: WeakKeyDictionary[nn.Module, threading.RLock] = WeakKeyDictionary()


@lru_cache(maxsize=512)
def graph_of(spec: Spec) -> Graph:
    """The graph of a chosen network. Raises `ValueError` with a reason where it cannot be built, or has a seed and has
    not been run."""
    if spec.seed is not None:
        return number_runs().graph(spec)
    if graph := given(spec):
        return graph
    model = build(spec, "meta")
    return trace(model, inputs_of(spec, model))


def trace(model: nn.Module, inputs: Any) -> Graph:
    """One evaluation pass over `inputs`: the shape of one image without the batch, such as (3, 224, 224), or whatever
    `forward` takes, as shapes or tensors, of several a tuple, by name a dict (see `arguments_of`).

    The module may live on any device and is left as it was; no number is computed. A network that breaks gives the
    graph up to the break, and says in `Graph.broken` where and why. Its forward hooks run, on tensors without numbers:
    what they change is drawn, what they only note is not. Raises `ValueError` for inputs that are no such nest.
    """
    given = arguments_of(inputs)
    with lock_of(model):
        return trace_alone(model, given)


def lock_of(model: nn.Module) -> threading.RLock:
    """One thread at a time may record a module: while it does, its `forward` takes a detour."""
    return LOCKS.setdefault(model, threading.RLock())


def trace_alone(own: nn.Module, inputs: Inputs) -> Graph:
    modules = modules_of(own)
    model = on_meta(own, modules)
    if model is not own:  # itself it has no lazy layer
        modules = modules_of(model)
        materialise_lazy(model, modules, inputs)
    return run_recorded(Recorder(modules, twins_of(own, model)), model, inputs)


def trace_run(model: nn.Module, inputs: Inputs, numbers: dict[str, Tensor]) -> Graph:
    """The way that these very numbers take, for a network on the CPU whose `forward` asks for values: one of several.

    `numbers`: of each of the `inputs`, by its name. Everything is computed, so this takes as long as the network does.
    """
    with lock_of(model):
        return run_recorded(Recorder(modules_of(model), {}, numbers), model, inputs)


def run_recorded(recorder: Recorder, model: nn.Module, inputs: Inputs, gradients: bool = False) -> Graph:
    failure = TraceFailure("")
    with detours(recorder), torch.set_grad_enabled(gradients):
        titles = argument_titles(model, inputs)
        call = arranged(inputs, lambda argument: recorder.begin(argument, titles[argument.name]))
        try:
            check_call(model, call)
            with recorder:
                out = model(*call.args, **call.kwargs)
            recorder.end(out)
        except Exception as error:  # whatever a network of somebody's raises is a finding, not a crash
            failure = explain_failure(recorder, model, error)
    return recorded_graph(recorder, failure)


def recorded_graph(recorder: Recorder, failure: TraceFailure) -> Graph:
    nodes, notes, uncounted = recorder.nodes, recorder.notes, recorder.uncounted
    if recorder.hooked:
        names = without_dead_ends(nodes, recorder.hooked, recorder.given_back)
        nodes = [
            replace(node, name=names[node.name], inputs=tuple(names[name] for name in node.inputs))
            for node in nodes
            if node.name in names
        ]
        notes, uncounted = ([(names[at], said) for at, said in each if at in names] for each in (notes, uncounted))
        recorder.outputs = tuple((title, names[at]) for title, at in recorder.outputs)
    read = tuple(nodes), traced_blocks(recorder.modules), recorder.unread()
    said = failure.sentence, failure.said, tuple(notes), tuple(uncounted)
    return with_shown_names(Graph(*read, *said, recorder.outputs))


def twins_of(own: nn.Module, model: nn.Module) -> dict[int, Any]:
    """What stands in the traced copy for the parameters of the module handed in, by their ids: closures read those."""
    if own is model:
        return {}
    pairs = zip(modules_of(own), modules_of(model), strict=False)
    return {
        id(parameter): twin._parameters[name]
        for (_, module), (_, twin) in pairs
        for name, parameter in module._parameters.items()
        if parameter is not None and name in twin._parameters
    }


def traced_blocks(modules: list[tuple[str, nn.Module]]) -> tuple[Block, ...]:
    classes = {type(module) for _, module in modules}
    names = {cls: (cls.__name__, f"{cls.__module__}.{cls.__qualname__}", torch_base(cls)) for cls in classes}
    return tuple(Block(path, *names[type(module)]) for path, module in modules)
