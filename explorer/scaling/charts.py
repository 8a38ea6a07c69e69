"""Numbers on scaling → plotly figures and sentences; what is published is hollow, what is computed is filled."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explorer.colors import BLUE, GREEN, ORANGE, PURPLE, VERMILLION
from explorer.formatting import join_words, short_number

QUIET = "#808080"
WAY_COLOURS = {"depth": BLUE, "width": ORANGE, "resolution": GREEN, "compound": VERMILLION, "baseline": QUIET}
LEGEND = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font_size": 15}
Size = tuple[int, int, int]  # of a stage: blocks, channels, pixels a side
MARGIN = {"t": 10, "b": 10, "l": 10, "r": 20}


class Top1Curve(NamedTuple):
    """Top-1 of B0 to B7 by one source."""

    name: str
    symbol: str
    colour: str
    macs: tuple[float, ...]
    top1: tuple[float, ...]


class Bought(NamedTuple):
    """A network of a published table: its accuracy, what the paper prints of its cost, and what was counted."""

    way: str  # what was scaled: "baseline", "depth", "width", "resolution", "compound"
    label: str  # as the paper writes it
    top1: float  # percent
    printed: float | None  # multiply-adds, the paper's “FLOPS”
    source: str
    factors: tuple[float, float, float] = (1, 1, 1)  # depth, width, resolution
    counted: float | None = None  # where the table says what to build


def ladder_chart(curves: Sequence[Top1Curve]) -> go.Figure:
    """Accuracy over multiply-adds: equal steps to the right are equal doublings of the work."""
    figure = go.Figure(layout={"height": 440, "margin": MARGIN, "legend": LEGEND})
    for curve in curves:
        figure.add_scatter(
            x=curve.macs,
            y=curve.top1,
            name=curve.name,
            mode="lines+markers+text" if curve.symbol == "square-open" else "lines+markers",
            text=[f"B{index}" for index in range(len(curve.macs))],
            textposition="bottom right",
            textfont_size=15,
            line={"color": curve.colour, "width": 1.5, "dash": "dot"},
            marker={"symbol": curve.symbol, "size": 11, "color": curve.colour, "line": {"width": 2}},
            hovertemplate="%{text}: %{y:.1f} % at %{x:.3s}<extra>" + curve.name + "</extra>",
        )
    doubling_axis(figure, 0.35e9, 45e9)
    figure.update_yaxes(title="ImageNet top-1, %", title_font_size=15, tickfont_size=14)
    return figure


def doubling_axis(figure: go.Figure, low: float, high: float) -> None:
    """A logarithmic axis of multiply-adds with a line at every doubling."""
    ticks = [value for value in (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2) if low <= value * 1e9 <= high]
    figure.update_xaxes(
        type="log",
        title="MACs for one image (each line: twice as many)",
        title_font_size=15,
        tickfont_size=14,
        tickvals=[value * 1e9 for value in ticks],
        ticktext=[f"{value:g} G" for value in ticks],
        showgrid=True,
    )


def shapes_chart(base: Sequence[Size], networks: Mapping[str, Sequence[Size]]) -> go.Figure:
    """A column for each network, by what was scaled in it, and a row for each dimension, with a bar a stage.

    What the base has is faint and what was added is strong: one sees at once what a network was grown in.
    """
    figure = make_subplots(3, len(networks), shared_yaxes=True, horizontal_spacing=0.016, vertical_spacing=0.1)
    for row, title in enumerate(("blocks in each stage", "channels", "pixels a side of its map")):
        for column, (way, stages) in enumerate(networks.items()):
            add_stages(figure, base, stages, WAY_COLOURS[way], (row, column))
        highest = max(size[row] for stages in (base, *networks.values()) for size in stages)
        figure.update_yaxes(range=[0, 1.22 * highest], row=row + 1)
        domain = f"y{row * len(networks) + 1 if row else ''} domain"
        place = {"x": 0, "xanchor": "left", "xref": "paper", "y": 1, "yanchor": "bottom", "yref": domain}
        figure.add_annotation(text=f"<b>{title}</b>", showarrow=False, font_size=15, **place)
    figure.update_yaxes(showticklabels=False, showgrid=False, zeroline=True, zerolinecolor=QUIET, zerolinewidth=1)
    figure.update_xaxes(type="category", showticklabels=False, ticks="")
    figure.update_xaxes(showticklabels=True, tickprefix="stage ", showtickprefix="first", tickfont_size=13, row=3)
    margin = {"t": 24, "b": 22, "l": 0, "r": 0}
    figure.update_layout(height=420, margin=margin, barmode="stack", bargap=0.16, showlegend=False)
    return figure


def add_stages(
    figure: go.Figure, base: Sequence[Size], stages: Sequence[Size], colour: str, at: tuple[int, int]
) -> None:
    """One dimension of one network: the base's bars, what was added to them, and the sum in figures."""
    row, column = at
    names = [str(number) for number in range(1, len(base) + 1)]
    sizes, before = [size[row] for size in stages], [size[row] for size in base]
    added = [size - old for size, old in zip(sizes, before, strict=True)]
    here = {"row": row + 1, "col": column + 1}
    hover = (
        "%{customdata[0]} blocks, %{customdata[1]} channels, %{customdata[2]} pixels a side<extra>stage %{x}</extra>"
    )
    for heights, opacity in ((before, 0.4), (added, 1)):
        figure.add_bar(
            x=names, y=heights, marker={"color": colour, "opacity": opacity, "line_width": 0}, hovertemplate=hover,
            customdata=stages, **here,
        )  # fmt: skip
    figure.add_scatter(
        x=names, y=sizes, mode="text", text=sizes, textposition="top center", textfont_size=13, cliponaxis=False,
        hoverinfo="skip", **here,
    )  # fmt: skip


