"""The statistics of one side of a stream: all that is kept of its images."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from tb_meanpixel.statistics.details import ImageDetails
from tb_meanpixel.statistics.histogram import FloatArray, Histogram
from tb_meanpixel.statistics.image_values import ImageValues
from tb_meanpixel.statistics.spatial import SpatialSums
from tb_meanpixel.statistics.structure import StructureSums
from tb_meanpixel.statistics.value_range import ValueRange

# Counted and scored with this many bins: then every 8-bit level has a bin of
# its own, and the binning error of a distance is half a grey level.
SCORED_BINS = 256


@dataclass(frozen=True, eq=False)
class LimitSums:
    """Pixels at the limits of the range and outside of it, each float64 `(rows,)`.

    Attributes:
        at_low, at_high: how many are equal to a limit.
        excess_below, excess_above: sum of the distances of those outside, intensity units.
    """

    at_low: FloatArray
    at_high: FloatArray
    excess_below: FloatArray
    excess_above: FloatArray

    def __add__(self, other: LimitSums) -> LimitSums:
        names = [field.name for field in fields(self)]
        return LimitSums(*(getattr(self, name) + getattr(other, name) for name in names))


@dataclass(frozen=True, eq=False)
class ImageStatistics:
    """The statistics of one side (the outputs or the references) of a stream.

    Rows are "all", which is the colours together, then each channel. What is None was not
    recorded: by an older version, or by a metric, which sees images only as they pass by.

    Attributes:
        mean_pixels: histogram of `image_means`, one value an image and row.
        contrasts: histogram of `image_contrasts`, between 0 and half the range.
        pixels: histogram of every pixel.
        spatial: sums of each pixel over the images.
        values: the mean pixels and contrasts themselves.
        limits: pixels at the limits and outside.
        structure: sums of neighbours, patterns and chroma.
        details: numbers of up to 4,096 single images; None where pairs tell more.
    """

    mean_pixels: Histogram
    contrasts: Histogram
    pixels: Histogram
    spatial: SpatialSums | None = None
    values: ImageValues | None = None
    limits: LimitSums | None = None
    structure: StructureSums | None = None
    details: ImageDetails | None = None

    @property
    def image_count(self) -> int:
        return int(self.mean_pixels.total[0])

    @property
    def independent_count(self) -> int:
        """Images that are independent of each other: groups where there are any."""
        grouped = self.values is not None and self.values.groups is not None
        return self.values.independent_count if grouped else self.image_count  # type: ignore[union-attr]

    def __add__(self, other: ImageStatistics) -> ImageStatistics:
        """The statistics of both batches of images as one."""
        return ImageStatistics(
            self.mean_pixels + other.mean_pixels,
            self.contrasts + other.contrasts,
            self.pixels + other.pixels,
            _sum(self.spatial, other.spatial),
            _sum(self.values, other.values),
            _sum(self.limits, other.limits),
            _sum(self.structure, other.structure),
            _sum(self.details, other.details),
        )


def _sum(first: Any, second: Any) -> Any:
    return None if first is None or second is None else first + second


def check_bins(bins: object) -> int:
    """Return `bins`, or raise ValueError unless 256 counted bins can be joined to so many."""
    if not isinstance(bins, int | np.integer) or bins < 2 or SCORED_BINS % bins:
        raise ValueError(f"bins must be a power of two from 2 to {SCORED_BINS}; got {bins!r}")
    return int(bins)


def contrast_range(value_range: ValueRange) -> tuple[float, float]:
    """Limits of the contrast histogram.

    Values between low and high cannot have a standard deviation above half
    their range (Popoviciu's inequality).
    """
    return 0.0, (value_range.high - value_range.low) / 2
