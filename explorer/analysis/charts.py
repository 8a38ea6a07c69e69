"""Values → plotly figures."""

import plotly.graph_objects as go

from explorer.analysis.stage_costs import Costs
from explorer.colors import BLUE, GREEN, ORANGE


def stages_chart(stages: dict[str, Costs], lacks: bool = False) -> go.Figure:
    """Where the parameters, the work and the activations lie: each as a share of its whole, so that they compare;
    `lacks` where some of the work is not counted."""
    figure = go.Figure(layout={"barmode": "group", "bargap": 0.25, "margin": {"t": 10, "b": 10, "l": 10, "r": 10}})
    for title, colour, values in (
        ("Parameters", BLUE, [stage.params for stage in stages.values()]),
        ("MACs, as far as counted" if lacks else "MACs", ORANGE, [stage.macs for stage in stages.values()]),
        ("Activations", GREEN, [stage.activations for stage in stages.values()]),
    ):
        whole = sum(values) or 1
        figure.add_bar(
            name=title,
            x=[path or "elsewhere" for path in stages],
            y=[value / whole for value in values],
            customdata=[f"{value:,}" for value in values],
            hovertemplate=f"%{{x}}<br>{title}: %{{customdata}}, %{{y:.1%}} of all<extra></extra>",
            marker_color=colour,
        )
    figure.update_yaxes(tickformat=".0%", title="share of the whole network", rangemode="tozero")
    figure.update_layout(legend={"orientation": "h", "y": 1.08}, height=360)
    return figure
