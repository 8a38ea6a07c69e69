"""What the visitor has on the Compare page: kept in the session, spelled out in the address bar."""

import streamlit as st

from explorer.compare.desk import SLOTS, ComparePageState, decode_compare_page
from explorer.places import ModelSelection
from explorer.ui.session import PageState, complain
from explorer.url_params import encode_query

EXPLORE = "../pages/explore.py"
COMPARE = "../pages/compare.py"


PAGE = PageState("desk", decode_compare_page)
arrive, follow, current, go, publish = PAGE.arrive, PAGE.follow, PAGE.current, PAGE.go, PAGE.publish


def put(place: ModelSelection) -> bool:
    """Lays a network on the bench; False, with a sentence on the page, where there is no room."""
    desk = st.session_state.get("desk", ComparePageState())
    try:
        go(desk.put(place))
    except ValueError as error:
        complain(str(error))
        return False
    return True


def explore(place: ModelSelection) -> None:
    """Opens a network on the Explore page. Ends the run: for the script, not for a callback."""
    st.switch_page(EXPLORE, query_params=encode_query(place))


def side_by_side(*networks: ModelSelection) -> None:
    """Opens these networks side by side. Ends the run: for the script, not for a callback."""
    st.switch_page(COMPARE, query_params=encode_query(ComparePageState("side", networks[: len(SLOTS)])))


def mine() -> tuple[ModelSelection, ...]:
    """What lies on the bench, then what else the visitor has made; however it is looked at."""
    return tuple(dict.fromkeys((*(place.network for place in current().bench), *built())))


def built() -> tuple[ModelSelection, ...]:
    """What the visitor has made here: on the bench or on the Explore page, knobs turned or a network of one's own."""
    places = (*current().bench, *([st.session_state.place] if "place" in st.session_state else []))
    mine = {place.spec: place.network for place in places if place.changes or place.source in ("own", "timm")}
    return tuple(mine.values())
