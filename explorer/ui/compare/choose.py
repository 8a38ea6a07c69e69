"""Which one should I use? A wish in one sentence, and the networks that fit it, each with its reason and its code."""

from typing import Any

import streamlit as st

from explorer.compare.advice import verdict
from explorer.compare.choice_cards import MOST, cards
from explorer.compare.choices import funnel, judged, sentence, ways_out
from explorer.compare.entries import Entry
from explorer.compare.ranking import Ranking, rank
from explorer.compare.readable import readable
from explorer.compare.situations import SITUATIONS, Situation, situation_of
from explorer.compare.wishes import SIMPLICITY
from explorer.ui.compare.choose_board import board
from explorer.ui.compare.choose_code import code
from explorer.ui.compare.choose_deeds import LEAVING, WRONG, act
from explorer.ui.compare.choose_state import looked_through, still_counting, to_learn, to_use, wished
from explorer.ui.compare.state import current, explore, publish
from explorer.ui.session import show_problems

EVERY = 0.5  # seconds between two looks while the lesson's networks are being counted


def choose() -> None:
    leave()
    looked_through().want(readable())
    waiting = still_counting()
    st.fragment(shown, run_every=EVERY if waiting else None)(waiting)


def shown(waiting: bool) -> None:
    leave()
    left, weights = still_counting(), to_use()
    wishes = wished(weights)
    ranking = rank(to_learn() if wishes.order == SIMPLICITY else weights, wishes)
    show_problems(keep=waiting)
    board(told(ranking, weights), act)
    publish()
    if waiting != left:
        st.rerun()


def leave() -> None:
    """Opens what a click asked for: only the script can do that, not the click's own callback."""
    if place := st.session_state.pop(LEAVING, None):
        explore(place)
    if current().view != "choose":
        st.rerun()


def told(ranking: Ranking, weights: tuple[Entry, ...]) -> dict[str, Any]:
    """`weights` are all that can be loaded, whatever is ranked."""
    situation = situation_of(ranking.wishes, weights)
    picked = picked_of(ranking)
    return {
        "situations": [
            {"id": each.use, "title": each.title, "lesson": each.lesson, "chosen": each is situation}
            for each in SITUATIONS.values()
        ],
        "sentence": sentence(ranking.wishes, known(weights)),
        "wrong": st.session_state.pop(WRONG, ""),
        "funnel": funnel(ranking),
        "notice": notice(ranking, situation),
        "verdict": judged(verdict(situation, ranking)) if situation and ranking.asked else None,
        "cards": cards(ranking, benched(ranking)),
        "more": max(0, len(ranking.kept) - MOST),
        "ways": ways_out(ranking),
        "picked": picked.key if picked else "",
        "code": code(picked) if picked else None,
        "bench": len(current().bench),
    }


def picked_of(ranking: Ranking) -> Entry | None:
    """The network whose lines are shown: the one clicked, else the first."""
    key = current().word("pick")
    entries = [each.entry for each in ranking.kept[:MOST]]
    return next((entry for entry in entries if entry.key == key), entries[0] if entries else None)


def benched(ranking: Ranking) -> set[str]:
    there = {place.spec for place in current().bench}
    places = ((each.entry.key, each.entry.place) for each in ranking.kept[:MOST])
    return {key for key, place in places if place and place.spec in there} if there else set()


def known(entries: tuple[Entry, ...]) -> set[str]:
    """The quantities that at least one network states."""
    return {fact.quantity for entry in entries for fact in entry.facts}


def notice(ranking: Ranking, situation: Situation | None) -> str:
    """What should be known about the figures before they are believed."""
    if ranking.wishes.order == SIMPLICITY:
        failures = looked_through().problems(readable())
        going = f" {len(ranking.asked)} of {len(readable())} counted so far." if still_counting() else ""
        failed = "".join(f" {place.title} could not be built: {why}" for place, why in failures.items())
        return (
            "Ranked are the lesson's own networks, whose code is here to be read, by what there is to understand: "
            f"the kinds of operation and the kinds of block each is made of, counted from the network.{going}{failed}"
        )
    if situation and situation.use == "fast" and ranking.wishes.limit("MACs"):
        return (
            "Fast means few MACs here, until the lesson’s networks have been measured on this machine: “Speed here” "
            "does that. Fewer MACs are not always faster."
        )
    return ""
