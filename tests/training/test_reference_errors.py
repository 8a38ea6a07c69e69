"""Published errors stand beside the very networks they were measured on, and what was otherwise is said."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer.models.spec import Spec
from explorer.record_runs import shorten_recipe
from explorer.training.experiments.experiment import Contestant, recipe_of
from explorer.training.experiments.presets import EXPERIMENTS
from explorer.training.plan import Plan
from explorer.training.recipe import PRESETS, Recipe
from explorer.training.results.reference_errors import otherwise, recipe_differences, reference_figures
from explorer.training.runs import recorded_runs
from explorer.training.runs.recorded_runs import Collection
from explorer.training.runs.run_log import MEASURED, Record
from explorer.training.runs.store import Run, fresh_id
from model_defs import CATALOG

HE = PRESETS["he"]
FULL = {each.title: each for each in EXPERIMENTS["ladder"].entries("full")}


def plan(contestant: Contestant, recipe: Recipe = HE) -> Plan:
    return Plan(contestant.spec, "cifar10", recipe_of(contestant, recipe))


def cifar(**options: object) -> Plan:
    return Plan(Spec("model_defs", "CIFAR ResNet", tuple(options.items())), "cifar10", HE)


@pytest.mark.parametrize(
    ("title", "error"),
    # He et al. 2015, Table 6; of the plain ones there is only a drawing, Fig. 6
    [("ResNet-20", 8.75), ("ResNet-32", 7.51), ("ResNet-44", 7.17), ("ResNet-56", 6.97), ("ResNet-110", 6.43)],
)
def test_the_errors_of_the_paper_stand_beside_its_networks(title: str, error: float) -> None:
    figures = reference_figures(plan(FULL[title]), "CIFAR-10")
    assert error in [figure.value for figure in figures if figure.source == "He et al. 2015, Table 6"]


@pytest.mark.parametrize("depth", [20, 32, 44, 56, 110])
def test_the_errors_of_plain_networks_say_that_they_were_not_printed(depth: int) -> None:
    drawn, *_ = reference_figures(plan(FULL[f"plain-{depth}"]), "CIFAR-10")
    assert "Fig. 6" in drawn.source and ("read off" in drawn.note or "not drawn" in drawn.note)


def test_a_setting_left_out_or_spelled_out_is_the_same_network() -> None:
    errors = reference_figures(cifar(depth=20), "CIFAR-10")
    assert errors and errors == reference_figures(
        cifar(depth=20, width=16, shortcut="identity", option="A"), "CIFAR-10"
    )
    assert errors == reference_figures(cifar(depth=20), "CIFAR-10 (JPEG)")


def test_a_changed_network_has_no_published_error() -> None:
    for changes in ({"width": 8}, {"option": "B"}, {"pre_activation": True}, {"shortcut": "x0.5"}):
        assert reference_figures(cifar(depth=20, **changes), "CIFAR-10") == ()
    assert reference_figures(Plan(Spec("torchvision", "resnet18"), "cifar10", HE), "CIFAR-10") == ()


@pytest.mark.parametrize("pictures", ["Shapes-10", "CIFAR-100", "MNIST"])
def test_other_pictures_have_no_published_error(pictures: str) -> None:
    assert reference_figures(cifar(depth=20), pictures) == ()


def test_smaller_pictures_have_no_published_error() -> None:
    small = replace(cifar(depth=20), recipe=replace(HE, size=16))
    assert reference_figures(small, "CIFAR-10") == ()
    assert otherwise(small, "CIFAR-10") == "of width 16, on CIFAR-10 at 16 pixels"


def test_it_is_said_why_the_quick_networks_have_none_and_nothing_of_strangers() -> None:
    experiment = EXPERIMENTS["degradation"]
    quick = [otherwise(plan(each, experiment.quick), "Shapes-10") for each in experiment.entries("quick")]
    assert quick == ["of width 8, on Shapes-10 at 16 pixels"] * len(experiment.entries("quick"))
    lenet = CATALOG["LeNet"].presets[0]
    assert otherwise(Plan(Spec("model_defs", "LeNet", lenet.options), "cifar10", HE), "Shapes-10") == ""
    assert otherwise(cifar(depth=20), "CIFAR-10") == ""


@pytest.mark.parametrize("title", ["plain-20", "ResNet-56", "ResNet-110"])
def test_the_papers_own_training_differs_in_nothing(title: str) -> None:
    assert recipe_differences(plan(FULL[title]), "CIFAR-10", 64_000) == ()


def test_a_shortened_recipe_differs_in_its_length_alone() -> None:
    short = plan(FULL["plain-56"], shorten_recipe(HE, 2000, 50_000))
    assert recipe_differences(short, "CIFAR-10", 2000) == ("2,000 of 64,000 steps",)
    assert recipe_differences(short, "CIFAR-10", 300) == ("300 of 64,000 steps",)  # it is under way


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rate": 0.05}, "rate 0.05, not 0.1"),
        ({"schedule": "cosine", "milestones": ()}, "the rate falls along a cosine"),
        ({"schedule": "constant", "milestones": ()}, "the rate never falls"),
        ({"milestones": (32_000, 60_000)}, "the rate falls elsewhere"),
        ({"milestones": ()}, "the rate never falls"),
        ({"ramp": 40}, "the rate rises for 40 steps"),
        ({"warm_up": 0.01}, "a warm-up"),
        ({"optimiser": "adam"}, "Adam, not SGD"),
        ({"momentum": 0.5}, "momentum 0.5, not 0.9"),
        ({"weight_decay": 0.0}, "weight decay 0, not 0.0001"),
        ({"batch": 64}, "batch 64, not 128"),
        ({"precision": "bf16"}, "bf16"),
        ({"augment": "none"}, "no augmentation"),
        ({"subset": 5000}, "5,000 of 50,000 pictures"),
        ({"test_subset": 1000}, "tested on 1,000 of 10,000"),
    ],
    ids=str,
)
def test_whatever_is_otherwise_is_said(changes: dict[str, object], said: str) -> None:
    other = replace(cifar(depth=20), recipe=replace(HE, **changes))  # type: ignore[arg-type]
    assert recipe_differences(other, "CIFAR-10", 64_000) == (said,)


def test_pictures_saved_anew_and_other_weights_to_begin_with_are_said() -> None:
    begun = replace(cifar(depth=20), start="run:0123abcd")
    assert recipe_differences(begun, "CIFAR-10 (JPEG)", 64_000) == ("on CIFAR-10 (JPEG)", "begun with other weights")


def script() -> None:
    """What AppTest runs; it sees no names but its own."""
    from typing import Any

    from explorer.training.results.grouping import groups, run_result, seen_group
    from explorer.training.runs.recorded_runs import collection
    from explorer.ui.train.run_table import beside

    nowhere: Any = None  # a recorded run is in no store
    found = [seen_group(nowhere, group) for group in groups(collection().runs())]
    beside(found, [run_result(each) for each in found])


def shown(records: list[Record], patch: pytest.MonkeyPatch) -> str:
    """The page beside these recorded runs."""
    patch.setattr(recorded_runs, "collection", lambda: Collection({each.run.id: each for each in records}))
    app = AppTest.from_function(script, default_timeout=30).run()
    assert not app.exception
    return " ".join(each.value for each in (*app.markdown, *app.caption))


def made(known: Plan, title: str, seed: int = 0) -> Record:
    """A run of sixty steps, with an error of 50 % on training pictures and 40 % on test pictures."""
    seeded = replace(known, recipe=replace(known.recipe, seed=seed)).json()
    run = Run(fresh_id(), "2026-07-14T09:00:00.000+00:00", "e", "", title, seeded, "done", 60, known.recipe.steps or 60)
    run = replace(run, layers=("conv",), about=(("data", "CIFAR-10"),), recorded=True)
    half, step = np.full(60, 0.5), np.arange(1, 61)
    error = np.array([0.4])
    return Record(run, 1, step, dict.fromkeys(MEASURED, half), step[-1:], error, error, half[:, None])


def test_a_short_run_is_never_shown_as_the_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown([made(plan(FULL["plain-56"]), "plain-56")], monkeypatch)
    for figure in ("853,018", "50.0%", "40.0%", "60 steps", "13.25%", "12.95%", "read off: 13 to 13.5"):
        assert figure in said
    assert "60 of 64,000 steps" in said and "This is not He et al.’s training" in said


def test_seeds_share_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    known = plan(FULL["ResNet-56"], shorten_recipe(HE, 60, 50_000))
    said = shown([made(known, "ResNet-56", seed) for seed in range(2)], monkeypatch)
    assert said.count("853,018") == 1 and "60 steps, 2 seeds" in said


def test_networks_without_a_published_error_have_a_sentence_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = EXPERIMENTS["degradation"]
    narrow = experiment.entries("quick")[0]
    said = shown([made(plan(narrow, experiment.quick), narrow.title)], monkeypatch)
    assert "these are of width 8, on CIFAR-10 at 16 pixels" in said and "<table" not in said
    cnn = EXPERIMENTS["exercise1"].contestants[0]
    assert shown([made(plan(cnn), cnn.title)], monkeypatch) == ""
