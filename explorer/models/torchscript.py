"""A scripted or traced module as one of Python's, which runs its graph operator by operator; one whose graph holds what
cannot be run that way stays closed, and says so."""

import io
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Step = Callable[..., Any]


class Scripted(nn.Module):
    """Its submodules are of this class too, so that they have names, hooks and a `forward` as any module has."""

    def __init__(self, script: Any, twins: dict[int, Any]) -> None:
        super().__init__()
        self.script = lambda: script  # no submodule
        self._parameters = {name: twins.get(id(each), each) for name, each in script._parameters.items()}
        self._buffers = {name: twins.get(id(each), each) for name, each in script._buffers.items()}
        self._modules = {name: scripted_twin(each, twins) for name, each in script._modules.items()}

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.method("forward", *args, **kwargs)

    def method(self, name: str, *args: Any, **kwargs: Any) -> Any:
        method = self.script()._c._get_method(name)
        left = method.schema.arguments[1 + len(args) :]
        rest = (kwargs.get(each.name, each.default_value) for each in left)
        return run_graph(method.graph, (self, *args, *rest))

    def attribute(self, name: str) -> Any:
        if name == "training":
            return self.training
        held = (self._modules, self._parameters, self._buffers)
        for each in held:
            if name in each:
                return each[name]
        return getattr(self.script(), name)


class Closed(nn.Module):
    """Its parameters by their names, and the script itself, which runs as a whole."""

    def __init__(self, script: Any, twins: dict[int, Any]) -> None:
        super().__init__()
        self._parameters = {name: twins.get(id(each), each) for name, each in script.named_parameters()}
        file = io.BytesIO()
        torch.jit.save(script, file)
        file.seek(0)
        script = torch.jit.load(file, map_location="meta")
        self.script = lambda: script

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        with torch._C.DisableTorchFunction():
            return self.script()(*args, **kwargs)


def scripted_twin(script: Any, twins: dict[int, Any]) -> nn.Module:
    """Under the name and the module of the class it was scripted from; with `twins` in place of its weights."""
    name = re.sub(r"___torch_mangle_\d+\.|^__torch__\.", "", script._c._type().qualified_name())
    module, _, name = name.rpartition(".")
    base = Scripted if all(map(is_known, graph_nodes(script))) else Closed
    twin: Any = type(name, (base,), {"__module__": module})(script, twins)
    twin.training = False
    return twin


def graph_nodes(script: Any) -> Iterator[Any]:
    """Of all methods and functions that a module comes down to."""
    for each in script.modules():
        waiting, found = ["forward"] if each._c._has_method("forward") else [], set[str]()
        while waiting:
            name = waiting.pop()
            if name not in found and each._c._has_method(name):
                found.add(name)
                nodes = list(nodes_of(each._c._get_method(name).graph))
                yield from nodes
                waiting += (node.s("name") for node in nodes if node.kind() == "prim::CallMethod")


def nodes_of(block: Any) -> Iterator[Any]:
    for node in block.nodes():
        yield node
        for inner in node.blocks():
            yield from nodes_of(inner)
        if node.kind() == "prim::CallFunction" and (function := own_function(function_type(node))):
            yield from nodes_of(function.graph)


def is_known(node: Any) -> bool:
    kind = node.kind()
    if kind == "prim::CallFunction":
        return bool(torchs_function(function_type(node)) or own_function(function_type(node)))
    return kind in CONTROL or kind in PLAIN or kind in TORCHS or operator_of(node) is not None


def operator_of(node: Any) -> Any:
    """None where PyTorch knows none of this name and these arguments."""
    space, _, name = node.kind().partition("::")
    text = node.schema()
    if space == "prim" or text == "(no schema)":
        return None
    packet = getattr(getattr(torch.ops, space), name, None)
    return getattr(packet, torch._C.parse_schema(text).overload_name or "default", None)


def function_type(node: Any) -> str:
    return str(next(node.inputs()).type())


def torchs_function(qualified: str) -> Step | None:
    return getattr(F, qualified.rpartition(".")[2], None) if ".torch.nn.functional." in qualified else None


def own_function(qualified: str) -> Any:
    """Somebody's scripted function; None for one that came from a file."""
    return None if torchs_function(qualified) else torch.jit._state._python_cu.find_function(qualified)  # pyright: ignore


def run_graph(graph: Any, args: tuple[Any, ...]) -> Any:
    values = {each.unique(): arg for each, arg in zip(graph.inputs(), args, strict=True)}
    run_block(graph, values)
    outs = tuple(values[each.unique()] for each in graph.outputs())
    return outs[0] if len(outs) == 1 else outs


def run_block(block: Any, values: dict[int, Any]) -> list[Any]:
    for node in block.nodes():
        outs = list(node.outputs())
        found = run_node(node, [values[each.unique()] for each in node.inputs()], values)
        found = found if node.kind() in SEVERAL or len(outs) > 1 else (found,)
        values.update((out.unique(), each) for out, each in zip(outs, found, strict=False))
    return [values[each.unique()] for each in block.outputs()]


