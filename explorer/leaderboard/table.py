"""The field as a table: what can be a column, the rows, and the whole as comma-separated values."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from explorer.formatting import MIB, csv_text
from explorer.glossary import read_glossary
from explorer.leaderboard.entries import Entry
from explorer.models.facts import QUANTITIES, Kind

Value = float | int | str | None


@dataclass(frozen=True)
class Column:
    title: str  # with the unit, and with whose figure it is
    value: Callable[[Entry], Value]
    digits: int | None = None  # behind the point; None: it is no number, or a whole one
    help: str = ""


def figure_of(quantity: str, kind: Kind, unit: float = 1) -> Callable[[Entry], Value]:
    def value(entry: Entry) -> Value:
        found = next((fact for fact in entry.facts if (fact.quantity, fact.kind) == (quantity, kind)), None)
        return found.value / unit if found else None

    return value


def said_or_counted(entry: Entry) -> Value:
    """In billions: as printed, else as counted here."""
    printed, counted = (figure_of("MACs", kind, 1e9)(entry) for kind in ("published", "computed"))
    return counted if printed is None else printed


def is_counted(entry: Entry) -> bool:
    """Whether the MACs shown are ours, for nobody printed any."""
    return figure_of("MACs", "published")(entry) is None


def per_million(entry: Entry) -> float | None:
    """Points of top-1 accuracy for a million parameters."""
    return accuracy_for(entry, "parameters", 1e6)


def per_giga(entry: Entry) -> float | None:
    """Points of top-1 accuracy for a billion MACs."""
    return accuracy_for(entry, "MACs", 1e9)


def accuracy_for(entry: Entry, quantity: str, unit: float) -> float | None:
    accuracy, price = entry.value("top-1"), entry.value(quantity)
    return accuracy / (price / unit) if accuracy is not None and price else None


FEATURES: dict[str, str] = read_glossary("comparisons")["features"]  # by the key of an entry
COLUMNS: dict[str, Column] = {
    "family": Column("Family", lambda entry: entry.family),
    "year": Column("Year", lambda entry: entry.year or None, help="of the paper that brought the family"),
    "from": Column("From", lambda entry: entry.origin, help="who printed the figures, or built the network"),
    "image": Column("Image, px", lambda entry: entry.side or None, help="a side of the image its figures hold for"),
    "top-1": Column("Top-1, %", figure_of("top-1", "published"), 2, "published"),
    "top-5": Column("Top-5, %", figure_of("top-5", "published"), 2, "published"),
    "parameters": Column("Parameters, M", figure_of("parameters", "published", 1e6), 2, "published"),
    "parameters counted": Column("Parameters counted, M", figure_of("parameters", "computed", 1e6), 2, "computed here"),
    "MACs": Column(
        "MACs, G", said_or_counted, 3, "published; in blue what was computed here, where nobody printed any"
    ),
    "MACs counted": Column("MACs counted, G", figure_of("MACs", "computed", 1e9), 3, "computed here"),
    "activations": Column("Activations counted, M", figure_of("activations", "computed", 1e6), 1, "computed here"),
    "file size": Column("File, MiB", figure_of("file size", "published", MIB), 1, "published"),
    "latency": Column("Latency here, ms", figure_of("latency", "measured", 1e-3), 1, "measured here, one image"),
    "throughput": Column("Images a second here", figure_of("throughput", "measured"), 0, "measured here"),
    "memory": Column("Peak memory here, MiB", figure_of("memory", "measured", MIB), 0, "measured here"),
    "per M parameters": Column("Top-1 per M parameters", per_million, 2, "points of top-1 accuracy for a million"),
    "per G MACs": Column("Top-1 per G MACs", per_giga, 1, "points of top-1 accuracy for a billion multiply-adds"),
    "features": Column("Features", lambda entry: FEATURES.get(entry.key), help="in the lesson's words"),
}
NAME = "Network"


def entry_columns(entries: Iterable[Entry], columns: Iterable[str]) -> dict[str, list[Value]]:
    """Column by column; None where there is no such figure."""
    shown = tuple(entries)
    table: dict[str, list[Value]] = {NAME: [entry.title for entry in shown]}
    for name in columns:
        column = COLUMNS[name]
        table[column.title] = [round_figure(column.value(entry), column.digits) for entry in shown]
    return table


def round_figure(value: Value, digits: int | None) -> Value:
    return round(value, digits) if isinstance(value, float) and digits is not None else value


def entries_csv(entries: Iterable[Entry]) -> str:
    """Every figure of every entry, a line each, with its kind, its source and its convention."""
    rows: list[tuple[object, ...]] = [NAMED + FACT]
    for entry in entries:
        head = (entry.title, entry.architecture, entry.family, entry.year or "", entry.origin)
        for fact in sorted(entry.facts, key=lambda fact: tuple(QUANTITIES).index(fact.quantity)):
            figure = (fact.quantity, repr(fact.value), fact.kind, fact.source, fact.note)
            rows.append((*head, entry.recipe, entry.side or "", *figure))
    return csv_text(rows)


NAMED = ("network", "architecture", "family", "year", "from", "recipe", "image side")
FACT = ("quantity", "value", "kind", "source", "note")
