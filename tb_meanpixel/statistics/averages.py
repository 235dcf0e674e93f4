"""Averages of images over blocks and over every second pixel, all by one product of matrices.

An average over a rectangle, with signs or not, is that over its rows of that over its columns.
So a row of pixels is multiplied with all weights along x, and what comes of it with all along y.
"""

from __future__ import annotations

import functools

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.images import Array

#: Blocks along a side of a thumbnail.
BLOCKS = 8

# Multiplications of a product of matrices: OpenBLAS takes several threads for more, and they wait
# for each other for longer than they compute.
_PRODUCT = 1 << 18

# The weights along one side: of its first and second half with alternating signs, of the same
# halves without, and of each block.
_ALTERNATING, _EVEN, _BLOCK = slice(0, 2), slice(2, 4), slice(4, None)


def averages_of(planes: Array) -> FloatArray:
    """Averages of planes `(channels, images, height, width)`.

    Returns:
        float64 `(channels, images, 4 + rows, 4 + columns)`: along either side first the two
        alternating, then the two even halves, then the 8 blocks, fewer for images of less than 8.
    """
    height, width = planes.shape[2:]
    across = _weights(width, planes.dtype.str)
    rows = np.empty((*planes.shape[:3], across.shape[1]), planes.dtype)
    at_once = max(1, _PRODUCT // across.size)
    with np.errstate(invalid="ignore", over="ignore"):
        for start in range(0, height, at_once):
            some = slice(start, start + at_once)
            np.matmul(planes[:, :, some], across, out=rows[:, :, some])
        averages = _weights(height, planes.dtype.str).T @ rows
    exact: FloatArray = averages.astype(np.float64)
    return exact


def block_means(averages: FloatArray) -> FloatArray:
    """Block means `(images, 8, 8, channels)` of `averages_of` planes.

    Example:
        >>> block_means(averages_of(np.ones((1, 2, 16, 4)))).shape
        (2, 8, 4, 1)
    """
    return np.moveaxis(averages[:, :, _BLOCK, _BLOCK], 0, -1)


def pattern_strengths(averages: FloatArray) -> FloatArray:
    """Strength of a pattern of every second pixel `(channels, images)`, intensity units squared.

    The second differences of an image, times (-1)^x, (-1)^y and (-1)^(x + y), are averaged over
    two halves of the image, each two quadrants that lie across; the strength is the product of
    the two averages, summed over the three. A pattern of amplitude a, stripes or checks, gives
    a^2; a ramp gives 0, and so does noise on average: the halves share no pixel.

    Example: checks of amplitude 0.1.
        >>> signs = (-1.0) ** np.add.outer(np.arange(24), np.arange(24))
        >>> pattern_strengths(averages_of(0.1 * signs[None, None])).round(6)
        array([[0.01]])
    """
    strengths: FloatArray = np.zeros(averages.shape[:2])
    for down, across in (
        (_EVEN, _ALTERNATING),
        (_ALTERNATING, _EVEN),
        (_ALTERNATING, _ALTERNATING),
    ):
        quadrants = averages[:, :, down, across]
        first = quadrants[:, :, 0, 0] + quadrants[:, :, 1, 1]
        second = quadrants[:, :, 0, 1] + quadrants[:, :, 1, 0]
        strengths = strengths + first * second / 4
    return strengths


@functools.lru_cache(maxsize=16)
def _weights(length: int, dtype: str) -> Array:
    """What each pixel along a side adds to the averages `(length, 4 + blocks)`."""
    position = np.arange(length)
    columns: list[FloatArray] = []
    half = length // 2
    inside = [
        (position >= start + 1) & (position < end - 1) for start, end in ((0, half), (half, length))
    ]
    for each in inside:  # a second difference reaches one pixel further
        weights = np.where(each, (-1.0) ** position, 0.0) / max(1, each.sum())
        columns.append((2 * weights - np.roll(weights, 1) - np.roll(weights, -1)) / 4)
    columns += [each / max(1, each.sum()) for each in inside]
    blocks = min(BLOCKS, length)
    block = position * blocks // length
    columns += [(block == index) / np.count_nonzero(block == index) for index in range(blocks)]
    return np.stack(columns, axis=-1).astype(dtype)
