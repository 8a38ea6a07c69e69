"""Where a visitor stands on the Train page, and how that is spelled in a link."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from explorer.training.experiments.experiment import Experiment, Length
from explorer.training.experiments.presets import EXPERIMENTS
from explorer.training.plan import START
from explorer.url_params import Known, Param, Params, WrongWord, choice_param, text_param

MOST_RUNS = 40
RUN = re.compile(r"[0-9a-f]{8}")
NOTHING = "nothing"  # to start from
THERE_IS_NO = "There is no {name} “{word:.40}”: showing {usual}. There are {all}."


def decode_runs(word: str, usual: tuple[str, ...], known: Known) -> tuple[str, ...]:
    runs = tuple(filter(None, word.split(",")))
    right = tuple(run for run in runs if RUN.fullmatch(run))[:MOST_RUNS]
    if len(right) < len(runs):
        raise WrongWord(right, "Some of the runs in this link have no proper name, or are too many: they are left out.")
    return right


def decode_start(word: str, usual: None, known: Known) -> str:
    if word != NOTHING and not START.fullmatch(word):
        raise ValueError(f"Nothing starts from “{word[:40]}”: choose another start.")
    return word


def decode_replay(word: str, usual: None, known: Known) -> bool | None:
    if word not in REPLAYS:
        raise ValueError(f"A replay is 0, at its beginning, or 1, playing; this link says “{word[:40]}”.")
    return REPLAYS[word]


REPLAYS = {"": None, "0": False, "1": True}
REPLAY = Param("replay", decode_replay, {replay: word for word, replay in REPLAYS.items()}.__getitem__)
START_OF_TRANSFER = Params(
    lambda known: [Param("start", decode_start)] if known["key"] == "transfer" else [],
    lambda words, known: words["start"],
    lambda start: {"start": start},
)


@dataclass(frozen=True)
class ExperimentSelection:
    """The experiment that is set up, and the runs that are shown."""

    key: Annotated[str, choice_param("experiment", EXPERIMENTS, THERE_IS_NO)] = "degradation"
    length: Annotated[Length, choice_param("length", get_args(Length), THERE_IS_NO)] = "quick"
    # A key of the shelf; empty: the one the experiment is meant for, or what is at hand.
    dataset: Annotated[str, text_param("data")] = ""
    runs: Annotated[tuple[str, ...], Param("runs", decode_runs)] = ()
    # Of the transfer: as in a plan, or NOTHING; empty: the first that is at hand.
    start: Annotated[str, START_OF_TRANSFER] = ""
    replay: Annotated[bool | None, REPLAY] = None  # of these runs: it plays, or waits at its beginning; None: their end
    axis: Literal["steps", "epochs"] = "steps"
    score: Literal["error", "accuracy"] = "error"

    @property
    def experiment(self) -> Experiment:
        return EXPERIMENTS[self.key]
