"""A channel: the weights of a first filter, the pictures that it answers to most strongly, and another beside it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

import numpy as np
import streamlit as st
import torch
from torch import Tensor, nn

from explorer.activations.breakdown import layer_of
from explorer.activations.charts import filter_tiles, map_chart
from explorer.activations.feature_maps import FeatureMaps, Numbers, figures
from explorer.activations.networks import LiveNetwork, Look
from explorer.activations.reasons import linear_correlation
from explorer.activations.top_pictures import TopPicture, top_pictures
from explorer.analysis.pixel_windows import InputWindows
from explorer.background import BackgroundCache
from explorer.datasets.drawings import drawings
from explorer.datasets.registry import load_dataset
from explorer.formatting import literal, spell_figures
from explorer.graph.graph import Node
from explorer.training.image_preview import address, pick_image, tile
from explorer.ui.components.component import Event
from explorer.ui.components.plotly_chart import draw_chart
from explorer.ui.inside.networks import known_networks, last_step
from explorer.ui.inside.page_state import PAGE, InsideState, current_view
from explorer.ui.inside.pictures import TEST, dataset_of
from explorer.ui.session import bind_widget, show_growing, unbroken
from explorer.ui.tables import html_table

MOST = 2000  # test pictures
EVERY = 0.4  # seconds between looks at what is being worked out
PAIR = 150  # pixels of each of two maps side by side
ALIKE = (  # correlations, from the least on
    (0.7, "where one is high, so is the other, mostly"),
    (0.3, "where one is high, the other often is, too"),
    (-0.3, "where one is high says little of the other"),
    (-0.7, "where one is high, the other often is low"),
    (-1.1, "where one is high, the other is low, mostly"),
)
CSS = """<style>
.filters img { width: 100%; max-width: 22rem; image-rendering: pixelated; display: block; }
.excite { display: grid; grid-template-columns: repeat(3, 1fr); gap: 0.5rem; }
.excite figure { margin: 0; line-height: 1.2; }
.excite img { width: 100%; aspect-ratio: 1; object-fit: contain; image-rendering: pixelated; display: block; }
.excite figcaption { font-size: 0.8rem; opacity: 0.8; font-variant-numeric: tabular-nums; }
</style>"""


def first_filters(look: Look, node: Node, channel: int) -> None:
    """Of a convolution on the picture itself."""
    layer = layer_of(look.live.model, node)
    first = look.known.graph.inputs[0].name
    if not isinstance(layer, nn.Conv2d) or node.inputs != (first,) or layer.weight.shape[1] not in (1, 3):
        return
    tiles = address(filter_tiles(layer.weight, channel))
    st.markdown("##### Its filters")
    st.html(CSS)
    st.html(f'<div class="filters"><img src="{tiles}" alt="The weights of {len(layer.weight)} filters"></div>')
    colour = "red, green and blue" if layer.weight.shape[1] == 3 else "grey"
    largest = float(layer.weight.detach().abs().max())
    high, wide = layer.kernel_size
    st.caption(
        f"All {len(layer.weight)} filters of {high} × {wide} weights, in their order, that of channel {channel} in a "
        f"frame: the weights for {colour}, one scale for all. Mid-grey is 0, full {spell_figures(largest)}, black "
        f"{spell_figures(-largest)}."
    )


# The pictures that a channel answers to most strongly


@dataclass(frozen=True)
class Search:
    """Equal for all who ask for the same."""

    network: str
    step: int
    weights: str
    node: str
    channel: int
    pictures: str  # the key of a data set; empty: what was drawn
    live: LiveNetwork = field(compare=False)
    box: tuple[Node, InputWindows] = field(compare=False)

    @property
    def count(self) -> int:
        return min(MOST, len(load_dataset(self.pictures).test)) if self.pictures else len(drawings())

    def image(self, number: int) -> Tensor:
        """A test picture has the number under which it can be chosen."""
        if not self.pictures:
            return drawings()[number].image
        return pick_image(load_dataset(self.pictures).test, number)[0]

    def name(self, number: int) -> str:
        if not self.pictures:
            return drawings()[number].name
        dataset = load_dataset(self.pictures)
        return f"{TEST}{number}: {dataset.classes[pick_image(dataset.test, number)[1]]}"

    def find(self) -> "Found":
        count = self.count

        def image(number: int) -> Tensor:
            looked_at()[self] = max((number + 1) / count, looked_at().get(self, 0.0))
            return self.image(number)

        try:
            tops = top_pictures(self.live, self.box, self.channel, image, count)
        finally:
            looked_at().pop(self, None)
        where = load_dataset(self.pictures).name if self.pictures else ""
        return Found(tuple((self.name(top.number), top) for top in tops), count, where)


@dataclass(frozen=True)
class Found:
    pictures: tuple[tuple[str, TopPicture], ...]  # with their names
    count: int  # of all that were looked at
    dataset: str  # empty: what was drawn


@st.cache_resource(show_spinner=False)
def searches() -> BackgroundCache[Search, Found]:
    return BackgroundCache(Search.find, kept=32)


@st.cache_resource(show_spinner=False)
def looked_at() -> dict[Search, float]:
    """The share of the pictures, of the search that is under way."""
    return {}


def top_pictures_part(look: Look, node: Node, windows: InputWindows, channel: int) -> None:
    """Nothing is worked out before somebody asks for it; then it is there for all."""
    view = current_view()
    key = view.network or next(iter(known_networks()))
    asked = key, last_step(key), view.weights, node.name, channel, dataset_of(key)
    search = Search(*asked, look.live, (node, windows))
    st.markdown(f"##### What channel {channel} answers to most")
    show_growing(lambda: show_search(search), lambda: not under_way(search), EVERY)


def under_way(search: Search) -> bool:
    return search in searches().waiting


def show_search(search: Search) -> None:
    cache = searches()
    if found := cache.found([search]).get(search):
        show_found(found)
    elif under_way(search):
        share = looked_at().get(search, 0.0)
        st.progress(share, f"Looking at one picture after another: {share:.0%}" if share else "Opening the pictures …")
    else:
        if trouble := cache.problems([search]).get(search):
            st.warning(literal(trouble), icon=":material/error:")
        offer(lambda: cache.first([search]), search)


def offer(begin: Callable[[], None], search: Search) -> None:
    which = f"up to {MOST:,} test pictures" if search.pictures else f"the {len(drawings())} pictures drawn for this"
    st.button(f"Look at {which}", icon=":material/image_search:", key="inside/excite", on_click=unbroken(begin))
    if not search.pictures:
        st.caption("The test pictures of its data set are not on this computer.")


def show_found(found: Found) -> None:
    shown = []
    for name, top in found.pictures:
        words = f"{escape(name)}<br>{spell_figures(top.value)} at {top.cell[0]}, {top.cell[1]}"
        shown.append(f'<figure><img src="{address(tile(top.crop))}" alt=""><figcaption>{words}</figcaption></figure>')
    st.html(CSS)
    st.html(f'<div class="excite">{"".join(shown)}</div>')
    which = f"test pictures of {literal(found.dataset)}" if found.dataset else "pictures drawn for this"
    alike = "" if found.pictures[0][1].value > 0 else " None of them brings it above 0."
    st.caption(
        f"The strongest of {found.count:,} {which}, each cut to what its strongest number, whose row and column are "
        f"given, can depend on.{alike}"
    )


# Two channels of one box


def channel_pair(shown: FeatureMaps, channel: int, on_event: Callable[[Event], None]) -> None:
    """`on_event` is told the number that is clicked."""
    view = current_view()
    other = other_channel(shown, channel, view)
    binding = bind_widget("inside/against", other, lambda chosen: PAGE.change(against=chosen))
    st.number_input(f"The other {shown.part}", 0, len(shown.maps) - 1, **binding)
    if view.against is not None and view.against != other:
        st.caption(f"The link asks for {shown.part} {view.against}; there are {len(shown.maps)}, from 0 on.")
    pair_charts(shown, (channel, other), on_event)
    name = shown.part.capitalize()
    names = "", f"{name} {channel}", f"{name} {other}"
    rows = zip(*(map_figures(shown.maps[each]) for each in (channel, other)), strict=True)
    cells = [(name, one_cell, other_cell) for (name, one_cell), (_, other_cell) in rows]
    st.markdown(html_table(names, cells, "facts"), unsafe_allow_html=True)
    st.markdown(pair_words(shown, channel, other))


def other_channel(shown: FeatureMaps, channel: int, view: InsideState) -> int:
    """The one in the link, if there is one of that number; else the strongest but for this one."""
    if view.against is not None and view.against < len(shown.maps):
        return view.against
    return int(next(each for each in shown.by_strength() if each != channel))


def pair_charts(shown: FeatureMaps, pair: tuple[int, int], on_event: Callable[[Event], None]) -> None:
    """Both and their difference, all by one scale."""
    first, second = (shown.maps[each] for each in pair)
    gap = first - second
    largest = FeatureMaps(np.stack((first, second, gap)), shown.form).largest()
    columns, name = st.columns(2, gap="small"), shown.part.capitalize()
    for place, each in enumerate(pair):
        chart = map_chart(shown.maps[each], largest, height=PAIR)
        chart.update_traces(showscale=False)
        with columns[place]:
            st.markdown(f":small[{name} {each}]")
            draw_chart(chart, key=f"inside-pair-{place}", alt=f"{name} {each}", on_event=on_event)
    st.markdown(f":small[{name} {pair[0]} less {shown.part} {pair[1]}]")
    draw_chart(map_chart(gap, largest, height=PAIR), key="inside-gap", alt="Their difference", on_event=on_event)
    st.caption("All three by one scale.")


def map_figures(numbers: Numbers) -> list[tuple[str, str]]:
    told = figures(torch.from_numpy(numbers))
    values = {"Least": told.least, "Most": told.most, "Mean": told.mean}
    return [*((name, spell_figures(value, 4)) for name, value in values.items()), ("Exactly 0", f"{told.zeros:.1%}")]


def pair_words(shown: FeatureMaps, channel: int, other: int) -> str:
    maps, part = shown.maps, shown.part
    first, second = maps[channel] > 0, maps[other] > 0
    alone = f"{part} {channel} at {first.mean():.1%}, {part} {other} at {second.mean():.1%}"
    both = f"Both are above 0 at {(first & second).mean():.1%} of the positions; {alone}."
    found = linear_correlation(maps[channel], maps[other])
    if found is None:
        return f"One of them is the same everywhere, so there is no correlation. {both}"
    meaning = next(words for least, words in ALIKE if found >= least)
    told = f"{found:.2f}".replace("-", "−")
    return f"**Correlation {told}** (Pearson’s, over {first.size:,} positions): {meaning}. {both}"
