"""The words under the curves follow from the curves, and claim nothing that this run did not show."""

from dataclasses import replace

import pytest

from explorer.models.spec import Spec
from explorer.training.results.findings import Result, run_findings


def result(name: str, loss: float, **changes: object) -> Result:
    kind, depth = name.split("-")
    options = (("depth", int(depth)), ("shortcut", "none" if kind == "plain" else "identity"))
    params = {"20": 68_050, "56": 214_546}[depth]
    usual = Result(name, Spec("model_defs", "CIFAR ResNet", options), params, loss, 0.5, 150, 150, seeds=3)
    return replace(usual, **changes)  # type: ignore[arg-type]


FOUR = [result("plain-20", 1.96), result("plain-56", 2.31), result("ResNet-20", 1.77), result("ResNet-56", 1.8)]


def test_degradation_is_said_with_both_losses_and_with_what_guessing_gives():
    said = run_findings(FOUR, 10)[0]
    assert "2.31" in said and "1.96" in said and "2.303" in said and "not overfitting" in said


@pytest.mark.parametrize("deep", [1.96, 1.99, 1.2])
def test_degradation_is_not_claimed_where_the_deeper_network_is_not_worse(deep: float):
    said = " ".join(run_findings([result("plain-20", 1.96), result("plain-56", deep)], 10))
    assert "not overfitting" not in said and "does not show degradation" in said


def test_a_difference_smaller_than_that_between_seeds_is_not_called_one():
    said = " ".join(run_findings([result("plain-20", 1.96, spread=0.5), result("plain-56", 2.31)], 10))
    assert "does not show degradation" in said


def half_way(*results: Result) -> str:
    return " ".join(run_findings([replace(each, step=75) for each in results], 10))


@pytest.mark.parametrize(
    ("nets", "so_far", "at_the_end"),
    [
        ((result("plain-20", 1.96), result("plain-56", 1.97)), "too close to call so far.", "too close to call; this"),
        ((result("plain-20", 1.96), result("plain-56", 1.2)), "network is ahead so far.", "network is ahead; this"),
        ((FOUR[1], result("ResNet-56", 2.3)), "so far the shortcuts do not", "in this run the shortcuts do not"),
        ((FOUR[2], result("ResNet-56", 1.77)), "does no harm so far.", "does no harm in this run."),
        (
            (result("plain-56", 2.3, first=0.2), result("ResNet-56", 1.8, first=0.25)),
            "so far it does not vanish",
            "in this run it does not vanish",
        ),
    ],
)
def test_what_a_run_does_not_show_is_said_of_its_end_alone(nets: tuple[Result, ...], so_far: str, at_the_end: str):
    under_way, over = half_way(*nets), " ".join(run_findings(nets, 10))
    assert so_far in under_way and at_the_end in over
    assert "this run" not in under_way and "so far" not in over


def test_twins_are_compared_only_if_they_differ_in_the_shortcut_alone():
    assert any("exactly as many parameters" in sentence for sentence in run_findings(FOUR, 10))
    assert not any("parameters" in sentence for sentence in run_findings([FOUR[1], FOUR[2]], 10))


@pytest.mark.parametrize(
    ("deep", "words"),
    [(1.14, "behind with shortcuts too"), (0.4, "fits its training pictures better"), (0.72, "depth does no harm")],
)
def test_what_depth_does_with_shortcuts_is_said_either_way(deep: float, words: str):
    (said,) = [
        each
        for each in run_findings([*FOUR[:2], result("ResNet-20", 0.71), result("ResNet-56", deep)], 10)
        if "With" in each
    ]
    assert words in said and f"{deep:.2f}" in said and "0.71" in said


def test_each_start_is_compared_with_its_own():
    usual = [replace(each, name=f"{each.name}, γ = 1", loss=each.loss + 0.2) for each in FOUR[2:]]
    small = [
        replace(each, spec=Spec(each.spec.source, each.spec.name, (*each.spec.options, ("last_gamma", 0.2))))
        for each in FOUR
    ]
    said = [each for each in run_findings([*small, *usual], 10) if "With shortcuts" in each]
    assert len(said) == 2 and "γ = 1" in said[0] and "1.97" in said[0] and "γ" not in said[1] and "1.77" in said[1]