def ways_chart(bought: Sequence[Bought]) -> go.Figure:
    """A row for each network: what it costs, as printed and as counted, and beside it the published accuracy."""
    figure = make_subplots(1, 2, shared_yaxes=True, column_widths=[0.62, 0.38], horizontal_spacing=0.05)
    figure.update_layout(height=90 + 58 * len(bought), margin=MARGIN, legend=LEGEND)
    for each in bought:
        if each.printed and each.counted:
            figure.add_scatter(
                x=[each.printed, each.counted], y=[each.label] * 2, mode="lines", hoverinfo="skip", showlegend=False,
                line={"color": WAY_COLOURS[each.way], "width": 3}, row=1, col=1,
            )  # fmt: skip
    add_costs(figure, "FLOPs, published", [(each, each.printed) for each in bought if each.printed], "diamond-open")
    add_costs(figure, "MACs, computed", [(each, each.counted) for each in bought if each.counted], "circle")
    figure.add_scatter(
        x=[each.top1 for each in bought], y=[each.label for each in bought], mode="markers+text", showlegend=False,
        marker={"symbol": "diamond-open", "size": 15, "line": {"width": 2.5}, "color": colours(bought)},
        text=[f"  {each.top1:.1f} %" for each in bought], textposition="middle right", textfont_size=16,
        hovertemplate="%{y}: %{x:.1f} %<extra>top-1, published</extra>", row=1, col=2,
    )  # fmt: skip
    low, high = min(each.top1 for each in bought), max(each.top1 for each in bought)
    figure.update_xaxes(
        range=[low - 0.7, high + 0.45 * (high - low)], title="ImageNet top-1, %, published", row=1, col=2
    )
    figure.update_xaxes(title="multiply-adds for one image", tickformat="~s", rangemode="tozero", row=1, col=1)
    figure.update_xaxes(title_font_size=15, tickfont_size=14, showgrid=True)
    figure.update_yaxes(autorange="reversed", tickfont_size=16)
    return figure


def colours(bought: Sequence[Bought]) -> list[str]:
    return [WAY_COLOURS[each.way] for each in bought]


def add_costs(figure: go.Figure, name: str, costs: Sequence[tuple[Bought, float]], symbol: str) -> None:
    if not costs:
        return
    networks = [each for each, _ in costs]
    figure.add_scatter(
        x=[cost for _, cost in costs], y=[each.label for each in networks], name=name, mode="markers",
        marker={"symbol": symbol, "size": 15, "line": {"width": 2.5}, "color": colours(networks)},
        hovertemplate="%{y}: %{x:.3s}<extra>" + name + "</extra>", row=1, col=1,
    )  # fmt: skip


class Lane(NamedTuple):
    """One dimension over φ: what the law asks, what the network gets, and what B0 to B7 have."""

    name: str
    phis: tuple[float, ...]
    asked: tuple[float, ...]
    given: tuple[float, ...]
    shipped: tuple[float, ...]


