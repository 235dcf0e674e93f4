"""Sums that tell what a histogram cannot: neighbours that differ, patterns, colour.

All are of planes `(channels, images, height, width)`, and all add up over batches.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from tb_meanpixel.statistics.averages import averages_of, block_means, pattern_strengths
from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.images import Array, colour_count
from tb_meanpixel.statistics.products import dots

# Smaller images have too few cells of two pixels to tell a pattern from chance.
SHORTEST_SIDE_WITH_PATTERN = 24


@dataclass(frozen=True, eq=False)
class StructureSums:
    """Sums over the images of one side, each float64 `(channels,)`.

    Attributes:
        neighbour_squares: squared differences of neighbours, to the right and below.
        neighbours: how many there were.
        pattern: the strength of a pattern of every second pixel, see `pattern_strengths`.
        pattern_images: images of which it is the sum.
        chroma_squares: squared differences between a pixel's colours, see `chroma_squares`; the
            same for each channel, and 0 unless there are three colours.
        chroma_pixels: pixels of which it is the sum.
    """

    neighbour_squares: FloatArray
    neighbours: FloatArray
    pattern: FloatArray
    pattern_images: FloatArray
    chroma_squares: FloatArray
    chroma_pixels: FloatArray

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(field.name for field in fields(cls))

    def __add__(self, other: StructureSums) -> StructureSums:
        return StructureSums(*(getattr(self, name) + getattr(other, name) for name in self.names()))


def neighbour_sums(planes: Array) -> tuple[FloatArray, FloatArray]:
    """Sum of the squared differences of neighbours `(channels,)`, and their number.

    Example: one image of two pixels, 0 and 2.
        >>> neighbour_sums(np.array([[[[0.0, 2.0]]]]))
        (array([4.]), array([1.]))
    """
    images, height, width = planes.shape[1:]
    squares = np.zeros(len(planes))
    numbers = np.full(len(planes), images * (height * (width - 1) + (height - 1) * width), float)
    differences = np.empty((images, height * width), planes.dtype)
    below = differences[:, : (height - 1) * width]
    with np.errstate(invalid="ignore", over="ignore"):
        for channel, plane in enumerate(planes.reshape(len(planes), images, -1)):
            # An image is one long row; where two of its rows meet are no neighbours.
            np.subtract(plane[:, 1:], plane[:, :-1], out=differences[:, :-1])
            differences[:, width - 1 :: width] = 0
            across, lost = _squares(differences)
            np.subtract(plane[:, width:], plane[:, :-width], out=below)
            down, lost_too = _squares(below)
            squares[channel] = across + down
            numbers[channel] -= lost + lost_too
    return squares, numbers


def _squares(differences: Array) -> tuple[float, int]:
    """Sum of the squares of finite differences `(images, n)`, and how many are not finite."""
    squares, lost = dots(differences, differences), 0
    for image in np.flatnonzero(~np.isfinite(squares)).tolist():
        finite = differences[image, np.isfinite(differences[image])].astype(np.float64)
        squares[image] = dots(finite, finite)
        lost += differences.shape[1] - finite.size
    return float(squares.sum()), lost


def structure_of(planes: Array) -> tuple[StructureSums, FloatArray]:
    """The sums over planes, and their 8 x 8 block means `(images, 8, 8, channels)`.

    What is not finite, and its neighbours, are left out; the block means are NaN there.
    """
    channels, _, height, width = planes.shape
    squares, neighbours = neighbour_sums(planes)
    averages = averages_of(planes)
    pattern, pattern_images = np.zeros(channels), np.zeros(channels)
    if min(height, width) >= SHORTEST_SIDE_WITH_PATTERN:
        strengths = pattern_strengths(averages)
        finite = np.isfinite(strengths)
        pattern = np.where(finite, strengths, 0.0).sum(axis=1)
        pattern_images = finite.sum(axis=1).astype(float)
    chroma, pixels = chroma_sums(planes)
    sums = StructureSums(
        squares,
        neighbours,
        pattern,
        pattern_images,
        np.full(channels, chroma),
        np.full(channels, pixels),
    )
    return sums, block_means(averages)


def chroma_sums(planes: Array) -> tuple[float, float]:
    """Squared differences of the three colours from their mean, over all pixels; their number.

    0 and 0 for images that have not three colours. The sum over the colours of the squared
    differences from their mean is a third of that over the pairs of colours.

    Example: one pixel, red 3 and the others 0: 4 + 1 + 1.
        >>> chroma_sums(np.array([3.0, 0.0, 0.0]).reshape(3, 1, 1, 1))
        (6.0, 1.0)
    """
    if colour_count(len(planes)) != 3:
        return 0.0, 0.0
    flat = planes[:3].reshape(3, planes.shape[1], -1)
    difference, squares = np.empty_like(flat[0]), np.zeros(planes.shape[1])
    with np.errstate(invalid="ignore", over="ignore"):
        for first, second in ((0, 1), (1, 2), (2, 0)):
            np.subtract(flat[first], flat[second], out=difference)
            squares += dots(difference, difference) / 3
        number = float(flat[0].size)
        for image in np.flatnonzero(~np.isfinite(squares)).tolist():
            finite = flat[:, image, np.isfinite(flat[:, image]).all(axis=0)].astype(np.float64)
            distances = finite - finite.mean(axis=0)
            squares[image] = (distances**2).sum()
            number -= flat.shape[2] - finite.shape[1]
    return float(squares.sum()), number
