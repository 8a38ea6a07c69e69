"""Values → plotly figures."""

import plotly.graph_objects as go

from explorer.analysis.stage_costs import StageCost
from explorer.colors import BLUE, GREEN, ORANGE


def stages_chart(stages: tuple[StageCost, ...]) -> go.Figure:
    """Where the parameters, the work and the activations lie: each as a share of its whole, so that they compare."""
    names = [stage.path or "elsewhere" for stage in stages]
    figure = go.Figure(layout={"barmode": "group", "bargap": 0.25, "margin": {"t": 10, "b": 10, "l": 10, "r": 10}})
    for title, colour, values in (
        ("Parameters", BLUE, [stage.params for stage in stages]),
        ("MACs", ORANGE, [stage.macs for stage in stages]),
        ("Activations", GREEN, [stage.activations for stage in stages]),
    ):
        whole = sum(values) or 1
        figure.add_bar(
            name=title,
            x=names,
            y=[value / whole for value in values],
            customdata=[f"{value:,}" for value in values],
            hovertemplate=f"%{{x}}<br>{title}: %{{customdata}}, %{{y:.1%}} of all<extra></extra>",
            marker_color=colour,
        )
    figure.update_yaxes(tickformat=".0%", title="share of the whole network", rangemode="tozero")
    figure.update_layout(legend={"orientation": "h", "y": 1.08}, height=360)
    return figure
