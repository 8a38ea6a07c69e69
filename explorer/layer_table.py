"""The network as a table: one row an operation."""

import csv
import io
from typing import Any

from explorer.graph import Node
from explorer.nesting import memory
from explorer.studies import Study
from explorer.words import dimensions

COLUMNS = ("layer", "operation", "output", "parameters", "MACs", "activations", "field")


def rows(study: Study, names: tuple[str, ...] | None = None) -> list[dict[str, Any]]:
    """In execution order; `names` picks nodes. Activations in bytes for one image, the field in pixels a side."""
    nodes = study.graph.nodes if names is None else [study.graph.by_name[name] for name in names]
    return [row(node, study) for node in nodes]


def row(node: Node, study: Study) -> dict[str, Any]:
    return dict(
        zip(
            COLUMNS,
            (
                *(node.path[-1] if node.path else node.op.lower(), node.op, dimensions(node.shape)),
                *(node.params, node.macs, memory(node), int(study.fields[node.name].size[0])),
            ),
            strict=True,
        )
    )


def as_csv(study: Study) -> str:
    """The whole table, with what each operation reads and its settings, as comma-separated values."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("number", *COLUMNS, "reads", "settings"))
    for node in study.graph.nodes:
        settings = "; ".join(f"{name}={value}" for name, value in node.attributes if name != "products")
        writer.writerow((node.name, *row(node, study).values(), " ".join(node.inputs), settings))
    return out.getvalue()
