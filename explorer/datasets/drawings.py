"""Forty pictures drawn by code, four of each class of CIFAR-10, which may not ship: something to ask a network about.

They are drawings: what a network that learnt from photographs says of them tells little of how good it is.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import cos, radians, sin

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter
from torch import Tensor

from explorer.datasets.drawing_poses import POSES, Part, Points

SIDE, FINER = 96, 2  # pixels a side; drawn so many times as large, and shrunk
CANVAS = SIDE * FINER
Colour = tuple[int, int, int]
Levels = NDArray[np.floating]

USUAL: dict[str, Colour] = {  # of what has the same colour in most scenes
    "light": (246, 240, 214),
    "glass": (58, 78, 98),
    "tyre": (26, 26, 28),
    "steel": (150, 152, 156),
    "dark": (44, 40, 40),
    "eye": (14, 12, 12),
    "foam": (232, 240, 244),
    "bark": (96, 70, 48),
    "beak": (222, 150, 40),
    "nose": (212, 140, 134),
    "tongue": (220, 96, 104),
    "horn": (120, 92, 62),
}
GROUNDS: dict[str, tuple[Colour, Colour, Colour, Colour, float]] = {
    # Above from and to, below from and to, and how far down they meet; 100: there is no below.
    "sky": ((64, 124, 196), (188, 214, 236), (0, 0, 0), (0, 0, 0), 100),
    "dull sky": ((150, 160, 172), (206, 210, 214), (0, 0, 0), (0, 0, 0), 100),
    "dusk": ((58, 62, 118), (238, 160, 110), (0, 0, 0), (0, 0, 0), 100),
    "runway": ((120, 164, 212), (206, 220, 230), (116, 118, 116), (84, 86, 88), 66),
    "road": ((168, 188, 200), (206, 206, 196), (112, 112, 112), (76, 76, 80), 54),
    "street": ((110, 96, 84), (150, 136, 120), (126, 124, 120), (92, 90, 90), 58),
    "sea": ((146, 184, 222), (218, 228, 232), (66, 112, 148), (28, 62, 96), 58),
    "evening sea": ((226, 150, 96), (250, 214, 150), (96, 96, 116), (40, 48, 72), 60),
    "meadow": ((142, 178, 206), (196, 210, 196), (110, 148, 66), (70, 108, 42), 44),
    "grass": ((98, 140, 60), (74, 116, 44), (0, 0, 0), (0, 0, 0), 100),
    "wood": ((40, 62, 38), (88, 108, 62), (104, 92, 60), (70, 62, 40), 60),
    "leaves": ((70, 108, 52), (40, 74, 36), (0, 0, 0), (0, 0, 0), 100),
    "sand": ((206, 190, 152), (176, 156, 116), (0, 0, 0), (0, 0, 0), 100),
    "room": ((176, 156, 136), (150, 128, 108), (122, 86, 60), (92, 64, 44), 62),
    "sofa": ((120, 64, 60), (92, 46, 46), (150, 84, 76), (110, 60, 56), 52),
    "pond": ((62, 96, 84), (44, 76, 62), (0, 0, 0), (0, 0, 0), 100),
}
COATS: dict[str, dict[str, Colour]] = {
    "white": {"coat": (236, 236, 238), "shade": (176, 180, 188), "fin": (40, 84, 156), "belly": (248, 246, 242)},
    "red": {"coat": (190, 34, 34), "shade": (130, 26, 28), "fin": (210, 60, 40), "box": (222, 222, 216)},
    "blue": {"coat": (38, 84, 162), "shade": (28, 58, 116), "fin": (196, 60, 44), "box": (176, 132, 70)},
    "grey": {"coat": (128, 134, 142), "shade": (92, 98, 106), "fin": (86, 92, 100), "belly": (196, 198, 200)},
    "yellow": {"coat": (228, 182, 42), "shade": (172, 132, 34), "box": (70, 110, 84), "belly": (246, 226, 140)},
    "green": {"coat": (92, 138, 54), "shade": (66, 104, 40), "belly": (206, 212, 140), "box": (160, 60, 50)},
    "brown": {"coat": (132, 86, 50), "shade": (98, 62, 36), "belly": (198, 164, 126), "mane": (38, 28, 24)},
    "fawn": {"coat": (182, 134, 86), "shade": (144, 102, 64), "belly": (232, 210, 176), "mane": (236, 222, 190)},
    "black": {"coat": (48, 46, 50), "shade": (32, 30, 34), "belly": (92, 88, 90), "mane": (20, 18, 20)},
    "tabby": {"coat": (148, 128, 104), "shade": (112, 94, 74), "belly": (222, 208, 188), "iris": (164, 178, 74)},
    "ginger": {"coat": (208, 132, 66), "shade": (164, 98, 46), "belly": (244, 222, 190), "iris": (120, 160, 84)},
}


@dataclass(frozen=True)
class Composition:
    pose: str
    ground: str
    coat: str
    scale: float = 1
    turn: float = 0  # degrees, clockwise
    mirrored: bool = False


@dataclass(frozen=True)
class Drawing:
    name: str  # "cat 2"
    label: str  # as CIFAR-10 calls it
    scene: Composition

    @cached_property
    def image(self) -> Tensor:
        """(3, 96, 96), uint8; drawn when somebody looks at it."""
        return draw(self.scene, self.name)


SCENES: dict[str, tuple[Composition, ...]] = {  # four a class
    "airplane": (
        Composition("airliner", "sky", "white", 0.95, -14),
        Composition("airliner", "runway", "grey", 0.9, 0, True),
        Composition("jet from above", "dull sky", "grey", 0.9, 40),
        Composition("airliner", "dusk", "red", 0.75, -22, True),
    ),
    "automobile": (
        Composition("saloon", "road", "red", 0.98),
        Composition("saloon", "street", "blue", 0.9, 0, True),
        Composition("car from the front", "road", "white", 0.8),
        Composition("car from the front", "street", "yellow", 0.95),
    ),
    "bird": (
        Composition("perched bird", "leaves", "blue"),
        Composition("perched bird", "dull sky", "yellow", 0.9, 0, True),
        Composition("flying bird", "sky", "white", 0.9),
        Composition("flying bird", "dusk", "black", 0.8, -12, True),
    ),
    "cat": (
        Composition("cat's face", "room", "tabby", 0.95),
        Composition("sitting cat", "sofa", "ginger", 0.98),
        Composition("cat's face", "grass", "ginger", 0.8, 8),
        Composition("sitting cat", "room", "black", 0.9, 0, True),
    ),
    "deer": (
        Composition("stag", "meadow", "brown", 0.95),
        Composition("stag", "wood", "fawn", 0.9, 0, True),
        Composition("stag", "grass", "fawn", 0.75),
        Composition("stag", "wood", "brown", 1.1, 0, True),
    ),
    "dog": (
        Composition("dog's face", "grass", "brown", 0.95),
        Composition("standing dog", "sand", "black", 0.95),
        Composition("dog's face", "room", "white", 0.9, -8),
        Composition("standing dog", "meadow", "fawn", 0.9, 0, True),
    ),
    "frog": (
        Composition("frog", "leaves", "green", 0.95),
        Composition("frog from the side", "pond", "green", 0.98),
        Composition("frog", "sand", "brown", 0.85),
        Composition("frog from the side", "leaves", "yellow", 0.9, -6, True),
    ),
    "horse": (
        Composition("horse", "meadow", "brown", 0.95),
        Composition("horse", "sand", "white", 0.92, 0, True),
        Composition("horse", "grass", "black", 0.85),
        Composition("horse", "wood", "fawn", 1.05, 0, True),
    ),
    "ship": (
        Composition("freighter", "sea", "red", 0.95),
        Composition("freighter", "evening sea", "blue", 0.85, 0, True),
        Composition("sailing boat", "sea", "blue", 0.9),
        Composition("sailing boat", "evening sea", "white", 0.8, 0, True),
    ),
    "truck": (
        Composition("lorry", "road", "blue", 0.98),
        Composition("lorry", "street", "red", 0.92, 0, True),
        Composition("pickup", "road", "grey", 0.92, 0, True),
        Composition("lorry", "runway", "yellow", 0.85),
    ),
}
FLOATS = ("sky", "dull sky", "dusk", "leaves", "sea", "evening sea")  # what stands there casts no shadow below it


@lru_cache(maxsize=1)
def drawings() -> tuple[Drawing, ...]:
    """Class by class, in CIFAR-10's order; the same in every process with the same Pillow."""
    numbered = [(label, number, scene) for label, four in SCENES.items() for number, scene in enumerate(four, 1)]
    return tuple(Drawing(f"{label} {number}", label, scene) for label, number, scene in numbered)