def test_networks_of_one_depth_are_not_called_deeper():
    assert not any("With shortcuts" in each for each in run_findings([FOUR[1], FOUR[3]], 10))


@pytest.mark.parametrize(("plain", "faint"), [(0.002, True), (0.2, False)])
def test_what_is_said_of_the_gradient_depends_on_the_gradient(plain: float, faint: bool):
    said = " ".join(run_findings([result("plain-56", 2.3, first=plain), result("ResNet-56", 1.8, first=0.25)], 10))
    assert ("faint" in said) is faint and ("does not vanish" in said) is not faint


def test_how_a_gradient_began_is_said_where_its_median_hides_it():
    def told(began: float, twin: float | None = None) -> str:
        nets = [result("plain-56", 2.3, first=0.002, began=began), result("ResNet-56", 1.8, first=0.25, began=twin)]
        return " ".join(run_findings(nets, 10))

    assert "It began at 310" in told(310.0) and "exploded" in told(310.0)
    assert "began" not in told(0.01)
    assert "It began at 2.9" in told(2.9, 3.1) and "exploded" not in told(2.9, 3.1)  # so did its twin
    assert "It began at 0.18, 90 times as strong" in told(0.18) and "exploded" not in told(
        0.18
    )  # no more than its twin
    alone = " ".join(run_findings([result("plain-56", 2.3, first=0.002, began=310.0)], 10))
    assert "It began at 310" in alone and "exploded" not in alone  # than what?


def exercise(name: str, loss: float, **options: object) -> Result:
    spec = Spec("model_defs", "Exercise nets", (("blocks", (2, 2, 2)), *options.items()))
    return Result(name, spec, 1000, loss, 0.2, 100, 100, seeds=3)


SIX = exercise("six layers", 0.5)
DEEP = exercise("six blocks", 0.3, residual=True)


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (0.4, "depth and shortcuts lowered the training loss"),
        (0.31, "In this run depth lowered"),
        (0.6, "In this run shortcuts lowered the training loss; depth raised it."),
    ],
)
def test_a_third_network_tells_depth_from_shortcuts(loss: float, words: str):
    said = run_findings([SIX, exercise("no shortcuts", loss, residual=True, shortcut="none"), DEEP], 10)
    (told,) = [each for each in said if "depth alone" in each]
    assert words in told and f"depth alone, six layers to no shortcuts: 0.50 to {loss:.2f}" in told
    assert any("Test error" in each for each in said)


def test_half_way_what_lowered_no_loss_may_still_do_so():
    alike = [SIX, exercise("no shortcuts", 0.5, residual=True, shortcut="none"), replace(DEEP, loss=0.5)]
    assert any(
        "So far neither lowered" in each for each in run_findings([replace(each, step=50) for each in alike], 10)
    )
    assert any("In this run neither lowered" in each for each in run_findings(alike, 10))


def test_without_it_depth_and_shortcuts_are_not_told_apart():
    assert any("cannot tell which of the two" in each for each in run_findings([SIX, DEEP], 10))
    other = replace(SIX, spec=Spec("model_defs", "Exercise nets", (("blocks", (2, 2, 4)),)))
    assert not any("shortcuts" in each for each in run_findings([other, DEEP], 10))


def test_before_a_quarter_of_the_run_it_is_too_early():
    assert run_findings([replace(each, step=37) for each in FOUR], 10)[0].startswith("Too early")
    assert "Too early" not in " ".join(run_findings([replace(each, step=38) for each in FOUR], 10))


def test_one_seed_and_unequal_progress_are_said():
    assert any("One seed" in sentence for sentence in run_findings([replace(each, seeds=1) for each in FOUR], 10))
    assert any("not equally far" in sentence for sentence in run_findings([FOUR[0], replace(FOUR[1], step=60)], 10))


def test_nothing_is_said_before_the_first_step():
    assert run_findings([result("plain-20", float("nan"), step=0)], 10) == ()
