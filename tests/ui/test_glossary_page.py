"""The glossary page: all that is explained anywhere is in it, found by words, and kept in its link."""

import re
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from explorer.glossary import explain_words, read_entries, read_glossary
from explorer.ui.glossary_page import decode_search, glossary_words

OpenPage = Callable[..., AppTest]


def lists(app: AppTest) -> str:
    assert not app.exception
    said = (each.proto.body for each in app.get("html"))
    return "".join(each for each in said if not each.startswith("<style>"))


def test_every_word_layer_block_and_knob_is_in_it(open_page: OpenPage) -> None:
    words = lists(open_page("glossary"))
    entries = sum(len(read_glossary(name)) for name in ("terms", "layers", "blocks", "options"))
    assert words.count("<dt>") == entries == len(list(glossary_words()))
    for text in ("degradation", "compound scaling", "whole image"):
        assert f"<dt>{text}</dt>" in words
    urls = {entry.source.url for entry in read_entries("blocks").values()}
    assert urls <= set(re.findall(r'href="([^"]+)"', words))


def test_a_search_finds_what_has_all_of_its_words_and_the_link_keeps_it(open_page: OpenPage) -> None:
    app = open_page("glossary", search="growth DenseNet")
    words = lists(app)
    assert "<dt>growth rate</dt>" in words and "<dt>shortcut</dt>" not in words
    app.text_input[0].set_value("<b>nothing</b>").run()
    assert lists(app) == "" and "No entry has all of these words" in app.info[0].value
    assert app.query_params["search"] in ("<b>nothing</b>", ["<b>nothing</b>"])


def test_a_wrong_word_in_the_link_is_said() -> None:
    found, problems = decode_search({"sort": "up", "search": "x" * 100})
    assert len(found.search) == 60 and "“sort”" in problems[0]


def test_words_in_a_sentence_are_explained_each_once_and_whole() -> None:
    said = explain_words("Two shortcuts and a projection; the bottleneck's channels, as a Bottlenecked one.")
    assert said
    assert said.count("**shortcut**") == 1 and "**projection**" in said and "**channel**" in said
    assert explain_words("Nothing of the kind.") is None
    both = explain_words("Squeeze ratio 16 and peak memory; MACs.")
    assert both and "**squeeze ratio**" in both and "**MAC**" in both
    assert "**batch**" not in (explain_words("BatchNorm and rebatching") or "")
