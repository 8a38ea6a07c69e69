"""The panel at the right: what was clicked, explained by its own numbers."""

from html import escape
from math import log10

import streamlit as st

from explorer.analysis.model_summary import ModelSummary
from explorer.analysis.op_costs import bottleneck_saving, macs_sum, macs_words, params_sum, small_filters_saving
from explorer.diff.comparison import top1_figures
from explorer.formatting import binary, dimensions, literal, spell_power, superscript
from explorer.glossary import GlossaryEntry, Paper, explain_layer, explain_term, explain_words, read_glossary
from explorer.graph.graph import Block, Node
from explorer.graph.module_tree import Item
from explorer.graph.side_paths import SidePath
from explorer.models.facts import Fact
from explorer.models.names import network_title
from explorer.models.published_figures import published_figures
from explorer.models.selection import ModelSelection, as_preset
from explorer.tracing.source_code import Excerpt, class_excerpts, making_excerpts
from explorer.ui.explore.metrics import value_of
from explorer.ui.navigation import leave
from explorer.ui.tables import Cell, html_table
from model_defs import CATALOG

OUTPUTS = "All that its operations write, fp32. Activation memory, above the picture, is what is held at one time."


def details(place: ModelSelection, study: ModelSummary) -> None:
    """What is selected; with nothing selected, the network itself."""
    item = study.outline.find(place.selected, place.repeats)
    if item is None:
        network_panel(place, study)
    elif not item.nodes:
        end_panel(item, study)
    elif item.children:
        block(item, study)
    else:
        layer(item, study)


def network_panel(place: ModelSelection, study: ModelSummary) -> None:
    st.markdown(f"#### {literal(network_title(place))}")
    if place.source == "model_defs":
        family = CATALOG[place.name]
        whose = f"The idea of {family.name}: " if as_preset(place).changes else ""  # which a change may have undone
        st.markdown(f"{whose}{family.idea}\n\n[{family.paper}]({family.url})", help=explain_words(family.idea))
    st.caption("Click a box to see what it does. Double-click it, or click its +, to look inside.")
    figures_panel(place, study)


def end_panel(item: Item, study: ModelSummary) -> None:
    """What leaves the network, or why nothing does."""
    st.markdown(f"#### {literal(item.title)}")
    if study.graph.broken:
        st.markdown(literal(where_it_stops(study)))
        if study.graph.said:
            with st.expander("What PyTorch said"):
                st.code(study.graph.said, language=None, wrap_lines=True)
        return
    st.markdown(explain_term("output"))
    shapes = (dimensions(study.graph.by_name[name].shape) for name in study.outline.ends)
    st.markdown(" , ".join(f"`{shape}`" for shape in shapes))


def where_it_stops(study: ModelSummary) -> str:
    return f"{study.graph.broken.rstrip('.')}. The picture shows the network up to there."


def figures_panel(place: ModelSelection, study: ModelSummary) -> None:
    """What this very network was counted to have and is published to have, then what was published of its preset."""
    macs = macs_words(study.graph, None, study.graph.macs)
    counted = {"parameters": f"{study.graph.params:,}", "MACs": macs}
    how = "computed here" + (", up to where it stops" if study.graph.broken else "")
    rows = [(name, value, f'<span class="computed">{how}</span>') for name, value in counted.items()]
    own = as_preset(place)
    said = published_figures(own.source, own.name, own.preset)
    shown = figures_list([*rows, *map(figure_row, top1_figures(own) if own.changes else said)])
    if own.changes and said:
        shown += f"<p>Published for {escape(own.title)}, from which this was changed:</p>"
        shown += figures_list([figure_row(figure) for figure in said])
    st.markdown(shown, unsafe_allow_html=True)


def figures_list(rows: list[tuple[str, str, str]]) -> str:
    """Quantities, values and origins as HTML, each quantity once."""
    lines = ""
    for quantity in dict.fromkeys(name for name, _, _ in rows):
        lines += f"<dt>{escape(quantity)}</dt>"
        lines += "".join(f"<dd><b>{value}</b> {source}</dd>" for name, value, source in rows if name == quantity)
    return f'<dl class="figures">{lines}</dl>'


def figure_row(figure: Fact) -> tuple[str, str, str]:
    return figure.quantity, value_of(figure), figure_origin(figure)


