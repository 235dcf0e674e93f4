"""Mean images, small enough to keep one of each step."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.value_range import ValueRange

# Drift is seen in shapes of some pixels; one step stays below 6 kB.
LONGEST_SIDE = 32

_MAX_SHARE = float(np.finfo(np.float16).max)


def shrink(image: FloatArray, longest: int = LONGEST_SIDE) -> FloatArray:
    """Average blocks of pixels until no side is longer than `longest`.

    Args:
        image: float64 `(height, width, channels)`.
        longest: pixels of the longest side.

    Returns:
        The image itself if it is small enough. Blocks are square, but for the rest at
        the right and lower edge, which is averaged too.

    Example: 64 x 48 pixels become 32 x 24.
        >>> shrink(np.zeros((64, 48, 3))).shape
        (32, 24, 3)
    """
    block = -(-max(image.shape[:2]) // longest)
    for axis in (0, 1):
        starts = np.arange(0, image.shape[axis], block)
        sizes = np.diff(starts, append=image.shape[axis])
        sizes = sizes.reshape(-1, *[1] * (image.ndim - axis - 1))
        image = np.add.reduceat(image, starts, axis=axis) / sizes
    return image


def to_share(image: FloatArray, value_range: ValueRange) -> npt.NDArray[np.float16]:
    """Intensities as float16 shares of the range: 0 is low, 1 is high; nothing overflows."""
    low, high, _ = value_range
    with np.errstate(invalid="ignore", over="ignore"):
        return np.clip((image - low) / (high - low), -_MAX_SHARE, _MAX_SHARE).astype(np.float16)


def from_share(share: npt.NDArray[np.float16], value_range: ValueRange) -> FloatArray:
    """The inverse of `to_share`, right to a thousandth of the value."""
    low, high, _ = value_range
    return low + share.astype(np.float64) * (high - low)
