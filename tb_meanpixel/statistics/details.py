"""What is kept of single images where outputs reproduce no reference.

Chance is tested by dealing images into folds, and near copies are looked for. Both need single
images, in an order of their own: then parts that are added tell the same as the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.images import Array, subset_indices
from tb_meanpixel.statistics.keys import Keys, content_order, smallest

#: Of so many images at most; of more, a seeded choice.
MAX_IMAGES = 4096

#: Bins: fine enough to compare distributions, and a fourth of the numbers.
BINS = 64

# Pixels of an image that tell how it differs from others: all of them up to 8 x 16.
_PLACES = 128


@dataclass(frozen=True, eq=False)
class ImageDetails:
    """Numbers of single images, first axis the image.

    Attributes:
        cells: int32 `(n, channels, 66)`: pixels below the range, in each of 64 bins, above it.
        limits: int32 `(n, 2, channels)`, pixels equal to the lower and the upper limit.
        sums: float64 `(n, channels)`, of the finite pixels less the middle of the range.
        means, contrasts: float64 `(n, rows)`, as those of `ImageValues`.
        pixels: float32 `(n, places, channels)`, pixels of the same places in all images, less
            the middle of the range; NaN where they are not finite.
        thumbnails: float32 `(n, 8, 8, channels)`, block means.
        keys: uint64 `(n,)`.
        groups: `(n,)`, a label of each, or None.
    """

    cells: Array
    limits: Array
    sums: FloatArray
    means: FloatArray
    contrasts: FloatArray
    pixels: Array
    thumbnails: Array
    keys: Keys
    groups: Any = None

    @property
    def finite(self) -> FloatArray:
        """Finite pixels `(n, channels)`."""
        finite: FloatArray = self.cells.sum(axis=-1, dtype=np.float64)
        return finite

    def in_order(self) -> ImageDetails:
        """The same images, in the same order whatever order they came in."""
        return self.of(content_order(self.cells, self.pixels))

    def of(self, chosen: Array) -> ImageDetails:
        """Those of some images."""
        values: list[Any] = [getattr(self, field.name) for field in fields(self)]
        chosen_values: list[Any] = [None if each is None else each[chosen] for each in values]
        return ImageDetails(*chosen_values)

    def __add__(self, other: ImageDetails) -> ImageDetails:
        if len(self.keys) == MAX_IMAGES and len(other.keys):
            # Of a full choice few make room: the others need not be copied.
            other = other.of(np.flatnonzero(other.keys < self.keys.max()))
            if not len(other.keys):
                return self
        pairs = [(getattr(self, each.name), getattr(other, each.name)) for each in fields(self)]
        joined: list[Any] = [
            None if first is None else np.concatenate([first, second]) for first, second in pairs
        ]
        both = ImageDetails(*joined)
        return both.of(smallest(both.keys, MAX_IMAGES)) if len(both.keys) > MAX_IMAGES else both


def places_of(height: int, width: int) -> Array:
    """The pixels, by their place in a flat image, that tell how an image differs from others.

    Example:
        >>> len(places_of(4, 4)), len(places_of(256, 256))
        (16, 128)
    """
    return subset_indices(height * width, _PLACES)