def figure_origin(figure: Fact) -> str:
    note = f"; {escape(figure.note)}" if figure.note else ""
    return f'<span class="published">{escape(figure.source)}</span>{note}'


def block(item: Item, study: ModelSummary) -> None:
    found = study.graph.block_at.get(item.id.partition("#")[0])
    kind = item.op + (f" ×{item.times}" if item.times > 1 else "")
    part_head(item, study, kind, explain_layer(found) if found else None)
    part_facts(item, study)
    remarks_panel(item, study)
    nodes = [study.graph.by_name[name] for name in item.nodes]
    if saving := bottleneck_saving(nodes):
        saving_panel("What the 1×1 convolutions save", saving.sums)
    if filters := small_filters_saving(nodes, study.graph):
        saving_panel("What small filters save", filters.sums)


def remarks_panel(item: Item, study: ModelSummary) -> None:
    for said in study.graph.remarks(item.nodes):
        st.caption(f":material/info: {said}")


def saving_panel(title: str, sums: tuple[str, ...]) -> None:
    with st.expander(title, expanded=True):
        st.markdown("\n".join(f"- {words}" for words in sums))


def layer(item: Item, study: ModelSummary) -> None:
    node = study.graph.by_name[item.nodes[0]]
    part_head(item, study, node.op, explain_layer(node))
    ends = (path for path in study.outline.side_paths if path.role == "shortcut" and path.nodes[-1] == node.name)
    if path := next(ends, None):
        addition_panel(path, study)
    st.markdown(f"**Parameters** {params_sum(node).text}  \n**MACs** {macs_sum(node, study.graph).text}")
    part_facts(item, study)
    remarks_panel(item, study)
    if settings := {name: value for name, value in node.attributes if name != "products"}:
        st.caption(" · ".join(f"{name} {spell_setting(value)}" for name, value in settings.items()))
    for name, shape in node.weights:
        st.caption(f"`{name}` {'×'.join(map(str, shape))}")


def addition_panel(path: SidePath, study: ModelSummary) -> None:
    """Why what is added keeps the gradient alive, and what that means over many blocks."""
    words, by_name = read_glossary("pages"), study.graph.by_name
    weighted = any(by_name[name].macs for name in path.inside)
    with st.expander("Why adding x helps: the “+1”", expanded=True):
        paper = Paper(**read_glossary("papers")["preact"])
        source = f':small[[He et al. 2016]({paper.url} "{paper.name}")]'
        st.markdown(f"{words['addition_projection' if weighted else 'addition']} {source}")
        blocks = st.slider("Blocks, one after another", 10, 1000, 100, step=10, key="chain/blocks")
        slope = st.slider("Slope of each F", 0.1, 1.0, 0.9, step=0.05, key="chain/slope")
        rows = [
            ("F alone", Cell(f"{slope:g}{superscript(blocks)} = {power_of_ten(slope, blocks)}", "computed whole")),
            ("Shortcuts", Cell(f"1{superscript(blocks)} = 1", "computed whole")),
        ]
        st.markdown(html_table(("Along", "of the gradient"), rows, "facts"), unsafe_allow_html=True)
        after = (node for node in study.graph.nodes if path.nodes[-1] in node.inputs)
        gated = any(node.op.lower().startswith("relu") for node in after)
        told = " ".join((words["chain"], *([words["chain_relu"]] if gated else [])))
        st.caption(told, help=words["chain_training"])
        if st.button("See both summands in a trained ResNet", icon=":material/visibility:", key="chain/inside"):
            leave("inside", {"open": "stage1,stage1.0", "at": "stage1.0/add"})


def power_of_ten(base: float, exponent: int) -> str:
    """Spelled out: 0.1¹⁰⁰⁰ is less than a float holds."""
    power = exponent * log10(base)
    return f"{base**exponent:.3g}" if power > -3 else spell_power(power)


def part_head(item: Item, study: ModelSummary, kind: str, entry: GlossaryEntry | None) -> None:
    """Its name, what it is and does, and the shapes on its way."""
    name = part_name(item, study)
    st.markdown(f"#### {literal(name)}")
    if name != kind:
        st.caption(literal(kind))
    if entry:
        source = f":small[[{entry.source.name}]({entry.source.url})]"
        st.markdown(f"{entry.sentence} {source}", help=explain_words(entry.sentence))
    flow(study, item.nodes)


