"""What the drawings show, as points: each subject in one or two poses, without its colours."""

from dataclasses import dataclass
from math import cos, radians, sin

Points = tuple[tuple[float, float], ...]  # in percent of the picture, y downwards


@dataclass(frozen=True)
class Part:
    """A piece of a subject. An ellipse is two corners, a stroke a line of some width, a curve is closed and smooth."""

    kind: str  # curve, polygon, ellipse or stroke
    colour: str  # of the scene's colours: "coat", "dark", …
    points: Points
    width: float = 0  # of a stroke, in percent


def outline(colour: str, *points: tuple[float, float]) -> Part:
    return Part("curve", colour, points)


def polygon(colour: str, *points: tuple[float, float]) -> Part:
    return Part("polygon", colour, points)


def ellipse(colour: str, x: float, y: float, rx: float, ry: float) -> Part:
    ring = tuple((x + rx * cos(radians(angle)), y + ry * sin(radians(angle))) for angle in range(0, 360, 10))
    return Part("polygon", colour, ring)


def stroke(colour: str, width: float, *points: tuple[float, float]) -> Part:
    return Part("stroke", colour, points, width)


def wheels(*places: float, y: float = 68, r: float = 8) -> tuple[Part, ...]:
    return tuple(part for x in places for part in (ellipse("tyre", x, y, r, r), ellipse("steel", x, y, r / 2, r / 2)))


def legs(colour: str, width: float, top: float, foot: float, *places: tuple[float, float]) -> tuple[Part, ...]:
    """From the hip to the foot, each at its own place."""
    knee = (top + foot) / 2
    return tuple(stroke(colour, width, (hip, top), ((hip + end) / 2 + 0.5, knee), (end, foot)) for hip, end in places)


