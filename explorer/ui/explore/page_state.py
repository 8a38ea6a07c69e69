"""What the visitor looks at on the Explore page: the network, what is open in its picture, what is selected."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from explorer.models.selection import ModelSelection, decode_selection
from explorer.ui.session import PageState


class ExploreState(PageState[ModelSelection]):
    def follow(self, query: Mapping[str, str]) -> None:
        super().follow(query)
        st.session_state.told = ""

    def select(self, id: str, *, tell_diagram: bool) -> None:
        """Choose a part. The diagram knows its own clicks already; a choice made elsewhere it must be told."""
        self.go(replace(self.current(), selected=id))
        st.session_state.told = "" if tell_diagram else id
        if tell_diagram:
            self.revise()


PAGE = ExploreState("place", decode_selection)
arrive, current, go, publish, select = PAGE.arrive, PAGE.current, PAGE.go, PAGE.publish, PAGE.select
