"""What one operation costs, as the number and the sum it came from."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from explorer.graph.graph import Graph, Node, Shape

ITEMSIZES = {"fp32": 4, "fp16": 2, "int8": 1}  # bytes of one number
Product = tuple[int, int, int, int]


@dataclass(frozen=True)
class Sum:
    """A number, and in words how it comes about."""

    text: str
    value: int


def params_sum(node: Node) -> Sum:
    """The weights of one operation, from its settings where they tell, else from the shapes of its weights."""
    if not node.weights:
        return Sum("no weights to learn" if not node.params else f"{node.params:,} learned numbers", node.params)
    if not node.params:
        return Sum("these weights are counted where they were used first", 0)
    sums = (layer_params(node), sum_result(" + ".join(product_text(s) for _, s in node.weights), weight_count(node)))
    rest = Sum(f"{node.params:,} learned numbers that were not counted before", node.params)
    return next((s for s in sums if s and s.value == node.params), rest)


def layer_params(node: Node) -> Sum | None:
    """The closed form of a convolution, a linear layer or a norm."""
    if node.kind == "norm":
        return norm_params(node)
    factors = filter_factors(node)
    if factors is None:
        return None
    out: int = node.attribute("out_channels") or node.attribute("out_features")
    bias: bool = node.attribute("bias", False)
    return sum_result(factors.text + (f" + {out:,}" if bias else ""), factors.value + (out if bias else 0))


def norm_params(node: Node) -> Sum | None:
    shapes = {shape for _, shape in node.weights}
    if len(shapes) != 1 or len(node.weights) > 2:
        return None
    shape = shapes.pop()
    both = len(node.weights) == 2
    made = sum_result(product_text((2, *shape) if both else shape), weight_count(node))
    return Sum(f"{made.text} ({'scale and shift' if both else 'scale'})", made.value)


def weight_count(node: Node) -> int:
    return sum(prod(shape) for _, shape in node.weights)


def filter_factors(node: Node) -> Sum | None:
    """The weights of all filters without their biases: what one output position costs, too."""
    settings = dict(node.attributes)
    if "in_features" in settings:
        sides: Shape = (settings["in_features"], settings["out_features"])
        return Sum(product_text(sides), prod(sides))
    if "in_channels" not in settings:
        return None
    read, made, groups = settings["in_channels"], settings["out_channels"], settings.get("groups", 1)
    each = f"({read:,} / {groups:,})" if groups > 1 else f"{read:,}"
    kernel: Shape = settings["kernel_size"]
    return Sum(f"{product_text(kernel)} × {each} × {made:,}", prod(kernel) * read // groups * made)


def macs_sum(node: Node, graph: Graph) -> Sum:
    """The multiply-adds of one operation for one image, or why it has none."""
    if not node.macs:
        return Sum(WITHOUT_MACS.get(node.kind, "no matrix product inside, so no multiply-adds are counted"), 0)
    candidates = (filter_macs(node, graph), product_macs(node.attribute("products", ())))
    rest = Sum(f"{node.macs:,} in the matrix products inside", node.macs)
    return next((s for s in candidates if s and s.value == node.macs), rest)


def filter_macs(node: Node, graph: Graph) -> Sum | None:
    """Each position costs one multiply-add per filter weight; a transposed convolution's positions are its input's."""
    factors = filter_factors(node)
    if factors is None:
        return None
    if "in_features" in dict(node.attributes):
        positions = node.shape[:-1]
    else:
        positions = (graph.by_name[node.inputs[0]] if node.attribute("transposed") else node).shape[1:]
    if not positions:
        return sum_result(factors.text, factors.value)
    return sum_result(f"{product_text(positions)} positions × {factors.text}", prod(positions) * factors.value)


def product_macs(products: Iterable[Product]) -> Sum | None:
    """Every (b, m, k, n) is b products of an m×k by a k×n matrix."""
    counted = Counter(products)
    terms = [product_text(tuple(f for f in (n, *product) if f > 1) or (1,)) for product, n in counted.items()]
    return sum_result(" + ".join(terms), sum(n * prod(product) for product, n in counted.items())) if terms else None


WITHOUT_MACS = {
    "input": "the image is given: nothing is computed",
    "dropout": "dropout does nothing outside training",
    "pool": "pooling has no multiply-adds by the convention",
    "norm": "norms count no multiply-adds by the convention",
    "activation": "activations count no multiply-adds by the convention",
    "concatenation": "only copies numbers side by side",
    "addition": "adds without multiplying: no multiply-adds by the convention",
    "multiplication": "scales number by number: no multiply-adds by the convention",
    "reshape": "only moves or renames numbers",
}


def product_text(factors: Iterable[int]) -> str:
    return " × ".join(f"{factor:,}" for factor in factors)


def sum_result(text: str, value: int) -> Sum:
    plain = text == f"{value:,}"
    return Sum(text if plain else f"{text} = {value:,}", value)


def weight_bytes(graph: Graph, itemsize: int = 4) -> int:
    """What the weights take on disk or on the device; buffers such as a batch norm's averages left out."""
    return itemsize * (graph.params + sum(count for _, count in graph.left_out))
