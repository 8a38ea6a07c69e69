"""A guess can be one of what its question asks for, and is judged by what the run shows, with ties and gaps said."""

from dataclasses import replace

import pytest

from explorer.models.spec import Spec
from explorer.training.experiments.presets import EXPERIMENTS
from explorer.training.results.findings import Result
from explorer.training.results.guess import NEVER, guess_answers, judge_guess
from explorer.training.results.score import ERROR, ScoreKind

READY = [each for each in EXPERIMENTS.values() if each.contestants]


def result(name: str, loss: float = 1.0, test_error: float | None = 0.5, depth: int = 0) -> Result:
    options = (("depth", depth), ("shortcut", "none")) if depth else ()
    return Result(name, Spec("model_defs", "CIFAR ResNet", options), 1000, loss, test_error, 100, 100)


def judged(key: str, guess: str, *results: Result, score: ScoreKind = ERROR) -> str:
    return judge_guess(EXPERIMENTS[key].guess, guess, results, score)


def answers(key: str, *without: str) -> tuple[str, ...]:
    experiment = EXPERIMENTS[key]
    chosen = [each for each in experiment.contestants if each.chosen and each.title not in without]
    return guess_answers(experiment.guess, [(each.title, each.spec) for each in chosen])


@pytest.mark.parametrize("experiment", READY, ids=[each.key for each in READY])
def test_every_experiment_has_several_answers_to_its_question(experiment):
    assert len(answers(experiment.key)) > 1
    form, titles = experiment.guess, {each.title for each in experiment.contestants}
    assert {*form.between} <= titles and (form.judge == "gain" or {*form.answers} <= titles)
    assert len(form.bounds) == (len(form.answers) - 1 if form.judge == "gain" else 0)
    assert list(form.bounds) == sorted(form.bounds)


def test_an_answer_is_what_the_question_asks_for():
    assert answers("exercise3")[1] == "up to half a point"
    assert answers("ladder") == ("at 20 layers", "at 32 layers", "at 44 layers", NEVER)
    assert "ResNet-style → VGG-style → LeNet-style" in answers("exercise5") and len(answers("exercise5")) == 6
    assert "identity" not in answers("surgery") and len(answers("surgery")) == 5
    assert answers("degradation") == ("plain-20", "plain-56", "ResNet-20", "ResNet-56")


def test_who_does_not_take_part_is_no_answer():
    assert "plain-56" not in answers("degradation", "plain-56")
    assert answers("exercise3", "CIFAR10Net") == ()  # nothing to gain on
    assert answers("exercise5", "LeNet-style", "VGG-style") == ()


FOUR = result("plain-20", 1.96), result("plain-56", 2.31), result("ResNet-20", 1.77), result("ResNet-56", 1.6)


@pytest.mark.parametrize(
    ("guess", "words"),
    [
        ("ResNet-56", "Lowest training loss: ResNet-56 (1.60). As you guessed."),
        ("plain-56", "Lowest training loss: ResNet-56 (1.60). Your guess plain-56 (2.31) came last."),
        ("ResNet-20", "Lowest training loss: ResNet-56 (1.60). Your guess ResNet-20 (1.77) came second of 4."),
        ("plain-110", "Lowest training loss: ResNet-56 (1.60). Your guess, plain-110, has no result in this run."),
    ],
)
def test_a_guess_is_judged_in_a_sentence(guess: str, words: str):
    assert judged("degradation", guess, *FOUR) == words


def test_two_that_are_too_close_are_both_first_and_neither_is_last():
    nets = result("plain-20", 2.0), result("plain-56", 2.02), result("ResNet-20", 1.77), result("ResNet-56", 1.75)
    told = judged("degradation", "ResNet-20", *nets)
    assert "ResNet-56 (1.75) and ResNet-20 (1.77), too close to tell apart" in told and "is one of them" in told
    assert "came behind ResNet-56 and ResNet-20" in judged("degradation", "plain-56", *nets)
    spread = [replace(each, spread=0.5) for each in FOUR]
    assert "too close" in judged("degradation", "plain-20", *spread)  # seeds are further apart than networks


def test_a_test_error_is_judged_by_half_points():
    nets = result("a", test_error=0.160), result("b", test_error=0.163), result("c", test_error=0.2)
    assert judged("exercise1", "b", *nets).startswith("Lowest test error: a (16.0%) and b (16.3%), too close")
    assert judged("exercise1", "c", *nets).endswith("Your guess c (20.0%) came last.")
    assert judged("exercise1", "c", nets[0], result("c", test_error=None)) == ""  # nothing to compare with


