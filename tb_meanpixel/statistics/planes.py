"""Images of any layout as planes, channel by channel, in chunks that stay in cache.

All that is measured of pixels is measured of these: `(channels, images, height, width)`,
contiguous, float32 where that holds every value and float64 else.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tb_meanpixel.statistics.images import Array

# Values of a chunk. Its temporaries stay in the second-level cache, which is 5 to 10 times
# faster than one pass after another over all images.
VALUES_AT_ONCE = 1 << 17


def plane_dtype(dtype: np.dtype) -> np.dtype:
    """float32 for what has at most 16 bits, and for float32 itself; float64 for all else.

    Example:
        >>> plane_dtype(np.dtype("uint8")), plane_dtype(np.dtype("int32"))
        (dtype('float32'), dtype('float64'))
    """
    is_short = dtype.itemsize <= 2 or dtype == np.float32
    return np.dtype(np.float32 if is_short else np.float64)


def chunks(images: Array) -> Iterator[tuple[slice, Array]]:
    """Each run of images with its place, a view `(images, height, width, channels)`."""
    length = images_at_once(images)
    for start in range(0, len(images), length):
        run = slice(start, min(start + length, len(images)))
        yield run, images[run]


def images_at_once(images: Array) -> int:
    """Images of a chunk."""
    return max(1, VALUES_AT_ONCE // max(1, int(images[0].size)))


def as_planes(images: Array) -> Array:
    """`(images, height, width, channels)` of any strides as contiguous planes.

    Example: one image of one pixel and two channels.
        >>> as_planes(np.array([[[[1, 2]]]], np.uint8)).shape
        (2, 1, 1, 1)
    """
    planes = np.moveaxis(images, -1, 0)
    return np.ascontiguousarray(planes, plane_dtype(images.dtype))
