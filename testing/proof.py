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
from explorer.tracing.failures import wants_numbers
from explorer.tracing.formulas import FORMULAS
from explorer.tracing.tensors import tensors_of
from explorer.tracing.tracer import trace, trace_run
from testing.call_recorder import Recording, record_calls
from testing.replay import ReplayError, replay

SMALL = (64, 128)  # pixels a side, tried before the network's own
MOST_WEIGHTS, MOST_MACS = 700_000_000, 250_000_000_000  # beyond that a replay takes many gigabytes, or minutes
ONE_WAY = "it asks for values: run on real numbers, one of several ways"
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
    if graph.broken and wants_numbers(graph):
        return examine_run(make, inputs, spent)
    if graph.broken:
        return Finding(weights_of(graph), graph.macs, "refused", graph.broken, spent)
    wrong = compare_weights(graph, model)
    call = called_with(inputs, "meta")
    off, explained = compare_macs(graph, blank(make).eval(), call)  # of its own: some keep what they worked out
    wrong += off
    if not wrong:
        try:
            wrong = compare_replay(make, graph.params, smaller_graphs(model, graph, inputs))
        except TooLarge as error:
            return Finding(weights_of(graph), graph.macs, "skipped", "; ".join([str(error), *explained]), spent)
    return found(graph, wrong, explained, spent)


def examine_run(make: Callable[[], nn.Module], inputs: Inputs, spent: float) -> Finding:
    """Of a network that asks for values: the way that real numbers take, one of several."""
    with Blank("cpu"):
        model = make().eval()
    for module in model.modules():
        if "score_thresh" in vars(module):  # else a detector of random weights finds nothing
            vars(module)["score_thresh"] = 0.0
    given = random_numbers(inputs)
    call = arranged(inputs, lambda each: given[each.name].clone())
    theirs = varied_outputs(model, call)
    graph = trace_run(model, inputs, given)
    if graph.broken:
        return Finding(weights_of(graph), graph.macs, "refused", graph.broken, spent)
    off, explained = compare_macs(graph, model, call)
    wrong = compare_weights(graph, model) + off
    wrong = wrong or compare_outputs(record_calls(model, inputs, given), graph, list(given.values()), theirs)
    return found(graph, wrong, [ONE_WAY, *explained], spent)


def found(graph: Graph, wrong: list[str], explained: list[str], spent: float) -> Finding:
    verdict = "differs" if wrong else "said" if graph.remarks() else "exact"
    reason = "; ".join([*wrong, *graph.remarks(), *explained])
    return Finding(weights_of(graph), graph.macs, verdict, reason, spent)


def weights_of(graph: Graph) -> int:
    return graph.params + sum(size for _, size in graph.left_out)


def compare_weights(graph: Graph, model: nn.Module) -> list[str]:
    total = sum(parameter.numel() for parameter in model.parameters())
    return [] if weights_of(graph) == total else [f"{weights_of(graph):,} parameters; the module has {total:,}"]


def compare_macs(graph: Graph, model: nn.Module, call: Call) -> tuple[list[str], list[str]]:
    """What differs from torch's own counter, and what of it our formulas explain."""
    ours: dict[Any, Any] = {}
    for operator, formula in FORMULAS.items():
        space, _, name = operator.partition("::")
        ours[getattr(getattr(torch.ops, space), name)] = raw_formula(formula)
    model.requires_grad_(False)  # for a module that is given a parameter the counter asks for its gradient
    with FlopCounterMode(display=False, depth=0, custom_mapping=ours) as counter, torch.no_grad():
        model(*call.args, **call.kwargs)
    counted: dict[Any, int] = counter.get_flop_counts().get("Global", {})
    extra = {str(operator): count // 2 for operator, count in counted.items() if operator in ours and count}
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
        if side < inputs[0].shape[-1] and not (smaller := trace(model, small)).broken:
            yield small, smaller
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
        given = random_numbers(inputs)
        try:
            theirs = varied_outputs(model, arranged(inputs, lambda each, given=given: given[each.name].clone()))
        except Exception as error:  # closed forms ask less of a small image than torch does
            refusal = f"the network does not run on real numbers: {first_line(error)}"
            continue
        return compare_outputs(record_calls(model, inputs), graph, list(given.values()), theirs)
    return [refusal]


def random_numbers(inputs: Inputs) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(1)
    return {each.name: torch.randn(each.sides, generator=generator) for each in inputs}


def compare_outputs(recording: Recording, graph: Graph, given: list[Tensor], theirs: list[Tensor]) -> list[str]:
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
        if all(map(tells, outs)):
            return outs
    return []


def tells(out: Tensor) -> bool:
    """Whether it would be another one if something went wrong on the way; the labels of what was found may be equal."""
    if not out.numel() or not out.isfinite().all():
        return False
    return out.numel() == 1 or not out.is_floating_point() or bool(out.min() < out.max())


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
