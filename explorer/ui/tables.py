"""Tables of figures as HTML: the one place where their words are escaped, and marked by where they come from.

Not `st.dataframe`, which cannot show in one table what was published, what was computed and what was measured.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Cell:
    """All of it is shown as it is written, but `mark`, which is HTML."""

    text: str = ""
    look: str = ""  # classes of the cell: "number", "computed", "published", "measured"
    provenance: str = ""  # the class of the text alone
    mark: str = ""  # before the text
    change: str = ""  # after it, in small: from what, or a note
    source: str = ""  # at the end
    title: str = ""  # under the pointer
    columns: int = 0  # that it spans, if more than one
    rows: int = 0
    head: bool = False  # of its row
    link: str = ""  # where the text leads

    def html(self, tag: str) -> str:
        text = in_html(self.text)
        text = f'<span class="{self.provenance}">{text}</span>' if self.provenance else text
        text = f'<a href="{in_html(self.link)}">{text}</a>' if self.link else text
        change = f"<small>{in_html(self.change)}</small>" if self.change else ""
        source = f"<em>{in_html(self.source)}</em>" if self.source else ""
        said = {
            "class": self.look,
            "title": self.title,
            "colspan": self.columns,
            "rowspan": self.rows,
            "scope": "row" if self.head else "col" if tag == "th" and not self.columns else "",
        }
        attributes = "".join(f' {name}="{in_html(str(value))}"' for name, value in said.items() if value)
        tag = "th" if self.head else tag
        return f"<{tag}{attributes}>{self.mark}{text}{change}{source}</{tag}>"


def in_html(words: str) -> str:
    """On one line: in Markdown HTML ends at an empty one, and what comes after it could be a picture or a link."""
    return escape(words).replace("\n", "&#10;")


Cells = Sequence[Cell | str]


def html_table(columns: Cells, rows: Iterable[Cells], look: str, above: Cells = ()) -> str:
    """`above` are heads over several of the columns."""
    head = "".join(row_html(cells, "th") for cells in (above, columns) if cells)
    body = "".join(row_html(cells, "td") for cells in rows)
    return f'<table class="{look}"><thead>{head}</thead><tbody>{body}</tbody></table>'


def row_html(cells: Cells, tag: str) -> str:
    made = (Cell(cell) if isinstance(cell, str) else cell for cell in cells)
    return f"<tr>{''.join(cell.html(tag) for cell in made)}</tr>"
