"""The range that intensities should lie in: declared by the user, or inferred from references."""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np

from tb_meanpixel.statistics.images import Array

RangeSource = Literal["declared", "dtype", "data"]

_MIN_WIDTH, _MAX_WIDTH = 1e-35, 1e37

# The ranges that image data is kept in, narrowest first.
USUAL_RANGES = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0), (0.0, 65535.0))

# Values that spread less than this share of their size are one value: float32 cannot tell them
# apart in 256 bins.
_ONE_VALUE = 1e-5


class ValueRange(NamedTuple):
    """The interval that intensities should lie in, and how it is known.

    `source` is "declared" (by the user), "dtype" (that of an integer type that is filled)
    or "data" (from the least and the greatest reference value).
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
            f"got {' to '.join(ends(*value_range[:2]))}. Scale the images first"
        )
    return value_range


@np.errstate(all="ignore")
def infer_range(images: Array, argument: str = "reference") -> ValueRange:
    """The range that the values of `images` are most plausibly meant to lie in.

    It is the first of 0..1, -1..1, 0..255 and 0..65535 that holds every finite value and is
    filled: the greatest value lies beyond a third of its upper limit, and the least one of
    -1..1 below a third of -1. uint8 and uint16 are no exception. Else it is from the least value
    to the greatest, widened by a tenth on either side, to round numbers, but not across 0: a few
    images seldom hold the extremes. One value alone tells no range: 0..1 or -1..1 if it lies
    there, else as if 0 were a value too.

    Raises:
        ValueError: if no value is finite.

    Example:
        >>> infer_range(np.array([[[[-0.5]], [[0.75]]]]))
        ValueRange(low=-1.0, high=1.0, source='data')
        >>> infer_range(np.array([[[[0]], [[16]]]], np.uint8))
        ValueRange(low=0.0, high=18.0, source='data')
    """
    least, greatest = _extremes(images, argument)
    size = max(abs(least), abs(greatest))
    is_one_value = greatest - least <= max(_ONE_VALUE * size, _MIN_WIDTH)
    if is_one_value and size <= 1:
        return ValueRange(0.0 if least >= 0 else -1.0, 1.0, "data")
    for low, high in USUAL_RANGES:
        filled = greatest > high / 3 and (low == 0 or least < low / 3)
        if low <= least and greatest <= high and filled:
            of_type = images.dtype.kind == "u" and high == np.iinfo(images.dtype).max
            return ValueRange(low, high, "dtype" if of_type else "data")
    if is_one_value:
        least, greatest = min(least, 0.0), max(greatest, 0.0)
    _with_usable_width(ValueRange(least, greatest, "data"), f"the values of {argument}")
    return _widened(least, greatest)


def _extremes(images: Array, argument: str) -> tuple[float, float]:
    """The least and the greatest finite value."""
    finite = images[np.isfinite(images)]
    if finite.size == 0:
        raise ValueError(
            f"{argument} must hold finite values; all {images.size} are NaN or infinite"
        )
    return float(finite.min()), float(finite.max())


def _widened(least: float, greatest: float) -> ValueRange:
    """Wider by a tenth and more on either side: to multiples of 1, 2 or 5 times a power of ten."""
    room = (greatest - least) / 10
    exponent = math.floor(math.log10(room))
    factor = max(factor for factor in (1, 2, 5) if factor == 1 or factor * 10.0**exponent <= room)

    def multiple(count: int) -> float:
        """`count` steps, rounded once: 34 of 0.1 are 3.4."""
        steps = count * factor
        return steps * 10.0**exponent if exponent >= 0 else steps / 10.0**-exponent

    step = multiple(1)
    low = multiple(math.floor((least - room) / step))
    high = multiple(math.ceil((greatest + room) / step))
    if least >= 0:
        low = max(low, 0.0)
    elif greatest <= 0:
        high = min(high, 0.0)
    return ValueRange(low, high, "data")


def is_usual(value_range: ValueRange) -> bool:
    """Whether it is one that image data is kept in, rather than some values' own."""
    return (value_range.low, value_range.high) in USUAL_RANGES


def declaration(images: Array, inferred: ValueRange) -> str:
    """What to type if these are the limits: a usual range, else the values' own.

    Example:
        >>> images = np.array([[[[0]], [[16]]]])
        >>> declaration(images, infer_range(images))
        'value_range=(0, 16)'
    """
    limits = inferred[:2] if is_usual(inferred) else _extremes(images, "reference")
    return "value_range=({}, {})".format(*ends(*limits))


def ends(low: float, high: float) -> tuple[str, str]:
    """The ends of a range as text that tells them apart, and that Python reads as numbers.

    Example:
        >>> ends(0, 1), ends(1e6, 1e6 + 2), ends(-0.5, 65535.0)
        (('0', '1'), ('1000000', '1000002'), ('-0.5', '65535'))
        >>> ends(0, 1e-30), ends(0.1, 0.1 + 1e-9), ends(0, 1e20)
        (('0', '1e-30'), ('0.1', '0.100000001'), ('0', '1e+20'))
    """
    size, width = max(abs(low), abs(high)), abs(high - low)
    apart = math.ceil(math.log10(size / width)) + 2 if 0 < width < size < math.inf else 0
    digits = min(max(6, apart), 17)
    return _plain(low, digits), _plain(high, digits)


def _plain(number: float, digits: int) -> str:
    """A number in so many digits; as long as it can be read, without an exponent."""
    text = f"{number:.{digits}g}"
    return f"{float(text):.15g}" if "e+" in text and abs(number) < 1e15 else text
