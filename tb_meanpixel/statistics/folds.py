"""Images dealt into folds: what a test of chance permutes where outputs reproduce no reference."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from tb_meanpixel.statistics.details import ImageDetails
from tb_meanpixel.statistics.histogram import FloatArray, IntArray
from tb_meanpixel.statistics.images import Array, colour_count
from tb_meanpixel.statistics.spatial import SpatialSums, with_sum_of_colours

# 8 folds a side can be divided in 12,870 ways. With 4 there are 70, and no difference
# can be rarer than one in 35.
FOLDS = 8

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
        contrasts, brightness_spreads, pixel_spreads: their logarithms; the last of 128 pixels
            at the same places in all images.
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
    def of(cls, parts: list[ImageDetails], low: float, high: float) -> Folds:
        """The folds that hold these images; `low` and `high` are the range."""
        per_fold = [_features(part, low, high) for part in parts]
        return cls(*(np.stack(columns) for columns in zip(*per_fold, strict=True)))


def deal_into_folds(
    output: ImageDetails, reference: ImageDetails, low: float, high: float
) -> tuple[Folds, Folds] | None:
    """The folds of both sides, of up to 4,096 images each; None where there are too few images.

    What is dealt is in the order that it has, see `ImageDetails.in_order`.

    Example: 16 images a side.
        >>> from tb_meanpixel.statistics.measuring import measure_images
        >>> from tb_meanpixel.statistics.value_range import ValueRange
        >>> images = np.random.default_rng(0).random((16, 4, 4, 1))
        >>> side = measure_images(images, ValueRange(0, 1, "declared"), with_details=True).details
        >>> deal_into_folds(side, side, 0, 1)[0].shares.shape
        (8, 1, 66)
    """
    units = [len(np.unique(_labels(side))) for side in (output, reference)]
    sides = []
    for side, others in ((output, units[1]), (reference, units[0])):
        dealt = deal(len(side.keys), others, side.groups)
        if dealt is None:
            return None
        parts = [side.of(np.flatnonzero(dealt == fold)) for fold in range(FOLDS)]
        sides.append(Folds.of(parts, low, high))
    return sides[0], sides[1]


def _labels(side: ImageDetails) -> Array:
    return np.arange(len(side.keys)) if side.groups is None else side.groups


def _features(part: ImageDetails, low: float, high: float) -> tuple[FloatArray, ...]:
    floor = _LEAST_SPREAD * (high - low)
    middle = (low + high) / 2
    cells = with_sum_of_colours(part.cells.sum(axis=0, dtype=np.float64))
    at_low, at_high = (with_sum_of_colours(ends) for ends in part.limits.sum(axis=0, dtype=float))
    finite = cells.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # all are NaN
        means = middle + with_sum_of_colours(part.sums.sum(axis=0)) / finite
        colours = means[1:][: colour_count(len(means) - 1)] if len(means) > 1 else means
        return (
            means,
            means - colours.mean(),
            np.cumsum(cells, axis=-1) / finite[..., np.newaxis],
            at_low / finite,
            at_high / finite,
            (cells[..., 0] + cells[..., -1]) / finite,
            np.log(np.maximum(np.sqrt(np.nanmean(part.contrasts**2, axis=0)), floor)),
            np.log(np.maximum(np.nanstd(part.means - middle, axis=0, ddof=1), floor)),
            np.log(np.maximum(_pixel_spread(part.pixels), floor)),
        )


def _pixel_spread(pixels: Array) -> FloatArray:
    """How much pixels `(n, places, channels)` vary from image to image `(rows,)`."""
    exact = pixels.astype(np.float64)
    counted = np.isfinite(exact)
    kept = np.where(counted, exact, 0.0)
    sums = SpatialSums(
        kept.sum(axis=0)[np.newaxis],
        (kept**2).sum(axis=(0, 1)),
        counted.sum(axis=0)[np.newaxis].astype(np.float64),
        0.0,
    )
    return sums.spread


def deal(count: int, others: int, groups: Array | None = None) -> IntArray | None:
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