def draw(scene: Composition, name: str) -> Tensor:
    chance = np.random.Generator(np.random.PCG64(list(name.encode())))
    picture = backdrop(scene.ground, chance)
    colours = USUAL | COATS["brown"] | COATS["tabby"] | COATS[scene.coat]
    if scene.ground not in FLOATS:
        picture = darkened(picture, scene)
    grain = cloudy(chance, 40, 0.07)
    for part in POSES[scene.pose]:
        mask = silhouette(part, scene)
        picture.paste(shaded(colours[part.colour], mask, grain), (0, 0), mask)
    small = picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(0.5))
    levels = np.asarray(small, np.float32) + chance.normal(0, 3, (SIDE, SIDE, 1))
    return torch.from_numpy(levels.clip(0, 255).astype(np.uint8)).permute(2, 0, 1).contiguous()


def backdrop(name: str, chance: np.random.Generator) -> Image.Image:
    above, horizon, near, far, meet = GROUNDS[name]
    rows, line = np.arange(CANVAS, dtype=np.float32), int(CANVAS * meet / 100)
    levels = np.empty((CANVAS, CANVAS, 3), np.float32)
    levels[:] = gradient(above, horizon, rows / max(line, 1))[:, None]
    levels[line:] = gradient(near, far, (rows[line:] - line) / max(CANVAS - line, 1))[:, None]
    levels += (cloudy(chance, 6, 26) + cloudy(chance, 24, 22))[..., None] * np.where(rows < line, 0.6, 1.0)[
        :, None, None
    ]
    whole = Image.fromarray(levels.clip(0, 255).astype(np.uint8))
    return whole.filter(ImageFilter.GaussianBlur(2 * FINER))


