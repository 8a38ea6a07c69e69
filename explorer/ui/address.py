"""The address bar: where a link leads on entering a page, and what it says afterwards."""

import streamlit as st


def arriving(place: str, entered: bool) -> dict[str, str] | None:
    """The query to follow, on a page that keeps the visitor's place in the session as `place`; None: stay there.

    Only on entering: later the address that comes with a click may lie behind what has been written to it since.
    """
    query = st.query_params.to_dict()
    return query if place not in st.session_state or (entered and query) else None


def publish(words: dict[str, str]) -> None:
    """Spells the visitor's place out, where the address does not say it yet."""
    if st.query_params.to_dict() != words:
        st.query_params.from_dict(words)
