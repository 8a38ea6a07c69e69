"""What happens once when the app starts, and what every page shares."""

import argparse
import importlib
import sys
from pathlib import Path

import streamlit as st

from explorer.layout import graphviz
from explorer.sources import OWN, Own

STYLE = Path(__file__).with_name("style.css")


def prepare(arguments: list[str]) -> None:
    st.html(f"<style>{STYLE.read_text(encoding='utf-8')}</style>")
    if problem := started(tuple(arguments)):
        st.error(problem)


@st.cache_resource(show_spinner=False)
def started(arguments: tuple[str, ...]) -> str:
    """Load the network named on the command line; returns what went wrong, in a sentence."""
    graphviz().warm_up()
    options = argparse.ArgumentParser(exit_on_error=False)
    options.add_argument("--model", default="")
    options.add_argument("--input", default="3,224,224")
    chosen, _ = options.parse_known_args(list(arguments))
    try:
        return adopt(chosen.model, chosen.input) if chosen.model else ""
    except Exception as error:  # their code may raise anything
        return f"--model {chosen.model} could not be loaded: {error}. Give it as package.module:factory."


def adopt(name: str, shape: str) -> str:
    module, _, factory = name.partition(":")
    sys.path.insert(0, "")  # modules in the folder the app was started from
    sides = tuple(int(side) for side in shape.split(","))
    OWN[name] = Own(getattr(importlib.import_module(module), factory), sides)
    return ""
