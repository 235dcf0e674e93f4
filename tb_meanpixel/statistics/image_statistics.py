"""From images to their statistics: the one place where pixels become numbers."""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray, Histogram, count_values
from tb_meanpixel.statistics.images import Array
from tb_meanpixel.statistics.mean_pixel import image_contrasts, image_means, prepend_all
from tb_meanpixel.statistics.value_range import ValueRange

# Counted and scored with this many bins: then every 8-bit level has a bin of
# its own, and the binning error of a distance is half a grey level.
SCORED_BINS = 256

# Pixels measured at a time: bounds the memory for temporaries to some 32 MB.
_PIXELS_AT_ONCE = 1 << 22


@dataclass(frozen=True, eq=False)
class SpatialSums:
    """Per-pixel sums over images that are finite throughout.

    Attributes:
        sums, squares: float64 `(height, width, channels)`.
        count: number of those images.
    """

    sums: FloatArray
    squares: FloatArray
    count: int

    @classmethod
    def of(cls, images: Array) -> SpatialSums:
        """Sums over a batch `(batch, height, width, channels)`."""
        finite = images[np.isfinite(images).all(axis=(1, 2, 3))].astype(np.float64, copy=False)
        with np.errstate(over="ignore"):
            squares = np.einsum("nhwc,nhwc->hwc", finite, finite)
            return cls(finite.sum(axis=0), squares, len(finite))

    @property
    def mean_image(self) -> FloatArray:
        """Mean over images `(height, width, channels)`; NaN if no image is finite."""
        with np.errstate(invalid="ignore"):
            return np.divide(self.sums, self.count)

    @property
    def spread(self) -> FloatArray:
        """How much a pixel varies from image to image: `(channels,)`, intensity units.

        The root of the variance across images, averaged over the pixels of a
        channel; first that of all channels. 0 when all images are the same.
        """
        with np.errstate(invalid="ignore", over="ignore"):
            mean_square = np.divide(self.squares, self.count)
            variance = mean_square - self.mean_image**2
            rounding = 1e-12 * mean_square  # as in Histogram.std
            per_channel = np.where(variance <= rounding, 0.0, variance).mean(axis=(0, 1))
            all_channels = per_channel.mean(keepdims=True)
            variances = prepend_all(all_channels, per_channel[np.newaxis])[0]
            spreads: FloatArray = np.sqrt(variances)
            return spreads

    def __add__(self, other: SpatialSums) -> SpatialSums:
        return SpatialSums(
            self.sums + other.sums, self.squares + other.squares, self.count + other.count
        )


@dataclass(frozen=True, eq=False)
class ImageStatistics:
    """The statistics of one side (the outputs or the references) of a stream.

    Attributes:
        mean_pixels: histogram of `image_means`, one value an image and channel.
        contrasts: histogram of `image_contrasts`, between 0 and half the range.
        pixels: histogram of every pixel, first of all channels.
        spatial: sums of each pixel over the images; None from a metric, which sees
            images only as they pass by.
    """

    mean_pixels: Histogram
    contrasts: Histogram
    pixels: Histogram
    spatial: SpatialSums | None

    @property
    def image_count(self) -> int:
        return int(self.mean_pixels.total[0])

    def __add__(self, other: ImageStatistics) -> ImageStatistics:
        """The statistics of both batches of images as one."""
        both = self.spatial is not None and other.spatial is not None
        return ImageStatistics(
            self.mean_pixels + other.mean_pixels,
            self.contrasts + other.contrasts,
            self.pixels + other.pixels,
            self.spatial + other.spatial if both else None,  # type: ignore[operator]
        )


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


def measure_images(
    images: Array, value_range: ValueRange, bins: int = SCORED_BINS
) -> ImageStatistics:
    """Measure a batch of images `(batch, height, width, channels)`.

    Example:
        >>> measured = measure_images(np.full((5, 2, 2, 1), 0.25), ValueRange(0, 1, "declared"))
        >>> measured.pixels.total, measured.mean_pixels.mean
        (array([20]), array([0.25]))
    """
    at_once = max(1, _PIXELS_AT_ONCE // images[0].size)
    chunks = (images[start : start + at_once] for start in range(0, len(images), at_once))
    return functools.reduce(
        operator.add, (_measure_chunk(chunk, value_range, bins) for chunk in chunks)
    )


def _measure_chunk(images: Array, value_range: ValueRange, bins: int) -> ImageStatistics:
    exact = images.astype(np.float64, copy=False)
    return ImageStatistics(
        mean_pixels=count_values(image_means(exact), *value_range[:2], bins),
        contrasts=count_values(image_contrasts(exact), *contrast_range(value_range), bins),
        pixels=pixel_histogram(images, value_range, bins),
        spatial=SpatialSums.of(exact),
    )


def pixel_histogram(images: Array, value_range: ValueRange, bins: int = SCORED_BINS) -> Histogram:
    """Histogram `(channels,)` of every pixel of `(batch, height, width, channels)`."""
    channels = images.shape[-1]
    pixels = count_values(images.reshape(-1, channels), *value_range[:2], bins)
    return pixels if channels == 1 else pixels.with_total()
