"""Scores: numbers that compare outputs with references.

Each score is computed from two histograms or from the sums of a record, and is an
array `(channels,)`: first that of all channels, then that of each where there are
several. A score that is undefined (no finite value, no spread in the reference) is
NaN, never 0.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np

from tb_meanpixel.statistics.correlations import image_correlations
from tb_meanpixel.statistics.failures import failed_shares
from tb_meanpixel.statistics.folds import deal_into_folds
from tb_meanpixel.statistics.histogram import FloatArray, Histogram, require_same_edges
from tb_meanpixel.statistics.image_statistics import ImageStatistics, LimitSums
from tb_meanpixel.statistics.image_values import ImageValues
from tb_meanpixel.statistics.images import colour_count
from tb_meanpixel.statistics.pairs import PairSums
from tb_meanpixel.statistics.record import Record
from tb_meanpixel.statistics.repeats import repeats
from tb_meanpixel.statistics.significance import (
    TESTED,
    paired_tests,
    permutation_tests,
    smallest_bias,
)
from tb_meanpixel.statistics.spatial import (
    SpatialSums,
    with_mean_of_colours,
    with_sum_of_colours,
)
from tb_meanpixel.statistics.structure import StructureSums

# Contrasts below this share of the greatest possible one are what float32 leaves of none.
_ROUNDING = 1e-6


def wasserstein(
    first: Histogram, second: Histogram, limits: tuple[LimitSums, LimitSums] | None = None
) -> FloatArray:
    """Wasserstein-1 distance of the finite values `(...)`, in intensity units.

    How far intensities must be moved on average to turn one distribution into
    the other: the area between the two cumulative distribution functions
    (Vallender 1974). From binned counts it is off by up to one bin width in either
    direction; it is never less than the difference of the exact means.

    With `limits`, the sums of both sides of what lies outside, values out of range count with
    their distance: exact where one side has none there. Without, as if they lay at the limit.

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
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        between = np.abs(_cumulative(first) - _cumulative(second))[..., :-1]
        # At the limits of the range the two differ by what lies outside, on one side of a bin.
        ends = (between[..., 0] + between[..., -1]) / 2
        distance: FloatArray = first.width * (between.sum(axis=-1) - ends)
        if limits is not None:
            for name in ("excess_below", "excess_above"):
                sums = [getattr(side, name) for side in limits]
                distance = distance + np.abs(sums[0] / first.finite - sums[1] / second.finite)
        return np.maximum(distance, np.abs(first.mean - second.mean))


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
    """Spread of the image means, output over reference `(rows,)`; NaN for a single image."""
    return _ratio(*(_brightness_spread(side) for side in (record.output, record.reference)))


def _brightness_spread(side: ImageStatistics) -> FloatArray:
    """Standard deviation of the mean pixels of which these are a sample: n - 1."""
    count = side.mean_pixels.finite.astype(np.float64)
    spread = side.mean_pixels.std
    if side.values is not None and len(side.values.means) == side.values.seen:
        # Of the values themselves: sums of squares far from 0 would lose digits.
        middle = (side.pixels.low + side.pixels.high) / 2
        with warnings.catch_warnings(), np.errstate(invalid="ignore", over="ignore"):
            warnings.simplefilter("ignore", RuntimeWarning)  # all are NaN
            spread = np.nanstd(side.values.means - middle, axis=0)
        spread = np.where(spread <= 1e-9 * _span(side), 0.0, spread)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > 1, spread * np.sqrt(count / (count - 1)), np.nan)


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


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def scores(record: Record) -> dict[str, FloatArray]:
    """Every score of a record by its name, each `(rows,)`.

    A score is absent, not zero, where it has no meaning or was not recorded: the pair scores
    where outputs and references are not paired, the permutation tests where they are.
    `overall` gives one number for each name; docs/schema.md lists them all.

    The same scores against another baseline (the first epoch, another run) are
    those of `Record(output, reference=<the outputs of the baseline>)`.
    """
    output, reference = record.output, record.reference
    limits = None
    if output.limits is not None and reference.limits is not None:
        limits = output.limits, reference.limits
    by_name = {
        **_of_pixels("output", output.pixels),
        **_of_pixels("reference", reference.pixels),
        "bias": bias(record),
        "drift": wasserstein(output.pixels, reference.pixels, limits),
        "drift_means": wasserstein(output.mean_pixels, reference.mean_pixels),
        "contrast_ratio": contrast_ratio(record),
        "brightness_spread_ratio": brightness_spread_ratio(record),
        **_of_limits("", output),
        **_of_limits("reference_", reference),
        "non_finite": _share(output.pixels.non_finite, output.pixels.total),
        "image_count": _each(output.image_count, output),
        "independent_count": _each(output.independent_count, output),
    }
    if output.spatial is not None and reference.spatial is not None:
        by_name["pixel_spread_ratio"] = pixel_spread_ratio(output.spatial, reference.spatial)
    if output.structure is not None and reference.structure is not None:
        by_name |= _of_structure(record, output.structure, reference.structure)
    if record.pairs is not None:
        by_name |= _of_pairs(record, record.pairs)
    else:
        by_name |= _of_samples(output, reference)
    if output.values is not None and reference.values is not None:
        by_name |= _of_images(output.values, reference.values, record)
    return by_name


