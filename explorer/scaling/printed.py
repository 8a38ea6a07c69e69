"""What Tan & Le's paper prints on scaling, each figure with its table and the paper's version."""

from typing import NamedTuple

V1, V5 = "arXiv 1905.11946 v1", "arXiv 1905.11946 v5"


class Printed(NamedTuple):
    """One network of a table, in billions of multiply-adds (the paper's “FLOPS”) and percent."""

    way: str  # what was scaled: "baseline", "depth", "width", "resolution", "compound"
    scaling: str  # as the paper writes it
    macs: float | None
    top1: float
    source: str
    factors: tuple[float, float, float] = (1, 1, 1)  # depth, width, resolution


class Rung(NamedTuple):
    """One of B0 to B7 in Table 2."""

    params: float  # millions
    macs: float  # billions
    v1: float  # top-1 in percent
    v5: float


TABLE_7 = f"Table 7, {V1}"
TABLE_3 = f"Table 3, {V1}"
COMPOUND = (1.4, 1.2, 1.3)

# The same base, one dimension or all three. Table 7 is for B0, Table 3 for the others.
SCALED: dict[str, tuple[Printed, ...]] = {
    "EfficientNet-B0": (
        Printed("baseline", "B0", 0.4, 76.3, TABLE_7),
        Printed("depth", "depth ×4", 1.8, 79.0, TABLE_7, (4, 1, 1)),
        Printed("width", "width ×2", 1.8, 78.9, TABLE_7, (1, 2, 1)),
        Printed("resolution", "resolution ×2", 1.9, 79.1, TABLE_7, (1, 1, 2)),
        Printed("compound", "d 1.4, w 1.2, r 1.3", 1.8, 81.1, TABLE_7, COMPOUND),
    ),
    "ResNet-50": (
        Printed("baseline", "ResNet-50", None, 76.0, TABLE_3),
        Printed("depth", "depth ×4", None, 78.1, TABLE_3, (4, 1, 1)),
        Printed("width", "width ×2", None, 77.7, TABLE_3, (1, 2, 1)),
        Printed("resolution", "resolution ×2", None, 77.5, TABLE_3, (1, 1, 2)),
        Printed("compound", "compound", None, 78.8, TABLE_3),
    ),
    "MobileNetV2": (
        Printed("baseline", "MobileNetV2", None, 72.0, TABLE_3),
        Printed("depth", "depth ×4", None, 76.8, TABLE_3, (4, 1, 1)),
        Printed("width", "width ×2", None, 76.4, TABLE_3, (1, 2, 1)),
        Printed("resolution", "resolution ×2", None, 74.8, TABLE_3, (1, 1, 2)),
        Printed("compound", "compound", None, 77.4, TABLE_3),
    ),
}

# Table 2; parameters and FLOPS are the same in both versions, the accuracies were measured anew.
RUNGS: tuple[Rung, ...] = (
    Rung(5.3, 0.39, 76.3, 77.1),
    Rung(7.8, 0.70, 78.8, 79.1),
    Rung(9.2, 1.0, 79.8, 80.1),
    Rung(12, 1.8, 81.1, 81.6),
    Rung(19, 4.2, 82.6, 82.9),
    Rung(30, 9.9, 83.3, 83.6),
    Rung(43, 19, 84.0, 84.0),
    Rung(66, 37, 84.4, 84.3),
)
