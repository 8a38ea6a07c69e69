"""What a run showed, in words that follow from its numbers and claim nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isfinite, log, nan

from explorer.formatting import literal, spell_figures, spell_loss
from explorer.models.spec import Spec
from explorer.training.results.score import ERROR, ScoreKind

CLEAR = 0.05  # in training loss: less than this between two curves is called alike
EARLY = 4  # a part of the run before which curves cross and cross again
STRAYS = 10  # times its usual strength: above that it is said how a gradient began
FAINT = 0.1  # of the twin's gradient: below this share a gradient is called faint


@dataclass(frozen=True)
class Result:
    """Where a network stands: the means over its seeds, the training figures over its last steps."""

    name: str
    spec: Spec
    params: int
    loss: float
    test_error: float | None
    step: int
    steps: int
    seeds: int = 1
    spread: float = 0.0  # of the training loss, between the best and the worst seed
    error: float = nan  # of the training pictures, 0 … 1
    first: float | None = None  # the gradient norm of the first layer, the median over the run
    began: float | None = None  # the same at the first point that was measured

    @property
    def plain(self) -> bool:
        return dict(self.spec.options).get("shortcut") == "none"

    @property
    def depth(self) -> int:
        depth = dict(self.spec.options).get("depth")
        return depth if isinstance(depth, int) else 0


def run_findings(results: Sequence[Result], classes: int, score: ScoreKind = ERROR) -> tuple[str, ...]:
    """Sentences, the most telling first. Empty until something was measured."""
    told = (replace(result, name=literal(result.name)) for result in results)  # for these sentences are Markdown
    seen = [result for result in told if result.step and isfinite(result.loss)]
    if not seen:
        return ()
    if too_early(seen):
        return ("Too early to say: the sentences come once every network has a quarter of its steps.",)
    of_all = [*fit_order(seen), *tests(seen, score)]
    if both := depth_or_shortcuts(seen):
        return *of_all, *both, *gradients(seen), *cautions(seen)
    of_plain, of_twins = depths(seen, classes), [*twins(seen), *gradients(seen)]
    first = of_plain or ([] if of_twins else of_all)
    return *first, *deeper_residual(seen), *of_twins, *cautions(seen)


def too_early(results: Sequence[Result]) -> bool:
    return any(result.step < result.steps / EARLY for result in results)


def depths(results: Sequence[Result], classes: int) -> list[str]:
    """The deepest plain network beside the shallowest."""
    plain = sorted((result for result in results if result.plain and result.depth), key=lambda result: result.depth)
    if len(plain) < 2 or plain[0].depth == plain[-1].depth:
        return []
    shallow, deep = plain[0], plain[-1]
    figures = f"{deep.name} is at {spell_loss(deep.loss)} in training loss (guessing is {log(classes):.3f}), "
    figures += f"{shallow.name} at {spell_loss(shallow.loss)}"
    if unlike(deep, shallow) and deep.loss > shallow.loss:
        return [f"{figures}: the deeper network fits its own *training* pictures worse, so this is not overfitting."]
    told = "the deeper plain network is ahead" if unlike(deep, shallow) else "too close to call"
    return [f"{figures}: {told}{' so far' if under_way(plain) else '; this run does not show degradation'}."]


def twins(results: Sequence[Result]) -> list[str]:
    """The deepest plain network beside its twin."""
    for plain in sorted((result for result in results if result.plain), key=lambda result: -result.depth):
        for other in twins_of(plain, results):
            equal = other.params == plain.params
            same = "with exactly as many parameters" if equal else "which differs in its shortcuts"
            figures = (
                f"{other.name}, {same}, is at {spell_loss(other.loss)} and {plain.name} at {spell_loss(plain.loss)}"
            )
            if unlike(plain, other) and other.loss < plain.loss:
                return [f"{figures}: {told_apart(plain, other)} all that tells them apart."]
            return [f"{figures}: {until_now(plain, other)} the shortcuts do not lower the training loss."]
    return []


def told_apart(plain: Result, other: Result) -> str:
    gamma = dict(other.spec.options).get("last_gamma", 1)
    alike = gamma == dict(plain.spec.options).get("last_gamma", 1)
    return "the shortcuts are" if alike else f"the shortcuts, and that their blocks begin at γ = {gamma:g}, are"


def depth_or_shortcuts(results: Sequence[Result]) -> list[str]:
    """Of a plain network and a deeper one with shortcuts: which of the two differences does what.

    The network that tells them apart is as deep and has no shortcuts.
    """
    deep = next((each for each in results if dict(each.spec.options).get("residual") and not each.plain), None)
    alike = [each for each in results if deep and same_but(each, deep, "residual", "shortcut")]
    shallow = next((each for each in alike if not dict(each.spec.options).get("residual")), None)
    if not deep or not shallow:
        return []
    between = next((each for each in alike if each.plain), None)
    if not between:
        told = f"{deep.name} has shortcuts and is deeper than {shallow.name}"
        return [
            f"{told}: without a network that is as deep and has none, this run cannot tell which of the two it was."
        ]
    steps = {"depth": (shallow, between), "shortcuts": (between, deep)}
    told = [f"{what} alone, {a.name} to {b.name}: {change(a, b)}" for what, (a, b) in steps.items()]
    lowered = [what for what, (a, b) in steps.items() if unlike(a, b) and b.loss < a.loss]
    raised = [what for what, (a, b) in steps.items() if unlike(a, b) and b.loss > a.loss]
    when = until_now(shallow, between, deep).capitalize()
    last = f"{when} {' and '.join(lowered) or 'neither'} lowered the training loss"
    last += f"; {' and '.join(raised)} raised it." if raised else "."
    return [f"Two things differ between {shallow.name} and {deep.name}: {'; '.join(told)}. {last}"]


def change(before: Result, after: Result) -> str:
    """In training loss."""
    figures = f"{spell_loss(before.loss)} to {spell_loss(after.loss)}"
    return figures if unlike(before, after) else f"{figures}, about alike"


def deeper_residual(results: Sequence[Result]) -> list[str]:
    """Of each kind the deepest residual network beside the shallowest that differs from it in its depth alone."""
    residual = sorted((each for each in results if not each.plain and each.depth), key=lambda each: each.depth)
    said = []
    while residual:
        alike = [each for each in residual if same_but(each, residual[-1], "depth")]
        residual = [each for each in residual if each not in alike]
        if alike[0].depth != alike[-1].depth:
            said.append(depth_with_shortcuts(alike[0], alike[-1]))
    return said


def depth_with_shortcuts(shallow: Result, deep: Result) -> str:
    figures = (
        f"With shortcuts, {deep.name} is at {spell_loss(deep.loss)} and {shallow.name} at {spell_loss(shallow.loss)}"
    )
    if not unlike(deep, shallow):
        return f"{figures}, about alike: with them depth does no harm {until_now(deep, shallow)}."
    if deep.loss < shallow.loss:
        return f"{figures}: here the deeper network fits its training pictures better."
    return f"{figures}: {until_now(deep, shallow)} the deeper one is behind with shortcuts too."


def gradients(results: Sequence[Result]) -> list[str]:
    """The first layer of the deepest plain network beside that of its twin, and how it began where that is hidden."""
    plain = [result for result in results if result.plain and result.first]
    if not plain:
        return []
    deep = max(plain, key=lambda result: result.depth)
    rivals = [result for result in twins_of(deep, results) if result.first]
    return [gradient_beside_twin(deep, rivals), *how_it_began(deep, rivals)]


def how_it_began(deep: Result, rivals: Sequence[Result]) -> list[str]:
    """Said where the median hides it; an explosion only beside a twin that shows what is usual, also to begin with."""
    first, began = deep.first or 0.0, deep.began or 0.0
    if began <= STRAYS * first:
        return []
    told = f"It began at {spell_norm(began)}"
    if rivals and began > STRAYS * max(rivals[0].first or 0.0, rivals[0].began or 0.0):
        return [f"{told}: in its first steps the gradient of {deep.name} exploded, then it faded."]
    return [f"{told}, {began / first:,.0f} times as strong, and faded."]


def gradient_beside_twin(deep: Result, rivals: Sequence[Result]) -> str:
    """Alone where no twin was trained."""
    first = deep.first or 0.0
    if not rivals:
        return f"The first layer of {deep.name} had a gradient norm of {spell_norm(first)} (median over the run)."
    other, when = rivals[0].first or 0.0, until_now(deep, rivals[0])
    figures = f"The gradient at the first layer, median over the run: {spell_norm(first)} in {deep.name}, "
    figures += f"{spell_norm(other)} in {rivals[0].name}"
    if first < FAINT * other:
        return f"{figures}, {other / first:.0f} times as strong: {when} it is faint in the plain network."
    return f"{figures}: {when} it does not vanish in the plain network."


def spell_norm(norm: float) -> str:
    """Two digits, as one writes them."""
    return spell_figures(norm, 2) if norm < 100 else f"{norm:,.0f}"


def twins_of(plain: Result, results: Sequence[Result]) -> list[Result]:
    """Those that differ from it in their shortcuts alone, and in where the blocks around these begin."""
    return [other for other in results if not other.plain and same_but(other, plain, "shortcut", "last_gamma")]


def fit_order(results: Sequence[Result]) -> list[str]:
    """Who fits its training pictures best."""
    if len(results) < 2:
        return []
    ranked = sorted(results, key=lambda result: result.loss)
    listed = ", ".join(f"{result.name} {spell_loss(result.loss)}" for result in ranked)
    first, second = ranked[:2]
    lead = f"{first.name} is ahead" if unlike(first, second) else f"{first.name} and {second.name} are close"
    return [f"Training loss over the last steps: {listed}. {lead}."]


def tests(results: Sequence[Result], score: ScoreKind) -> list[str]:
    tested = [(result.test_error, result.name) for result in results if result.test_error is not None]
    listed = ", ".join(f"{name} {score.percent(error)}" for error, name in sorted(tested, key=lambda pair: pair[0]))
    return [f"Test {score.name}: {listed}."] if len(tested) > 1 else []


def cautions(results: Sequence[Result]) -> tuple[str, ...]:
    """What the reader must know before believing the rest."""
    said = []
    if len({result.step for result in results}) > 1:
        said.append("The networks are not equally far yet: compare them once they are.")
    elif under_way(results):
        said.append(f"Step {results[0].step:,} of {results[0].steps:,}: the order may still change.")
    if len(results) > 1 and min(result.seeds for result in results) == 1:
        said.append("One seed each: run again with another before you trust a small difference.")
    return tuple(said)


def under_way(results: Iterable[Result]) -> bool:
    return any(result.step < result.steps for result in results)


def until_now(*results: Result) -> str:
    """How far a sentence reaches: what these do not show yet, they may show before they end."""
    return "so far" if under_way(results) else "in this run"


def unlike(one: Result, other: Result) -> bool:
    """Further apart than what counts as alike, and than the seeds of each are among themselves."""
    return abs(one.loss - other.loss) > max(CLEAR, one.spread, other.spread)


def same_but(one: Result, other: Result, *options: str) -> bool:
    """Whether they are one network where these options are left aside."""

    def rest(spec: Spec) -> tuple[object, ...]:
        return spec.source, spec.name, sorted((pair for pair in spec.options if pair[0] not in options), key=str)

    return rest(one.spec) == rest(other.spec)