def run_node(node: Any, given: list[Any], values: dict[int, Any]) -> Any:
    kind = node.kind()
    if kind in CONTROL:
        return CONTROL[kind](node, given, values)
    if kind in PLAIN and not any(isinstance(each, Tensor) for each in given[:1]):
        return PLAIN[kind](*given)
    if kind in TORCHS:
        return TORCHS[kind](*given)
    if kind == "prim::CallFunction":
        name, *given = given
        function = torchs_function(name)
        return function(*given) if function else run_graph(own_function(name).graph, tuple(given))
    arguments = torch._C.parse_schema(node.schema()).arguments
    named = {each.name: value for each, value in zip(arguments, given, strict=True) if each.kwarg_only}
    return operator_of(node)(*given[: len(given) - len(named)], **named)


def run_if(node: Any, given: list[Any], values: dict[int, Any]) -> list[Any]:
    then, other = node.blocks()
    return run_block(then if given[0] else other, values)


def run_loop(node: Any, given: list[Any], values: dict[int, Any]) -> list[Any]:
    (body,) = node.blocks()
    most, go, *carried = given
    index, *inside = (each.unique() for each in body.inputs())
    at = 0
    while go and at < most:
        values[index] = at
        values.update(zip(inside, carried, strict=True))
        go, *carried = run_block(body, values)
        at += 1
    return carried


def constant(node: Any, given: list[Any], values: dict[int, Any]) -> Any:
    out = node.output()
    return str(out.type()) if out.type().kind() == "FunctionType" else out.toIValue()


def get_attribute(node: Any, given: list[Any], values: dict[int, Any]) -> Any:
    (thing,), name = given, node.s("name")
    return thing.attribute(name) if isinstance(thing, Scripted) else getattr(thing, name)


def call_method(node: Any, given: list[Any], values: dict[int, Any]) -> Any:
    (thing, *given), name = given, node.s("name")
    return thing(*given) if name == "forward" else thing.method(name, *given)


def refuse(*said: Any) -> None:
    raise RuntimeError(str(said[0]))


def convolve(x: Tensor, weight: Tensor, bias: Any, stride: Any, padding: Any, dilation: Any, transposed: bool,
             output_padding: Any, groups: int, *args: Any) -> Tensor:  # fmt: skip
    name = f"conv_transpose{weight.ndim - 2}d" if transposed else f"conv{weight.ndim - 2}d"
    rest = (output_padding, groups, dilation) if transposed else (dilation, groups)
    return getattr(torch, name)(x, weight, bias, stride, padding, *rest)


def normalise(x: Tensor, weight: Any, bias: Any, mean: Any, var: Any, training: bool, momentum: float, eps: float,
              *args: Any) -> Tensor:  # fmt: skip
    return F.batch_norm(x, mean, var, weight, bias, training, momentum, eps)


CONTROL: dict[str, Callable[[Any, list[Any], dict[int, Any]], Any]] = {
    "prim::Constant": constant,
    "prim::GetAttr": get_attribute,
    "prim::CallMethod": call_method,
    "prim::If": run_if,
    "prim::Loop": run_loop,
    "prim::ListConstruct": lambda node, given, values: list(given),
    "prim::TupleConstruct": lambda node, given, values: tuple(given),
    "prim::DictConstruct": lambda node, given, values: dict(zip(given[::2], given[1::2], strict=True)),
    "prim::ListUnpack": lambda node, given, values: given[0],
    "prim::TupleUnpack": lambda node, given, values: given[0],
    "prim::Uninitialized": lambda node, given, values: None,
}
SEVERAL = ("prim::If", "prim::Loop", "prim::ListUnpack", "prim::TupleUnpack")
# On numbers, lists and dicts: what a list is given must be in that list.
PLAIN: dict[str, Step] = {
    "aten::__is__": operator.is_,
    "aten::__isnot__": operator.is_not,
    "aten::__not__": operator.not_,
    "aten::__getitem__": operator.getitem,
    "aten::__contains__": operator.contains,
    "aten::_set_item": operator.setitem,
    "aten::append": list.append,
    "aten::len": len,
    "aten::format": lambda text, *given: text.format(*given),
    "aten::warn": lambda *given: None,
    "prim::RaiseException": refuse,
    "prim::TupleIndex": operator.getitem,
    "prim::min": min,
    "prim::max": max,
}
# As PyTorch's layers call these: so they are drawn and counted the same.
TORCHS: dict[str, Step] = {
    "prim::unchecked_cast": lambda thing: thing,
    "prim::NumToTensor": lambda number: number,
    "prim::dtype": lambda tensor: tensor.dtype,
    "prim::device": lambda tensor: tensor.device,
    "aten::Int": int,
    "aten::_convolution": convolve,
    "aten::conv1d": torch.conv1d,
    "aten::conv2d": torch.conv2d,
    "aten::conv3d": torch.conv3d,
    "aten::batch_norm": normalise,
    "aten::linear": F.linear,
    "aten::relu": torch.relu,
    "aten::max_pool2d": F.max_pool2d,
    "aten::avg_pool2d": F.avg_pool2d,
    "aten::adaptive_avg_pool2d": F.adaptive_avg_pool2d,
    "aten::flatten": torch.flatten,
    "aten::dropout": F.dropout,
}
