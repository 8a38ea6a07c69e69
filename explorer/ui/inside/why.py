"""Why this class: four methods side by side, what covering what they name does, and the same with other weights."""

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from hashlib import sha256
from html import escape

import streamlit as st
from PIL import Image
from torch import Tensor

from explorer.activations.charts import deletion_chart
from explorer.activations.networks import LiveNetwork, Look, live_network
from explorer.activations.reasons import (
    CHANCE,
    DEPTHS,
    METHODS,
    Question,
    Reason,
    box_with_maps,
    find_reason,
    laid_over,
    mixed_state,
    rank_correlation,
)
from explorer.analysis.model_summary import study
from explorer.background import BackgroundCache
from explorer.formatting import literal
from explorer.glossary import read_glossary
from explorer.graph.module_tree import Item
from explorer.training.image_preview import address
from explorer.ui.components.plotly_chart import draw_chart
from explorer.ui.inside.networks import last_step, open_network
from explorer.ui.inside.one_number import box_name
from explorer.ui.inside.page_state import PAGE, InsideState, current_view
from explorer.ui.session import bind_widget, show_growing

KEPT = 512  # answers of the whole server, some kilobytes each
EVERY = 0.7  # seconds between looks at what has been worked out


@st.cache_resource(show_spinner=False)
def reasons() -> BackgroundCache[Question, Reason]:
    """One for all visitors; one question after the other."""
    return BackgroundCache(find_reason, kept=KEPT)


def why_panel(look: Look, item: Item | None, key: str) -> None:
    """`item`: the selected box, if there is one. What is asked comes in as it is worked out."""
    view = current_view()
    chances = class_shares(look)
    if chances is None:
        st.warning("The network’s answer is no list of scores, one for each class: there is no “why” to ask for.")
        return
    label = choose_class(look, chances, view)
    asked = questions(look, item, key, label)
    every = tuple(asked.values())
    reasons().first(every)
    show_growing(partial(show_reasons, look, asked), lambda: reasons().settled(every), EVERY)
    randomised(look, asked, key, view)


def class_shares(look: Look) -> list[float] | None:
    """By the classes' numbers; None where the network gives something else."""
    scores = look.seen.outputs[look.known.outline.ends[0]]
    if scores.ndim != 1 or len(scores) != len(look.live.intake.classes):
        return None
    return scores.float().softmax(0).tolist()


def choose_class(look: Look, chances: list[float], view: InsideState) -> int:
    """Of all that it tells apart, the likeliest first."""
    order = sorted(range(len(chances)), key=lambda label: -chances[label])
    names = look.live.intake.classes
    chosen = view.label if view.label is not None and view.label < len(names) else order[0]
    st.selectbox(
        "What speaks for",
        order,
        format_func=lambda label: f"{names[label]} · {chances[label]:.1%}",
        help=read_glossary("pages")["why"],
        **bind_widget("inside/class", chosen, lambda label: PAGE.change(label=label)),
    )
    return chosen


def questions(look: Look, item: Item | None, key: str, label: int) -> dict[str, Question]:
    """One for each method, and what covering by chance does."""
    intake, step = look.live.intake, last_step(key)
    fitted = intake.fitted(look.picture)
    network = key, step, current_view().weights
    node = item.all_nodes[-1] if item else box_with_maps(look)
    first = Question(CHANCE, network, digest(fitted), label, look.live, intake.numbers(fitted))
    methods = {method: replace(first, method=method) for method in METHODS}
    methods["grad-cam"] = replace(methods["grad-cam"], node=node)
    return methods | {CHANCE: first}


def digest(picture: Tensor) -> str:
    return sha256(picture.numpy().tobytes()).hexdigest()


def show_reasons(look: Look, asked: Mapping[str, Question]) -> None:
    found = reasons().found(asked.values())
    picture = look.live.intake.fitted(look.picture)
    figures = [reason_html(look, picture, asked[method], found.get(asked[method])) for method in METHODS]
    st.html(f'<div class="reasons">{"".join(figures)}</div>')
    known = {METHODS.get(method, "by chance"): found.get(question) for method, question in asked.items()}
    curves = {name: each.curve for name, each in known.items() if each and each.curve is not None}
    st.markdown(":small[**Covered with grey, the most important first: what is left of the class’s share**]")
    alt = "The share of the class, by how much of the picture is grey"
    draw_chart(deletion_chart(curves, list(METHODS.values())), key="inside-deletion", alt=alt)
    st.caption(deletion_words(found, asked))


def reason_html(look: Look, picture: Tensor, question: Question, found: Reason | None) -> str:
    name = METHODS[question.method]
    if question.method == "grad-cam":
        name = f"{name} at {box_name(look, question.node)}"
    why = reasons().problems((question,)).get(question)
    if found is None or found.shown is None:
        return reason_figure(address(image_of(picture)), name, why or "is being worked out …", pale=True)
    over = laid_over(picture, found.shown.values)
    return reason_figure(address(image_of(over)), name, found.shown.blank or found.note)


def reason_figure(picture: str, name: str, note: str, pale: bool = False) -> str:
    look = ' class="pale"' if pale else ""
    words = f"<b>{escape(name)}</b><span>{escape(note)}</span>"
    return f'<figure{look}><img src="{picture}" alt="{escape(name)}"><figcaption>{words}</figcaption></figure>'


