"""Where a visitor stands on the Train page, and how that is spelled in a link."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from explorer.experiments import EXPERIMENTS
from explorer.experiments.experiment import Experiment, Length
from explorer.training.plan import START

MOST_RUNS = 40
RUN = re.compile(r"[0-9a-f]{8}")
NOTHING = "nothing"  # to start from


@dataclass(frozen=True)
class ExperimentSelection:
    """The experiment that is set up, and the runs that are shown."""

    key: str = "degradation"
    length: Length = "quick"
    dataset: str = ""  # a key of the shelf; empty: the one the experiment is meant for, or what is at hand
    runs: tuple[str, ...] = ()
    start: str = ""  # of the transfer: as in a plan, or NOTHING; empty: the first that is at hand

    @property
    def experiment(self) -> Experiment:
        return EXPERIMENTS[self.key]


def spell(lab: ExperimentSelection) -> dict[str, str]:
    """As a query, with what is usual left out."""
    words = {"experiment": lab.key, "length": lab.length, "data": lab.dataset, "runs": ",".join(lab.runs)}
    words |= {"start": lab.start} if lab.key == "transfer" else {}
    usual = {"experiment": "degradation", "length": "quick"}
    return {name: value for name, value in words.items() if value != usual.get(name, "")}


def read(query: Mapping[str, str]) -> tuple[ExperimentSelection, tuple[str, ...]]:
    """The lab that `spell` wrote, and a sentence for everything that was wrong and has been left out."""
    problems: list[str] = []

    def chosen(name: str, usual: str, offered: tuple[str, ...]) -> str:
        value = query.get(name, usual)
        if value in offered:
            return value
        problems.append(f"There is no {name} “{value[:40]}”: showing {usual}. There are {', '.join(offered)}.")
        return usual

    key = chosen("experiment", "degradation", tuple(EXPERIMENTS))
    length = chosen("length", "quick", get_args(Length))
    runs = tuple(filter(None, query.get("runs", "").split(",")))
    right = tuple(run for run in runs if RUN.fullmatch(run))[:MOST_RUNS]
    if len(right) < len(runs):
        problems.append("Some of the runs in this link have no proper name, or are too many: they are left out.")
    start = query.get("start", "") if key == "transfer" else ""
    if start != NOTHING and not START.fullmatch(start):
        problems.append(f"Nothing starts from “{start[:40]}”: choose another start.")
        start = ""
    return ExperimentSelection(
        key, "full" if length == "full" else "quick", query.get("data", ""), right, start
    ), tuple(problems)
