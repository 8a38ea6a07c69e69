"""Whether a network's graph is exact: its sums against the module's and torch's, its edges by a replay on real numbers.

`python -m testing.proof` is a process that is asked for one network after another, in lines.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from explorer.graph.graph import Graph
from explorer.models.inputs import Call, Inputs, arguments_of, arranged, called_with
from explorer.models.meta_init import Blank, blank
from explorer.models.sources import SOURCES
from explorer.subprocess_loop import first_line, read_questions, send_answer
from explorer.tracing.formulas import FORMULAS
from explorer.tracing.tensors import tensors_of
from explorer.tracing.tracer import trace
from testing.call_recorder import record_calls
from testing.replay import ReplayError, replay

SMALL = (64, 128)  # pixels a side, tried before the network's own
MOST_WEIGHTS, MOST_MACS = 700_000_000, 250_000_000_000  # beyond that a replay takes many gigabytes, or minutes
TOO_LARGE = "{:,.0f} M parameters and {:,.0f} GMACs at the smallest image it takes: too large to replay"


class TooLarge(Exception):
    """To be replayed; the message says how large."""


@dataclass(frozen=True)
class Finding:
    parameters: int = 0
    macs: int = 0
    verdict: str = "exact"  # or "said", "differs", "refused", "skipped"
    reason: str = ""
    milliseconds: float = 0  # of a core, for the trace


def examine(source: str, name: str) -> Finding:
    make = partial(SOURCES[source].build, name, {})
    inputs = arguments_of(SOURCES[source].inputs(name, {}, nn.Identity()))
    try:
        model = blank(make).eval()
    except Exception as error:
        return Finding(verdict="refused", reason=f"cannot be built: {first_line(error)}")
    start = time.process_time()
    graph = trace(model, inputs)
    spent = round((time.process_time() - start) * 1000, 1)
    counts = graph.params + sum(size for _, size in graph.left_out), graph.macs
    if graph.broken:
        return Finding(*counts, "refused", graph.broken, spent)
    total = sum(parameter.numel() for parameter in model.parameters())
    wrong = [] if counts[0] == total else [f"{counts[0]:,} parameters; the module has {total:,}"]
    off, explained = compare_macs(graph, blank(make).eval(), inputs)  # of its own: some keep what they worked out
    wrong += off
    if not wrong:
        try:
            wrong = compare_replay(make, graph.params, smaller_graphs(model, graph, inputs))
        except TooLarge as error:
            return Finding(*counts, "skipped", "; ".join([str(error), *explained]), spent)
    verdict = "differs" if wrong else "said" if graph.remarks() else "exact"
    return Finding(*counts, verdict, "; ".join([*wrong, *graph.remarks(), *explained]), spent)


def compare_macs(graph: Graph, model: nn.Module, inputs: Inputs) -> tuple[list[str], list[str]]:
    """What differs from torch's own counter, and what of it our formulas explain."""
    ours: dict[Any, Any] = {}
    for operator, formula in FORMULAS.items():
        space, _, name = operator.partition("::")
        ours[getattr(getattr(torch.ops, space), name)] = raw_formula(formula)
    model.requires_grad_(False)  # for a module that is given a parameter the counter asks for its gradient
    with FlopCounterMode(display=False, depth=0, custom_mapping=ours) as counter, torch.no_grad():
        call = called_with(inputs, "meta")
        model(*call.args, **call.kwargs)
    found: dict[Any, int] = counter.get_flop_counts().get("Global", {})
    extra = {str(operator): count // 2 for operator, count in found.items() if operator in ours and count}
    total = counter.get_total_flops() // 2
    explained = [f"torch's counter has no formula for {operator}: {macs:,} MACs" for operator, macs in extra.items()]
    return ([] if graph.macs == total else [f"{graph.macs:,} MACs; torch counts {total:,}"]), explained


def raw_formula(formula: Callable[..., int]) -> Any:
    def flops(*args: Any, out_val: Any, **kwargs: Any) -> int:
        return 2 * formula(out_val, *args)

    flops._get_raw = True  # pyright: ignore[reportFunctionMemberAccess] - torch's word for: tensors, not their shapes
    return flops


def smaller_graphs(model: nn.Module, graph: Graph, inputs: Inputs) -> Iterator[tuple[Inputs, Graph]]:
    """For images that it may take, small ones first."""
    for side in SMALL:
        small = tuple(replace(each, shape=(*each.shape[:-2], side, side)) for each in inputs)
        if side < inputs[0].shape[-1] and not (found := trace(model, small)).broken:
            yield small, found
    yield inputs, graph


def compare_replay(make: Callable[[], nn.Module], weights: int, graphs: Iterator[tuple[Inputs, Graph]]) -> list[str]:
    """What the graph gives on real numbers that the network does not. Raises `TooLarge`."""
    model, refusal = None, ""
    for inputs, graph in graphs:
        if weights > MOST_WEIGHTS or graph.macs > MOST_MACS:
            raise TooLarge(TOO_LARGE.format(weights / 1e6, graph.macs / 1e9))
        if model is None:
            with Blank("cpu"):
                model = make().eval()
        generator = torch.Generator().manual_seed(1)
        given = {each.name: torch.randn(each.sides, generator=generator) for each in inputs}
        try:
            theirs = varied_outputs(model, arranged(inputs, lambda each, given=given: given[each.name].clone()))
        except Exception as error:  # closed forms ask less of a small image than torch does
            refusal = f"the network does not run on real numbers: {first_line(error)}"
            continue
        return compare_outputs(model, graph, inputs, list(given.values()), theirs)
    return [refusal]


def compare_outputs(
    model: nn.Module, graph: Graph, inputs: Inputs, given: list[Tensor], theirs: list[Tensor]
) -> list[str]:
    recording = record_calls(model, inputs)
    if recording.graph != graph:
        return ["the graph whose calls were kept is not the traced one"]
    try:
        with torch.no_grad():
            return unequal(replay(recording, graph, *given), theirs)
    except ReplayError as error:
        return [f"not replayed: {error}"]


def varied_outputs(model: nn.Module, call: Call) -> list[Tensor]:
    """On weights under which they are finite and not constant; none where that was not found."""
    for scale in (1.0, 0.3, 0.1):
        fill_with_numbers(model, scale)
        with torch.no_grad():
            outs = tensors_of(model(*call.args, **call.kwargs))
        if all(out.isfinite().all() and (out.numel() == 1 or out.min() < out.max()) for out in outs):
            return outs
    return []


def unequal(ours: list[Tensor], theirs: list[Tensor]) -> list[str]:
    if not theirs:
        return ["its output is constant or not finite, which proves nothing"]
    if [out.shape for out in ours] != [out.shape for out in theirs]:
        return ["the replay gives other shapes"]
    pairs = [(a.double(), b.double()) for a, b in zip(ours, theirs, strict=True)]
    worst = max(((a - b).abs().max() / b.abs().max()).item() for a, b in pairs)
    return [f"the replay's output is off by {worst:.1g}"] if not worst <= 1e-4 else []


def fill_with_numbers(model: nn.Module, scale: float) -> None:
    """Weights under which every edge tells. Freshly initialised heads and scales of branches are often zero, or 1e-6,
    and what reads them would then hide a wrong edge; to initialise them also takes longer than all the rest."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim >= 2:
                side = math.sqrt(6 * parameter.shape[0] / parameter.numel())
                parameter.uniform_(-side * scale, side * scale, generator=generator)
            elif name.endswith("bias"):
                parameter.uniform_(-0.1, 0.1, generator=generator)
            else:
                parameter.uniform_(0.5 * scale, 1.5 * scale, generator=generator)


def main() -> None:
    torch.set_num_threads(1)
    for source, name in read_questions():
        try:
            finding = examine(source, name)
        except Exception as error:
            finding = Finding(verdict="differs", reason=f"{type(error).__name__}: {first_line(error)}")
        send_answer(**asdict(finding))


if __name__ == "__main__":
    main()
