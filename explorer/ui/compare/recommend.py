"""Which one should I use? What is asked of a network, and those that fit it, each with its reason and its code."""

from collections.abc import Collection
from dataclasses import replace
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer.formatting import literal
from explorer.leaderboard.entries import Entry, disturbance
from explorer.leaderboard.recommend.cards import MOST, SUGGESTED, choice_cards, funnel, ways_out
from explorer.leaderboard.recommend.explanation import situation_verdict
from explorer.leaderboard.recommend.ranking import Ranking, rank, weighed_by
from explorer.leaderboard.recommend.requirements import BALANCE, ORDERS, SIMPLICITY, WORDINGS, Limit, number
from explorer.leaderboard.recommend.use_cases import (
    SITUATIONS,
    Situation,
    picked_entries,
    readable,
    situation_of,
    wishes_of,
)
from explorer.models.facts import disturbed
from explorer.ui.compare.page_state import current_bench, explore, go_bench, publish_bench
from explorer.ui.compare.recommend_state import (
    WRONG,
    change_limit,
    choose_order,
    loading_code,
    looked_through,
    still_counting,
    to_learn,
    to_use,
    toggle_bench,
    wish,
    wished,
)
from explorer.ui.session import bind_widget, show_growing, show_problems, unbroken

STYLE = Path(__file__).with_name("recommend.css").read_text(encoding="utf-8").replace("\n\n", "\n")
EVERY = 0.5  # seconds between two looks while the lesson's networks are being counted


def recommend() -> None:
    st.html(f"<style>{STYLE}</style>")
    looked_through().want(readable())
    show_growing(show_recommendation, lambda: not still_counting(), EVERY)


def show_recommendation() -> None:
    if current_bench().view != "choose":
        st.rerun()
    weights = to_use()
    wishes = wished(weights)
    ranking = rank(to_learn() if wishes.order == SIMPLICITY else weights, wishes)
    situation = situation_of(wishes, weights)
    show_problems(keep=still_counting())
    choose_situation(situation)
    ask_requirements(ranking, {fact.quantity for entry in weights for fact in entry.facts})
    show_funnel(ranking)
    show_lesson(ranking, situation)
    show_ranking(ranking)
    publish_bench()


def choose_situation(chosen: Situation | None) -> None:
    def choose(use: str) -> None:
        wish(wishes_of(SITUATIONS[use], to_use()))

    st.segmented_control(
        "The lesson’s situations",
        list(SITUATIONS),
        format_func=lambda use: f"{SITUATIONS[use].title} :small[the lesson: {literal(SITUATIONS[use].lesson)}]",
        label_visibility="collapsed",
        **bind_widget("recommend/situation", chosen.use if chosen else None, choose),
    )


def ask_requirements(ranking: Ranking, known: Collection[str]) -> None:
    """A sentence one fills in; `known` are the quantities that at least one network states."""
    limits, order = ranking.wishes.limits, ranking.wishes.order
    more = [quantity for quantity in WORDINGS if quantity in known and not ranking.wishes.limit(quantity)]
    orders = [each for each in ORDERS if each in (BALANCE, SIMPLICITY, order) or each in known]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="recommend-sentence"):
        say("I need" if limits else "I have no limits.")
        for place, limit in enumerate(limits, start=1):
            ask_limit(limit, "and " * (1 < place == len(limits)), "," * (place < len(limits)) or "." * (not more))
        if more:
            st.selectbox(
                *("Add a limit", more, None),
                format_func=lambda quantity: WORDINGS[quantity].name,
                placeholder="+ a limit",
                label_visibility="collapsed",
                width=142,
                **bind_widget("recommend/more", None, lambda quantity: change_limit(quantity, SUGGESTED[quantity])),
            )
        with clause():
            say("Show" if limits else "Show me")
            st.selectbox(
                *("What comes first", orders),
                format_func=lambda each: ORDERS[each][1],
                label_visibility="collapsed",
                width=62 + 9 * len(ORDERS[order][1]),
                **bind_widget("recommend/order", order, choose_order),
            )
            say("first.")
    if wrong := st.session_state.pop(WRONG, ""):
        st.error(literal(wrong))


