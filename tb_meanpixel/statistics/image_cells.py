"""Counts the pixels of each image of its own, in 64 bins: for folds of images."""

from __future__ import annotations

import numpy as np

from tb_meanpixel.statistics.details import BINS
from tb_meanpixel.statistics.histogram import EXTRA_CELLS, cell_index
from tb_meanpixel.statistics.images import Array
from tb_meanpixel.statistics.level_counts import AT_LIMIT

_CELLS = 256 + EXTRA_CELLS

# From so many pixels on an image is counted alone: its levels need no offset then.
_MANY = 1 << 12


def image_cells(
    planes: Array,
    low: float,
    high: float,
    levels: Array | None = None,
    cell_of_level: Array | None = None,
) -> tuple[Array, Array]:
    """Cells `(images, channels, 66)` and pixels at both limits `(images, 2, channels)`, int32.

    Args:
        planes: `(channels, images, height, width)`; what is not finite is left out.
        low, high: the range.
        levels: uint8 of the same shape, the level of each pixel, where it is known.
        cell_of_level: the cell of each of the 256 levels, rising.

    Example: an image of three pixels: at the lower limit, in range, above it.
        >>> cells, limits = image_cells(np.array([[[[0.0, 0.5, 2.0]]]]), 0, 1)
        >>> cells[0, 0, [0, 1, 33, 65]], limits[0, :, 0]
        (array([0, 1, 1, 1], dtype=int32), array([1, 0], dtype=int32))
    """
    channels, images = planes.shape[:2]
    flat = planes.reshape(channels, images, -1)
    if levels is None or cell_of_level is None:
        counts = _counts(cell_index(flat, low, high, 256), _CELLS)
    else:
        counts = np.zeros((channels, images, _CELLS), np.int64)
        by_level = _counts(levels.reshape(flat.shape), 256)
        present, first = np.unique(cell_of_level, return_index=True)
        counts[..., present] = np.add.reduceat(by_level, first, axis=-1)
    inside = counts[..., 1:257].reshape(channels, images, BINS, -1).sum(axis=-1)
    cells = np.concatenate([counts[..., :1], inside, counts[..., 257:258]], axis=-1)
    limits = np.zeros((images, 2, channels), np.int32)
    near = AT_LIMIT * (high - low)
    with np.errstate(invalid="ignore"):
        for end, limit in enumerate((low, high)):
            bin_of_limit = counts[..., 1 + 255 * end] + counts[..., 257 * end]
            for channel in np.flatnonzero(bin_of_limit.any(axis=1)).tolist():
                is_near = np.abs(flat[channel] - limit) <= near
                limits[:, end, channel] = np.count_nonzero(is_near, axis=1)
    return np.moveaxis(cells, 0, 1).astype(np.int32), limits


def _counts(index: Array, cells: int) -> Array:
    """How often each cell `(channels, images, cells)` is in `index` `(channels, images, n)`."""
    channels, images, pixels = index.shape
    if pixels >= _MANY:
        rows = index.reshape(-1, pixels)
        counts = np.stack([np.bincount(row, minlength=cells) for row in rows])
    else:
        offsets = np.arange(channels * images).reshape(channels, images, 1) * cells
        flat = (index + offsets).ravel()
        counts = np.bincount(flat, minlength=channels * images * cells)
    return counts.reshape(channels, images, cells)
