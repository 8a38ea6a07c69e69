"""The colour of each kind of operation: Okabe & Ito's eight, which colour-blind eyes tell apart, and greys."""

ORANGE, SKY, GREEN = "#e69f00", "#56b4e9", "#009e73"
YELLOW, BLUE, VERMILLION, PURPLE = "#f0e442", "#0072b2", "#d55e00", "#cc79a7"
INK, GREY, PALE = "#1f2937", "#6b7280", "#9ca3af"

COLOURS: dict[str, str] = {
    "convolution": BLUE,
    "linear": PURPLE,
    "attention": VERMILLION,
    "pool": GREEN,
    "norm": YELLOW,
    "activation": ORANGE,
    "concatenation": SKY,
    "addition": INK,
    "multiplication": INK,
    "dropout": PALE,
    "reshape": PALE,
    "other": PALE,
    "block": GREY,
    "input": INK,
    "output": INK,
}


def tint(colour: str, share: float = 0.12) -> str:
    """The colour on white paper, at that share of its strength."""
    parts = (int(colour[index : index + 2], 16) for index in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * share):02x}" for part in parts)
