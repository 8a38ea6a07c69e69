"""The colours of operations and of networks: Okabe & Ito's eight, which colour-blind eyes tell apart, and greys."""

ORANGE, SKY, GREEN = "#e69f00", "#56b4e9", "#009e73"
YELLOW, BLUE, VERMILLION, PURPLE = "#f0e442", "#0072b2", "#d55e00", "#cc79a7"
INK, GREY, PALE = "#1f2937", "#6b7280", "#9ca3af"

# Of charts: they lie on the page's own paper, light or dark.
GRID = "rgba(128,128,128,0.18)"
BARE = {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"}

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

# As colors.js has it.
VIRIDIS = ("#440154", "#482878", "#3e4a89", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725")

# Of networks side by side, in panes, tables and charts. Darker than Okabe & Ito's where white letters lie on them:
# those take 4.5 : 1, and 3 : 1 is what a bar takes to stand out from a light or dark page.
LETTER_COLORS = {"A": "#c05200", "B": BLUE, "C": "#00825f", "D": GREY}


def letter_variables() -> str:
    """The letters' colours for CSS: `var(--letter-A)`, wherever the page's own style reaches."""
    return f":root {{ {' '.join(f'--letter-{letter}: {color};' for letter, color in LETTER_COLORS.items())} }}"


def tint(colour: str, share: float = 0.12) -> str:
    """The colour on white paper, at that share of its strength."""
    parts = (int(colour[index : index + 2], 16) for index in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * share):02x}" for part in parts)


def viridis(share: float) -> tuple[int, int, int]:
    """Red, green and blue, to 255, for a share from 0 to 1."""
    place = min(1.0, max(0.0, share)) * (len(VIRIDIS) - 1)
    low = min(len(VIRIDIS) - 2, int(place))
    one, other = (bytes.fromhex(VIRIDIS[low + step][1:]) for step in (0, 1))
    red, green, blue = (
        int(below + (above - below) * (place - low) + 0.5) for below, above in zip(one, other, strict=True)
    )
    return red, green, blue


def is_bright(rgb: tuple[int, int, int]) -> bool:
    """Whether dark letters are the legible ones on it."""
    red, green, blue = (part / 3294 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.3