@pytest.mark.parametrize(
    ("error", "right", "points"),
    [
        (0.19, "nothing, or it will be worse", "0.3 points higher"),
        (0.187, "nothing, or it will be worse", "no difference"),
        (0.182, "up to half a point", "0.5 points lower"),
        (0.167, "up to 2 points", "2.0 points lower"),
        (0.16, "more than 2", "2.7 points lower"),
    ],
)
def test_a_gain_is_judged_in_percentage_points(error: float, right: str, points: str):
    nets = result("CIFAR10Net", test_error=0.187), result("CIFAR10Net + SE", test_error=error)
    told = judged("exercise3", right, *nets)
    assert points in told and told.endswith("As you guessed.")
    for guess in (each for each in answers("exercise3") if each != right):
        wrong = f"{points}. Your guess, “{guess}”, is not what came: “{right}” is."
        assert judged("exercise3", guess, *nets).endswith(wrong)
    assert "CIFAR10Net + SE has no test error" in judged("exercise3", right, nets[0])


def test_a_guess_is_judged_in_accuracy_where_that_is_on_the_axes():
    nets = result("CIFAR10Net", test_error=0.187), result("CIFAR10Net + SE", test_error=0.167)
    score = ScoreKind("accuracy")
    told = judged("exercise3", "up to 2 points", *nets, score=score)
    assert told.startswith("Test accuracy 81.3% with CIFAR10Net, 83.3% with CIFAR10Net + SE: 2.0 points higher.")
    assert told.endswith("As you guessed.")
    told = judged("exercise1", "CIFAR10Net + SE", *nets, score=score)
    assert told == "Highest test accuracy: CIFAR10Net + SE (83.3%). As you guessed."
    order = [replace(each, name=name) for each, name in zip(nets, ("VGG-style", "LeNet-style"), strict=True)]
    told = judged("exercise5", "LeNet-style → VGG-style", *order, score=score)
    assert told.startswith("Test accuracy, the highest first: LeNet-style 83.3%, VGG-style 81.3%.")


def test_an_order_fits_where_only_what_is_alike_stands_otherwise():
    nets = result("LeNet-style", test_error=0.4), result("VGG-style", test_error=0.2)
    told = judged(
        "exercise5", "ResNet-style → VGG-style → LeNet-style", *nets, result("ResNet-style", test_error=0.203)
    )
    assert "VGG-style and ResNet-style are too close to tell apart. As you guessed." in told
    told = judged("exercise5", "ResNet-style → VGG-style → LeNet-style", *nets, result("ResNet-style", test_error=0.3))
    assert told.endswith("Your guess, “ResNet-style → VGG-style → LeNet-style”, is not what came.")
    assert "Not all of these" in judged("exercise5", "ResNet-style → VGG-style → LeNet-style", *nets)


def test_the_depth_at_which_a_ladder_turns_is_that_of_the_lowest_loss():
    def ladder(*losses: float) -> tuple[Result, ...]:
        return tuple(result(f"plain-{n}", loss, depth=n) for n, loss in zip((20, 32, 44), losses, strict=True))

    assert "up to 32 layers" in (told := judged("ladder", "at 32 layers", *ladder(2.0, 1.8, 1.9)))
    assert told.endswith("As you guessed.")
    told = judged("ladder", "at 20 layers", *ladder(2.0, 1.8, 1.9))
    assert told.endswith("Your guess, “at 20 layers”, is not what came: “at 32 layers” is.")
    assert judged("ladder", NEVER, *ladder(2.0, 1.9, 1.8)).endswith("As you guessed.")
    assert "too close" in (told := judged("ladder", "at 20 layers", *ladder(1.8, 1.81, 2.0))) and "As you" in told
    under_way = (replace(each, step=50) for each in ladder(2.0, 1.8, 1.9))
    assert "up to 32 layers, and no further so far. As you" in judged("ladder", "at 32 layers", *under_way)
    assert "no two plain networks" in judged("ladder", NEVER, ladder(2.0, 1.8, 1.9)[0])


def test_nothing_is_judged_too_early_and_what_is_not_over_is_so_far():
    assert judged("degradation", "plain-20", *(replace(each, step=20) for each in FOUR)) == ""
    assert judged("degradation", "", *FOUR) == ""
    assert judged("degradation", "ResNet-56", *(replace(each, step=50) for each in FOUR)).startswith("So far, lowest")


def test_the_words_of_others_are_words():
    told = judged("own", "**b**", result("[a](http://x)", test_error=0.1), result("**b**", test_error=0.5))
    assert "[a]" not in told and "**" not in told
