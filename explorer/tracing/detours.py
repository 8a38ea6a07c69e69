"""While a network is recorded, its modules' `forward` takes a detour; afterwards every module is as it was."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

from torch import nn

from explorer.graph.graph import Node
from explorer.models.meta_init import TORCHS
from explorer.tracing.failures import NOT_HERE, NUMBERS, UNKNOWN, meaning_of
from explorer.tracing.recorder import Recorder

ASKS = "a hook of {} asks for the numbers and was left out: what it may change is not seen"

PARTS = itemgetter("_parameters", "_buffers", "_modules", "_forward_hooks", "_forward_pre_hooks")


@contextmanager
def detours(recorder: Recorder) -> Iterator[None]:
    """Every module's `forward` by way of this recorder, and evaluation mode, for as long as the block runs."""
    kept, empty = [], []
    for _, module in recorder.modules:
        for each in changeables(module):
            if each:
                kept.append((each, each.copy()))
            else:
                empty.append(each)
    try:
        for path, module in recorder.modules:
            attributes = vars(module)
            attributes["training"] = False  # as `module.training = False`, which takes ten times as long
            if path:
                attributes["forward"] = recorder.detour(path, module, module.forward)
            if attributes["_forward_hooks"] or attributes["_forward_pre_hooks"]:
                for hooks in (module._forward_hooks, module._forward_pre_hooks):
                    for key, hook in hooks.items():
                        hooks[key] = hook_detour(recorder, path, hook)
        yield
    finally:
        for _, module in recorder.modules:
            vars(module).pop("forward", None)
        for filled in filter(None, empty):
            filled.clear()
        for now, before in kept:
            if isinstance(now, list):
                now[:] = before
                continue
            now.update(before)
            if len(now) != len(before):
                for name in now.keys() - before.keys():
                    del now[name]


def changeables(module: nn.Module) -> tuple[Any, ...]:
    """All that a module is: a network may hang layers in while it runs, take them out, or keep what it worked out."""
    attributes = vars(module)
    if type(module).__module__.startswith("torch.nn."):  # most modules, which keep nothing
        return attributes, *PARTS(attributes)
    own = [each for name, each in attributes.items() if type(each) in (dict, list) and name not in TORCHS]
    return attributes, *PARTS(attributes), *own


def hook_detour(recorder: Recorder, path: str, hook: Callable[..., Any]) -> Callable[..., Any]:
    """A hook that runs, and whose operations are known for a hook's; one that only looks at the numbers, as those that
    write statistics do, is left out with a note."""

    def hooked(*args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() != recorder.thread:
            return hook(*args, **kwargs)
        first = len(recorder.nodes)
        try:
            return hook(*args, **kwargs)
        except Exception as error:
            if meaning_of(str(error)) not in (NUMBERS, NOT_HERE, UNKNOWN):
                raise
            latest = next(node.name for node in reversed(recorder.nodes[:first]) if node.name not in recorder.hooked)
            recorder.notes.append((latest, ASKS.format(path or "the network")))
        finally:
            recorder.hooked.update(node.name for node in recorder.nodes[first:])

    return hooked


def without_dead_ends(nodes: list[Node], hooked: set[str], outputs: set[str]) -> dict[str, str]:
    """The names of the nodes to keep, each with its new one: what a hook worked out for itself alone is no part of the
    network. What an operation counted stays."""
    read, kept = set(outputs), list[Node]()
    for node in reversed(nodes):
        if node.name in hooked and node.name not in read and not node.params:
            continue
        read.update(node.inputs)
        kept.append(node)
    return {node.name: str(at) for at, node in enumerate(reversed(kept))}
