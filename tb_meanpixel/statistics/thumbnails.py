"""8 x 8 block means of some images: enough to tell whether two of them are alike."""

from __future__ import annotations

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.images import Array, subset_indices

SIDE = 8
#: Of so many images at most: a seeded choice.
MAX_IMAGES = 256


def block_means(planes: Array) -> FloatArray:
    """Means of 8 x 8 blocks of planes `(channels, images, height, width)`.

    Returns:
        float64 `(images, 8, 8, channels)`; fewer rows or columns for images of less than 8.

    Example:
        >>> block_means(np.ones((1, 2, 16, 4))).shape
        (2, 8, 4, 1)
    """
    for axis in (3, 2):  # rows of pixels first: there the memory is contiguous
        length = planes.shape[axis]
        starts = np.arange(min(SIDE, length)) * length // min(SIDE, length)
        sizes = np.diff(starts, append=length)
        sizes = sizes.reshape(-1, *[1] * (3 - axis))
        planes = np.add.reduceat(planes, starts, axis=axis) / sizes
    return np.moveaxis(planes, 0, -1).astype(np.float64)


def joined(first: FloatArray, second: FloatArray) -> FloatArray:
    """The thumbnails of two batches; of more than 256, a seeded choice."""
    both = np.concatenate([first, second])
    return both[subset_indices(len(both), MAX_IMAGES)]