def image_of(picture: Tensor) -> Image.Image:
    """(3, S, S) or (1, S, S) of bytes, as large as it is."""
    return Image.fromarray(picture.expand(3, -1, -1).permute(1, 2, 0).contiguous().numpy())


def deletion_words(found: Mapping[Question, Reason], asked: Mapping[str, Question]) -> str:
    """Only what the curves show."""
    areas = {method: found[question].area for method, question in asked.items() if question in found}
    chance = areas.pop(CHANCE, None)
    known = {METHODS[method]: value for method, value in areas.items() if value is not None}
    if chance is None or not known:
        return "The smaller the area under a line, the earlier the share falls."
    told = ", ".join(f"{name} {value:.2f}" for name, value in sorted(known.items(), key=lambda each: each[1]))
    slower = [name for name, value in known.items() if value >= chance]
    worse = f" No earlier than by chance: {', '.join(slower)}." if slower else ""
    return f"Area under each line: {told}; by chance {chance:.2f}. The smaller, the earlier the share falls.{worse}"


# The same with other weights


def randomised(look: Look, asked: Mapping[str, Question], key: str, view: InsideState) -> None:
    st.toggle(
        "Randomise the weights from the top",
        help=read_glossary("pages")["randomised"],
        **bind_widget("inside/randomised", view.randomised, lambda on: PAGE.change(randomised=on)),
    )
    if not view.randomised:
        return
    if view.weights == "initial":
        st.caption("These weights are random already: choose the trained ones.")
        return
    opening = open_network(key, "initial")
    show_growing(partial(show_randomised, look, asked, (key, opening)), opening.done, EVERY)


def show_randomised(look: Look, asked: Mapping[str, Question], other: tuple[str, Future[LiveNetwork]]) -> None:
    key, opening = other
    if not opening.done():
        st.markdown("Opening the network …")
        return
    try:
        initial = opening.result()
    except ValueError as error:
        st.warning(literal(str(error)), icon=":material/error:")
        return
    mixed = {depth: mixed_network(key, last_step(key), depth, look.live, initial) for depth in DEPTHS}
    rows = {
        method: {depth: other_question(asked[method], depth, mixed[depth]) for depth in DEPTHS} for method in METHODS
    }
    every = tuple(question for row in rows.values() for question in row.values())
    reasons().want(every)
    show_growing(partial(compare_maps, look, asked, rows), lambda: reasons().settled(every), EVERY)


def other_question(question: Question, depth: str, live: LiveNetwork) -> Question:
    return replace(question, network=(question.network, depth), live=live, curve=False)


@st.cache_resource(show_spinner=False, max_entries=12)
def mixed_network(key: str, step: int, depth: str, _trained: LiveNetwork, _initial: LiveNetwork) -> LiveNetwork:
    trained, initial = _trained.model.state_dict(), _initial.model.state_dict()
    state = mixed_state(study(_trained.spec).graph, trained, initial, DEPTHS[depth])
    return live_network(_trained.title, _trained.spec, state, _trained.intake)


def compare_maps(look: Look, asked: Mapping[str, Question], rows: Mapping[str, Mapping[str, Question]]) -> None:
    picture = look.live.intake.fitted(look.picture)
    found = reasons().found([*asked.values(), *(question for row in rows.values() for question in row.values())])
    head = "".join(f"<span>{escape(words)}</span>" for words in ("trained", *DEPTHS))
    cells, alike = [], {}
    for method, row in rows.items():
        cells.append(f"<b>{escape(METHODS[method])}</b>")
        first = found.get(asked[method])
        for question in (asked[method], *row.values()):
            there = found.get(question)
            alike[method] = correlation(first, there)
            shown = None if question is asked[method] else alike[method]
            cells.append(map_html(picture, there, shown, reasons().problems((question,)).get(question, "")))
    st.html(f'<div class="randomised"><span></span>{head}{"".join(cells)}</div>')
    st.caption(alike_words(alike))


def correlation(first: Reason | None, other: Reason | None) -> float | None:
    if not first or not other or not first.shown or not other.shown:
        return None
    return rank_correlation(abs(first.shown.values), abs(other.shown.values))


def map_html(picture: Tensor, found: Reason | None, alike: float | None, why: str) -> str:
    """`why`: what hindered it, if something did."""
    if found is None or found.shown is None:
        return f'<span title="{escape(why)}">{"none" if why else "…"}</span>'
    words = "blank" if found.shown.blank else "" if alike is None else f"ρ = {alike:.2f}".replace("-", "−")
    image = address(image_of(laid_over(picture, found.shown.values)))
    return f'<figure><img src="{image}" alt=""><figcaption>{words}</figcaption></figure>'


def alike_words(alike: Mapping[str, float | None]) -> str:
    known = {METHODS[method]: value for method, value in alike.items() if value is not None}
    meaning = "ρ: how alike the strengths are ordered as in the trained network’s map, 1 the same, 0 not at all."
    if not known:
        return meaning
    name = max(known, key=known.__getitem__)
    most = f"{known[name]:.2f}".replace("-", "−")
    return f"{meaning} With random weights in all layers the most alike is {name}, ρ = {most}."
