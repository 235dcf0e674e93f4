"""Which images of a batch are kept to be looked at, and how they become small."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from tb_meanpixel.statistics.histogram import FloatArray, IntArray
from tb_meanpixel.statistics.images import Array
from tb_meanpixel.statistics.mean_image import shrink
from tb_meanpixel.statistics.value_range import ValueRange

SampleSide = Literal["output", "reference", "input"]
Pixels = npt.NDArray[np.uint8]

# What a mark of a picture's pixel says. Marks are values of its alpha channel: any program shows
# the picture as it is, since none of them can be told from opaque by eye.
OPAQUE, BELOW, ABOVE, NOT_FINITE = 255, 254, 253, 252

# A pixel is out of range from half a grey level on: less, no picture of 256 levels shows.
_BEYOND = 0.5 / 255

_AT_ONCE = 1 << 20  # values of a chunk, to stay in cache


class Picture(NamedTuple):
    """An image as it can be shown: `pixels` uint8 `(height, width, 1 or 3)`, `marks` uint8."""

    pixels: Pixels
    marks: Pixels


def spread_choice(mean_pixels: FloatArray, count: int) -> IntArray:
    """Indices of `count` images, spread over the brightness, from dark to bright.

    Example: of ten images that get brighter, two.
        >>> spread_choice(np.arange(10.0), 2).tolist()
        [2, 7]
    """
    count = min(count, len(mean_pixels))
    order = np.argsort(np.nan_to_num(mean_pixels, nan=-np.inf), kind="stable")
    places = ((np.arange(count) + 0.5) * len(order) / max(1, count)).astype(np.int64)
    return order[places]


def image_errors(output: Array, reference: Array) -> FloatArray:
    """The root mean square difference of each pair of images, in intensity units.

    Args:
        output, reference: image batches of one shape, `(batch, height, width, channels)`.

    Returns:
        float64 `(batch,)`; infinite where an output has a pixel that is not finite.

    Example: all pixels are 0.5 off.
        >>> image_errors(np.full((1, 2, 2, 1), 0.5), np.zeros((1, 2, 2, 1)))
        array([0.5])
    """
    errors = np.empty(len(output))
    size = max(1, _AT_ONCE // max(1, output[0].size))
    for start in range(0, len(output), size):
        part = slice(start, start + size)
        with np.errstate(invalid="ignore", over="ignore"):
            difference = np.subtract(output[part], reference[part], dtype=np.float64)
            errors[part] = np.sqrt(np.mean(np.square(difference), axis=(1, 2, 3)))
    return np.where(np.isfinite(errors), errors, np.inf)


def picture(image: Array, value_range: ValueRange, longest: int) -> Picture:
    """An image `(height, width, channels)` as a picture whose sides are at most `longest`.

    Low is black, high is white. Square blocks of pixels are averaged over their finite pixels.
    A block with a pixel that is out of range or not finite is marked, so nothing is clipped in
    silence. Two channels are grey and alpha, four are RGB and alpha: alpha is not shown. Of any
    other number the mean is shown.
    """
    low, high, _ = value_range
    channels = {2: [0], 3: [0, 1, 2], 4: [0, 1, 2]}.get(image.shape[-1])
    with np.errstate(invalid="ignore", over="ignore"):
        wide = image.astype(np.float64)
        shown = wide.mean(axis=-1, keepdims=True) if channels is None else wide[..., channels]
        share = (shown - low) / (high - low)
        finite = np.asarray(np.isfinite(share))
        below = (share < -_BEYOND).any(axis=-1, keepdims=True)
        above = (share > 1 + _BEYOND).any(axis=-1, keepdims=True)
        kept = shrink(np.asarray(finite, np.float64), longest)
        within: FloatArray = np.asarray(np.where(finite, np.clip(share, 0.0, 1.0), 0.0))
        total = shrink(within, longest)
        levels = np.rint(np.where(kept > 0, total / kept, 0.0) * 255).astype(np.uint8)
    marks = np.full(levels.shape[:2], OPAQUE, np.uint8)
    broken = ~finite.all(axis=-1, keepdims=True)
    for code, where in ((BELOW, below), (ABOVE, above), (NOT_FINITE, broken)):
        marks[shrink(np.asarray(where, np.float64), longest)[..., 0] > 0] = code
    return Picture(levels, marks)
