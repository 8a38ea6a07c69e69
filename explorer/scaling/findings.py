"""What one dimension returned and what all three did, in sentences made of the printed rows and their counts."""

from collections.abc import Iterator, Sequence

from explorer.formatting import join_words, short_number
from explorer.scaling.charts import Bought

SINGLE = ("depth", "width", "resolution")


def returns_sentences(bought: Sequence[Bought]) -> str:
    """The rows are those of one base in one table of the paper."""
    single = [each.top1 for each in bought if each.way in SINGLE]
    compound = next(each for each in bought if each.way == "compound")
    return (
        f"**Similar work, different return.** One dimension alone brings {min(single)} to {max(single)} %, "
        f"all three together **{compound.top1} %** (published: Tan & Le 2019, {compound.source})."
        f"\n\n{cost_sentence(bought)}"
    )


def cost_sentence(bought: Sequence[Bought]) -> str:
    """What the networks take by count, beside what is printed; and which cannot be counted."""
    both = [each for each in bought if each.printed and each.counted]
    single = [each.counted for each in bought if each.counted and each.way in SINGLE]
    spread = f"{short_number(min(single))} to {short_number(max(single))}"
    said = [*miscounted_networks(both)] or [f"By count the single ways take {spread} MACs."]
    if unknown := [returns_label(each) for each in bought if each.counted is None]:
        said.append(f"Not counted: {join_words(unknown)}, for the table does not say its factors.")
    return " ".join(said)


def miscounted_networks(both: Sequence[Bought]) -> Iterator[str]:
    """Where the count is not what is printed."""
    apart, alike = ([each for each in both if agrees(each) is right] for right in (False, True))
    if not apart:
        return
    taken = [
        f"{returns_label(each)} takes {short_number(each.counted or 0)} (printed: {(each.printed or 0) / 1e9:g} G)"
        for each in apart
    ]
    yield f"By count {join_words(taken)}."
    if alike:
        yield f"Of {join_words(map(returns_label, alike))} the count is what is printed, to its last digit."
    yield "How far all three together lead over networks of *exactly* equal MACs is not published."


def returns_label(each: Bought) -> str:
    return "the compound network" if each.way == "compound" else each.label


def agrees(each: Bought) -> bool:
    """To the tenth of a thousand million that the table prints."""
    return round((each.counted or 0) / 1e9, 1) == round((each.printed or 0) / 1e9, 1)
