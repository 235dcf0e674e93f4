"""From images to a record: the one place where pixels become numbers.

A record is all that is kept of one stream at one epoch. It is made of sums
only, so records of two batches add up to the record of both.
"""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass

import numpy as np

from tb_meanpixel.histogram import FloatArray, Histogram, count_values
from tb_meanpixel.images import Array, ValueRange, channel_names

# Counted and scored with this many bins: then every 8-bit level has a bin of
# its own, and the binning error of a distance is half a grey level.
SCORED_BINS = 256

# Pixels measured at a time: bounds the memory for temporaries to some 32 MB.
_PIXELS_AT_ONCE = 1 << 22


def image_means(images: Array) -> FloatArray:
    """The mean pixel of each image, and its channel means.

    Args:
        images: `(batch, height, width, channels)`.

    Returns:
        float64 `(batch, rows)` in intensity units. Row 0 is the mean pixel:
        the mean over height, width and channels. With several channels each
        channel's mean over height and width follows.

    Example:
        >>> image_means(np.array([[[[0.0, 0.2, 0.7]]]]))
        array([[0.3, 0. , 0.2, 0.7]])
    """
    with np.errstate(invalid="ignore", over="ignore"):
        channel_means = images.mean(axis=(1, 2), dtype=np.float64)
        return _with_all(channel_means, channel_means.mean(axis=1))


