"""Where a counter counts otherwise than we do: the gaps in single layers, by thop's and torchinfo's rules.

thop 0.1 looks at a layer's class, and at nothing else, as in its `profile.py` (which classes have a rule) and
`vision/basic_hooks.py` (what each rule counts). torchinfo 1.8 takes every weight and bias of a layer times its
positions, as in its `layer_info.py`: a class with "Conv" in its name is multiplied by the positions it writes, every
other by the batch alone, and only layers without layers inside are counted.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import prod

from explorer.formatting import join_words
from explorer.graph.graph import Block, Graph, Node, Shape

TORCH = "torch.nn.modules."
DIMENSIONS = ("1d", "2d", "3d")
CONVOLUTIONS = {f"Conv{d}" for d in DIMENSIONS} | {f"ConvTranspose{d}" for d in DIMENSIONS}
NORMS = {f"{kind}Norm{d}" for kind in ("Batch", "Instance") for d in DIMENSIONS} | {"LayerNorm", "SyncBatchNorm"}
AVERAGES = {f"AvgPool{d}" for d in DIMENSIONS}
ADAPTIVE = {f"AdaptiveAvgPool{d}" for d in DIMENSIONS}
FREE = {f"{kind}Pool{d}" for kind in ("Max", "AdaptiveMax") for d in DIMENSIONS} | {
    *("ZeroPad2d", "ReLU", "ReLU6", "LeakyReLU", "Dropout", "PixelShuffle"),
}
UPSAMPLINGS = {"Upsample": 1, "UpsamplingNearest2d": 1, "UpsamplingBilinear2d": 11}  # Upsample: by its usual mode
RULES = CONVOLUTIONS | NORMS | AVERAGES | ADAPTIVE | FREE | set(UPSAMPLINGS) | {"PReLU", "Softmax", "Linear"}
ASIDE = "layers that run on learned tables, not on the image: we count them where the table is used"


@dataclass(frozen=True)
class Gap:
    """In one layer or one parameter."""

    reason: str  # gaps of one reason are added up
    where: str  # the layer's path, or the parameter's name
    count: int  # what the tool counts beyond ours; below zero: what it leaves out


@dataclass(frozen=True)
class Term:
    """All gaps of one reason."""

    reason: str
    gaps: tuple[Gap, ...]

    @cached_property
    def count(self) -> int:
        return sum(gap.count for gap in self.gaps)


def terms(gaps: Iterable[Gap]) -> tuple[Term, ...]:
    """The largest first."""
    found: dict[str, list[Gap]] = defaultdict(list)
    for gap in gaps:
        if gap.count:
            found[gap.reason].append(gap)
    added = (Term(reason, tuple(each)) for reason, each in found.items())
    return tuple(sorted(added, key=lambda term: -abs(term.count)))


class Modules:
    """What the graph says of the modules as they were written: who holds which parameter, who was called."""

    def __init__(self, graph: Graph, outputs: Mapping[str, Shape] | None = None) -> None:
        """`outputs`: what each layer wrote last, batch included, where a run with hooks has told."""
        self.graph, self.outputs = graph, outputs or {}
        self.parents = {block.path.rpartition(".")[0] for block in graph.blocks if block.path}

    def block(self, node: Node) -> Block:
        """The innermost module the operation ran in."""
        return self.graph.block_at[node.path[-1] if node.path else ""]

    def leaf(self, path: str) -> bool:
        return path not in self.parents

    @cached_property
    def parameters(self) -> dict[str, Shape]:
        """Those that were read, by their full names."""
        return dict(weight for node in self.graph.nodes for weight in node.weights)

    @cached_property
    def own(self) -> dict[str, dict[str, Shape]]:
        """By the module that holds them: their names there, and their shapes."""
        found: dict[str, dict[str, Shape]] = defaultdict(dict)
        for name, shape in self.parameters.items():
            owner, _, local = name.rpartition(".")
            found[owner][local] = shape
        return found

    @cached_property
    def aside(self) -> tuple[Block, ...]:
        """Layers that ran, but not on the image: on a table of positions, say. We count them where that is used."""
        inside = {path for node in self.graph.nodes for path in node.path}
        return tuple(self.graph.block_at[path] for path in self.outputs if path and path not in inside)


def unread(modules: Modules) -> list[Gap]:
    """Parameters that no operation reads: we leave them out; torch and torchinfo, which ask the modules, do not."""
    reason = "parameters of parts that do not run when the network is used, so we leave them out"
    return [Gap(reason, name, count) for name, count in modules.graph.left_out]


def has_rule(block: Block) -> bool:
    """For exactly these classes of PyTorch's: a class derived from one has none."""
    return block.qualname.startswith(TORCH) and block.kind in RULES


