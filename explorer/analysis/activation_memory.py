"""What activations take in memory: at the fullest moment of inference, and kept by training for the backward pass."""

from collections import Counter
from collections.abc import Callable, Iterator
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


def extras(node: Node, batch: int, itemsize: int) -> Iterator[int]:
    """Bytes that an operation keeps besides its inputs and its output."""
    numbers = prod(node.shape) * batch
    yield scratch(node, batch)
    if drops(node):  # which numbers were dropped
        yield numbers * itemsize
    if node.op == "multi_head_attention_forward":  # queries, keys, values and what they come to
        yield 4 * numbers * itemsize
    if features := node.attribute("num_features"):  # mean and deviation of each channel
        yield 2 * features * 4
    if shape := node.attribute("normalized_shape"):  # mean and deviation of each position
        yield 2 * numbers // prod(shape) * 4
    if word(node) == "localresponsenorm":  # squares, their local sums, and those raised to a power
        yield 3 * numbers * itemsize


def training_kept(graph: Graph, batch: int = 1, itemsize: int = 4) -> Counter[str]:
    """Bytes kept from the forward pass until the backward pass reads them, by the node that made them; no weights.

    The rules are PyTorch's (tools/autograd/derivatives.yaml): a convolution needs its input to find the gradient of
    its weights, ReLU only its own output. Gradients, weights and the optimiser's state come on top.
    """
    owner = owners(graph, owns)
    gradient = needing_gradient(graph)
    kept: dict[str, int] = {}
    extra: Counter[str] = Counter()
    for node in graph.nodes:
        if node.name not in gradient:
            continue
        for name in saved_inputs(node, gradient):
            read, made = graph.by_name[name], graph.by_name[owner[name]]
            stacked = node.kind == "linear" and len(node.inputs) > 1  # two stacks of matrices, as in attention by hand
            if stacked and prod(read.shape) < prod(made.shape):
                made = read  # a part of a larger tensor is copied before the product
            kept[made.name] = output_bytes(made, itemsize) * batch
        extra[node.name] = sum(extras(node, batch, itemsize))
    return extra + Counter(kept)


def inference_peak(graph: Graph, batch: int = 1, itemsize: int = 4) -> Counter[str]:
    """Bytes at the moment at which most memory is taken, by the node that made them; the weights are not among them.

    A tensor lives from its making to its last reader; what a module was given lives until the module returns, because
    Python holds the arguments of a call. What shares a tensor's memory keeps it alive. A forward that keeps results
    in variables after their last use takes more: DenseNet-121 18 percent, ResNets written `act(y + x)` 29.
    """
    owner = owners(graph, lambda node: not node.shares)
    ends = last_uses(graph, owner)
    peak: Counter[str] = Counter()
    live: dict[str, int] = {}
    for number, node in enumerate(graph.nodes):
        live = {name: size for name, size in live.items() if ends[name] >= number}
        if owner[node.name] == node.name:
            live[node.name] = output_bytes(node, itemsize) * batch
        now = Counter(live)
        if places := scratch(node, batch):
            now[node.name] += places
        peak = max(peak, now, key=Counter.total)
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
    ends |= {node.name: len(graph.nodes) - 1 for node in graph.inputs}  # the caller holds the image
    return ends


def calls(node: Node) -> frozenset[tuple[str, int]]:
    """The calls of modules that a node ran inside."""
    return frozenset(zip(node.path, node.calls, strict=True))


def output_bytes(node: Node, itemsize: int) -> int:
    """For one image; `itemsize` is what a number takes that the network computes in 32 bits."""
    return prod(node.shape) * (itemsize if node.itemsize == 4 else node.itemsize)


def scratch(node: Node, batch: int) -> int:
    """Bytes of where each maximum stood, which max pooling writes down, too, as 64-bit numbers."""
    pools = "max" in node.op.lower() and node.attribute("kernel_size")
    return prod(node.shape) * 8 * batch if pools else 0