def part_name(item: Item, study: ModelSummary) -> str:
    """Where it hangs, for a part called "0" says nothing by itself, nor does "0.2"."""
    name = f"{item.title}–{item.last.rpartition('.')[2]}" if item.times > 1 else item.title
    for parent in reversed(study.outline.parents(item.id)):
        if not name[:1].isdigit():
            break
        name = f"{parent.title}.{name}"
    return name


def flow(study: ModelSummary, names: tuple[str, ...]) -> None:
    """The shapes that go in from outside, and the one that comes out."""
    graph, inside = study.graph, set(names)
    read = dict.fromkeys(name for own in names for name in graph.by_name[own].inputs if name not in inside)
    into = " , ".join(dimensions(graph.by_name[name].shape) for name in read)
    out = dimensions(graph.by_name[names[-1]].shape)
    st.markdown(f"`{into}` → `{out}`" if into else f"`{out}`")


def part_facts(item: Item, study: ModelSummary) -> None:
    """Its share of the whole, what it puts out, how far it sees."""
    graph, written = study.graph, sum(each.memory for each in study.outline.written)
    macs = macs_words(graph, item.all_nodes, item.macs) if item.macs or graph.lacks(item.all_nodes) else ""
    rows = [
        ("Parameters", f"{item.params:,}" if item.params else "", percent_share(item.params, graph.params)),
        ("MACs", macs, "" if graph.uncounted else percent_share(item.macs, graph.macs)),
        (Cell("Outputs", title=OUTPUTS), binary(item.memory), percent_share(item.memory, written)),
        ("Receptive field", receptive_field_words(graph.by_name[item.all_nodes[-1]], study), ""),
    ]
    table = html_table(("", "", "of the whole"), (row for row in rows if row[1]), "facts")
    st.markdown(table, unsafe_allow_html=True)


def receptive_field_words(node: Node, study: ModelSummary) -> str:
    field = study.fields[node.name]
    pixels = f"{field.size[0]:,.0f} px"
    return f"{pixels} through filters, all through {field.whole}" if field.whole else pixels


def percent_share(part: float, whole: float) -> str:
    return f"{part / whole:.1%}" if whole else ""


def spell_setting(value: object) -> str:
    return dimensions(value) if isinstance(value, tuple) else str(value)


def source_panel(place: ModelSelection, study: ModelSummary) -> None:
    """The lines that make what is selected; of a class that is no layer of PyTorch's, the class."""
    item = study.outline.find(place.selected, place.repeats)
    found, layer = source_excerpts(item.id if item else "", study)
    if not found:
        st.caption("Python has no source code of this: it was made in another program, or without a file.")
    for excerpt in found:
        st.markdown(f"**{literal(excerpt.title)}** :gray[{literal(excerpt.where)}]")
        st.code(excerpt.code, language="python", wrap_lines=False)
    for excerpt in layer[-1:]:
        box = st.expander(f"PyTorch's {literal(excerpt.title)}", key=f"code/{excerpt.title}", on_change="rerun")
        if box.open:  # the highlighter is heavy: not before it is asked for
            box.code(excerpt.code, language="python", wrap_lines=False)


def source_excerpts(id: str, study: ModelSummary) -> tuple[tuple[Excerpt, ...], tuple[Excerpt, ...]]:
    """Of the module at a box's id, or that its function was called in: its own code, and PyTorch's where it is a layer
    of PyTorch's. Then the code is that of the nearest class around it, where this makes the part."""
    blocks = study.graph.block_at
    path = id.partition("#")[0].partition("/")[0]
    if (block := blocks.get(path, study.graph.blocks[0])) and not of_pytorch(block):
        return class_excerpts(block.qualname), ()
    parts = path.split(".")
    above = ((blocks.get(".".join(parts[:cut])), parts[cut]) for cut in reversed(range(len(parts))))
    owner, attribute = next(((owner, name) for owner, name in above if owner and not of_pytorch(owner)), (None, ""))
    if not owner:
        return (), class_excerpts(block.qualname)
    made = making_excerpts(owner.qualname, attribute) or class_excerpts(owner.qualname)
    return made, class_excerpts(block.qualname)


def of_pytorch(block: Block) -> bool:
    return block.qualname.startswith("torch.nn.")
