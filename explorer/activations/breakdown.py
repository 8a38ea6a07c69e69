"""One number of an output, spelled out: what it was made of, term by term, from the stored numbers and the weights.

The recorded operation is run again by itself. Nothing is shown that does not come to what the network stored, and no
sum that only holds near these numbers.
"""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import nn

from explorer.activations.activations import Activations
from explorer.activations.replay import (
    CLOSE,
    LISTED,
    TINY,
    Asked,
    Breakdown,
    Contribution,
    Index,
    Operation,
    RecordedCall,
    added_up,
    ravelled,
    sums,
    unravelled,
    window_of,
)
from explorer.graph.graph import Node

# What is known to be a sum, or to move numbers, which saves trying; and what chooses.
SUMS = ("Conv1d", "Conv2d", "Conv3d", "Linear", "AvgPool2d", "AdaptiveAvgPool2d", "conv2d", "linear", "avg_pool2d")
MOVES = ("add", "iadd", "radd", "sub", "isub", "cat", "stack", "permute", "transpose", "view", "reshape", "contiguous")
MOVES = (*MOVES, "flatten", "Flatten", "Identity", "Dropout", "dropout", "getitem", "chunk", "split", "pad", "roll")
LARGEST = ("MaxPool2d", "AdaptiveMaxPool2d", "max_pool2d", "adaptive_max_pool2d")
SOFTMAXES = ("Softmax", "softmax")
TIMES = ("mul", "imul", "rmul", "multiply")
# What the functions' arguments after the input are called, and the layers' attributes.
LAYER_NORM, GROUP_NORM = ("normalized_shape", "weight", "bias", "eps"), ("num_groups", "weight", "bias", "eps")
NORMS = {"LayerNorm": LAYER_NORM, "layer_norm": LAYER_NORM, "GroupNorm": GROUP_NORM, "group_norm": GROUP_NORM}
LOCAL = ("size", "alpha", "beta", "k")
SCALED = {"normalize": ("p", "dim", "eps"), "LocalResponseNorm": LOCAL, "local_response_norm": LOCAL}
DEFAULTS = (5, 1e-4, 0.75, 1.0)  # of local_response_norm
QUERY = ("query", "key", "value")
MASKS = (("bias_k", 7), ("bias_v", 8), ("key_padding_mask", 14), ("attn_mask", 16))

Rule = Callable[[Asked], Breakdown | None]


def break_down(model: nn.Module, seen: Activations, node: Node, index: Index) -> Breakdown | None:
    """Of the number at `index` of the node's output; None for an operation that is not spelled out.

    `model`: in evaluation mode.
    """
    call, output = seen.calls.get(node.name), seen.outputs[node.name]
    if call is None or not call.reads or any(not read.node for read in call.reads):
        return None
    asked = Asked(Operation(model, seen.outputs, seen.calls, call), node, ravelled(index, output), float(output[index]))
    try:
        found = next(filter(None, (rule(asked) for rule in rules_of(node))), None)
    except (LookupError, RuntimeError, AttributeError):  # it read what is not stored, or cannot be run by itself
        return None
    return found if found and holds(found) else None


def holds(found: Breakdown) -> bool:
    size = sum(abs(term.product) for term in found.terms) + abs(found.others) + abs(found.constant)
    room = CLOSE * (abs(found.stored) + (size if found.adds else 0))
    return abs(found.result - found.stored) <= room + TINY


def rules_of(node: Node) -> tuple[Rule, ...]:
    if node.op in LARGEST:
        return (largest_of,)
    if node.op in SOFTMAXES:
        return (shares_of,)
    if node.op in NORMS:
        return (normed,)
    if node.op in SCALED:
        return (scaled,)
    if node.op == "scaled_dot_product_attention":
        return (mixed_values,)
    if node.op == "multi_head_attention_forward":
        return (mixed_heads,)
    if node.kind == "activation":
        return (function_of,)
    return (products_of, sum_of, function_of) if node.op in TIMES else (sum_of, products_of, function_of)


def layer_of(model: nn.Module, node: Node) -> nn.Module | None:
    """The layer of PyTorch's that the node is, if it is one."""
    module = dict(model.named_modules()).get(node.path[-1]) if node.path else None
    return module if type(module).__name__ == node.op else None


# Sums, and numbers moved


def sum_of(asked: Asked) -> Breakdown | None:
    if not asked.factors:  # whole numbers alone
        return None
    constant = asked.constant(asked.factors)
    if not known_to_sum(asked) and not sums(asked, asked.factors, constant):
        return None
    found = added_up(asked, asked.factors, constant)
    if not found.terms:
        return replace(found, how="padding" if "pad" in asked.node.op.lower() else "constant")
    moved = len(found.terms) == 1 and found.terms[0].factor == 1 and not constant and asked.node.op not in SUMS
    return replace(found, how="same", window=None) if moved else found


