"""Scores: numbers that compare outputs with references.

Each score is computed from two histograms or from the sums of a record, and is an
array `(channels,)`: first that of all channels, then that of each where there are
several. A score that is undefined (no finite value, no spread in the reference) is
NaN, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray, Histogram, require_same_edges
from tb_meanpixel.statistics.image_statistics import ImageStatistics, SpatialSums
from tb_meanpixel.statistics.record import PairSums, Record
from tb_meanpixel.statistics.significance import permutation_p


def wasserstein(first: Histogram, second: Histogram) -> FloatArray:
    """Wasserstein-1 distance of the finite values `(...)`, in intensity units.

    How far intensities must be moved on average to turn one distribution into
    the other: the area between the two cumulative distribution functions
    (Vallender 1974). From binned counts it is off by up to one bin width in either
    direction; it is never less than the difference of the exact means. Values out of
    range count as if they lay half a bin outside.

    Raises:
        ValueError: if the histograms have other edges.

    Example: every value shifted by 0.25 is a distance of 0.25.
        >>> from tb_meanpixel.statistics.histogram import count_values
        >>> a = count_values(np.array([0.0, 0.5]), 0, 1, 4)
        >>> b = count_values(np.array([0.25, 0.75]), 0, 1, 4)
        >>> float(wasserstein(a, b))
        0.25
    """
    require_same_edges(first, second)
    with np.errstate(invalid="ignore", divide="ignore"):
        between = _cumulative(first) - _cumulative(second)
        binned = first.width * np.abs(between[..., :-1]).sum(axis=-1)
        distance: FloatArray = np.maximum(binned, np.abs(first.mean - second.mean))
        return distance


def _cumulative(histogram: Histogram) -> FloatArray:
    """Share of finite values up to the end of each cell: underflow, bins, overflow."""
    cells = histogram.cells[..., : histogram.bins + 2]
    return np.divide(np.cumsum(cells, axis=-1), histogram.finite[..., np.newaxis])


def bias(record: Record) -> FloatArray:
    """Mean of the outputs less mean of the references `(channels,)`; below 0 is darker."""
    return record.output.pixels.mean - record.reference.pixels.mean


def contrast_ratio(record: Record) -> FloatArray:
    """Contrast inside the images, output over reference `(channels,)`.

    Ratio of root mean square contrasts: 1 for equal contrast, 0 for flat outputs.
    """
    return _ratio(_contrast(record.output), _contrast(record.reference))


def brightness_spread_ratio(record: Record) -> FloatArray:
    """Spread of the image means, output over reference `(channels,)`."""
    return _ratio(record.output.mean_pixels.std, record.reference.mean_pixels.std)


def pixel_spread_ratio(output: SpatialSums, reference: SpatialSums) -> FloatArray:
    """How much a pixel varies from image to image, output over reference `(channels,)`.

    0 when every output is the same image: posterior or mode collapse.
    """
    return _ratio(output.spread, reference.spread)


def correlation(pairs: PairSums) -> FloatArray:
    """Pearson correlation of paired image means `(channels,)`, -1..1; NaN without spread."""
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_output, mean_reference = pairs.output / pairs.count, pairs.reference / pairs.count
        covariance = pairs.products / pairs.count - mean_output * mean_reference
        spreads = _spread(pairs.output_squares, mean_output, pairs.count) * _spread(
            pairs.reference_squares, mean_reference, pairs.count
        )
        return np.clip(_ratio(covariance, spreads), -1.0, 1.0)


def paired_t(pairs: PairSums) -> FloatArray:
    """Student's t of the paired differences of image means `(channels,)`.

    Beyond about 2.6 in either direction a bias is no accident of sampling
    (1 % level, many images). NaN for fewer than two pairs or equal differences.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (pairs.output - pairs.reference) / pairs.count
        spread = _spread(pairs.difference_squares, mean, pairs.count)
        return _ratio(mean * np.sqrt(pairs.count - 1), spread)