def _each(number: float, statistics: ImageStatistics) -> FloatArray:
    """One number for all rows."""
    return np.full(statistics.pixels.sums.shape, float(number))


def _span(statistics: ImageStatistics) -> float:
    return statistics.pixels.high - statistics.pixels.low


def _of_pixels(side: str, pixels: Histogram) -> dict[str, FloatArray]:
    """The intensities of one side: mean, standard deviation, quantiles at 1 % and 99 %."""
    low, high = np.moveaxis(pixels.quantile((0.01, 0.99)), -1, 0)
    return {
        f"{side}_mean": pixels.mean,
        f"{side}_std": pixels.std,
        f"{side}_q01": low,
        f"{side}_q99": high,
    }


def _of_limits(prefix: str, side: ImageStatistics) -> dict[str, FloatArray]:
    """Shares of the finite pixels out of range and at its limits; how far out they are on average.

    Where it was not recorded how many are equal to a limit, those of its bin are counted.
    """
    pixels, limits = side.pixels, side.limits
    by_name = {
        f"{prefix}below_range": _share(pixels.underflow, pixels.finite),
        f"{prefix}above_range": _share(pixels.overflow, pixels.finite),
    }
    if limits is None:
        return by_name | {
            f"{prefix}at_low": _share(pixels.counts[..., 0], pixels.finite),
            f"{prefix}at_high": _share(pixels.counts[..., -1], pixels.finite),
        }
    with np.errstate(invalid="ignore", divide="ignore"):
        return by_name | {
            f"{prefix}at_low": _share(limits.at_low, pixels.finite),
            f"{prefix}at_high": _share(limits.at_high, pixels.finite),
            f"{prefix}excess_below": limits.excess_below / pixels.finite,
            f"{prefix}excess_above": limits.excess_above / pixels.finite,
        }


def _of_structure(
    record: Record, output: StructureSums, reference: StructureSums
) -> dict[str, FloatArray]:
    """Sharpness, pattern and chroma."""
    by_name = {}
    sides = (output, reference)
    with np.errstate(invalid="ignore", divide="ignore"):
        gradients = [
            with_sum_of_colours(side.neighbour_squares) / with_sum_of_colours(side.neighbours)
            for side in sides
        ]
        by_name["sharpness"] = np.sqrt(_ratio(*gradients))
        strengths = [with_mean_of_colours(side.pattern / side.pattern_images) for side in sides]
        grey_levels = 255 / _span(record.output)
        by_name["pattern"] = grey_levels * np.sqrt(np.maximum(0.0, strengths[0] - strengths[1]))
    if colour_count(len(output.pattern)) == 3:
        spreads = [
            _chroma(side, structure)
            for side, structure in zip((record.output, record.reference), sides, strict=True)
        ]
        overall_only = np.full(len(output.pattern) + 1, np.nan)
        overall_only[0] = float(_ratio(np.array(spreads[0]), np.array(spreads[1])))
        by_name["chroma_ratio"] = overall_only
    return by_name


