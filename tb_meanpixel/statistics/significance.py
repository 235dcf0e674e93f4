"""Is a difference from the reference more than an accident of sampling?

The unit of sampling is the image: pixels of one image are alike, and a test that
takes them for independent calls every difference significant. Where output i
reproduces reference i, `scores.paired_t` tests the differences of the pairs. Where
outputs are samples, this permutation test over folds of images does: each side is
dealt into folds, and a real difference is one that few other ways of dividing all
folds into two sides would show.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import replace

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray, Histogram
from tb_meanpixel.statistics.image_statistics import pixel_histogram
from tb_meanpixel.statistics.images import Array
from tb_meanpixel.statistics.value_range import ValueRange

# 8 folds a side can be divided in 12,870 ways. With 4 there are 70, and no difference
# can be rarer than one in 35.
FOLDS = 8

# Fine enough to compare distributions, and a fourth of the arithmetic.
_BINS = 64


def fold_histograms(images: Array, value_range: ValueRange) -> Histogram:
    """Pixel histograms `(folds, channels)` of `(batch, height, width, channels)`.

    Image i is in fold i modulo 8. A fold of a batch of fewer images is empty.
    """
    folds = [
        pixel_histogram(images[first::FOLDS], value_range, bins=_BINS) for first in range(FOLDS)
    ]
    return replace(
        folds[0],
        cells=np.stack([fold.cells for fold in folds]),
        sums=np.stack([fold.sums for fold in folds]),
        squares=np.stack([fold.squares for fold in folds]),
    )


def permutation_p(output: Histogram, reference: Histogram) -> tuple[FloatArray, FloatArray]:
    """Two-sided p-values `(channels,)` of the bias, and of the Wasserstein distance.

    The share of all divisions of the folds into two halves that differ at least as
    much as outputs and references do. NaN where a fold has no finite value: with
    fewer than 8 images on a side there is nothing to permute.

    Args:
        output, reference: histograms `(folds, channels)` from `fold_histograms`.

    Example: 8 black and 8 white images; no division differs more, one as much.
        >>> from tb_meanpixel.statistics.value_range import ValueRange
        >>> unit = ValueRange(0, 1, "declared")
        >>> black = fold_histograms(np.zeros((8, 1, 1, 1)), unit)
        >>> white = fold_histograms(np.ones((8, 1, 1, 1)), unit)
        >>> permutation_p(black, white)[0] * 12870
        array([2.])
    """
    means = np.concatenate([output.mean, reference.mean])  # (16, channels)
    cells = np.concatenate([output.cells, reference.cells])[..., : _BINS + 2]
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.cumsum(cells, axis=-1) / cells.sum(axis=-1, keepdims=True)
    channels = range(means.shape[1])
    by_bias = [_share_as_extreme(means[:, channel, np.newaxis]) for channel in channels]
    by_distance = [_share_as_extreme(shares[:, channel]) for channel in channels]
    return np.array(by_bias), np.array(by_distance)


def _share_as_extreme(features: FloatArray) -> float:
    """Share of the divisions whose halves differ at least as much as the first half's and the rest.

    `features` is `(folds, n)`; halves differ by the sum of the absolute differences of their means.
    """
    if not np.isfinite(features).all():
        return float("nan")
    differences = np.abs(_halves() @ (features / FOLDS)).sum(axis=1)
    # Equal but for rounding is equal: the halves are summed in another order.
    rounding = 1e-12 * np.abs(features).sum(axis=1).max()
    return float(np.mean(differences >= differences[0] - rounding))


@functools.cache
def _halves() -> FloatArray:
    """Every division of 16 folds into two halves, as +1 and -1; the first is as given.

    A division and its mirror image differ by the same amount: one of both is enough.
    """
    chosen = [half for half in itertools.combinations(range(2 * FOLDS), FOLDS) if half[0] == 0]
    signs = np.full((len(chosen), 2 * FOLDS), -1.0)
    np.put_along_axis(signs, np.array(chosen), 1.0, axis=1)
    return signs
