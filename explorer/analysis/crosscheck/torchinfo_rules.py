"""What torchinfo 1.8 counts, worked out from the graph: every weight and bias of a layer, times its positions.

As in its `layer_info.py`: a class with "Conv" in its name is multiplied by the positions it writes, every other by the
batch alone, and only layers without layers inside are counted.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from math import prod

from explorer.analysis.crosscheck.gaps import Gap, Modules
from explorer.analysis.crosscheck.thop_rules import ASIDE, node_place
from explorer.formatting import join_words
from explorer.graph.graph import Block, Node, Shape

Call = tuple[str, int]


def torchinfo_macs_gaps(modules: Modules) -> Iterator[Gap]:
    calls: dict[Call, list[Node]] = defaultdict(list)
    for node in modules.graph.nodes:
        block = modules.block(node)
        if modules.leaf(block.path) and (node.path or node.op != "Input"):
            calls[block.path, node.calls[-1] if node.calls else 0].append(node)
        else:
            reason = f"only layers are counted: what {block.kind} multiplies by a function is left out"
            yield Gap(reason, node_place(node), -node.macs)
    for (path, _), nodes in calls.items():
        yield from layer_gaps(modules.graph.block_at[path], nodes, modules)
    for block in modules.aside:
        counts = torchinfo_count(block, modules.own.get(block.path, {}), modules.outputs[block.path])
        yield Gap(ASIDE, block.path, sum(counts))


def torchinfo_count(block: Block, own: Mapping[str, Shape], out: Shape) -> tuple[int, int]:
    """What torchinfo makes of a layer's weights, and of its biases, if it writes `out`, batch included."""
    weights = biases = 0
    for name, held in own.items():
        if name in ("weight", "bias"):
            times = prod(out[:1] + out[2:]) if "Conv" in block.kind else out[0]
        else:
            times = prod(out[:2]) if "weight" in name or "bias" in name else 0
        if "bias" in name:
            biases += prod(held) * times
        else:
            weights += prod(held) * times
    return weights, biases


def layer_gaps(block: Block, nodes: list[Node], modules: Modules) -> Iterator[Gap]:
    """In one call of a layer."""
    own, macs, shape = modules.own.get(block.path, {}), sum(node.macs for node in nodes), nodes[-1].shape
    folded = modules.outputs.get(block.path, (1,))[0] != 1  # something else has been folded into the batch
    weights, biases = torchinfo_count(block, own, shape if folded else (1, *shape))
    if not macs:
        reason = f"the {join_words(own)} of each {block.kind} counted as multiply-adds"
        yield Gap(reason, block.path, weights + biases)
        return
    yield Gap(f"biases of {block.kind} layers counted as multiply-adds", block.path, biases)
    yield Gap(misjudged(block, nodes), block.path, weights - macs)


def misjudged(block: Block, nodes: list[Node]) -> str:
    if any(node.kind == "linear" for node in nodes):
        return f"each {block.kind} layer counted once for an image, however many tokens or positions it is run on"
    if nodes[-1].attribute("transposed"):
        return "a transposed convolution is counted at the positions it writes"
    return f"each weight of a {block.kind} counted once for an image"
