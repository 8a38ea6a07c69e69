"""The library: what stands in it, how it is grouped, and where its runs are shown."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from explorer.training.experiments.presets import EXPERIMENTS, MOST_RUNS, ExperimentSelection
from explorer.training.plan import Plan
from explorer.training.results.findings import Result
from explorer.training.results.grouping import Seen, groups, plan_of
from explorer.training.results.library import LibraryLine, RunOutcome, fits_filters, lab_for, library_lines
from explorer.training.runs.curves import Norms
from explorer.training.runs.store import Run
from explorer.ui.train.run_table import standings

DEGRADATION = EXPERIMENTS["degradation"]


def made(id: str, title: str, seed: int, minute: int, length: str = "quick") -> Run:
    recipe = DEGRADATION.quick if length == "quick" else DEGRADATION.full
    spec = next(each.spec for each in DEGRADATION.contestants if each.title == title)
    plan = Plan(spec, "shapes10", replace(recipe, seed=seed)).json()
    return Run(id, f"2026-07-14T09:{minute:02}:00.000+00:00", "e", DEGRADATION.title, title, plan, "done")


RUNS = (
    made("00000001", "ResNet-56", 0, 1),
    made("00000002", "plain-20", 0, 2),
    made("00000003", "plain-20", 1, 3),
    made("00000004", "plain-20", 0, 4, "full"),
)
NO_NORMS = Norms(1, np.empty(0), np.empty((0, 0)))
NO_RESULT = Result("ResNet-56", plan_of(RUNS[0].plan).spec, 1, 1.0, None, 1, 2)
OUTCOMES = {"00000001": RunOutcome(1.0, 0.3), "00000002": RunOutcome(2.0, 0.5), "00000003": RunOutcome(4.0, None)}


def pictures(run: Run) -> str:
    return plan_of(run.plan).dataset


def ids(found: Sequence[LibraryLine]) -> list[list[str]]:
    return [[run.id[-1] for run in line.runs] for line in found]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("run", [["4"], ["3"], ["2"], ["1"]]),
        ("network", [["4"], ["3", "2"], ["1"]]),
        ("recipe", [["4"], ["3", "2", "1"]]),
    ],
)
def test_runs_are_put_together_the_newest_first(by, expected) -> None:
    assert ids(library_lines(RUNS, OUTCOMES, by, pictures)) == expected


def test_a_line_has_the_mean_of_what_was_measured() -> None:
    _, plain, _ = library_lines(RUNS, OUTCOMES, "network", pictures)
    assert plain.outcome == RunOutcome(3.0, 0.5)
    assert plain.recipe.startswith("150 steps, SGD 0.1, one cycle, batch 128")


def test_a_line_of_several_networks_names_the_best() -> None:
    assert library_lines(RUNS, OUTCOMES, "recipe", pictures)[1].best == "ResNet-56 30.0%"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, "4321"),
        ({"text": "PLAIN 64,000"}, "4"),
        ({"networks": ("ResNet-56",)}, "1"),
        ({"states": ("recorded",)}, ""),
        ({"text": "shapes", "networks": ("plain-20", "ResNet-56"), "states": ("done",)}, "4321"),
    ],
)
def test_a_filter_takes_what_fits_all_of_it(wanted: Any, expected: str) -> None:
    every = library_lines(RUNS, OUTCOMES, "run", pictures)
    assert "".join(run.id[-1] for line in every if fits_filters(line, **wanted) for run in line.runs) == expected


def test_runs_are_shown_under_their_experiment_in_its_order() -> None:
    lab = lab_for(ExperimentSelection("surgery", "full"), RUNS[:3])
    assert lab == ExperimentSelection("degradation", "quick", "", ("00000002", "00000003", "00000001"))


def test_the_library_says_waiting_and_training_as_the_board_does() -> None:
    states = {"queued": "waiting", "running": "training", "done": "done"}
    for state, word in states.items():
        run = replace(RUNS[0], state=state)
        (line,) = library_lines([run], {}, "run", pictures)
        assert line.states == (word,)
        (group,) = groups([run])
        assert f">{word}</td>" in standings([Seen(group, (), NO_NORMS)], [NO_RESULT], {})
    (line,) = library_lines([replace(RUNS[0], recorded=True)], {}, "run", pictures)
    assert line.states == ("recorded",)


def test_dashes_tell_plain_networks_only_where_there_are_others() -> None:
    assert [group.dashed for group in groups(RUNS[:2])] == [False, True]  # ResNet-56, plain-20
    assert [group.dashed for group in groups(RUNS[1:2])] == [False]


def test_runs_of_a_transfer_are_shown_with_what_they_started_from() -> None:
    transfer = EXPERIMENTS["transfer"]
    start = transfer.contestants[0].start
    plans = [Plan(each.spec, "shapes10", transfer.quick, each.start, each.frozen) for each in transfer.contestants]
    runs = [
        replace(RUNS[0], id=f"0000000{place}", name=transfer.title, title=each.title, plan=plan.json())
        for place, (each, plan) in enumerate(zip(transfer.contestants, plans, strict=True))
    ]
    assert lab_for(ExperimentSelection(), runs[::-1]).start == start
    assert lab_for(ExperimentSelection("transfer", start=start), RUNS).start == ""


def test_runs_of_both_lengths_are_shown_where_one_is() -> None:
    assert lab_for(ExperimentSelection("degradation", "full"), RUNS).length == "full"


def test_no_more_runs_are_shown_than_a_link_holds() -> None:
    many = [replace(RUNS[0], id=f"{place:08x}") for place in range(60)]
    assert len(lab_for(ExperimentSelection(), many).runs) == MOST_RUNS
