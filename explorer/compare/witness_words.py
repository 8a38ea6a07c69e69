"""A witness's difference in words: how much, and what it consists of."""

from explorer.compare.reasons import Term
from explorer.compare.witnesses import Count, Witness
from explorer.words import short, signed

NAMED = 4  # terms; what is smaller is added up


def sentence(witness: Witness) -> str:
    """In one breath: whether it agrees, and if not, why not."""
    if witness.problem:
        return f"It cannot count this network: {witness.problem.rstrip('.')}."
    if witness.kind == "ours":
        return "One multiply-add is one MAC; biases, norms, activations and pooling count none."
    apart = [f"{name}: {difference(count)}" for name, count in witness.counts if count.difference]
    if not apart:
        rounding = any(count.printed_to and count.value != count.ours for _, count in witness.counts)
        return "Says the same, to the last digit printed." if rounding else "Says exactly the same."
    same = [name for name, count in witness.counts if not count.difference]
    return " ".join([*(f"The same {name}." for name in same), *(f"{said[:1].upper()}{said[1:]}." for said in apart)])


def difference(count: Count) -> str:
    more = "more" if count.difference > 0 else "fewer"
    said = f"{short(abs(count.difference))} {more} than ours{share(count)}"
    if count.terms and not count.unexplained:
        return f"{said}, explained to the last one"
    return f"{said}; {short(abs(count.unexplained))} of it unexplained" if count.unexplained else said


def share(count: Count) -> str:
    """Of ours, where we count any."""
    if not count.ours:
        return ""
    percent = 100 * abs(count.difference) / count.ours
    return f" ({percent:.1f} %)" if percent >= 0.1 else " (less than 0.1 %)"


def parts(count: Count) -> list[tuple[str, str]]:
    """Each term as its amount and its reason; the small ones together; what nobody can explain last."""
    said = [part(term) for term in count.terms[:NAMED]]
    rest = count.terms[NAMED:]
    if len(rest) == 1:
        said.append(part(rest[0]))
    elif rest:
        said.append((signed(sum(term.count for term in rest)), f"{len(rest)} smaller reasons, in the table below"))
    if count.unexplained:
        said.append((signed(count.unexplained), "unexplained: the graph does not tell why"))
    return said


def part(term: Term) -> tuple[str, str]:
    return signed(term.count), f"{term.reason} ({places(term)})"


def places(term: Term) -> str:
    many = len(term.gaps)
    return term.gaps[0].where if many == 1 else f"{many} places"


def rows(witness: Witness) -> list[dict[str, object]]:
    """Every single gap, for a table."""
    return [
        {"of": name, "where": gap.where, "difference": gap.count, "reason": term.reason}
        for name, count in witness.counts
        for term in count.terms
        for gap in term.gaps
    ]