def image_contrasts(images: Array) -> FloatArray:
    """The standard deviation of the pixels inside each image, rows as in `image_means`.

    Also called RMS contrast. Returns float64 `(batch, rows)`, 0 for a flat image.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        pixels = images.astype(np.float64, copy=False)
        contrasts = _with_all(pixels.std(axis=(1, 2)), pixels.std(axis=(1, 2, 3)))
        first = np.abs(_with_all(pixels[:, 0, 0], pixels[:, 0, 0, 0]))
        # A flat image is all first pixel: a spread as small as its rounding errors is none.
        return np.where(contrasts <= 1e-12 * first, 0.0, contrasts)


def _with_all(per_channel: FloatArray, together: FloatArray) -> FloatArray:
    if per_channel.shape[1] == 1:
        return per_channel
    return np.concatenate([together[:, np.newaxis], per_channel], axis=1)


@dataclass(frozen=True, eq=False)
class ImageStatistics:
    """What is kept of one side (the outputs or the references) of a stream.

    Attributes:
        mean_pixels: histogram of `image_means`, one value an image and row.
        contrasts: histogram of `image_contrasts`, between 0 and half the range.
        pixels: histogram of every pixel. Row 0 is all channels together.
        image_sum, image_squares: float64 `(height, width, channels)`, per-pixel
            sums over the images that are finite throughout.
        finite_images: number of those images.
    """

    mean_pixels: Histogram
    contrasts: Histogram
    pixels: Histogram
    image_sum: FloatArray
    image_squares: FloatArray
    finite_images: int

    @property
    def image_count(self) -> int:
        return int(self.mean_pixels.total[0])

    @property
    def mean_image(self) -> FloatArray:
        """Mean over images `(height, width, channels)`; NaN if no image is finite."""
        with np.errstate(invalid="ignore"):
            return np.divide(self.image_sum, self.finite_images)

    @property
    def spatial_spread(self) -> FloatArray:
        """How much a pixel varies from image to image: `(rows,)`, intensity units.

        The root of the variance across images, averaged over the pixels of a
        channel (row 0: over all of them). 0 when all images are the same.
        """
        with np.errstate(invalid="ignore", over="ignore"):
            mean_square = np.divide(self.image_squares, self.finite_images)
            variance = mean_square - self.mean_image**2
            rounding = 1e-12 * mean_square  # as in Histogram.std
            per_channel = np.where(variance <= rounding, 0.0, variance).mean(axis=(0, 1))
            together = per_channel.mean(keepdims=True)
            rows: FloatArray = np.sqrt(_with_all(per_channel[np.newaxis], together)[0])
            return rows

    def __add__(self, other: ImageStatistics) -> ImageStatistics:
        """The statistics of both batches of images together."""
        return ImageStatistics(
            self.mean_pixels + other.mean_pixels,
            self.contrasts + other.contrasts,
            self.pixels + other.pixels,
            self.image_sum + other.image_sum,
            self.image_squares + other.image_squares,
            self.finite_images + other.finite_images,
        )


def contrast_range(value_range: ValueRange) -> tuple[float, float]:
    """Limits of the contrast histogram.

    Values between low and high cannot have a standard deviation above half
    their range (Popoviciu's inequality).
    """
    return 0.0, (value_range.high - value_range.low) / 2


def measure(images: Array, value_range: ValueRange, bins: int = SCORED_BINS) -> ImageStatistics:
    """Measure a batch of images `(batch, height, width, channels)`.

    Example:
        >>> measured = measure(np.full((5, 2, 2, 1), 0.25), ValueRange(0, 1, "declared"))
        >>> measured.pixels.total, measured.mean_pixels.mean
        (array([20]), array([0.25]))
    """
    at_once = max(1, _PIXELS_AT_ONCE // images[0].size)
    chunks = (images[start : start + at_once] for start in range(0, len(images), at_once))
    return functools.reduce(
        operator.add, (_measure_chunk(chunk, value_range, bins) for chunk in chunks)
    )


def _measure_chunk(images: Array, value_range: ValueRange, bins: int) -> ImageStatistics:
    low, high, _ = value_range
    channels = images.shape[-1]
    pixels = count_values(images.reshape(-1, channels), low, high, bins)
    finite = images[np.isfinite(images).all(axis=(1, 2, 3))].astype(np.float64, copy=False)
    with np.errstate(over="ignore"):
        return ImageStatistics(
            mean_pixels=count_values(image_means(images), low, high, bins),
            contrasts=count_values(image_contrasts(images), *contrast_range(value_range), bins),
            pixels=pixels if channels == 1 else pixels.with_total_row(),
            image_sum=finite.sum(axis=0),
            image_squares=np.einsum("nhwc,nhwc->hwc", finite, finite),
            finite_images=len(finite),
        )


@dataclass(frozen=True, eq=False)
class PairSums:
    """Sums over pairs (output i, reference i) of their image means, each `(rows,)`."""

    count: FloatArray
    output: FloatArray
    reference: FloatArray
    output_squares: FloatArray
    reference_squares: FloatArray
    products: FloatArray
    difference_squares: FloatArray

    @classmethod
    def of(cls, output_means: FloatArray, reference_means: FloatArray) -> PairSums:
        """Sums over a batch of pairs `(batch, rows)`; a pair that is not finite is left out."""
        finite = np.isfinite(output_means) & np.isfinite(reference_means)
        output = np.where(finite, output_means, 0.0)
        reference = np.where(finite, reference_means, 0.0)
        return cls(
            finite.sum(axis=0).astype(np.float64),
            output.sum(axis=0),
            reference.sum(axis=0),
            (output**2).sum(axis=0),
            (reference**2).sum(axis=0),
            (output * reference).sum(axis=0),
            ((output - reference) ** 2).sum(axis=0),
        )

    def __add__(self, other: PairSums) -> PairSums:
        return PairSums(
            self.count + other.count,
            self.output + other.output,
            self.reference + other.reference,
            self.output_squares + other.output_squares,
            self.reference_squares + other.reference_squares,
            self.products + other.products,
            self.difference_squares + other.difference_squares,
        )


@dataclass(frozen=True, eq=False)
class Record:
    """One stream at one epoch: outputs, references, and (if paired) their pairs."""

    output: ImageStatistics
    reference: ImageStatistics
    pairs: PairSums | None = None

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the rows of every histogram and score."""
        return channel_names(self.output.image_sum.shape[-1])
