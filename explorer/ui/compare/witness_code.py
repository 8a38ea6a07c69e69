"""The lesson's two ways to count, as code one can paste, for the network that is chosen."""

import streamlit as st

from explorer.exports import python_lines
from explorer.places import ModelSelection
from explorer.studies import study

LESSON = """\
import torch
from thop import profile

{build}

# Check model size
def count_parameters(model):
    return sum(p.numel() for p in model.parameters() if p.requires_grad)

# Calculate FLOPs (thop package)
flops, params = profile(model, inputs=(torch.randn({shape}),))

print(f"{{count_parameters(model):,}} parameters")
print(f"thop: {{params:,.0f}} parameters, {{flops:,.0f}} multiply-adds, which the lesson calls FLOPs")
"""


def code(place: ModelSelection) -> None:
    lines = python_lines(place.spec)
    if not lines:
        st.caption("The module itself is in the program that showed it: only there can other programs count it.")
        return
    shape = ", ".join(map(str, (1, *study(place.spec).graph.nodes[0].shape)))
    st.markdown("##### Count it yourself, as in the lesson")
    st.code(LESSON.format(build=lines.strip(), shape=shape), language="python")
    st.caption(
        "`pip install thop`. What the lesson calls FLOPs are multiply-adds: by the usual word, twice as many FLOPs."
    )
