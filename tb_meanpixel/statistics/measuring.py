"""From images to their statistics: the one place where pixels become numbers.

One pass: a chunk of images is laid out in planes, and while it is in the cache everything is
computed of it. A chunk with a value that is not finite takes a slower way, with the same result.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_meanpixel.statistics.detailing import Detailing
from tb_meanpixel.statistics.histogram import FloatArray, Histogram, count_values
from tb_meanpixel.statistics.image_statistics import (
    SCORED_BINS,
    ImageStatistics,
    LimitSums,
    contrast_range,
)
from tb_meanpixel.statistics.image_values import MAX_IMAGES, ImageValues
from tb_meanpixel.statistics.images import Array
from tb_meanpixel.statistics.keys import keys_of, seed_of, smallest
from tb_meanpixel.statistics.level_counts import LevelCounts
from tb_meanpixel.statistics.planes import as_planes, chunks, images_at_once
from tb_meanpixel.statistics.products import PIECE, dots
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
    images: Array,
    value_range: ValueRange,
    *,
    groups: Any = None,
    seed: int | None = None,
    with_details: bool = False,
) -> ImageStatistics:
    """The statistics of images `(batch, height, width, channels)`.

    Args:
        images: finite or not; of any integer or float type and any memory layout.
        value_range: limits of the histograms.
        groups: `(batch,)`, a label of each image; None: each is independent.
        seed: of the images' keys; None: one of the images' own. Pairs have one seed.
        with_details: whether to keep details of single images, too.

    Example: two flat images, 0.25 and 0.75.
        >>> unit = ValueRange(0, 1, "declared")
        >>> flat = np.ones((2, 8, 8, 1)) * [[[[0.25]]], [[[0.75]]]]
        >>> measured = measure_images(flat, unit)
        >>> measured.mean_pixels.mean, measured.spatial.spread.round(4)
        (array([0.5]), array([0.3536]))
    """
    side = _Side(images, value_range, with_details=with_details)
    for run, chunk in chunks(images):
        side.add(run, as_planes(chunk))
    return side.statistics(None if groups is None else np.asarray(groups), seed)


def measure_where(
    images: Array, counted: Array, value_range: ValueRange, groups: Any, seed: int | None = None
) -> ImageStatistics:
    """The statistics of the pixels `counted` (bool, as the images), and of NaN and infinities.

    What is finite but not counted is left out of everything.
    """
    side = _Side(images, value_range)
    for run, chunk in chunks(images):
        planes = as_planes(chunk)
        left_out = np.isfinite(planes) & ~np.moveaxis(counted[run], -1, 0)
        side.add(run, planes, left_out)
    return side.statistics(None if groups is None else np.asarray(groups), seed)


class _Side:
    """The sums of one side while its images pass by."""

    def __init__(
        self, images: Array, value_range: ValueRange, *, with_details: bool = False
    ) -> None:
        count, self._height, self._width, self._channels = images.shape
        self._range = value_range
        self._middle = (value_range.low + value_range.high) / 2
        self._counts = LevelCounts(self._channels, *value_range[:2], images.dtype)
        shape = (self._channels, self._height, self._width)
        # Kept from chunk to chunk: to ask for new memory takes as long as to fill it.
        length = min(PIECE, self._height * self._width)
        self._exact = np.empty((images_at_once(images), length))
        self._ones = np.ones(length)
        self._spatial, self._spatial_count = np.zeros(shape), np.zeros(shape)
        self._is_whole = True  # until a value is not finite
        self._images = self._whole_images = 0
        # Of each channel and image: pixels, sum and sum of squares about the middle.
        self._numbers = np.zeros((3, self._channels, count))
        self._structure: StructureSums | None = None
        self._detailing: Detailing | None = None
        if with_details:
            self._detailing = Detailing(count, value_range, self._counts.cell_of_level)

    def add(self, run: slice, planes: Array, left_out: Array | None = None) -> None:
        """Add planes `(channels, images, height, width)`; bool `left_out` has their shape."""
        channels, images = planes.shape[:2]
        flat = planes.reshape(channels, -1)
        # A value that is not finite is the least or the greatest one, or NaN makes both NaN.
        least, greatest = flat.min(axis=1), flat.max(axis=1)
        if left_out is None and np.isfinite(least).all() and np.isfinite(greatest).all():
            levels = self._counts.add(flat, least, greatest)
            for channel, plane in enumerate(planes):
                self._add_moments(run, channel, plane)
            self._whole_images += images
        else:
            levels, planes = None, self._add_some(run, planes, left_out)
        self._images += images
        structure, blocks = structure_of(planes)
        self._structure = structure if self._structure is None else self._structure + structure
        if self._detailing is not None:
            self._detailing.add(run, planes, levels, blocks)

    def _add_moments(self, run: slice, channel: int, plane: Array) -> None:
        """Add the sums of one channel's finite images `(images, height, width)`."""
        flat, spatial = plane.reshape(len(plane), -1), self._spatial[channel].reshape(-1)
        pixels = flat.shape[1]
        self._numbers[0, channel, run] = pixels
        with np.errstate(over="ignore"):
            if pixels > PIECE:
                for place, image in enumerate(flat, run.start):
                    self._numbers[1:, channel, place] = self._sums_of_large(image, spatial)
                return
            centred = np.subtract(flat, self._middle, out=self._exact[: len(flat)], dtype=float)
            self._numbers[1, channel, run] = dots(centred, self._ones)
            self._numbers[2, channel, run] = dots(centred, centred)
            # A sum over one image would be a copy.
            spatial += centred[0] if len(flat) == 1 else centred.sum(axis=0)

    def _sums_of_large(self, image: Array, spatial: FloatArray) -> tuple[float, float]:
        """Sum and squares of an image `(n,)`, added to the map, too; piece by piece."""
        total = squares = 0.0
        for start in range(0, len(image), PIECE):
            piece = image[start : start + PIECE]
            centred = self._exact[0, : len(piece)]
            np.subtract(piece, self._middle, out=centred, dtype=np.float64)
            total += float(np.dot(centred, self._ones[: len(piece)]))
            squares += float(np.dot(centred, centred))
            sums = spatial[start : start + PIECE]
            np.add(sums, centred, out=sums)
        return total, squares

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

    def statistics(self, groups: Any, seed: int | None) -> ImageStatistics:
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
        pixels = Histogram(float(low), float(high), cells, totals, total_squares).with_all()
        keys = keys_of(len(means), seed_of(pixels) if seed is None else seed)
        values = ImageValues(means, contrasts, len(means), keys, groups)
        details = None
        if self._detailing is not None:
            details = self._detailing.details(values, sums.T)
        if len(means) > MAX_IMAGES:
            values = values.of(smallest(keys, MAX_IMAGES))
        return ImageStatistics(
            mean_pixels=count_values(means, low, high, SCORED_BINS),
            contrasts=count_values(contrasts, *contrast_range(self._range), SCORED_BINS),
            pixels=pixels,
            spatial=SpatialSums(
                np.moveaxis(self._spatial, 0, -1),
                squares.sum(axis=1),
                self._images
                if self._is_whole
                else np.moveaxis(self._spatial_count + self._whole_images, 0, -1),
                self._middle,
            ),
            values=values,
            limits=LimitSums(
                *(
                    with_sum_of_colours(getattr(self._counts, name))
                    for name in ("at_low", "at_high", "excess_below", "excess_above")
                )
            ),
            structure=self._structure,
            details=details,
        )
