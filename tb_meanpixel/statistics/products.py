"""Sums of products of pixels, image by image: short float32 sums, added in float64.

Each sum is of one image alone, so it does not depend on the images beside it. And no product is so
large that a BLAS library would share it among threads: they would wait for each other for longer
than they compute.
"""

from __future__ import annotations

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.images import Array

#: OpenBLAS takes several threads for dot products of more than 10,000 numbers.
PIECE = 1 << 13


def dots(first: Array, second: Array) -> FloatArray:
    """Sums of the products along the last axis `(..., n)`, float64 `(...)`; they broadcast.

    Example:
        >>> dots(np.ones((2, 9000), np.float32), np.ones(9000, np.float32))
        array([9000., 9000.])
    """
    length = first.shape[-1]
    if length <= PIECE:
        return _dots(first, second).astype(np.float64)
    whole = length // PIECE * PIECE
    pieces = [each[..., :whole].reshape(*each.shape[:-1], -1, PIECE) for each in (first, second)]
    sums: FloatArray = _dots(*pieces).sum(axis=-1, dtype=np.float64)
    if whole < length:
        sums += _dots(first[..., whole:], second[..., whole:])
    return sums


def _dots(first: Array, second: Array) -> Array:
    products: Array = np.matmul(first[..., np.newaxis, :], second[..., np.newaxis])
    return products[..., 0, 0]
