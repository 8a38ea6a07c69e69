"""What thop 0.1 counts, worked out from the graph: its rules look at a layer's class, and at nothing else.

As in its `profile.py` (which classes have a rule) and `vision/basic_hooks.py` (what each rule counts).
"""

from collections.abc import Iterator
from fractions import Fraction
from math import prod

from explorer.analysis.crosscheck.gaps import Gap, Modules
from explorer.graph.graph import Block, Node

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
