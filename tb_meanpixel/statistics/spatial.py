"""Sums of each pixel over the images: the mean image, and how much a pixel varies."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.images import Array, colour_count


@dataclass(frozen=True, eq=False)
class SpatialSums:
    """Per-pixel sums over the images, of values less the middle of the range.

    Attributes:
        sums: float64 `(height, width, channels)`, of the finite values.
        squares: float64 `(channels,)`, sum of their squares over images and pixels.
        count: images behind each pixel: a number, or `(height, width, channels)` where some
            values are not finite.
        middle: what was taken off: near 0 squares lose nothing by rounding.
        is_of_blocks: whether a "pixel" is a block, of 8 x 8 in an image: a metric has no more.
    """

    sums: FloatArray
    squares: FloatArray
    count: int | FloatArray
    middle: float
    is_of_blocks: bool = False

    @property
    def mean_image(self) -> FloatArray:
        """Mean over images `(height, width, channels)`; NaN where no value was finite."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.middle + np.divide(self.sums, self.count)

    @functools.cached_property
    def scatter(self) -> FloatArray:
        """Sum over images and pixels of the squared distance from the mean image `(channels,)`."""
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            of_mean = np.where(self.sums == 0, 0.0, self.sums**2 / self.count).sum(axis=(0, 1))
            scatter = self.squares - of_mean
            # The difference of two equal numbers leaves their rounding errors.
            return np.where(scatter <= 1e-12 * self.squares, 0.0, scatter)

    @property
    def spread(self) -> FloatArray:
        """How much a pixel varies from image to image: `(rows,)`, intensity units.

        The root of the variance across images (divided by n - 1), averaged over the pixels of
        a channel; first that of all colours. 0 when all images are the same, NaN for one image.
        """
        height, width, _ = self.sums.shape
        pixels = height * width
        count = np.broadcast_to(self.count, self.sums.shape).sum(axis=(0, 1)) / pixels
        with np.errstate(invalid="ignore", divide="ignore"):
            variances = np.where(count > 1, self.scatter / pixels / (count - 1), np.nan)
        return np.sqrt(with_mean_of_colours(variances))

    def centred_sums(self, middle: float) -> FloatArray:
        """The sums as if another middle had been taken off."""
        return self.sums + (self.middle - middle) * self.count

    def __add__(self, other: SpatialSums) -> SpatialSums:
        if self.sums.shape != other.sums.shape:
            raise ValueError(
                f"images must have one size to be added; got {self.sums.shape[:2]} and "
                f"{other.sums.shape[:2]}"
            )
        return replace(
            self,
            sums=self.sums + other.sums,
            squares=self.squares + other.squares,
            count=self.count + other.count,
        )


def with_mean_of_colours(per_channel: FloatArray) -> FloatArray:
    """Numbers of the channels `(channels, ...)` with the mean of the colours before them.

    Of one channel it is the same number, and stands there once.
    """
    return _with(per_channel, np.mean)


def with_sum_of_colours(per_channel: FloatArray) -> FloatArray:
    """Numbers of the channels `(channels, ...)` with the sum of the colours before them."""
    return _with(per_channel, np.sum)


def _with(per_channel: Array, reduce: np.ufunc | object) -> Array:
    channels = len(per_channel)
    if channels == 1:
        return per_channel
    colours = per_channel[: colour_count(channels)]
    return np.concatenate([reduce(colours, axis=0, keepdims=True), per_channel])  # type: ignore[operator]