def thop_macs_gaps(modules: Modules) -> Iterator[Gap]:
    for node in modules.graph.nodes:
        block = modules.block(node)
        if not has_rule(block):
            yield Gap(f"no rule for {block.kind}: what it multiplies itself is left out", node_place(node), -node.macs)
        else:
            yield layer_gap(node, block, modules)
    for block in modules.aside:
        yield Gap(ASIDE, block.path, aside(block, modules))


def aside(block: Block, modules: Modules) -> int:
    """What thop counts in a layer that does not run on the image."""
    out, weights = modules.outputs[block.path], prod(modules.own.get(block.path, {}).get("weight", (0,)))
    if not has_rule(block):
        return 0
    if block.kind in NORMS:
        return (4 if weights else 2) * prod(out)
    return weights * (prod(out[:-1]) if block.kind == "Linear" else out[0] * prod(out[2:]))


def layer_gap(node: Node, block: Block, modules: Modules) -> Gap:
    """In a layer that has a rule."""
    kind, written = block.kind, prod(node.shape)
    if kind in NORMS:
        each = 4 if node.weights else 2
        return Gap(f"norms: {each} operations for each number a {kind} writes", block.path, each * written)
    if kind in ADAPTIVE:
        read = modules.graph.by_name[node.inputs[0]].shape
        window = prod(Fraction(a, b) for a, b in zip(read[1:], node.shape[1:], strict=True))
        reason = "average pooling: a sum over each window and a division"
        return Gap(reason, block.path, int((window + 1) * written))
    if kind in AVERAGES:
        return Gap("average pooling: one operation for each number it writes", block.path, written)
    if kind == "Softmax":
        along = (1, *node.shape)[node.attribute("dim", -1)]  # counted with the batch
        reason = "softmax: an exponential, a sum and a division for each number"
        return Gap(reason, block.path, written // along * (3 * along - 1))
    if kind in UPSAMPLINGS:
        each = UPSAMPLINGS[kind]
        return Gap(f"upsampling: {each} for each number a {kind} writes", block.path, each * written)
    if kind == "PReLU":
        return Gap("PReLU: one operation for each number", block.path, written)
    return Gap("a transposed convolution is counted at the positions it writes", block.path, product(node) - node.macs)


def product(node: Node) -> int:
    """Of a convolution or a linear layer: each number it writes, times the inputs that it is a sum over."""
    if not node.attribute("transposed"):
        return node.macs
    groups: int = node.attribute("groups", 1)
    return prod(node.shape) * (node.attribute("in_channels") // groups) * prod(node.attribute("kernel_size"))


def thop_params_gaps(modules: Modules) -> Iterator[Gap]:
    """thop asks a layer for its parameters when it is called, if it has a rule for it."""
    called = {modules.block(node).path for node in modules.graph.nodes if has_rule(modules.block(node))}
    called |= {block.path for block in modules.aside if has_rule(block)}
    for name, shape in modules.parameters.items():
        owner = modules.graph.block_at[name.rpartition(".")[0]]
        if owner.path not in called:
            yield Gap(missed(owner, modules), name, -prod(shape))


def missed(owner: Block, modules: Modules) -> str:
    if not modules.leaf(owner.path):
        return f"only layers are asked for parameters, not {owner.kind}, which holds some itself"
    if has_rule(owner):
        return f"a {owner.kind} here is never called: a function reads its weights, which is not seen"
    return f"no rule for {owner.kind}: its parameters are left out"


def node_place(node: Node) -> str:
    inside = node.path[-1] if node.path else ""
    return f"{inside}: {node.op}" if inside else node.op


def torchinfo_macs_gaps(modules: Modules) -> Iterator[Gap]:
    calls: dict[tuple[str, int], list[Node]] = defaultdict(list)
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