def gradient(one: Colour, other: Colour, share: Levels) -> Levels:
    share = share.clip(0, 1)[:, None]
    return np.array(one, np.float32) * (1 - share) + np.array(other, np.float32) * share


def cloudy(chance: np.random.Generator, cells: int, strength: float) -> Levels:
    """(CANVAS, CANVAS), around 0: noise in so many cells a side, smooth between them."""
    noise = Image.fromarray(chance.uniform(0, 255, (cells, cells)).astype(np.uint8))
    smooth = np.asarray(noise.resize((CANVAS, CANVAS), Image.Resampling.BICUBIC), np.float32)
    return (smooth / 127.5 - 1) * strength


def darkened(picture: Image.Image, scene: Composition) -> Image.Image:
    """With the shadow of what will stand there."""
    lowest = max(y for part in POSES[scene.pose] for _, y in part.points)
    shadow, (x, y) = Image.new("L", picture.size), placed(((50, lowest),), scene)[0]
    wide, high = 0.4 * CANVAS * scene.scale, 0.05 * CANVAS
    ImageDraw.Draw(shadow).ellipse((x - wide, y - high, x + wide, y + high), fill=150)
    picture.paste((24, 22, 20), (0, 0), shadow.filter(ImageFilter.GaussianBlur(4 * FINER)))
    return picture


def placed(points: Points, scene: Composition) -> Points:
    """In pixels of the canvas, turned, scaled and mirrored about its middle."""
    angle = radians(scene.turn)
    found = []
    for x, y in points:
        x, y = (x - 50) * scene.scale, (y - 50) * scene.scale
        x, y = x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle)
        found.append(((50 - x if scene.mirrored else 50 + x) * CANVAS / 100, (50 + y) * CANVAS / 100))
    return tuple(found)


def silhouette(part: Part, scene: Composition) -> Image.Image:
    """255 where it covers the ground."""
    mask, points = Image.new("L", (CANVAS, CANVAS)), placed(part.points, scene)
    pen = ImageDraw.Draw(mask)
    if part.kind == "stroke":
        wide = max(1, round(part.width * scene.scale * CANVAS / 100))
        pen.line(points, 255, wide, "curve")
        for x, y in (points[0], points[-1]):
            pen.ellipse((x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2), fill=255)
    else:
        pen.polygon(rounded(points) if part.kind == "curve" else points, fill=255)
    return mask


def rounded(points: Points, steps: int = 8) -> Points:
    """A closed Catmull–Rom curve through the points."""
    found, count = [], len(points)
    for at in range(count):
        a, b, c, d = (np.array(points[(at + k) % count]) for k in (-1, 0, 1, 2))
        for t in np.arange(steps) / steps:
            x, y = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
            found.append((float(x), float(y)))
    return tuple(found)


def shaded(colour: Colour, mask: Image.Image, grain: Levels) -> Image.Image:
    """Lit from above on the left, as a body that curves away at its rim, with a grain."""
    soft = mask.filter(ImageFilter.GaussianBlur(5 * FINER))
    lower = ImageChops.offset(soft, 3 * FINER, 4 * FINER)
    depth = np.asarray(soft, np.float32) / 255
    light = depth - np.asarray(lower, np.float32) / 255
    factor = 0.66 + 0.34 * depth - 0.7 * light + grain
    levels = np.array(colour, np.float32) * factor.clip(0.2, 1.5)[..., None]
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))