def say(words: str) -> None:
    st.markdown(words, width="content")


def clause() -> DeltaGenerator:
    """What stays on one line."""
    return st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content", wrap=False)


def ask_limit(limit: Limit, before: str, end: str) -> None:
    """One clause of the sentence. The arrow keys turn an accuracy by half a point, all else by about a tenth."""
    wording, quantity, bound = WORDINGS[limit.quantity], limit.quantity, float(number(limit))
    side = "at least" if limit.least else "at most"
    with clause():
        say(before + side)
        st.number_input(
            f"{side}, in {wording.unit}, {wording.name}",
            step=0.5 if quantity == "top-1" else float(f"{bound / 10:.1g}"),
            format="%g",
            label_visibility="collapsed",
            width=66,
            **bind_widget(f"recommend/limit/{quantity}", bound, lambda value: change_limit(quantity, f"{value:.6g}")),
        )
        say(f"{wording.unit} {wording.name}{end}")
        drop = partial(change_limit, quantity, "")
        no_limit = f"No limit on {wording.name}"
        st.button("×", type="tertiary", key=f"recommend/drop/{quantity}", help=no_limit, on_click=unbroken(drop))


def show_funnel(ranking: Ranking) -> None:
    """How many there were, what each limit took, how many are left."""
    told = funnel(ranking)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="recommend-funnel"):
        say(f":gray[{told['asked']}]")
        for toll in told["tolls"]:
            words = f"− {toll['words']}" + f" ({toll['note']})" * bool(toll["note"])
            st.progress(toll["share"], text=words, width=26 + 6 * len(words))
        for words in told["notes"]:
            say(f":gray[− {words}]")
        say(f"→ :primary-badge[**{told['left']}**]")


def show_lesson(ranking: Ranking, situation: Situation | None) -> None:
    """What the lesson recommends, held against the figures, and what should be known before they are believed."""
    if situation and ranking.asked:
        told = situation_verdict(situation, ranking)
        places = ((entry.title, f"place {place}" if place else "left out") for entry, place in told.stands)
        stands = " ".join(f":gray-badge[{literal(title)} · {place}]" for title, place in places)
        with st.container(key="recommend-verdict"):
            box = st.success if told.agrees else st.warning
            box(f"{literal(told.words)}\n\n{stands}", icon=":material/school:")
    shown = [each.entry for each in ranking.kept[:MOST]]
    for words in filter(None, (notice(ranking, situation), disturbance(shown, weighed_by(ranking.wishes)))):
        st.caption(literal(words))


def show_ranking(ranking: Ranking) -> None:
    picked = picked_of(ranking)
    cards_side, code_side = st.columns([1.15, 1], gap="medium")
    with cards_side:
        show_ways_out(ranking)
        kept = ranking.kept[:MOST]
        for each, card in zip(kept, choice_cards(ranking, benched(ranking)), strict=True):
            show_card(each.entry, card, each.entry is picked)
        if more := len(ranking.kept) - len(kept):
            st.caption(f"and {more} more, after these")
    if picked:
        with code_side, st.container(key="recommend-code"):
            show_code(picked)


def show_ways_out(ranking: Ranking) -> None:
    """Where nothing is left: what to loosen."""
    ways = ways_out(ranking)
    if ways:
        st.markdown("**Nothing is left. What helps:**")
    for place, way in enumerate(ways):
        key = f"recommend-way-{place}"
        with st.container(border=True, horizontal=True, vertical_alignment="center", wrap=False, key=key):
            st.markdown(literal(way["words"]))
            if len(way["limits"]) == 1:
                ((quantity, bound),) = way["limits"].items()
                loosen = partial(change_limit, quantity, bound)
                st.button("Do that", key=f"recommend/do/{place}", on_click=unbroken(loosen))


