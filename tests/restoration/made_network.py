"""Small networks for tests, drawn with letters; a pixel is 100 m wide, a hectare."""

from __future__ import annotations

import numpy as np

from sinks.restoration.network.corridors import corridors_between
from sinks.restoration.network.lattice import plain_lattice
from sinks.restoration.network.patches import patches_of
from sinks.restoration.network.pattern import CLASSES, UNKNOWN

PATTERN_LETTERS = dict(zip(".CIPELBR", range(len(CLASSES)), strict=True)) | {"?": UNKNOWN}


def letters(picture):
    return np.array([list(line.strip()) for line in picture.strip().splitlines()])


def mask(picture, letter="#"):
    return letters(picture) == letter


def lattice_for(array, size_m=100.0):
    return plain_lattice(array.shape, size_m)


def drawn_pattern(codes):
    by_code = {code: letter for letter, code in PATTERN_LETTERS.items()}
    return "\n".join("".join(by_code[int(code)] for code in row) for row in codes)


def lines(picture):
    return "\n".join(line.strip() for line in picture.strip().splitlines())


def network_on(picture, resistance=None, *, size_m=100.0, **rule):
    """Patches (#) and corridors on ground with a resistance by digit, 1 for anything else."""
    drawn = letters(picture)
    ground = np.ones(drawn.shape)
    for digit in "23456789":
        ground[drawn == digit] = float(digit)
    ground[drawn == "x"] = np.inf
    ground = ground if resistance is None else resistance
    patches = patches_of(drawn == "#", lattice_for(drawn, size_m))
    return corridors_between(patches, ground, **rule), ground
