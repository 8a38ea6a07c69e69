"""A first guess and what a run says of it: what may be answered to a question, and one sentence that judges it."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise, permutations
from math import isfinite

from explorer.formatting import join_words, literal, spell_loss
from explorer.models.spec import Spec
from explorer.training.experiments.experiment import GuessForm
from explorer.training.results.findings import Result, too_early, under_way, unlike, until_now
from explorer.training.results.score import ERROR, ScoreKind

ALIKE = 0.005  # in test error: less than half a percentage point between two is called alike
NEVER = "not within this ladder"
ORDERED = 3  # networks: the orders of more are too many to choose from
PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
Entrant = tuple[str, Spec]  # a network that takes part, by its title


def guess_answers(form: GuessForm, entrants: Sequence[Entrant]) -> tuple[str, ...]:
    """What can be chosen; none where there is nothing to compare."""
    titles = tuple(dict.fromkeys(title for title, _ in entrants))
    if form.judge == "gain":
        return form.answers if set(form.between) <= set(titles) else ()
    if form.judge == "depth":
        depths = ladder_depths(entrants)
        return (*(depth_answer(depth) for depth in depths[:-1]), NEVER) if len(depths) > 1 else ()
    if form.judge == "order":
        return tuple(map(order_answer, permutations(titles))) if 1 < len(titles) <= ORDERED else ()
    offered = tuple(title for title in titles if not form.answers or title in form.answers)
    return offered if len(offered) > 1 else ()


def ladder_depths(entrants: Sequence[Entrant]) -> tuple[int, ...]:
    """Of the plain networks."""
    options = (dict(spec.options) for _, spec in entrants)
    return tuple(sorted({each["depth"] for each in options if each.get("shortcut") == "none" and "depth" in each}))


def depth_answer(depth: int) -> str:
    return f"at {depth} layers"


def order_answer(titles: Sequence[str]) -> str:
    return " → ".join(titles)


def judge_guess(form: GuessForm, guess: str, results: Sequence[Result], score: ScoreKind = ERROR) -> str:
    """A sentence, in Markdown; empty as long as the run cannot tell, and where nothing was guessed."""
    seen = [result for result in results if result.step and isfinite(result.loss)]
    if not guess or not seen or too_early(seen):
        return ""
    said = JUDGES[form.judge](form, guess, seen, score)
    return f"So far, {said[0].lower()}{said[1:]}" if said and under_way(results) else said


def judge_loss(form: GuessForm, guess: str, results: Sequence[Result], score: ScoreKind) -> str:
    sign = -1 if form.judge == "highest loss" else 1
    offered = [each for each in results if not form.answers or each.name in form.answers]
    values = [
        (each.name, each.loss, spell_loss(each.loss)) for each in sorted(offered, key=lambda each: sign * each.loss)
    ]
    known = {each.name: each for each in offered}
    words = "Highest training loss" if sign < 0 else "Lowest training loss"
    return judge_rank(words, guess, values, lambda one, other: not unlike(known[one], known[other]))


def judge_tests(form: GuessForm, guess: str, results: Sequence[Result], score: ScoreKind) -> str:
    errors = tested(results)
    values = [(name, error, score.percent(error)) for name, error in errors.items()]
    words = f"{score.best.capitalize()} test {score.name}"
    return judge_rank(words, guess, values, lambda one, other: close(errors[one], errors[other]))


def tested(results: Sequence[Result]) -> dict[str, float]:
    """The test errors by network, the lowest first."""
    known = [(each.test_error, each.name) for each in results if each.test_error is not None]
    return {name: error for error, name in sorted(known)}


def close(one: float, other: float) -> bool:
    return abs(one - other) < ALIKE


def judge_rank(
    words: str, guess: str, ranked: Sequence[tuple[str, float, str]], alike: Callable[[str, str], bool]
) -> str:
    """`ranked` are names, values and how these are written, the best first."""
    names = [name for name, _, _ in ranked]
    if len(names) < 2:
        return ""
    first = [name for name in names if name == names[0] or alike(name, names[0])]
    figures = {name: f"{literal(name)} ({text})" for name, _, text in ranked}
    told = f"{words}: {join_words(figures[name] for name in first)}"
    told += ", too close to tell apart." if len(first) > 1 else "."
    if guess not in names:
        return f"{told} Your guess, {literal(guess)}, has no result in this run."
    if guess in first:
        return f"{told} {'As you guessed.' if len(first) == 1 else f'Your guess, {literal(guess)}, is one of them.'}"
    beside = [name for name in names if name != guess and alike(name, guess)]
    if beside:
        ahead = [name for name in names[: names.index(guess)] if name not in beside]
        return f"{told} Your guess, {figures[guess]}, came behind {join_words(map(literal, ahead))}."
    place = names.index(guess)
    came = "came last" if place == len(names) - 1 else f"came {PLACES[place]} of {len(names)}"
    return f"{told} Your guess {figures[guess]} {came}."


def judge_gain(form: GuessForm, guess: str, results: Sequence[Result], score: ScoreKind) -> str:
    errors = tested(results)
    if missing := [name for name in form.between if name not in errors]:
        lacking = join_words(map(literal, missing))
        return f"You guessed: {literal(guess)}. {lacking} has no test {score.name} in this run."
    before, after = (errors[name] for name in form.between)
    points = round(100 * (before - after), 1)
    figures = (f"{score.percent(errors[name])} with {literal(name)}" for name in form.between)
    right = form.answers[bisect_left(form.bounds, points)]
    return f"Test {score.name} {', '.join(figures)}: {score.change(points)}. {as_guessed(guess, [right])}"


def as_guessed(guess: str, right: Sequence[str]) -> str:
    """`right` are the answers that fit: a single one is named, for a range is not read off a number at a glance."""
    if guess in right:
        return "As you guessed."
    came = f": “{literal(right[0])}” is" if len(right) == 1 else ""
    return f"Your guess, “{literal(guess)}”, is not what came{came}."


def judge_order(form: GuessForm, guess: str, results: Sequence[Result], score: ScoreKind) -> str:
    """Networks that are too close to tell apart may stand either way."""
    errors = tested(results)
    orders = {order_answer(titles): titles for titles in permutations(errors)} if len(errors) <= ORDERED else {}
    if len(errors) < 2 or guess not in orders:
        return f"You guessed: {literal(guess)}. Not all of these have a test {score.name} in this run, or others have."
    fits = all(
        errors[one] < errors[other] or close(errors[one], errors[other])
        for place, one in enumerate(orders[guess])
        for other in orders[guess][place + 1 :]
    )
    listed = ", ".join(f"{literal(name)} {score.percent(error)}" for name, error in errors.items())
    ties = [
        f"{literal(one)} and {literal(other)}" for one, other in pairwise(errors) if close(errors[one], errors[other])
    ]
    tie = f" {join_words(ties)} are too close to tell apart." if ties else ""
    return f"Test {score.name}, the {score.best} first: {listed}.{tie} {as_guessed(guess, [guess] if fits else [])}"


def judge_depth(form: GuessForm, guess: str, results: Sequence[Result], score: ScoreKind) -> str:
    """After which depth the plain networks get worse: that of the lowest loss, if a deeper one was trained."""
    plain = sorted((each for each in results if each.plain and each.depth), key=lambda each: each.depth)
    if len(plain) < 2:
        return f"You guessed: {literal(guess)}. This run has no two plain networks to tell it by."
    best = min(plain, key=lambda each: each.loss)
    level = [each for each in plain if each is best or not unlike(each, best)]
    right = [NEVER if each is plain[-1] else depth_answer(each.depth) for each in level]
    listed = ", ".join(f"{literal(each.name)} {spell_loss(each.loss)}" for each in plain)
    told = f"Training loss of the plain networks: {listed}."
    if len(level) > 1:
        names = join_words(literal(each.name) for each in level)
        said = f" {names} are too close to tell apart."
    elif best is plain[-1]:
        said = " The deepest is the best, so this ladder ends before they turn."
    else:
        said = f" They get better up to {best.depth} layers, and no further {until_now(*plain)}."
    return f"{told}{said} {as_guessed(guess, right)}"


JUDGES: dict[str, Callable[[GuessForm, str, Sequence[Result], ScoreKind], str]] = {
    "lowest loss": judge_loss,
    "highest loss": judge_loss,
    "lowest test error": judge_tests,
    "gain": judge_gain,
    "order": judge_order,
    "depth": judge_depth,
}
