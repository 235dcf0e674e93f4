"""From images to their statistics: the one place where pixels become numbers.

One pass: a chunk of images is laid out in planes, and while it is in the cache everything is
computed of it. A chunk with a value that is not finite takes a slower way, with the same result.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_meanpixel.statistics import thumbnails
from tb_meanpixel.statistics.histogram import FloatArray, Histogram, count_values
from tb_meanpixel.statistics.image_statistics import (
    SCORED_BINS,
    ImageStatistics,
    LimitSums,
    contrast_range,
)
from tb_meanpixel.statistics.image_values import MAX_IMAGES, ImageValues
from tb_meanpixel.statistics.images import Array, subset_indices
from tb_meanpixel.statistics.level_counts import LevelCounts
from tb_meanpixel.statistics.planes import Indices, as_planes, chunks, images_at_once
from tb_meanpixel.statistics.spatial import (
    SpatialSums,
    with_mean_of_colours,
    with_sum_of_colours,
)
from tb_meanpixel.statistics.structure import StructureSums, structure_of
from tb_meanpixel.statistics.value_range import ValueRange

# An image's mean pixel and contrast are those of its finite pixels, if so many are finite.
_LEAST_FINITE_SHARE = 0.5


@np.errstate(over="ignore", invalid="ignore")  # a sum of 1e300 squared is infinite, and says so
def measure_images(
    images: Array, value_range: ValueRange, chosen: Indices | None = None, groups: Any = None
) -> ImageStatistics:
    """The statistics of images `(batch, height, width, channels)`.

    Args:
        images: finite or not; of any integer or float type and any memory layout.
        value_range: limits of the histograms.
        chosen: indices of the images to measure; None: all.
        groups: `(batch,)`, a label of each image; None: each is independent.

    Example: two flat images, 0.25 and 0.75.
        >>> unit = ValueRange(0, 1, "declared")
        >>> flat = np.ones((2, 8, 8, 1)) * [[[[0.25]]], [[[0.75]]]]
        >>> measured = measure_images(flat, unit)
        >>> measured.mean_pixels.mean, measured.spatial.spread.round(4)
        (array([0.5]), array([0.3536]))
    """
    count = len(images) if chosen is None else len(chosen)
    side = _Side(images, count, value_range)
    for run, chunk in chunks(images, chosen):
        side.add(run, as_planes(chunk))
    labels = None if groups is None else np.asarray(groups)
    return side.statistics(labels if labels is None or chosen is None else labels[chosen])


def measure_where(
    images: Array, counted: Array, value_range: ValueRange, groups: Any
) -> ImageStatistics:
    """The statistics of the pixels `counted` (bool, as the images), and of NaN and infinities.

    What is finite but not counted is left out of everything.
    """
    count = len(images)
    side = _Side(images, count, value_range)
    for run, chunk in chunks(images):
        planes = as_planes(chunk)
        left_out = np.isfinite(planes) & ~np.moveaxis(counted[run], -1, 0)
        side.add(run, planes, left_out)
    return side.statistics(None if groups is None else np.asarray(groups))


class _Side:
    """The sums of one side while its images pass by."""

    def __init__(self, images: Array, count: int, value_range: ValueRange) -> None:
        _, self._height, self._width, self._channels = images.shape
        self._range = value_range
        self._middle = (value_range.low + value_range.high) / 2
        self._counts = LevelCounts(self._channels, *value_range[:2], images.dtype)
        shape = (self._channels, self._height, self._width)
        # Kept from chunk to chunk: to ask for new memory takes as long as to fill it.
        self._exact = np.empty((images_at_once(images), self._height, self._width))
        self._spatial, self._spatial_count = np.zeros(shape), np.zeros(shape)
        self._is_whole = True  # until a value is not finite
        self._images = 0
        # Of each channel and image: pixels, sum and sum of squares about the middle.
        self._numbers = np.zeros((3, self._channels, count))
        self._structure: StructureSums | None = None
        self._thumbnails: list[FloatArray] = []
        self._chosen = np.zeros(count, bool)
        self._chosen[subset_indices(count, thumbnails.MAX_IMAGES)] = True

    def add(self, run: slice, planes: Array, left_out: Array | None = None) -> None:
        """Add planes `(channels, images, height, width)`; bool `left_out` has their shape."""
        channels, images = planes.shape[:2]
        if left_out is None and np.isfinite(planes.sum(dtype=np.float64)):
            self._counts.add(planes.reshape(channels, -1))
            for channel, plane in enumerate(planes):
                self._add_moments(run, channel, plane)
            self._spatial_count += images
        else:
            planes = self._add_some(run, planes, left_out)
        self._images += images
        structure, blocks = structure_of(planes)
        self._structure = structure if self._structure is None else self._structure + structure
        chosen = self._chosen[run]
        if chosen.any():
            self._thumbnails.append(blocks[chosen])

    def _add_moments(self, run: slice, channel: int, plane: Array) -> None:
        """Add the sums of one channel's finite images `(images, height, width)`."""
        with np.errstate(over="ignore"):
            exact = self._exact[: len(plane)]
            centred = np.subtract(plane, self._middle, out=exact, dtype=np.float64)
            by_image = centred.reshape(len(plane), -1)
            self._numbers[0, channel, run] = by_image.shape[1]
            self._numbers[1, channel, run] = by_image.sum(axis=-1)
            self._numbers[2, channel, run] = np.einsum("ip,ip->i", by_image, by_image)
            # A sum over one image would be a copy.
            self._spatial[channel] += centred[0] if len(plane) == 1 else centred.sum(axis=0)

    def _add_some(self, run: slice, planes: Array, left_out: Array | None) -> Array:
        """The same where some values do not count; returns the planes with NaN in their places."""
        for channel, plane in enumerate(planes):
            kept = plane if left_out is None else plane[~left_out[channel]]
            self._counts.add_some(kept.ravel(), channel)
        counted = np.isfinite(planes)
        if left_out is not None:
            counted &= ~left_out
            planes = np.where(left_out, np.nan, planes).astype(planes.dtype, copy=False)
        with np.errstate(invalid="ignore"):
            kept = np.where(counted, planes.astype(np.float64) - self._middle, 0.0)
        channels, images = planes.shape[:2]
        self._numbers[0, :, run] = counted.reshape(channels, images, -1).sum(axis=-1)
        with np.errstate(over="ignore"):
            self._numbers[1, :, run] = kept.reshape(channels, images, -1).sum(axis=-1)
            self._numbers[2, :, run] = (kept.reshape(channels, images, -1) ** 2).sum(axis=-1)
        self._is_whole = False
        self._spatial += kept.sum(axis=1)
        self._spatial_count += counted.sum(axis=1)
        return planes

    def statistics(self, groups: Any) -> ImageStatistics:
        """All that was added."""
        numbers, sums, squares = self._numbers
        low, high, _ = self._range
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            offsets, mean_squares = sums / numbers, squares / numbers
            variances = mean_squares - offsets**2
            # The difference of two equal numbers leaves their rounding errors.
            variances = np.where(variances <= 1e-12 * mean_squares, 0.0, variances)
            means = offsets + self._middle
            totals = np.where(numbers > 0, numbers * means, 0.0).sum(axis=1)
            of_squares = numbers * (variances + means**2)
            total_squares = np.where(numbers > 0, of_squares, 0.0).sum(axis=1)
        is_told = numbers >= _LEAST_FINITE_SHARE * self._height * self._width
        means, variances = (np.where(is_told, each, np.nan) for each in (means, variances))
        means = with_mean_of_colours(means).T
        contrasts = np.sqrt(with_mean_of_colours(variances)).T
        cells = self._counts.finish()
        kept = slice(None)
        if len(means) > MAX_IMAGES:
            kept = subset_indices(len(means), MAX_IMAGES)  # type: ignore[assignment]
        return ImageStatistics(
            mean_pixels=count_values(means, low, high, SCORED_BINS),
            contrasts=count_values(contrasts, *contrast_range(self._range), SCORED_BINS),
            pixels=Histogram(float(low), float(high), cells, totals, total_squares).with_all(),
            spatial=SpatialSums(
                np.moveaxis(self._spatial, 0, -1),
                squares.sum(axis=1),
                self._images if self._is_whole else np.moveaxis(self._spatial_count, 0, -1),
                self._middle,
            ),
            values=ImageValues(
                means[kept], contrasts[kept], len(means), None if groups is None else groups[kept]
            ),
            limits=LimitSums(
                *(
                    with_sum_of_colours(getattr(self._counts, name))
                    for name in ("at_low", "at_high", "excess_below", "excess_above")
                )
            ),
            structure=self._structure,
            thumbnails=np.concatenate(self._thumbnails),
        )
