"""What an operation costs, and what a bottleneck saves, as the number and the sum it came from."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod

from explorer.formatting import short_number
from explorer.graph.graph import Graph, Node, Shape

ITEMSIZES = {"fp32": 4, "fp16": 2, "int8": 1}  # bytes of one number
UNKNOWN = "unknown"
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
    if why := dict(graph.uncounted).get(node.name):
        return Sum(f"at least {node.macs:,}: {why}" if node.macs else f"unknown: {why}", node.macs)
    if not node.macs:
        return Sum(WITHOUT_MACS.get(node.kind, "no matrix product inside, so no multiply-adds are counted"), 0)
    candidates = (filter_macs(node, graph), product_macs(node.attribute("products", ())))
    rest = Sum(f"{node.macs:,} in the matrix products inside", node.macs)
    return next((s for s in candidates if s and s.value == node.macs), rest)


def macs_words(graph: Graph, names: Collection[str] | None, macs: int) -> str:
    """1.2 M, of these operations or of all; where some of theirs are not counted: ≥ 1.2 M, or unknown."""
    told = short_number(macs)
    return told if not graph.lacks(names) else f"≥ {told}" if macs else UNKNOWN


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


@dataclass(frozen=True)
class Saving:
    """How many times the multiply-adds that a full-width block would take instead."""

    layer: float  # the middle convolution alone, on the wide channels instead of the narrow ones
    one: float  # the three convolutions, against one such convolution at full width
    two: float  # the three convolutions, against two of them, as in a basic block
    sums: tuple[str, ...]  # the arithmetic, one sentence each


def bottleneck_saving(nodes: Sequence[Node]) -> Saving | None:
    """What narrowing the channels before a 3×3 convolution saves: of the first bottleneck among a block's nodes. None
    where there is none."""
    found = find_bottleneck(nodes)
    if found is None:
        return None
    narrowing, middle, widening = found
    wide: int = widening.attribute("out_channels")
    kernel: tuple[int, ...] = middle.attribute("kernel_size")
    full = prod(middle.shape[1:]) * prod(kernel) * wide * wide
    block = narrowing.macs + middle.macs + widening.macs
    layer, one, two = full / middle.macs, full / block, 2 * full / block
    return Saving(layer, one, two, sentences(found, wide, full))


def find_bottleneck(nodes: Sequence[Node]) -> tuple[Node, Node, Node] | None:
    """Three convolutions in a row: 1×1 to fewer channels, a larger one, 1×1 to more channels again."""
    convolutions = [node for node in nodes if node.kind == "convolution" and node.attribute("kernel_size")]
    for first, middle, last in zip(convolutions, convolutions[1:], convolutions[2:], strict=False):
        pointwise = [prod(node.attribute("kernel_size")) == 1 for node in (first, middle, last)]
        fits = first.attribute("out_channels") == middle.attribute("in_channels")
        fits = fits and middle.attribute("out_channels") == last.attribute("in_channels")
        narrow: int = middle.attribute("in_channels")
        if pointwise == [True, False, True] and fits and narrow < last.attribute("out_channels"):
            return first, middle, last
    return None


def sentences(three: tuple[Node, Node, Node], wide: int, full: int) -> tuple[str, ...]:
    narrowing, middle, widening = three
    narrow: int = middle.attribute("out_channels")
    groups: int = middle.attribute("groups", 1)
    kernel: tuple[int, ...] = middle.attribute("kernel_size")
    name = "×".join(map(str, kernel))
    places = f"{product_text(middle.shape[1:])} positions × {product_text(kernel)}"
    each = f"({narrow:,} / {groups:,})" if groups > 1 else f"{narrow:,}"
    ratio = f"({wide:,} / {narrow:,})²" + (f" × {groups:,} groups" if groups > 1 else "")
    pointwise = narrowing.macs + widening.macs
    block = pointwise + middle.macs
    return (
        f"The {name} convolution on {narrow:,} channels: {places} × {each} × {narrow:,} = {middle.macs:,} "
        "multiply-adds.",
        f"The same on all {wide:,} channels: {places} × {wide:,} × {wide:,} = {full:,}, "
        f"which is {ratio} = {full / middle.macs:,.4g} times as many. That is true of this layer alone.",
        f"The two 1×1 convolutions around it: {narrowing.macs:,} + {widening.macs:,} = {pointwise:,}.",
        f"The block's three convolutions: {middle.macs:,} + {pointwise:,} = {block:,}. One {name} convolution at full "
        f"width takes {full:,} / {block:,} = {full / block:.1f} times as many, "
        f"two of them {2 * full / block:.1f} times.",
    )


@dataclass(frozen=True)
class FilterSaving:
    """What k×k filters in a row save against one filter that sees as far."""

    seen: int  # pixels a side that the last of them sees of what the first reads, as the one large filter would
    stacked: int  # weights, as multiply-adds at each position
    single: int
    sums: tuple[str, ...]  # the arithmetic, one sentence each


def small_filters_saving(nodes: Sequence[Node], graph: Graph) -> FilterSaving | None:
    """Of the longest run of k×k convolutions, k > 1, that read one another, at most through a norm and an activation;
    only the first may change the number of channels. None where there are no two."""
    run = max(filter_runs(nodes, graph), key=len, default=())
    if len(run) < 2:
        return None
    (kernel, _), count = run[0].attribute("kernel_size"), len(run)
    read, made = run[0].attribute("in_channels"), run[0].attribute("out_channels")
    seen, each = count * (kernel - 1) + 1, product_text((kernel, kernel, made, made))
    stacked = kernel**2 * made * (read + (count - 1) * made)
    single = seen**2 * read * made
    small, large = f"{kernel}×{kernel}", f"{seen}×{seen}"
    unlike = f"{product_text((kernel, kernel, read, made))} + {f'{count - 1} × ' * (count > 2)}{each}"
    sums = [
        f"{count} filters of {small} in a row see {large} pixels of what the first reads: "
        f"{count} × ({kernel} − 1) + 1 = {seen} on a side.",
        f"Their weights: {f'{count} × {each}' if read == made else unlike} = {stacked:,}.",
        f"One filter of {large} that sees as far: {product_text((seen, seen, read, made))} = {single:,}, "
        f"which is {single / stacked:.3g} times as many, and as many times the multiply-adds.",
        f"And {count} activations bend the numbers where one would.",
    ]
    if read != made:
        usual = f"{seen}² / ({count} × {kernel}²) = {seen**2 / (count * kernel**2):.3g}"
        lost = "" if single > stacked else " Here the small filters save nothing."
        sums.insert(3, f"The first reads {read:,} channels and makes {made:,}; with equal ones it is {usual}.{lost}")
    return FilterSaving(seen, stacked, single, tuple(sums))


def filter_runs(nodes: Sequence[Node], graph: Graph) -> Iterator[tuple[Node, ...]]:
    """Chains of convolutions that keep the map, each reading the one before and making as many channels."""
    run: list[Node] = []
    for node in (node for node in nodes if node.kind == "convolution"):
        alike = bool(run) and node.attribute("kernel_size") == run[-1].attribute("kernel_size")
        keeps = node.attribute("in_channels") == node.attribute("out_channels")
        fits = slides_densely(node)
        if not (fits and keeps and alike and read_convolution(node, graph) == run[-1].name):
            yield tuple(run)
            run = []
        if fits:
            run.append(node)
    yield tuple(run)


def slides_densely(node: Node) -> bool:
    """A dense k×k convolution, k > 1, of stride 1."""
    kernel = node.attribute("kernel_size", ())
    square = len(kernel) == 2 and kernel[0] == kernel[1] > 1
    steps = {*node.attribute("stride", ()), *node.attribute("dilation", ()), node.attribute("groups", 1)}
    return square and steps <= {1}


def read_convolution(node: Node, graph: Graph) -> str:
    """The convolution whose output a node reads, at most a norm and an activation later; or what stands between."""
    name = node.inputs[0]
    while (above := graph.by_name[name]).kind in ("norm", "activation", "dropout") and len(above.inputs) == 1:
        name = above.inputs[0]
    return name