def show_card(entry: Entry, card: dict[str, Any], picked: bool) -> None:
    """A network with its place, its figures as bars, and the reason for it."""
    with st.container(border=True, key=f"recommend-card-{card['place']}{'-picked' * picked}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(key=f"recommend-place-{card['place']}", width="content"):
                say(f"**{card['place']}**" if picked else f":gray[**{card['place']}**]")
            pick = partial(go_bench, current_bench().said({"pick": entry.key}))
            st.button(literal(entry.title), type="tertiary", key=f"recommend/pick/{entry.key}", on_click=unbroken(pick))
            st.caption(literal(card["family"]), width="stretch")
            open_it = st.button("Explore", key=f"recommend/explore/{entry.key}", help="Open it on the Explore page")
            words = "In the comparison ✓" if card["benched"] else "Side by side +"
            st.button(words, key=f"recommend/bench/{entry.key}", on_click=unbroken(toggle_bench), args=(entry,))
        st.html(f'<div class="recommend-bars">{"".join(bar_html(bar) for bar in card["bars"])}</div>')
        reason = ":green-badge[unbeaten] " * bool(card["unbeaten"]) + literal(card["reason"])
        others = f"  \n{literal(card['others'])}" if card["others"] else ""
        st.caption(reason + others, help=card["unbeaten"] or None)
    if open_it and entry.place:
        explore(entry.place)


def bar_html(bar: dict[str, Any]) -> str:
    limit = f"; --limit: {bar['limit']}" if bar["limit"] is not None else ""
    return (
        f"<div><span>{escape(bar['title'])}</span>"
        f'<b class="{bar["kind"]}" title="{escape(bar["source"])}">{"⚠ " * bar["disturbed"]}{escape(bar["value"])}</b>'
        f'<i class="{bar["kind"]}" style="--share: {bar["share"]}{limit}"></i></div>'
    )


def show_code(entry: Entry) -> None:
    """The lines that load it, and what to know before pasting them."""
    lines, note = loading_code(entry)
    st.markdown(f"##### Load {literal(entry.title)}")
    if lines:
        st.code(lines, language="python")
    if note:
        st.caption(literal(note))
    if lines and entry.recipe.startswith("https:"):
        st.caption(f"Recipe or paper: [how it was trained]({entry.recipe})")
    bench = len(current_bench().bench)
    with st.container(horizontal=True):
        if st.button("Open in Explore", type="primary", key="recommend/open") and entry.place:
            explore(entry.place)
        if bench > 1:
            side = partial(go_bench, replace(current_bench(), view="side", words=()))
            st.button(f"The {bench} in the comparison side by side", key="recommend/side", on_click=unbroken(side))


def picked_of(ranking: Ranking) -> Entry | None:
    """The network whose lines are shown: the one clicked, else the first."""
    key = current_bench().word("pick")
    entries = [each.entry for each in ranking.kept[:MOST]]
    return next((entry for entry in entries if entry.key == key), entries[0] if entries else None)


def benched(ranking: Ranking) -> set[str]:
    there = {place.spec for place in current_bench().bench}
    places = ((each.entry.key, each.entry.place) for each in ranking.kept[:MOST])
    return {key for key, place in places if place and place.spec in there} if there else set()


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
        picks = picked_entries(ranking.asked, situation.picks)
        if any(disturbed(entry.fact("latency")) for entry in picks):
            return (
                "Fast means few MACs here, because this machine was busy with something else while the lesson’s "
                "networks were measured, and latencies taken then compare nothing: measure again in “Speed here” when "
                "it is quiet. Fewer MACs are not always faster."
            )
        return (
            "Fast means few MACs here, until the lesson’s networks have been measured on this machine: “Speed here” "
            "does that. Fewer MACs are not always faster."
        )
    return ""
