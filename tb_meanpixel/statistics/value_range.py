"""The range that intensities should lie in: declared by the user, or inferred from references."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from tb_meanpixel.statistics.images import Array

RangeSource = Literal["declared", "dtype", "data"]

_MIN_WIDTH, _MAX_WIDTH = 1e-35, 1e37

# The ranges that image data is kept in, narrowest first: the first one that
# holds every reference value is taken.
USUAL_RANGES = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))


class ValueRange(NamedTuple):
    """The interval that intensities should lie in, and how it is known.

    `source` is "declared" (by the user), "dtype" (that of an integer type) or
    "data" (from the least and the greatest reference value).
    """

    low: float
    high: float
    source: RangeSource


def declared_range(value_range: Any) -> ValueRange:
    """Check a `(low, high)` that the user declared.

    Raises:
        ValueError: unless it is two finite numbers with low < high.
    """
    if isinstance(value_range, ValueRange):
        return value_range
    try:
        low, high = (float(limit) for limit in value_range)
    except (TypeError, ValueError):
        low = high = float("nan")
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(
            "value_range must be two finite numbers (low, high) with low < high, "
            f"for instance (0, 1); got {value_range!r}"
        )
    return _with_usable_width(ValueRange(low, high, "declared"), "value_range")


def _with_usable_width(value_range: ValueRange, argument: str) -> ValueRange:
    """Refuse what float32 cannot divide into bins."""
    width = value_range.high - value_range.low
    if not _MIN_WIDTH < width < _MAX_WIDTH:
        raise ValueError(
            f"{argument} must span between {_MIN_WIDTH:g} and {_MAX_WIDTH:g}; "
            f"got {value_range.low:g} to {value_range.high:g}. Scale the images first"
        )
    return value_range


def infer_range(images: Array, argument: str = "reference") -> ValueRange:
    """The range that the values of `images` are most plausibly meant to lie in.

    uint8 and uint16 say it by their type. Otherwise it is the first of [0, 1],
    [-1, 1] and [0, 255] that holds every finite value, else the values' own
    least and greatest.

    Raises:
        ValueError: if no value is finite.

    Example:
        >>> infer_range(np.array([[[[-0.5]], [[0.25]]]]))
        ValueRange(low=-1.0, high=1.0, source='data')
    """
    if images.dtype in (np.uint8, np.uint16):
        return ValueRange(0.0, float(np.iinfo(images.dtype).max), "dtype")
    finite = images[np.isfinite(images)]
    if finite.size == 0:
        raise ValueError(
            f"{argument} must hold finite values; all {images.size} are NaN or infinite"
        )
    least, greatest = float(finite.min()), float(finite.max())
    for low, high in USUAL_RANGES:
        if low <= least and greatest <= high:
            return ValueRange(low, high, "data")
    if least == greatest:  # one value outside every usual range: make room around it
        room = max(0.5, abs(least) * 1e-3)  # far out, a half is less than one float's spacing
        return ValueRange(least - room, least + room, "data")
    return _with_usable_width(ValueRange(least, greatest, "data"), f"the values of {argument}")
