"""What differs between two networks, in sentences that follow from the differences found."""

from collections import Counter
from collections.abc import Callable, Iterator

from explorer.analysis.complexity import WEIGHTED
from explorer.analysis.stage_costs import Costs
from explorer.diff.alignment import Match
from explorer.diff.changes import each
from explorer.diff.layer_diff import Differing, Pair, costs_of
from explorer.formatting import join_words, rough, short_number, signed

PLURALS = ("convolution", "layer", "block", "addition", "multiplication", "concatenation", "projection")
MOST = 4  # kinds of things named one by one


def difference_sentences(found: Differing, first: str, second: str) -> str:
    """The difference from the first network to the second, by their names."""
    return " ".join(filter(None, (kept_sentence(found, first, second), *happened(found), balance_sentence(found))))


def kept_sentence(found: Differing, first: str, second: str) -> str:
    befores = ((pair, pair.before) for pair in found.pairs if pair.before)
    weighted = [pair for pair, node in befores if node.kind in WEIGHTED and node.params]
    same = sum(pair.status == "same" for pair in weighted)
    if all(pair.status == "same" for pair in found.pairs):
        return f"{first} and {second} are the same, layer by layer."
    if not weighted:
        return ""
    if len(weighted) == 1:
        return f"The one layer with weights of {first} {'stands' if same else 'does not stand'} unchanged in {second}."
    what = "convolutions and linear layers"
    if same == len(weighted):
        return f"All {same} {what} of {first} stand unchanged in {second}."
    return f"{same or 'None'} of the {len(weighted)} {what} of {first} {'stand' if same > 1 else 'stands'} unchanged."


def happened(found: Differing) -> Iterator[str]:
    all_changes = list(each(found))
    for status, words in (("added", "Added"), ("removed", "Taken out"), ("changed", "Changed")):
        counted: Counter[str] = Counter()
        for change in all_changes:
            if change.status == status and not change.follows:
                counted[change.kind] += change.times
        if counted:
            yield f"{words}: {listing(counted)}."
    if moved := [pair for pair in found.pairs if pair.status == "moved"]:
        yield movement(moved, found)


def listing(counted: Counter[str]) -> str:
    named = [numbered(times, kind) for kind, times in counted.most_common(MOST)]
    rest = sum(counted.values()) - sum(times for _, times in counted.most_common(MOST))
    if rest:
        named.append(f"{rest} more")
    return join_words(named)


def numbered(times: int, kind: str) -> str:
    """ "3 projections", "16 SqueezeExcitation", "4 3×3 convolutions (groups, filters)"."""
    name, _, aspects = kind.partition(": ")
    name = f"{name}s" if times > 1 and name.endswith(PLURALS) else name
    many = f"{times} " if not name[0].isdigit() else f"{times} × " if times > 1 else "one "
    return f"{many}{name} ({aspects})" if aspects else f"{many}{name}"


def movement(moved: list[Pair], found: Differing) -> str:
    names = listing(Counter(pair.after.op for pair in moved if pair.after))
    forward = all(is_forward(pair, found.matches[pair.match]) for pair in moved)
    where = "from behind the last convolution of their block to before the first" if forward else "within their blocks"
    return f"Moved {where}: {names}."


def is_forward(pair: Pair, match: Match) -> bool:
    if not (match.before and match.after and pair.before and pair.after):
        return False
    convolved = [node for node in match.before.nodes if node.kind == "convolution"]
    starts = [node for node in match.after.nodes if node.kind == "convolution"]
    main = [node for node in convolved if node.attribute("kernel_size") != (1, 1)] or convolved
    if not (main and starts):
        return False
    return int(pair.before.name) > int(main[-1].name) and int(pair.after.name) < int(starts[0].name)


def balance_sentence(found: Differing) -> str:
    first, second = costs_of(found.first), costs_of(found.second)
    change = second - first
    if change == Costs():
        return "In all the same parameters, MACs and activations."
    parts = (
        more(change.params, first.params, "parameters", "{:,}".format),
        more(change.macs, first.macs, "MACs"),
        more(change.activations, first.activations, "activations"),
    )
    return f"In all {', '.join(parts)}."


def more(change: int, whole: int, what: str, spell: Callable[[float], str] = short_number) -> str:
    return f"{signed(change, spell)} {what}{change_words(change, whole)}" if change else f"as many {what}"


def change_words(change: float, whole: float) -> str:
    """As a part of the first network's, in percent, or as a factor where it is large."""
    if not whole:
        return ""
    factor = (whole + change) / whole
    if not factor:
        return " (all of them)"
    if abs(factor - 1) < 0.0005:
        return ""
    if factor >= 2 or factor <= 0.5:
        return f" (× {rough(factor)})"
    return f" ({signed(100 * change / whole, rough)} %)"
