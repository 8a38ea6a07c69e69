"""`python -m testing.torchlens`: what TorchLens sees of a network, and what it and our tracer take, a process each.

TorchLens wraps PyTorch's functions for a whole process, so it is asked in one of its own.
"""

import re
import time
from collections.abc import Sequence
from typing import Any

import psutil
import torch

from explorer.analysis.receptive_field import receptive_fields
from explorer.graph.graph import Graph
from explorer.models.spec import Spec, build
from explorer.subprocess_loop import read_questions, send_answer
from explorer.tracing.tracer import trace

# One operation: its name without case and dimensions, its shape, the places of those it reads, and what it can see.
Operation = tuple[str, list[int], list[int], list[float] | None]


def plain_name(name: str) -> str:
    """`BatchNorm2d` and `batch_norm`, `iadd` and `__iadd__` are the same operation."""
    name = re.sub(r"[123]d$", "", name.lower()).replace("_", "")
    name = re.sub(r"^i(?=add$|mul$)", "", name)
    return {"hardtanh": "relu6", "interpolate": "upsample"}.get(name, name)  # what the layer calls


def our_operations(graph: Graph) -> list[Operation]:
    nodes, fields = [node for node in graph.nodes if node.inputs], receptive_fields(graph)
    places = {node.name: place for place, node in enumerate(nodes)}
    return [
        (
            plain_name(node.op),
            list(node.shape),
            sorted(places.get(name, -1) for name in node.inputs),
            None if fields[node.name].whole else [float(side) for side in fields[node.name].size],
        )
        for node in nodes
    ]


def their_operations(found: Any) -> list[Operation]:
    """What one call gives is one operation, however many parts it has."""
    calls: dict[int, list[Any]] = {}
    for op in found.layer_list:
        if op.is_compute_op:
            calls.setdefault(op.func_call_id, []).append(op)
    # An operation that comes again and again is one layer of its, by several passes: "add_3:2" is the second.
    inputs = {op.layer_label: -1 for op in found.layer_list if op.is_input}
    made = [(op, place) for place, ops in enumerate(calls.values()) for op in ops]
    places = inputs | {label: place for op, place in made for label in (op.layer_label, op.label)}
    return [
        (
            plain_name(ops[0].func_name),
            list(ops[0].shape)[1:],
            sorted(places[label] for label in ops[0].parents if label in places),  # the others are its own tensors
            exact_field(ops[0].receptive_field),
        )
        for ops in calls.values()
    ]


def exact_field(view: Any) -> list[float] | None:
    """Pixels along each axis of the image; None where it does not call them exact."""
    if str(getattr(view.status, "value", view.status)).lower() != "exact":
        return None
    return [float(side) for side in view.size]


def ask_tracer(model: torch.nn.Module, side: int) -> Graph:
    return trace(model, (3, side, side))


def ask_torchlens(model: torch.nn.Module, side: int) -> Any:
    import torchlens

    image = torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return torchlens.trace(model, image)


def held() -> float:
    """Megabytes of memory that this process has now."""
    return psutil.Process().memory_info().rss / 1e6


def answer(who: str, name: Sequence[str], side: int) -> dict[str, Any]:
    """Its operations; the seconds that it took to see them, and the megabytes that what was seen holds."""
    ask, operations = {"ours": (ask_tracer, our_operations), "torchlens": (ask_torchlens, their_operations)}[who]
    ask(torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU()), 16)  # the first time loads what it needs
    model = build(Spec(name[0], name[1])).eval()
    before, start = held(), time.perf_counter()
    seen: Any = ask(model, side)
    seconds, megabytes = time.perf_counter() - start, held() - before
    return {"operations": operations(seen), "seconds": seconds, "megabytes": megabytes}


def main() -> None:
    torch.set_num_threads(1)
    for question in read_questions():
        send_answer(**answer(*question))


if __name__ == "__main__":
    main()
