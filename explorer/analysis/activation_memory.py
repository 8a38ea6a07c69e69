"""What activations take in memory: at the fullest moment of inference, and kept by training for the backward pass."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod

from explorer.graph.graph import Graph, Node

NEEDS_INPUT = ("convolution", "norm", "activation", "attention")
NEEDS_OUTPUT = ("relu", "sigmoid", "tanh", "softmax", "logsoftmax", "exp", "sqrt", "rsqrt")
NEEDS_OTHER_INPUT = ("pow", "square", "log", "abs")
NEEDS_OWN_INPUT = ("silu", "swish", "hardswish", "hardsigmoid", "mish", "gelu", "softplus", "selu", "relu6", "hardtanh")
WITHOUT_GRADIENT = ("newzeros", "zeroslike", "ne", "eq", "gt", "lt", "ge", "le", "setitem", "argmax")


def owns(node: Node) -> bool:
    """Whether the output has memory of its own in training, where dropout works and overwritten inputs are copied."""
    copied = word(node) in NEEDS_OWN_INPUT or node.kind == "multiplication"
    return not node.shares or copied or drops(node)


def needing_gradient(graph: Graph) -> frozenset[str]:
    """The nodes that a weight lies at or before."""
    found: set[str] = set()
    for node in graph.nodes:
        if word(node) not in WITHOUT_GRADIENT and (node.weights or found.intersection(node.inputs)):
            found.add(node.name)
    return frozenset(found)


def saved_inputs(node: Node, gradient: frozenset[str]) -> Iterator[str]:
    """The names of the nodes whose outputs this operation keeps."""
    kind = node.kind
    if word(node) in NEEDS_OUTPUT:
        yield node.name
    elif kind in NEEDS_INPUT or word(node) in NEEDS_OTHER_INPUT or (kind == "pool" and not averages_all(node)):
        yield from node.inputs
    elif kind in ("multiplication", "linear") and len(node.inputs) > 1:
        first, second = node.inputs[:2]
        yield from (kept for kept, other in ((first, second), (second, first)) if other in gradient)
    elif kind in ("multiplication", "linear") and node.weights:
        yield from node.inputs
    if node.op == "scaled_dot_product_attention":
        yield node.name


def drops(node: Node) -> bool:
    return node.kind == "dropout" and node.attribute("p", 0) > 0


def averages_all(node: Node) -> bool:
    """Global averages and resizing need no numbers to pass a gradient back, only shapes."""
    return (
        not node.attribute("kernel_size")
        and ("max" not in word(node))
        and ("pool" not in word(node) or node.shape[-2:] == (1, 1))
    )


def word(node: Node) -> str:
    return node.op.lower().replace("_", "")


@dataclass(frozen=True)
class Held:
    """One tensor in memory."""

    node: str  # the name of the node that made it
    bytes: int
    why: str


def extras(node: Node, batch: int, itemsize: int) -> Iterator[Held]:
    """What an operation keeps besides its inputs and its output."""
    numbers = prod(node.shape) * batch
    yield from scratch(node, batch)
    if drops(node):
        yield Held(node.name, numbers * itemsize, "which numbers were dropped")
    if node.op == "multi_head_attention_forward":
        yield Held(node.name, 4 * numbers * itemsize, "queries, keys, values and what they come to")
    if features := node.attribute("num_features"):
        yield Held(node.name, 2 * features * 4, "mean and deviation of each channel")
    if shape := node.attribute("normalized_shape"):
        yield Held(node.name, 2 * numbers // prod(shape) * 4, "mean and deviation of each position")
    if word(node) == "localresponsenorm":
        yield Held(node.name, 3 * numbers * itemsize, "squares, their local sums, and those raised to a power")


@dataclass(frozen=True)
class Memory:
    """Tensors that lie in memory together. The weights are not among them."""

    held: tuple[Held, ...]
    at: str = ""  # the name of the node that is running then

    @property
    def bytes(self) -> int:
        return sum(tensor.bytes for tensor in self.held)


def training_kept(graph: Graph, batch: int = 1, itemsize: int = 4) -> Memory:
    """Every tensor kept from the forward pass until the backward pass reads it, each once.

    The rules are PyTorch's (tools/autograd/derivatives.yaml): a convolution needs its input to find the gradient of
    its weights, ReLU only its own output. Gradients, weights and the optimiser's state come on top.
    """
    owner = owners(graph, owns)
    gradient = needing_gradient(graph)
    kept: dict[str, Held] = {}
    extra: list[Held] = []
    for node in graph.nodes:
        if node.name not in gradient:
            continue
        for name in saved_inputs(node, gradient):
            read, made = graph.by_name[name], graph.by_name[owner[name]]
            stacked = node.kind == "linear" and len(node.inputs) > 1  # two stacks of matrices, as in attention by hand
            if stacked and prod(read.shape) < prod(made.shape):
                made = read  # a part of a larger tensor is copied before the product
            why = f"{node.op} {node.name} reads it again"
            kept.setdefault(made.name, Held(made.name, output_bytes(made, itemsize) * batch, why))
        extra += [held for held in extras(node, batch, itemsize) if held.bytes]
    return Memory((*kept.values(), *extra))


def inference_peak(graph: Graph, batch: int = 1, itemsize: int = 4) -> Memory:
    """The moment at which most memory is taken, and what takes it.

    A tensor lives from its making to its last reader; what a module was given lives until the module returns, because
    Python holds the arguments of a call. What shares a tensor's memory keeps it alive. A forward that keeps results
    in variables after their last use takes more: DenseNet-121 18 percent, ResNets written `act(y + x)` 29.
    """
    owner = owners(graph, lambda node: not node.shares)
    ends = last_uses(graph, owner)
    peak = Memory(())
    live: list[Held] = []
    for number, node in enumerate(graph.nodes):
        live = [held for held in live if ends[held.node] >= number]
        if owner[node.name] == node.name:
            live.append(Held(node.name, output_bytes(node, itemsize) * batch, "an output"))
        now = Memory((*live, *scratch(node, batch)), node.name)
        peak = max(peak, now, key=lambda memory: memory.bytes)
    return peak


def owners(graph: Graph, owns: Callable[[Node], bool]) -> dict[str, str]:
    """For every node, the node in whose memory its output lies."""
    found: dict[str, str] = {}
    for node in graph.nodes:
        found[node.name] = node.name if owns(node) or not node.inputs else found[node.inputs[0]]
    return found


def last_uses(graph: Graph, owner: dict[str, str]) -> dict[str, int]:
    """For every owner of memory, the number of the last node during which it must be there."""
    returns = {call: number for number, node in enumerate(graph.nodes) for call in calls(node)}
    ends: dict[str, int] = {}
    for number, node in enumerate(graph.nodes):
        ends[owner[node.name]] = number
        for name in node.inputs:
            given_to = calls(node) - calls(graph.by_name[name])
            ends[owner[name]] = max(ends[owner[name]], number, *(returns[call] for call in given_to))
    ends[graph.nodes[0].name] = len(graph.nodes) - 1  # the caller holds the image
    return ends


def calls(node: Node) -> frozenset[tuple[str, int]]:
    """The calls of modules that a node ran inside."""
    return frozenset(zip(node.path, node.calls, strict=True))


def output_bytes(node: Node, itemsize: int) -> int:
    """For one image; `itemsize` is what a number takes that the network computes in 32 bits."""
    return prod(node.shape) * (itemsize if node.itemsize == 4 else node.itemsize)


def scratch(node: Node, batch: int) -> tuple[Held, ...]:
    """Max pooling also writes down where each maximum stood, as 64-bit numbers."""
    if "max" not in node.op.lower() or not node.attribute("kernel_size"):
        return ()
    return (Held(node.name, prod(node.shape) * 8 * batch, "the places of the maxima"),)
