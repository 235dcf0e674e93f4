"""Images dealt into folds: what a test of chance permutes where outputs reproduce no reference."""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray, IntArray
from tb_meanpixel.statistics.image_statistics import ImageStatistics
from tb_meanpixel.statistics.images import Array, colour_count
from tb_meanpixel.statistics.measuring import measure_images
from tb_meanpixel.statistics.planes import Indices
from tb_meanpixel.statistics.value_range import ValueRange

# 8 folds a side can be divided in 12,870 ways. With 4 there are 70, and no difference
# can be rarer than one in 35.
FOLDS = 8

# Fine enough to compare distributions, and a fourth of the arithmetic.
_BINS = 64

#: With fewer images on one side, the folds of both sides have as many: folds of few and of many
#: images would not be exchangeable.
EQUAL_BELOW = 32

# Spreads are compared by their logarithms: what is less than this share of the range is as good
# as none.
_LEAST_SPREAD = 1e-4


@dataclass(frozen=True, eq=False)
class Folds:
    """What is compared of each fold of one side, first axis the fold.

    Attributes:
        means: float64 `(folds, rows)`, mean of the pixels.
        casts: each channel's mean less the mean of the colours.
        shares: `(folds, rows, 66)`, share of the pixels up to the end of each cell.
        at_low, at_high, outside: shares of the pixels.
        contrasts, brightness_spreads, pixel_spreads: their logarithms.
    """

    means: FloatArray
    casts: FloatArray
    shares: FloatArray
    at_low: FloatArray
    at_high: FloatArray
    outside: FloatArray
    contrasts: FloatArray
    brightness_spreads: FloatArray
    pixel_spreads: FloatArray

    @classmethod
    def of(cls, parts: list[ImageStatistics]) -> Folds:
        """The folds whose statistics these are."""
        floor = _LEAST_SPREAD * (parts[0].pixels.high - parts[0].pixels.low)
        per_fold = [_features(part, floor) for part in parts]
        return cls(*(np.stack(columns) for columns in zip(*per_fold, strict=True)))


def _features(part: ImageStatistics, floor: float) -> tuple[FloatArray, ...]:
    pixels = part.pixels.rebin(_BINS)
    assert part.limits is not None
    assert part.spatial is not None
    with np.errstate(invalid="ignore", divide="ignore"):
        finite = pixels.finite
        means = pixels.mean
        colours = means[1:][: colour_count(len(means) - 1)] if len(means) > 1 else means
        cells = pixels.cells[..., : _BINS + 2]
        shares = np.cumsum(cells, axis=-1) / finite[..., np.newaxis]
        squares = part.contrasts.squares / part.contrasts.finite
        number = part.mean_pixels.finite
        spread = part.mean_pixels.std * np.sqrt(number / (number - 1.0))
        return (
            means,
            means - colours.mean(),
            shares,
            part.limits.at_low / finite,
            part.limits.at_high / finite,
            (pixels.underflow + pixels.overflow) / finite,
            np.log(np.maximum(np.sqrt(squares), floor)),
            np.log(np.maximum(spread, floor)),
            np.log(np.maximum(part.spatial.spread, floor)),
        )


def measure_in_folds(
    images: Array, value_range: ValueRange, others: int, groups: Any = None
) -> tuple[ImageStatistics, Folds | None]:
    """The statistics of a side, and its folds; None where there are too few images.

    Args:
        images: `(batch, height, width, channels)`.
        value_range: limits of the histograms.
        others: images of the other side.
        groups: a label of each image, or None; a group is never divided.
    """
    dealt = deal(len(images), others, groups)
    if dealt is None:
        return measure_images(images, value_range, groups=groups), None
    parts = [
        measure_images(images, value_range, np.flatnonzero(dealt == fold), groups)
        for fold in range(FOLDS)
    ]
    folds = Folds.of(parts)
    rest: Indices = np.flatnonzero(dealt < 0)
    if rest.size:
        parts.append(measure_images(images, value_range, rest, groups))
    return functools.reduce(operator.add, parts), folds


def deal(count: int, others: int, groups: Any = None) -> IntArray | None:
    """The fold of each image `(count,)`, -1 for none; None for fewer than 8 images or groups.

    A seeded shuffle: neighbours that are alike would make the folds of one side too equal if
    they were dealt one after another.

    Example: 8 images, one in each fold.
        >>> sorted(deal(8, 8).tolist())
        [0, 1, 2, 3, 4, 5, 6, 7]
    """
    labels = np.arange(count) if groups is None else np.unique(groups, return_inverse=True)[1]
    units = int(labels.max()) + 1
    if min(units, others) < FOLDS:
        return None
    random = np.random.default_rng(0)
    used = min(units, others) if min(units, others) < EQUAL_BELOW else units
    fold_of_unit = np.full(units, -1)
    fold_of_unit[random.permutation(units)[:used]] = np.arange(used) % FOLDS
    return fold_of_unit[labels]
