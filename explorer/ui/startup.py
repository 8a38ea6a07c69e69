"""What happens once when the app starts, and what every page shares."""

import argparse
import atexit
import gc
import sys
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer.colors import letter_variables
from explorer.diagram.graphviz_process import graphviz
from explorer.formatting import literal, printable
from explorer.graph.graph import from_json
from explorer.lessons.lesson import FOLDERS
from explorer.models.inputs import Inputs, parse_arguments, spell_argument
from explorer.models.sources import OWN, Own, error_line, named_model
from explorer.models.spec import Spec
from explorer.tracing.source_code import GIVEN
from explorer.tracing.tracer import graph_of
from explorer.ui.session import arrive_shared, shared_state, unbroken


def read_style(name: str) -> str:
    # Markdown ends a block at an empty line.
    return Path(__file__).with_name(name).read_text(encoding="utf-8").replace("\n\n", "\n")


STYLE = letter_variables() + read_style("style.css")
LESSON_STYLE, PROJECTOR_STYLE = read_style("lesson.css"), read_style("projector.css")
LARGER, SMALLER = "Projector: letters for the back row, the picture at full width", "Letters of the usual size"
OPTIONS = {"--model": [], "--input": ["3,224,224"], "--graph": [], "--lessons": []}


def begin_run(url_path: str) -> None:
    """What stands on every page, and what the rest of its run needs to know."""
    st.session_state.entered = st.session_state.get("page") != url_path
    context = get_script_run_ctx()
    st.session_state.returned = bool(context and context.is_history_navigation)  # the browser went back or forward
    st.session_state.page = url_path
    arrive_shared(st.session_state.entered)
    folded = projector = shared_state().projector
    if shared_state().lesson:  # who follows none need not wait for its code
        from explorer.ui.learn.drawer import begin_linked, folds_sidebar

        begin_linked()
        folded = projector or folds_sidebar()
    st.set_page_config(
        *("Architecture explorer", "🔬", "wide"),
        initial_sidebar_state="collapsed" if folded else 288,
    )
    prepare_app(sys.argv[1:])
    projector_switch()
    if shared_state().lesson:
        from explorer.ui.learn.drawer import lesson_drawer

        lesson_drawer()


def projector_switch() -> None:
    """In the header of every page."""
    on = shared_state().projector

    def switch() -> None:
        st.session_state.shared = replace(shared_state(), projector=not on)

    with st.container(key="projector"):
        icon, help = (":material/zoom_in_map:", SMALLER) if on else (":material/co_present:", LARGER)
        st.button("Projector", icon=icon, help=help, on_click=unbroken(switch), type="tertiary", key="switch")


def prepare_app(arguments: list[str]) -> None:
    shared = shared_state()
    added = (LESSON_STYLE if shared.lesson else "") + (PROJECTOR_STYLE if shared.projector else "")
    st.html(f"<style>{STYLE}{added}</style>")
    if problem := started(tuple(arguments)):
        st.error(literal(printable(problem)), icon=":material/error:")


@st.cache_resource(show_spinner=False)
def started(arguments: tuple[str, ...]) -> str:
    """Load the network, and note the lessons, named on the command line; returns what went wrong, in a sentence."""
    graphviz().warm_up()
    try:
        chosen = read_options(arguments)
        if chosen["--model"]:
            adopt(chosen["--model"][-1], parse_arguments(chosen["--input"]))
        if chosen["--graph"]:
            offer_graph(Path(chosen["--graph"][-1]))
        FOLDERS[:] = [Path(folder).expanduser() for folder in chosen["--lessons"]]
    except ValueError as error:
        return f"{error} Showing the lesson's networks instead."
    return ""


@st.cache_resource(show_spinner=False)
def spare_the_collector() -> None:
    """Once all is imported: let garbage collection pass over what will never be garbage.

    Streamlit collects after every run, and to look through PyTorch's modules took 0.2 to 0.3 s of every click.
    """
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # else native libraries report what is left as leaked


def read_options(arguments: tuple[str, ...]) -> dict[str, list[str]]:
    """The options' values; of --input there may be several.

    Raises `ValueError` for one without a value, and for one that is misspelt.
    """
    parser = argparse.ArgumentParser(exit_on_error=False, allow_abbrev=False, add_help=False)
    for option in OPTIONS:
        parser.add_argument(option, dest=option, action="append")
    try:
        chosen, others = parser.parse_known_args(arguments)
    except argparse.ArgumentError as error:
        raise ValueError(f"{error.argument_name} needs a value, as in --model package.module:factory.") from error
    for other in others:  # those that resemble none of ours are somebody else's, as a test runner's
        if meant := get_close_matches(other.partition("=")[0], OPTIONS, 1, 0.75):
            raise ValueError(f"There is no option {other}: did you mean {meant[0]}?")
    return {option: given or OPTIONS[option] for option, given in vars(chosen).items()}


def adopt(name: str, inputs: Inputs) -> None:
    """Offer the network. Raises `ValueError` with a sentence if it cannot be made, or run at all."""
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    OWN[name] = named_model(name, inputs)
    try:
        graph_of(Spec("own", name))
    except Exception as error:  # their code may raise anything
        del OWN[name]
        if isinstance(error, ValueError):
            raise
        shapes = " and ".join(map(spell_argument, inputs))
        raise ValueError(f"{name} cannot be run on --input {shapes}: {error_line(error)}") from error


def offer_graph(file: Path) -> None:
    """Offer the network that `explorer.show` has written to the file."""
    try:
        parcel = from_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ValueError(f"--graph {file} cannot be read: {error_line(error)}") from error
    GIVEN.update(parcel.code)
    if not parcel.graph.nodes:
        raise ValueError(f"--graph {file} holds no network: show it again from your program.")
    OWN[parcel.name] = Own((), graph=parcel.graph)
