"""The glossary: every word, layer, block and knob that the explorer explains, in one list that one can search."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Annotated

import streamlit as st

from explorer.glossary import Paper, read_entries, read_glossary
from explorer.ui.session import PageState, bind_widget, show_problems
from explorer.url_params import decode_query, text_param

MOST_LETTERS = 60  # of a search


@dataclass(frozen=True)
class GlossarySearch:
    search: Annotated[str, text_param("search", MOST_LETTERS)] = ""


@dataclass(frozen=True)
class Word:
    """One line of the glossary."""

    kind: str
    name: str
    text: str
    source: Paper | None = None

    def says(self, wanted: list[str]) -> bool:
        said = f"{self.name} {self.text}".lower()
        return all(word in said for word in wanted)


def decode_search(query: Mapping[str, str]) -> tuple[GlossarySearch, tuple[str, ...]]:
    return decode_query(GlossarySearch, query, "the glossary knows only “search”")


PAGE = PageState("glossary", decode_search)


def glossary_words() -> Iterator[Word]:
    """Those of the field first, in the order of the alphabet."""
    for name, text in sorted(read_glossary("terms").items(), key=lambda each: each[0].lower()):
        yield Word("Words", name, text)
    for kind, file in (("Layers", "layers"), ("Blocks", "blocks")):
        entries = read_entries(file)
        for key in sorted(read_glossary(file), key=str.lower):
            yield Word(kind, key.rpartition(".")[2], entries[key].sentence, entries[key].source)
    for name, text in sorted(read_glossary("options").items()):
        yield Word("Knobs", name.replace("_", " "), text)


def glossary() -> None:
    PAGE.arrive(st.session_state.entered)
    shown = PAGE.current()
    st.markdown("### Glossary")
    show_problems()
    st.text_input(
        "Search",
        placeholder="shortcut, MAC, receptive …",
        max_chars=MOST_LETTERS,
        width=420,
        icon=":material/search:",
        **bind_widget("glossary/search", shown.search, lambda words: PAGE.go(GlossarySearch(words.strip()))),
    )
    found = [word for word in glossary_words() if word.says(shown.search.lower().split())]
    if not found:
        st.info("No entry has all of these words: try one of them alone.")
    for kind in dict.fromkeys(word.kind for word in found):
        st.html(section_html(kind, [word for word in found if word.kind == kind]))
    PAGE.publish()


def section_html(kind: str, words: list[Word]) -> str:
    return f'<h3>{kind}</h3><dl class="glossary">{"".join(map(word_html, words))}</dl>'


def word_html(word: Word) -> str:
    source = word.source
    link = f' <a href="{escape(source.url)}" target="_blank">{escape(source.name)}</a>' if source else ""
    return f"<dt>{escape(word.name)}</dt><dd>{escape(word.text)}{link}</dd>"