def known_to_sum(asked: Asked) -> bool:
    """A norm does, by statistics that it learned."""
    layer = asked.operation.layer
    norm = isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) and layer.running_mean is not None
    return norm or asked.node.op in (*SUMS, *MOVES)


def products_of(asked: Asked) -> Breakdown | None:
    """Of two inputs, where each of them alone makes a sum whose factors are numbers of the other."""
    if len(asked.factors) != 2:
        return None
    if asked.node.op not in TIMES and not all(sums(asked, {read: each}, 0.0) for read, each in asked.factors.items()):
        return None
    (one, factors), (other, _) = asked.factors.items()
    given = asked.operation.given[other]
    ones = asked.operation.factors(asked.at, {other: torch.ones_like(given)})[one]
    order = torch.arange(given.numel(), dtype=given.dtype).reshape(given.shape)
    places = (asked.operation.factors(asked.at, {other: order})[one].double() / ones.double()).flatten()

    def pair(term: Contribution, at: int) -> Contribution:
        factor = asked.term(other, round(float(places[at])), 1.0)
        return replace(term, by=(factor.node, factor.index)) if factor.value == term.factor else term

    found = added_up(asked, {one: factors}, counted={one: ones}, pair=pair)
    if len(found.terms) == 1 and (by := found.terms[0].by) and asked.node.op in TIMES:
        first = replace(found.terms[0], factor=1.0, by=None)
        return replace(found, how="product", terms=(first, Contribution(*by, found.terms[0].factor, 1.0)), window=None)
    return replace(found, how="products", window=None)


# Functions of one number, and choices


def function_of(asked: Asked) -> Breakdown | None:
    """Of one number alone, whatever stands around it."""
    given, at = asked.operation.given, asked.at
    if len(given) != 1 or next(iter(given.values())).shape != asked.operation.run()[0].shape:
        return None
    ((read, value),) = given.items()
    result, dice = asked.operation.number(at), torch.Generator().manual_seed(0)
    for scale in (0.1, 10.0):
        noise = (torch.randn(value.shape, generator=dice) * scale).to(value.dtype)
        noise.view(-1)[at] = value.reshape(-1)[at]
        if abs(asked.operation.number(at, {read: noise}) - result) > CLOSE * abs(result):
            return None
    return Breakdown(asked.node.op, (asked.term(read, at, 1.0),), result=result, stored=asked.stored)


def largest_of(asked: Asked) -> Breakdown | None:
    ((read, factors),) = asked.factors.items()
    if not factors.any():
        return None
    chosen = int(factors.flatten().nonzero().flatten()[0])
    term, means, window = asked.term(read, chosen, 1.0), pool_of_means(asked.operation.layer), None
    if means:
        reader = replace(asked.operation, call=RecordedCall(means.forward, (read,), {}))
        window = window_of(asked, reader.factors(asked.at)[read], term)
    return Breakdown("largest", (term,), result=term.value, stored=asked.stored, window=window)


def pool_of_means(layer: nn.Module | None) -> nn.Module | None:
    """That reads the same window; of one that is dilated there is none."""
    if isinstance(layer, nn.AdaptiveMaxPool2d):
        return nn.AdaptiveAvgPool2d(layer.output_size)  # type: ignore[arg-type]
    if isinstance(layer, nn.MaxPool2d) and layer.dilation in (1, (1, 1)):
        return nn.AvgPool2d(layer.kernel_size, layer.stride, layer.padding, layer.ceil_mode)
    return None


def shares_of(asked: Asked) -> Breakdown | None:
    """e to the power of the number, over the sum of that of all entries; the number's own entry first."""
    operation, read = asked.operation, asked.operation.call.reads[0]
    layer, value = operation.layer, operation.given[read]
    dim = operation.call.setting("dim", 1) if layer is None else layer.dim
    if not isinstance(dim, int):
        return None
    row = list[int | slice](unravelled(asked.at, value))
    own, row[dim] = int(row[dim]), slice(None)  # type: ignore[arg-type]
    places = torch.arange(value.numel()).reshape(value.shape)[tuple(row)]
    shares = value.double()[tuple(row)].softmax(0)
    order = [own, *(each for each in shares.argsort(descending=True).tolist() if each != own)]
    terms = tuple(asked.term(read, int(places[each]), float(shares[each])) for each in order[:LISTED])
    others = float(shares[order[LISTED:]].sum())
    return Breakdown("softmax", terms, max(0, len(order) - LISTED), others, 0.0, float(shares[own]), asked.stored)


# Norms, by the numbers of the picture itself


