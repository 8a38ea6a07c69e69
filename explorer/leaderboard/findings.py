"""What the data shown say, in sentences: the front, a pair that tells, accuracy for its price."""

import re
from collections.abc import Callable

from explorer.leaderboard.chart import ACCURACIES, RANK, LeaderboardView, short_names
from explorer.leaderboard.entries import Entry, disturbance
from explorer.leaderboard.filters import LeaderboardFilters
from explorer.leaderboard.pareto import ChartPoint
from explorer.leaderboard.table import per_giga, per_million
from explorer.models.facts import QUANTITIES

NOUNS = {
    "top-1": "top-1 accuracy",
    "top-5": "top-5 accuracy",
    "MACs": "MACs",
    "parameters": "parameters",
    "activations": "activations",
    "file size": "bytes on disk",
    "latency": "time for an image",
    "throughput": "images a second",
    "memory": "memory",
}
MEASURED = {"latency", "throughput", "memory"}
Escape = Callable[[str], str]
BEFORE_UNIT = re.compile(r"(?<=\d) (?=[%kMGT]\b|%|ms|MiB|GiB)")  # where no line may end


def finding(field: LeaderboardView, view: LeaderboardFilters, escape: Escape) -> str:
    """Two sentences at most, as Markdown; `escape` makes names safe in it."""
    if not field.points and {view.x, view.y} & MEASURED:
        return "None of these has been measured on this machine yet: “Speed here”, above, does that."
    if not field.points:
        return "Nothing that is let through has figures for both axes: let more through, or choose another axis."
    if view.x == view.y:
        return "Both axes show the same quantity: choose another for one of them."
    if disturbance(field.entries, (view.x, view.y)):
        return "Which of these does better nobody can tell: this machine was busy while some were measured."
    called = {key: escape(name) for key, name in short_names(field.entries).items()}
    said = " ".join(filter(None, (on_the_front(field, view, called), telling_pair(field, view, called))))
    return BEFORE_UNIT.sub("\u00a0", said)


def on_the_front(field: LeaderboardView, view: LeaderboardFilters, called: dict[str, str]) -> str:
    first, last = field.front[0], field.front[-1]
    shown = f"the {len(field.points)} shown" if len(field.points) > 1 else "the one shown"
    if len(field.front) == 1:
        return f"Of {shown}, **{called[first.entry.key]}** does better than every other in both."
    ends = [f"**{called[point.entry.key]}** ({spell_point(point, view)})" for point in (first, last)]
    return (
        f"Of {shown}, none does better in both than any of these **{len(field.front)}**: the Pareto front, "
        f"from {ends[0]} to {ends[1]}."
    )


def spell_point(point: ChartPoint, view: LeaderboardFilters) -> str:
    return f"{QUANTITIES[view.x].spell(point.x)}, {QUANTITIES[view.y].spell(point.y)}"


def telling_pair(field: LeaderboardView, view: LeaderboardFilters, called: dict[str, str]) -> str:
    """The two well-known networks of which the better one saves most: the greatest ratio that the chart holds."""
    if view.y not in ACCURACIES or QUANTITIES[view.x].better != "low":
        return ""
    known = [point for point in field.points if point.entry.key in RANK] or list(field.points)
    pairs = [(other.x / one.x, one, other) for one in known for other in known if one.y >= other.y and one.x > 0]
    ratio, one, other = max(pairs, key=lambda pair: pair[0])
    if ratio < 1.5:
        return ""
    word = f"{ratio:.0f}" if ratio >= 9.5 else f"{ratio:.1f}"
    spell = QUANTITIES[view.y].spell
    return (
        f"**{called[one.entry.key]}** reaches {spell(one.y)} where **{called[other.entry.key]}** has {spell(other.y)}, "
        f"with **1/{word}** of the {NOUNS[view.x]}."
    )


def for_its_price(entries: tuple[Entry, ...], escape: Escape) -> str:
    """Exercise 4's question, answered for what is shown, with what the answer is worth."""
    rated = [(value, entry) for entry in entries if (value := per_million(entry)) is not None]
    if not rated:
        return "Accuracy for each parameter needs networks with a published top-1 accuracy: let some through."
    called = {key: escape(name) for key, name in short_names(entries).items()}
    value, first = max(rated, key=lambda pair: pair[0])
    accuracy = first.value("top-1") or 0
    better = sum((entry.value("top-1") or 0) > accuracy for _, entry in rated)
    said = f"**Most accuracy for each parameter:** {called[first.key]}, {value:.1f} points a million parameters."
    if better > len(rated) / 2:
        said += (
            f" But {better} of the {len(rated)} with both figures are more accurate than its {accuracy:.1f} %. "
            "Accuracy ends at 100 %, size does not, so this ratio rewards whatever is small. The Pareto front above "
            "asks the fairer question: how accurate can one be within a budget?"
        )
    return f"{said} {exercise_sentence(entries, escape)}".strip()


def exercise_sentence(entries: tuple[Entry, ...], escape: Escape) -> str:
    """The three networks the exercise asks about, as far as they are shown: the first weights of each."""
    asked = ("efficientnet_b0", "resnet50", "vgg16")
    found: dict[str, Entry] = {}
    for entry in entries:
        if entry.architecture in asked and entry.origin == "torchvision" and per_million(entry) is not None:
            found.setdefault(entry.architecture, entry)
    if len(found) < 2:
        return ""
    by_size = sorted(found.values(), key=lambda entry: -(per_million(entry) or 0))
    params = "; ".join(f"{escape(entry.architecture)} {per_million(entry):.2f}" for entry in by_size)
    macs = "; ".join(f"{escape(entry.architecture)} {per_giga(entry):.1f}" for entry in by_size if per_giga(entry))
    return (
        f"**Exercise 4** compares {len(found)} of these: for each million parameters {params}; for each G MACs {macs}. "
        f"{escape(by_size[0].architecture)} wins."
    )
