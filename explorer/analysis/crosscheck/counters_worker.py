"""Counters that change things for the whole process, in a process of their own: `python -m` this module."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from explorer.models.inputs import Call, called_with, placed
from explorer.models.spec import Handed, build_handed
from explorer.subprocess_loop import first_line, read_questions, send_answer

IDLE = 600.0  # seconds
Counts = dict[str, Any]  # "params", "macs"; "version"; torchinfo also "outputs"
Counter = Callable[[nn.Module, Call, str], Counts]


def answer_counters() -> None:
    for question in read_questions(IDLE):
        send_answer(**{tool: counts_of(question, count) for tool, count in TOOLS.items()})


def counts_of(network: Handed, count: Counter) -> Counts:
    """On shapes alone where that works; a module that asks for values is run with numbers."""
    for device in ("meta", "cpu"):
        try:
            model, inputs = build_handed(network, device)
            return count(model, called_with(inputs, device), device)
        except Exception as error:  # whatever a tool or somebody's network raises is an answer, too
            cause = error.__cause__ or error  # torchinfo's own says only that it failed
            problem = first_line(cause)
            if not (isinstance(cause, NotImplementedError) or "meta" in problem):
                break
    return {"problem": problem}


def by_torch(model: nn.Module, call: Call, device: str) -> Counts:
    with FlopCounterMode(display=False) as counter:  # with gradients: else attention takes a path it cannot see
        model(*call.args, **call.kwargs)
    params = sum(p.numel() for p in model.parameters() if p.requires_grad)  # the lesson's `count_parameters`
    return {
        "params": params,
        "macs": counter.get_total_flops() / 2,
        "version": f"count_parameters, FlopCounterMode ÷ 2; {torch.__version__}",
    }


def by_thop(model: nn.Module, call: Call, device: str) -> Counts:
    import thop  # each by itself, so that one that is missing does not silence the others

    if call.kwargs:  # it hands on what goes in in turn only
        call = placed(model, call)
    macs, params, *_ = thop.profile(model, inputs=call.args, verbose=False)
    return {"params": params, "macs": macs, "version": version("thop")}


def by_torchinfo(model: nn.Module, call: Call, device: str) -> Counts:
    import torchinfo

    found = torchinfo.summary(model, input_data=list(call.args), device=device, verbose=0, **call.kwargs)
    paths = {id(module): path for path, module in model.named_modules()}
    ran = [layer for layer in found.summary_list if layer.is_leaf_layer and layer.output_size]
    return {
        "params": found.total_params,
        "macs": found.total_mult_adds,
        "outputs": {paths[layer.layer_id]: list(layer.output_size) for layer in ran},
        "version": version("torchinfo"),
    }


TOOLS: dict[str, Counter] = {"torch": by_torch, "thop": by_thop, "torchinfo": by_torchinfo}

if __name__ == "__main__":
    answer_counters()