POSES: dict[str, tuple[Part, ...]] = {
    "airliner": (
        polygon("shade", (44, 50), (56, 50), (76, 32), (70, 32)),
        polygon("fin", (9, 50), (5, 31), (13, 31), (26, 46)),
        outline("coat", (5, 51), (22, 45), (60, 44), (84, 45), (95, 51), (88, 56), (60, 58), (22, 56)),
        stroke("glass", 1.6, *((x, 49) for x in (28, 76))),
        polygon("glass", (86, 47), (91, 49), (87, 50)),
        polygon("fin", (10, 51), (21, 51), (11, 60), (4, 60)),
        polygon("shade", (42, 54), (60, 54), (40, 76), (33, 76)),
        ellipse("dark", 52, 62, 6, 3),
    ),
    "jet from above": (
        polygon("shade", (46, 42), (54, 42), (94, 62), (94, 68), (54, 58), (46, 58), (6, 68), (6, 62)),
        polygon("shade", (46, 80), (54, 80), (70, 90), (70, 94), (50, 88), (30, 94), (30, 90)),
        outline("coat", (50, 6), (55, 18), (55, 60), (52, 92), (48, 92), (45, 60), (45, 18)),
        polygon("glass", (47, 16), (53, 16), (52, 22), (48, 22)),
    ),
    "saloon": (
        outline(
            "coat", (6, 63), (9, 54), (28, 50), (40, 39), (60, 39), (74, 50), (92, 54), (95, 64), (88, 70), (12, 70)
        ),
        polygon("glass", (33, 50), (41, 42), (50, 42), (50, 50)),
        polygon("glass", (53, 50), (53, 42), (60, 42), (69, 50)),
        ellipse("light", 93, 57, 2.5, 2),
        stroke("dark", 0.8, (51.5, 42), (51.5, 67)),
        *wheels(27, 75, y=69),
    ),
    "car from the front": (
        *(ellipse("tyre", x, 76, 6, 9) for x in (26, 74)),
        outline(
            "coat", (16, 60), (22, 48), (32, 30), (50, 27), (68, 30), (78, 48), (84, 60), (82, 76), (50, 79), (18, 76)
        ),
        polygon("glass", (30, 47), (36, 33), (64, 33), (70, 47)),
        ellipse("light", 26, 58, 6, 4),
        ellipse("light", 74, 58, 6, 4),
        polygon("dark", (37, 56), (63, 56), (60, 64), (40, 64)),
        stroke("shade", 2, (18, 70), (82, 70)),
    ),
    "lorry": (
        stroke("dark", 4, (8, 66), (90, 66)),
        polygon("box", (4, 26), (62, 26), (62, 63), (4, 63)),
        polygon("coat", (65, 64), (65, 36), (82, 36), (90, 49), (95, 51), (95, 66)),
        polygon("glass", (72, 40), (81, 40), (87, 50), (72, 50)),
        ellipse("light", 94, 58, 1.6, 2.4),
        *wheels(18, 34, 80, y=69, r=7.5),
    ),
    "pickup": (
        outline("coat", (5, 54), (44, 53), (52, 39), (68, 39), (77, 52), (93, 55), (95, 66), (88, 70), (8, 69)),
        polygon("dark", (7, 53), (44, 52), (44, 56), (7, 57)),
        polygon("glass", (51, 51), (56, 42), (66, 42), (73, 51)),
        *wheels(25, 77, y=70, r=9),
    ),
    "freighter": (
        polygon("box", (14, 50), (48, 50), (48, 58), (14, 58)),
        polygon("fin", (22, 43), (44, 43), (44, 50), (22, 50)),
        polygon("light", (58, 38), (80, 38), (80, 58), (58, 58)),
        polygon("light", (63, 29), (76, 29), (76, 38), (63, 38)),
        stroke("dark", 2, (60, 42), (78, 42)),
        polygon("fin", (67, 18), (73, 18), (73, 29), (67, 29)),
        polygon("coat", (4, 57), (96, 57), (88, 72), (13, 72)),
        polygon("foam", (8, 70), (92, 70), (95, 74), (5, 74)),
    ),
    "sailing boat": (
        stroke("dark", 1.4, (49, 8), (49, 70)),
        polygon("light", (51, 10), (51, 62), (82, 62)),
        polygon("shade", (47, 16), (47, 62), (24, 62)),
        outline("coat", (18, 67), (50, 66), (86, 66), (76, 77), (30, 77)),
        polygon("foam", (22, 76), (82, 76), (86, 80), (18, 80)),
    ),
    "perched bird": (
        stroke("bark", 5, (0, 84), (100, 76)),
        polygon("dark", (24, 66), (6, 82), (14, 86), (32, 72)),
        outline("coat", (24, 68), (34, 48), (54, 36), (68, 44), (66, 62), (48, 76)),
        outline("belly", (42, 74), (56, 62), (67, 48), (66, 62), (54, 74)),
        ellipse("coat", 65, 36, 11, 10),
        outline("dark", (24, 70), (36, 52), (52, 50), (46, 62)),
        polygon("beak", (74, 33), (88, 38), (74, 41)),
        ellipse("eye", 68, 34, 1.8, 1.8),
        *legs("beak", 1.4, 74, 81, (48, 47), (54, 54)),
    ),
    "flying bird": (
        outline("dark", (46, 52), (30, 30), (6, 16), (14, 34), (30, 54)),
        outline("dark", (54, 52), (66, 26), (92, 10), (86, 32), (70, 54)),
        outline("coat", (18, 70), (36, 56), (60, 48), (78, 48), (70, 58), (46, 66)),
        polygon("dark", (24, 64), (4, 74), (8, 80), (30, 70)),
        ellipse("coat", 78, 47, 7, 6),
        polygon("beak", (84, 45), (95, 48), (84, 50)),
        ellipse("eye", 80, 45.5, 1.3, 1.3),
    ),
    "cat's face": (
        polygon("coat", (18, 44), (18, 8), (44, 28)),
        polygon("coat", (82, 44), (82, 8), (56, 28)),
        polygon("nose", (23, 34), (22, 17), (36, 28)),
        polygon("nose", (77, 34), (78, 17), (64, 28)),
        outline("coat", (14, 56), (24, 32), (50, 24), (76, 32), (86, 56), (72, 82), (50, 88), (28, 82)),
        *(stroke("dark", 2.5, (50 + dx, 27), (50 + dx * 0.9, 38)) for dx in (-9, 0, 9)),
        *(ellipse("iris", x, 53, 8, 7) for x in (33, 67)),
        *(ellipse("eye", x, 53, 2.2, 6.5) for x in (33, 67)),
        outline("belly", (36, 72), (50, 64), (64, 72), (58, 84), (42, 84)),
        polygon("nose", (45, 64), (55, 64), (50, 70)),
        *(stroke("belly", 0.8, (50 + s * 14, 72), (50 + s * 44, y)) for s in (-1, 1) for y in (66, 74, 80)),
    ),
    "sitting cat": (
        stroke("coat", 6, (68, 84), (86, 82), (90, 66), (84, 56)),
        outline("coat", (30, 88), (34, 60), (44, 44), (58, 44), (70, 62), (74, 88)),
        outline("belly", (42, 80), (44, 56), (54, 56), (54, 80)),
        *(stroke("dark", 2, (64, y), (71, y + 3)) for y in (60, 67, 74)),
        *legs("coat", 7, 70, 88, (42, 41), (54, 54)),
        polygon("coat", (32, 30), (33, 10), (46, 20)),
        polygon("coat", (66, 30), (65, 10), (52, 20)),
        ellipse("coat", 49, 32, 18, 15),
        *(ellipse("iris", x, 31, 3.6, 3.2) for x in (42, 56)),
        *(ellipse("eye", x, 31, 1.2, 3) for x in (42, 56)),
        polygon("nose", (47, 37), (51, 37), (49, 40)),
    ),
    "dog's face": (
        outline("coat", (22, 46), (32, 22), (50, 17), (68, 22), (78, 46), (70, 74), (50, 84), (30, 74)),
        outline("dark", (28, 24), (12, 34), (8, 66), (18, 74), (27, 54)),
        outline("dark", (72, 24), (88, 34), (92, 66), (82, 74), (73, 54)),
        outline("belly", (34, 66), (50, 48), (66, 66), (62, 82), (50, 88), (38, 82)),
        *(ellipse("eye", x, 44, 4, 4.4) for x in (37, 63)),
        ellipse("eye", 50, 61, 8, 5.5),
        outline("tongue", (44, 76), (50, 74), (56, 76), (55, 92), (50, 95), (45, 92)),
        stroke("eye", 1.2, (50, 66), (50, 75)),
    ),
    "standing dog": (
        stroke("coat", 4, (20, 50), (8, 36), (10, 28)),
        *legs("shade", 6, 58, 86, (30, 32), (66, 68)),
        outline("coat", (16, 54), (26, 44), (60, 44), (76, 40), (78, 54), (66, 66), (30, 64)),
        *legs("coat", 6.5, 58, 88, (24, 22), (72, 74)),
        outline("coat", (66, 46), (68, 26), (80, 22), (86, 30), (97, 36), (96, 42), (82, 44)),
        outline("dark", (70, 28), (77, 24), (76, 42), (70, 46)),
        ellipse("eye", 82, 31, 1.6, 1.6),
        ellipse("eye", 96, 36.5, 2, 1.7),
    ),
    "stag": (
        *legs("shade", 3.4, 58, 88, (34, 36), (62, 65)),
        ellipse("light", 19, 52, 3.5, 5),
        outline("coat", (18, 52), (28, 46), (58, 46), (70, 42), (72, 56), (60, 64), (28, 64)),
        *legs("coat", 3.6, 58, 90, (26, 24), (68, 69)),
        outline("coat", (62, 50), (70, 26), (78, 24), (80, 32), (74, 54)),
        outline("coat", (70, 22), (80, 19), (92, 28), (90, 32), (76, 32)),
        polygon("shade", (72, 22), (62, 18), (69, 27)),
        *(stroke("horn", 1.5, (76, 20), (76 + s * 6, 11), (76 + s * 9, 2)) for s in (-1, 1)),
        *(stroke("horn", 1.3, (76 + s * 5, 12), (76 + s * 13, 8)) for s in (-1, 1)),
        ellipse("eye", 80, 24.5, 1.3, 1.3),
        ellipse("eye", 91, 29.5, 1.4, 1.2),
    ),
    "horse": (
        stroke("mane", 6, (16, 48), (8, 58), (9, 76)),
        *legs("shade", 4.6, 60, 88, (32, 35), (62, 66)),
        outline("coat", (13, 50), (24, 41), (44, 46), (62, 42), (74, 44), (72, 60), (52, 65), (26, 65), (15, 60)),
        *legs("coat", 5, 60, 91, (22, 20), (70, 71)),
        outline("coat", (58, 50), (66, 24), (74, 14), (82, 18), (80, 32), (76, 54)),
        outline("coat", (72, 15), (82, 13), (95, 32), (93, 38), (87, 38), (76, 27)),
        stroke("mane", 5, (74, 12), (67, 24), (61, 42)),
        polygon("mane", (72, 16), (73, 6), (78, 13)),
        ellipse("eye", 81, 20, 1.3, 1.3),
    ),
    "frog": (
        outline("shade", (20, 66), (6, 56), (10, 84), (34, 88), (38, 78)),
        outline("shade", (80, 66), (94, 56), (90, 84), (66, 88), (62, 78)),
        outline("coat", (18, 62), (26, 42), (50, 34), (74, 42), (82, 62), (70, 82), (50, 86), (30, 82)),
        outline("belly", (30, 72), (50, 66), (70, 72), (62, 84), (38, 84)),
        *(ellipse("coat", x, 34, 11, 11) for x in (33, 67)),
        *(ellipse("iris", x, 33, 7, 7) for x in (33, 67)),
        *(ellipse("eye", x, 33, 4.5, 2.6) for x in (33, 67)),
        stroke("dark", 1.6, (26, 58), (40, 64), (60, 64), (74, 58)),
        *(stroke("coat", 4, (50 + s * 18, 80), (50 + s * 26, 92)) for s in (-1, 1)),
    ),
    "frog from the side": (
        outline("shade", (10, 78), (20, 54), (44, 58), (46, 78), (28, 86)),
        outline("coat", (12, 74), (28, 50), (56, 36), (80, 36), (92, 48), (84, 60), (62, 74), (30, 80)),
        outline("belly", (52, 76), (68, 64), (90, 52), (84, 62), (66, 76)),
        stroke("coat", 5, (68, 66), (74, 80), (84, 84)),
        stroke("shade", 5, (18, 78), (40, 84), (24, 88)),
        ellipse("coat", 76, 34, 8, 8),
        ellipse("iris", 77, 33, 5.4, 5.4),
        ellipse("eye", 78, 33, 3.4, 2.2),
        stroke("dark", 1.2, (92, 49), (78, 53), (68, 51)),
        *(ellipse("shade", x, y, 3, 2) for x, y in ((36, 56), (48, 48), (52, 60), (62, 46))),
    ),
}