def rounding_chart(lanes: Sequence[Lane]) -> go.Figure:
    """Three rows: what the law asks, the steps a network takes, and B0 to B7 at their k."""
    titles = [f"{lane.name} beside B0’s" for lane in lanes]
    figure = make_subplots(len(lanes), 1, shared_xaxes=True, vertical_spacing=0.07, subplot_titles=titles)
    for row, lane in enumerate(lanes, 1):
        colour, first = WAY_COLOURS[lane.name], row == 1
        line = {"row": row, "col": 1}
        figure.add_scatter(
            x=lane.phis, y=lane.asked, name="asked by the law", line={"color": QUIET, "dash": "dash", "width": 1.6},
            legendgroup="asked", showlegend=first, hovertemplate="%{y:.2f}×<extra>asked</extra>", **line,
        )  # fmt: skip
        figure.add_scatter(
            x=lane.phis, y=lane.given, name="exact φ, rounded", line={"color": colour, "shape": "hv", "width": 2.6},
            legendgroup="given", showlegend=first, hovertemplate="%{y:.2f}×<extra>exact φ</extra>", **line,
        )  # fmt: skip
        figure.add_scatter(
            x=list(range(len(lane.shipped))), y=lane.shipped, name="shipped Bk, at φ = k", mode="markers",
            marker={"symbol": "diamond-open", "size": 12, "color": PURPLE, "line": {"width": 2.5}},
            legendgroup="shipped", showlegend=first, hovertemplate="B%{x}: %{y:.2f}×<extra>shipped</extra>", **line,
        )  # fmt: skip
    figure.update_layout(height=620, margin=MARGIN | {"t": 30}, legend=LEGEND | {"y": 1.05}, hovermode="x unified")
    figure.update_yaxes(ticksuffix="×", tickfont_size=14)
    figure.update_xaxes(dtick=1, tickfont_size=14)
    figure.update_xaxes(title="φ", row=len(lanes), col=1)
    figure.update_annotations(font_size=15, x=0, xanchor="left")
    return figure


def implied_chart(implied: Sequence[tuple[float, float, float]]) -> go.Figure:
    """For each of B0 to B7 the φ that its depth, its width and its resolution stand for."""
    figure = go.Figure(layout={"height": 420, "margin": MARGIN, "legend": LEGEND})
    names = [f"B{index}" for index in range(len(implied))]
    figure.add_scatter(
        x=list(range(len(implied))), y=names, mode="lines", name="φ = k", line={"color": QUIET, "dash": "dash"},
        hoverinfo="skip",
    )  # fmt: skip
    for index, phis in enumerate(implied):
        figure.add_scatter(
            x=[min(phis), max(phis)], y=[names[index]] * 2, mode="lines", showlegend=False, hoverinfo="skip",
            line={"color": QUIET, "width": 2},
        )  # fmt: skip
    ways = (("depth", "square"), ("width", "diamond"), ("resolution", "circle"))
    for part, (name, symbol) in enumerate(ways):
        figure.add_scatter(
            x=[phis[part] for phis in implied], y=names, mode="markers", name=f"by its {name}",
            marker={"symbol": symbol, "size": 13, "color": WAY_COLOURS[name]},
            hovertemplate="%{y}’s " + name + " is that of φ = %{x:.2f}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title="φ that it stands for", dtick=1, title_font_size=15, tickfont_size=14)
    figure.update_yaxes(autorange="reversed", tickfont_size=15)
    return figure


SINGLE = ("depth", "width", "resolution")


def returns_sentences(bought: Sequence[Bought]) -> str:
    """The rows are those of one base in one table of the paper."""
    single = [each.top1 for each in bought if each.way in SINGLE]
    compound = next(each for each in bought if each.way == "compound")
    return (
        f"**Similar work, different return.** One dimension alone brings {min(single)} to {max(single)} %, "
        f"all three together **{compound.top1} %** (published: Tan & Le 2019, {compound.source})."
        f"\n\n{cost_sentence(bought)}"
    )


def cost_sentence(bought: Sequence[Bought]) -> str:
    """What the networks take by count, beside what is printed; and which cannot be counted."""
    both = [each for each in bought if each.printed and each.counted]
    single = [each.counted for each in bought if each.counted and each.way in SINGLE]
    spread = f"{short_number(min(single))} to {short_number(max(single))}"
    said = [*miscounted_networks(both)] or [f"By count the single ways take {spread} MACs."]
    if unknown := [returns_label(each) for each in bought if each.counted is None]:
        said.append(f"Not counted: {join_words(unknown)}, for the table does not say its factors.")
    return " ".join(said)


def miscounted_networks(both: Sequence[Bought]) -> Iterator[str]:
    """Where the count is not what is printed."""
    apart, alike = ([each for each in both if agrees(each) is right] for right in (False, True))
    if not apart:
        return
    taken = [
        f"{returns_label(each)} takes {short_number(each.counted or 0)} (printed: {(each.printed or 0) / 1e9:g} G)"
        for each in apart
    ]
    yield f"By count {join_words(taken)}."
    if alike:
        yield f"Of {join_words(map(returns_label, alike))} the count is what is printed, to its last digit."
    yield "How far all three together lead over networks of *exactly* equal MACs is not published."


def returns_label(each: Bought) -> str:
    return "the compound network" if each.way == "compound" else each.label


def agrees(each: Bought) -> bool:
    """To the tenth of a thousand million that the table prints."""
    return round((each.counted or 0) / 1e9, 1) == round((each.printed or 0) / 1e9, 1)