def scores(record: Record) -> dict[str, FloatArray]:
    """Every score of a record by its name, each `(channels,)`.

    A score is absent, not zero, where it has no meaning: the pair scores where
    outputs and references are not paired, the permutation tests where they are,
    `pixel_spread_ratio` in the record of a metric. `overall` gives one number for each name.

    The same scores against another baseline (the first epoch, another run) are
    those of `Record(output, reference=<the outputs of the baseline>)`.
    """
    output, reference = record.output, record.reference
    by_name = {
        **_of_pixels("output", output.pixels),
        **_of_pixels("reference", reference.pixels),
        "bias": bias(record),
        "drift": wasserstein(output.pixels, reference.pixels),
        "drift_means": wasserstein(output.mean_pixels, reference.mean_pixels),
        "contrast_ratio": contrast_ratio(record),
        "brightness_spread_ratio": brightness_spread_ratio(record),
        **_of_positions(output.spatial, reference.spatial),
        **_of_limits("", output.pixels),
        **_of_limits("reference_", reference.pixels),
        "non_finite": _share(output.pixels.non_finite, output.pixels),
    }
    if record.pairs is not None:
        by_name["correlation"] = correlation(record.pairs)
        by_name["paired_t"] = paired_t(record.pairs)
    if record.folds is not None:
        by_name["bias_p"], by_name["drift_p"] = permutation_p(*record.folds)
    return by_name


def _of_pixels(side: str, pixels: Histogram) -> dict[str, FloatArray]:
    """The intensities of one side: mean, standard deviation, quantiles at 1 % and 99 %."""
    low, high = np.moveaxis(pixels.quantile((0.01, 0.99)), -1, 0)
    return {
        f"{side}_mean": pixels.mean,
        f"{side}_std": pixels.std,
        f"{side}_q01": low,
        f"{side}_q99": high,
    }


def _of_limits(prefix: str, pixels: Histogram) -> dict[str, FloatArray]:
    """Shares of the pixels that lie outside the range, and in its first and last bin."""
    return {
        f"{prefix}below_range": _share(pixels.underflow, pixels),
        f"{prefix}above_range": _share(pixels.overflow, pixels),
        f"{prefix}at_low": _share(pixels.counts[..., 0], pixels),
        f"{prefix}at_high": _share(pixels.counts[..., -1], pixels),
    }


def _of_positions(
    output: SpatialSums | None, reference: SpatialSums | None
) -> dict[str, FloatArray]:
    return (
        {"pixel_spread_ratio": pixel_spread_ratio(output, reference)}
        if output and reference
        else {}
    )


def overall(by_name: Mapping[str, FloatArray]) -> dict[str, float]:
    """One number for each score: that of all channels, but the worst channel's drift.

    A colour cast moves the channels apart and may leave their mean in place, so
    `drift` and `drift_means` are the worst channel's, and with several channels
    `color_cast` is added: the greatest channel bias less the least.
    """
    return {name: float(number) for name, number in overall_scores(by_name).items()}


def overall_scores(by_name: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The same of scores `(..., channels)` with any leading axes, which stay."""
    numbers = {name: values[..., 0] for name, values in by_name.items()}
    if by_name["drift"].shape[-1] > 1:
        for name in ("drift", "drift_means"):
            numbers[name] = by_name[name][..., 1:].max(axis=-1)
        numbers["color_cast"] = np.ptp(by_name["bias"][..., 1:], axis=-1)
    return numbers


def _contrast(statistics: ImageStatistics) -> FloatArray:
    """Root mean square contrast; what rounding leaves of flat images counts as none."""
    squares = _mean_square(statistics.contrasts)
    return np.sqrt(np.where(squares <= 1e-12 * _mean_square(statistics.pixels), 0.0, squares))


def _mean_square(histogram: Histogram) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.divide(histogram.squares, histogram.finite)


def _spread(squares: FloatArray, mean: FloatArray, count: FloatArray) -> FloatArray:
    """Population standard deviation from sums; rounding errors count as no spread."""
    mean_square = squares / count
    variance = mean_square - mean**2
    return np.sqrt(np.where(variance <= 1e-12 * mean_square, 0.0, variance))


def _ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(denominator > 0, np.divide(numerator, denominator), np.nan)


def _share(part: FloatArray | np.ndarray, whole: Histogram) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.divide(part, whole.total)