def normed(asked: Asked) -> Breakdown:
    """(x - mean) / deviation × γ + β, the mean and the deviation over a group of numbers that lie side by side: the
    last sides of a layer norm, some channels of a group norm."""
    operation, at = asked.operation, asked.at
    (read,) = [each for each in operation.call.reads][:1]
    value = operation.given[read]
    many, weight, bias, eps = (operation.setting(name, place) for place, name in enumerate(NORMS[asked.node.op], 1))
    if "num_groups" in NORMS[asked.node.op]:
        size, which = value[0].numel() // many, at // value[0, 0].numel() % value.shape[1]
    else:
        size = torch.Size((many,) if isinstance(many, int) else many).numel()
        which = at % size
    group = value.double().flatten()[at // size * size :][:size]
    deviation = float((group.var(correction=0) + eps).sqrt())
    scale = 1.0 if weight is None else float(weight.flatten()[which])
    shift = 0.0 if bias is None else float(bias.flatten()[which])
    term = asked.term(read, at, scale / deviation)
    constant = shift - float(group.mean()) * scale / deviation
    result = term.product + constant
    return Breakdown("norm", (term,), constant=constant, result=result, stored=asked.stored, group=size)


def scaled(asked: Asked) -> Breakdown | None:
    """Divided by the length of the row it stands in, or by what its neighbours in other channels come to."""
    operation, names = asked.operation, SCALED[asked.node.op]
    read = operation.call.reads[0]
    value, told = (
        operation.given[read].double(),
        [operation.setting(name, place) for place, name in enumerate(names, 1)],
    )
    row = list[int | slice](unravelled(asked.at, value))
    if names is LOCAL:
        size, alpha, beta, k = (default if each is None else each for each, default in zip(told, DEFAULTS, strict=True))
        row[1] = slice(max(0, int(row[1]) - size // 2), int(row[1]) + (size - 1) // 2 + 1)  # type: ignore[arg-type]
        group = value[tuple(row)]
        divisor = (k + alpha * float(group.square().sum()) / size) ** beta
    else:
        power, dim, eps = 2.0, 1 if told[1] is None else told[1], 1e-12 if told[2] is None else told[2]
        if told[0] not in (None, power):
            return None
        row[dim] = slice(None)
        group = value[tuple(row)]
        divisor = max(float(group.square().sum().sqrt()), eps)
    term, how = asked.term(read, asked.at, 1 / divisor), "local response" if names is LOCAL else "unit length"
    return Breakdown(how, (term,), result=term.product, stored=asked.stored, group=group.numel())


# Attention: what every token gives, by the shares of a softmax


def mixed_values(asked: Asked) -> Breakdown | None:
    """The shares are torch's own, with scale and mask: the factors of the values."""
    queries, keys, values = (asked.operation.call.setting(name, place) for place, name in enumerate(QUERY))
    if values not in asked.factors or values in (queries, keys):
        return None
    factors = {values: asked.factors[values]}
    return replace(added_up(asked, factors), how="attention") if sums(asked, factors, 0.0) else None


def mixed_heads(asked: Asked) -> Breakdown | None:
    """Of tokens (T, 1, D) that look at each other: a term for each head and token, by its share of what the output
    layer makes of that head's value."""
    call, operation = asked.operation.call, asked.operation
    read = call.args[0]
    plain = not any(operation.setting(name, place) is not None for name, place in MASKS) and not call.setting("", 9)
    separate = call.kwargs.get("use_separate_proj_weight") or call.kwargs.get("is_causal")
    if call.args[:3] != (read, read, read) or not plain or separate or len(read.shape) != 3 or read.shape[1] != 1:
        return None
    value, heads = operation.given[read].double()[:, 0], call.args[4]
    weight, bias, last, constant = (operation.resolved(call.args[place]) for place in (5, 6, 11, 12))
    joined = value @ weight.double().T + (0 if bias is None else bias.double())
    query, key, given = (each.unflatten(1, (heads, -1)).transpose(0, 1) for each in joined.chunk(3, 1))
    token, channel = divmod(asked.at, read.shape[2])
    shares = (query[:, token, None] * key).sum(2).div(key.shape[2] ** 0.5).softmax(1)
    made = (given * last.double()[channel].unflatten(0, (heads, 1, -1))).sum(2)
    products, rows = (shares * made).flatten(), []
    order = products.abs().argsort(descending=True).tolist()
    for each in order[:LISTED]:
        head, source = divmod(each, len(value))
        term = asked.term(read, source * read.shape[2] + channel, float(shares[head, source]))
        rows.append(replace(term, value=float(made[head, source]), head=head))
    shift = 0.0 if constant is None else float(constant[channel])
    others = float(products[order[LISTED:]].sum())
    told = max(0, len(order) - LISTED), others, shift, float(products.sum()) + shift, asked.stored
    return Breakdown("attention", tuple(rows), *told)