def _chroma(side: ImageStatistics, structure: StructureSums) -> float:
    """Spread of the colours about the grey of their pixel; a tint of all pixels is none."""
    means = side.pixels.mean[1:4]
    tint = float(np.mean((means - means.mean()) ** 2))
    mean_square = (
        float(structure.chroma_squares[0]) / 3 / max(1.0, float(structure.chroma_pixels[0]))
    )
    variance = mean_square - tint
    # float32 sums are right to a millionth.
    return 0.0 if variance <= 1e-6 * mean_square else variance**0.5


def _of_pairs(record: Record, pairs: PairSums) -> dict[str, FloatArray]:
    return {
        "correlation": correlation(pairs),
        "paired_t": paired_t(pairs),
        **image_correlations(record.output, record.reference, pairs),
    }


def _of_samples(output: ImageStatistics, reference: ImageStatistics) -> dict[str, FloatArray]:
    """Near copies, and tests of chance; none where no details were recorded."""
    if output.details is None or reference.details is None:
        return {}
    out, ref = output.details.in_order(), reference.details.in_order()
    found = repeats(out.thumbnails, ref.thumbnails, _span(output))
    by_name = {name: _each(number, output) for name, number in found._asdict().items()}
    folds = deal_into_folds(out, ref, output.pixels.low, output.pixels.high)
    if folds is None:  # too few images
        return by_name | {name: _each(np.nan, output) for name in TESTED}
    return by_name | permutation_tests(*folds)


def _of_images(
    output: ImageValues, reference: ImageValues, record: Record
) -> dict[str, FloatArray]:
    """What single images tell: failures, chance, the median of the contrasts' ratios."""
    pixels = record.output.pixels
    by_name = failed_shares(output, reference, record.pairs, pixels.low, pixels.high)
    is_paired = record.pairs is not None and len(output.means) == len(reference.means)
    by_name["smallest_bias"] = smallest_bias(output, reference, paired=is_paired)
    if is_paired:
        by_name |= paired_tests(output, reference)
        ratios = _ratio(output.contrasts, reference.contrasts)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # all are NaN
            by_name["contrast_ratio_median"] = np.nanmedian(ratios, axis=0)
    return by_name


def overall(by_name: Mapping[str, FloatArray]) -> dict[str, float]:
    """One number for each score: that of all channels, but the worst channel's drift.

    A colour cast moves the channels apart and may leave their mean in place, so
    `drift` and `drift_means` are the worst colour's, and with three colours
    `color_cast` is added: the greatest channel bias less the least.
    """
    return {name: float(number) for name, number in overall_scores(by_name).items()}


def overall_scores(by_name: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The same of scores `(..., channels)` with any leading axes, which stay."""
    numbers = {name: values[..., 0] for name, values in by_name.items()}
    rows = by_name["drift"].shape[-1]
    if rows == 1:
        return numbers
    colours = slice(1, 1 + colour_count(rows - 1))
    for name in ("drift", "drift_means"):
        numbers[name] = by_name[name][..., colours].max(axis=-1)
    if "drift_p" in by_name:  # of the channel that is told, one of several looked at
        worst = by_name["drift"][..., colours].argmax(axis=-1)
        p = np.take_along_axis(by_name["drift_p"][..., colours], worst[..., np.newaxis], axis=-1)
        numbers["drift_p"] = np.minimum(1.0, colour_count(rows - 1) * p[..., 0])
    if colour_count(rows - 1) == 3:
        numbers["color_cast"] = np.ptp(by_name["bias"][..., colours], axis=-1)
    return numbers


def _contrast(statistics: ImageStatistics) -> FloatArray:
    """Root mean square contrast; what rounding leaves of flat images counts as none."""
    contrast = np.sqrt(_mean_square(statistics.contrasts))
    return np.where(contrast <= _ROUNDING * statistics.contrasts.high, 0.0, contrast)


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


def _share(part: FloatArray | np.ndarray, whole: FloatArray | np.ndarray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.divide(part, whole)
