"""What the visitor has on the Train page: kept in the session, spelled out in the address bar."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from explorer.datasets.dataset import base_name
from explorer.datasets.registry import FOLDER, KEYS, folders, is_available
from explorer.training.experiments.presets import ExperimentSelection
from explorer.training.results.grouping import TITLES, pictures_of, plan_of
from explorer.training.results.score import ScoreKind
from explorer.training.runs.store import Run
from explorer.ui.session import PageState, page_query
from explorer.url_params import decode_query


def decode_experiment(query: Mapping[str, str]) -> tuple[ExperimentSelection, tuple[str, ...]]:
    lab, problems = decode_query(ExperimentSelection, query)
    if lab.dataset and lab.dataset not in offered():  # a link names no other folder of this computer
        problems += (unreached_words(lab.dataset[:60]),)
        lab = replace(lab, dataset="")
    return lab, problems


def unreached_words(key: str) -> str:
    """The same of a folder elsewhere as of one that is nowhere, or links could ask what lies on this computer."""
    if key.startswith(FOLDER):
        reached = "A link reaches only the folders and archives of pictures in the data folder"
        return f"{reached}, and “{key}” is none of them: put it there to use it. Showing others."
    return f"The pictures “{key}” are not on this computer: showing others."


PAGE = PageState("lab", decode_experiment)
arrive_train, current_experiment, go_experiment, publish_experiment = PAGE.arrive, PAGE.current, PAGE.go, PAGE.publish


def link(lab: ExperimentSelection) -> str:
    """To this page with that on it, shown as here."""
    here = urlsplit(st.context.url or "")
    return urlunsplit(here._replace(query=urlencode(page_query(lab), safe=","), fragment=""))


def current_score() -> ScoreKind:
    return ScoreKind(current_experiment().score)


def used_dataset(lab: ExperimentSelection) -> str:
    """The key of the dataset that is used: the one chosen, else the one meant, else the nearest that is at hand."""
    if lab.dataset in offered():
        return lab.dataset
    meant = lab.experiment.dataset
    if is_available(meant):
        return meant
    return as_folder(meant) or "shapes10"


def as_folder(name: str) -> str:
    """The first folder of pictures that is called so, such as CIFAR-10's; empty where there is none."""
    word = name.lower().replace("-", "")
    return next((key for key in folders() if word in key.lower().replace("-", "")), "")


def dataset_here(run: Run) -> str:
    """The key of the pictures that it was trained on: those of a recorded run may be packed otherwise here, or missing.

    Empty where they are not on this computer.
    """
    key = plan_of(run.plan).dataset
    if not run.recorded or key in offered():
        return key
    meant = base_name(pictures_of(run))
    packed = [each for each in offered() if TITLES.get(each) == meant]
    return packed[0] if packed else as_folder(meant)


def offered() -> tuple[str, ...]:
    """The keys of what can be loaded now."""
    return (*(key for key in KEYS if is_available(key)), *folders())


def dataset_name(key: str) -> str:
    return TITLES.get(key) or key.rpartition("/")[2]
