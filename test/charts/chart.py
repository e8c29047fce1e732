"""What a chart is: eight patches of known colours on a ground. Each patch also shows one of its corners, by a point inside
and a point outside: colours tell a flip or a turn, corners tell a shift, a shear or a wrong size.

64 x 48 pixels are 4 x 2 cells of 16 x 24, each with a patch of 10 x 16 in its middle.
"""
from dataclasses import dataclass, field, replace
from typing import Any, Callable

import numpy

WIDTH, HEIGHT = 64, 48
CELL_WIDTH, CELL_HEIGHT = 16, 24
LEFT, TOP = 3, 4
RIGHT, BOTTOM = 13, 20
# Pixels from a corner to the points that are looked at: further than any filter of an enlargement reaches.
AWAY = 2

# Light of a scene, and codes of a finished picture: ground first, then the patches.
LIGHT = (
    (0.02, 0.02, 0.02),
    (0.8, 0.05, 0.05),
    (0.05, 0.6, 0.1),
    (0.1, 0.1, 0.9),
    (0.18, 0.18, 0.18),
    (0.9, 0.7, 0.1),
    (0.05, 0.5, 0.6),
    (0.7, 0.1, 0.6),
    (0.9, 0.9, 0.9),
)
CODES = (
    (0.1, 0.1, 0.1),
    (0.9, 0.2, 0.2),
    (0.2, 0.7, 0.3),
    (0.2, 0.3, 0.9),
    (0.5, 0.5, 0.5),
    (0.9, 0.8, 0.2),
    (0.2, 0.6, 0.7),
    (0.8, 0.3, 0.7),
    (0.95, 0.95, 0.95),
)
GREYS = tuple((grey,) * 3 for grey in (0.05, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.95))


@dataclass(frozen=True)
class Chart:
    """One file, what is drawn in it, and what is known of it."""

    # Name of the file with its ending; says which value of which axis it stands for. Stems are unique.
    name: str
    # Writes the file: (path, chart).
    write: Callable[[str, "Chart"], None]
    # Numbers that the file holds: ground, then the eight patches.
    colours: tuple = LIGHT
    # Space of these numbers, by OpenColorIO's name in its studio config; KODAK_LOG; None for codes that are shown as they are.
    space: str | None = "lin_rec709_scene"
    # How the picture stands in the file (Exif), and how wide its pixels are.
    orientation: int = 1
    aspect: float = 1.0
    # Pixels of the file to one of the drawing: for files whose samples are blurred, or which are to be large.
    scale: int = 1
    # Size of the display window, and where in it the drawing begins; pixels of the drawing.
    window: tuple = (WIDTH, HEIGHT)
    origin: tuple = (0, 0)
    # What OpenImageIO is told to read back: {"subimage": .., "miplevel": .., "channels": (..)}; None where it cannot.
    reads: dict | None = field(default_factory=dict)
    # How far what is read back may be from the drawn numbers: compression and bits of the file.
    storage: float = 0.01
    # Whatever the writer of this kind of file needs to know besides.
    file: dict[str, Any] = field(default_factory=dict)


def varied(chart, name, **changes):
    """The same chart under another name, with changes; what is said of the file is added to."""
    merged = {**chart.file, **changes.pop("file", {})}
    return replace(chart, name=name, file=merged, **changes)


def drawn(chart):
    """The drawing, upright: rows of pixels of three numbers."""
    picture = numpy.empty((HEIGHT, WIDTH, 3), numpy.float64)
    picture[:] = chart.colours[0]
    for index in range(8):
        x, y = cell(index)
        picture[y + TOP : y + BOTTOM, x + LEFT : x + RIGHT] = chart.colours[index + 1]
    return picture.repeat(chart.scale, axis=0).repeat(chart.scale, axis=1)


def cell(index):
    return index % 4 * CELL_WIDTH, index // 4 * CELL_HEIGHT


def points(chart):
    """Points of the drawing that are looked at: (what, x, y, index of the colour)."""
    for index in range(8):
        x, y = cell(index)
        yield f"patch {index}", x + (LEFT + RIGHT) / 2, y + (TOP + BOTTOM) / 2, index + 1
        is_right, is_low = index % 2, index // 2 % 2
        corner_x = x + (RIGHT if is_right else LEFT)
        corner_y = y + (BOTTOM if is_low else TOP)
        inwards = (-AWAY if is_right else AWAY, -AWAY if is_low else AWAY)
        yield f"corner {index}, inside", corner_x + inwards[0], corner_y + inwards[1], index + 1
        yield f"corner {index}, outside", corner_x - inwards[0], corner_y - inwards[1], 0


def stored(picture, orientation):
    """The rows that a file holds whose orientation is this one (Exif)."""
    ways = {
        1: lambda p: p,
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.swapaxes(0, 1),
        6: lambda p: numpy.rot90(p, 1),
        7: lambda p: p[::-1, ::-1].swapaxes(0, 1),
        8: lambda p: numpy.rot90(p, -1),
    }
    return numpy.ascontiguousarray(ways[orientation](picture))
