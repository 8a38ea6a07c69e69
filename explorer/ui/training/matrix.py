"""A confusion matrix on the page, as counts or as shares of each class."""

import streamlit as st

from explorer.answer_charts import confusion_chart
from explorer.confusion import Confusion
from explorer.ui.training.pictures import CSS


def matrix(known: Confusion, title: str) -> None:
    st.html(CSS)
    unit = st.segmented_control(
        "Confusion matrix", ["Pictures", "% of the class"], default="Pictures", required=True, key="after/unit"
    )
    chart = confusion_chart(known.counts, known.classes, unit != "Pictures")
    options = {"format": "svg", "filename": f"{title} confusion"}
    config = {"displaylogo": False, "toImageButtonOptions": options}
    st.plotly_chart(chart, key="after/confusion", config=config, alt=known.spoken())
