"""A Keras metric that measures images while they pass through training; no I/O.

It accumulates on the device what `tb_meanpixel.statistics.record` measures in numpy: no
extra forward pass, no copy of the images. `MeanPixelCallback` without a reference
finds such metrics in the model and records them.
"""

from __future__ import annotations

import warnings
from typing import Any

import keras
import numpy as np
from keras import ops

from tb_meanpixel.recording import block_sums, counting
from tb_meanpixel.recording.metric_graph import (
    CELLS,
    CONTRASTS,
    MEANS,
    OUTPUT,
    PIXELS,
    REFERENCE,
    SQUARES,
    SUMS,
    TOTAL,
    WEIGHTED_NUMBER,
    WEIGHTED_TOTAL,
    Batch,
    split_sums,
)
from tb_meanpixel.statistics.histogram import Histogram
from tb_meanpixel.statistics.image_statistics import (
    SCORED_BINS,
    ImageStatistics,
    LimitSums,
    check_bins,
    contrast_range,
)
from tb_meanpixel.statistics.images import (
    Array,
    DataFormat,
    Layout,
    check_data_format,
    check_positive,
)
from tb_meanpixel.statistics.record import Record
from tb_meanpixel.statistics.spatial import SpatialSums
from tb_meanpixel.statistics.value_range import ValueRange, declared_range, ends

# A range is wrong if so many of the reference's pixels lie outside of it.
_OUTSIDE = 0.005


@keras.saving.register_keras_serializable(package="tb_meanpixel")
class MeanPixel(keras.metrics.Metric):
    """Mean pixel of the outputs, and all that a record holds of outputs and references.

    Use it in `compile(metrics=[MeanPixel()])`, or hold it in a model with its own
    `train_step` and call `update_state(images, reconstructions)` there. Images are
    `(batch, height, width, channels)` or `(batch, height, width)`, of any type.

    A `sample_weight`, one number for an image, weighs in `result()` as in
    `keras.metrics.Mean`. What is recorded are counts of images: those of weight 0 are left
    out, all others count once, so biases, drifts and histograms are not weighted. Keras
    passes weights to `weighted_metrics` of `compile`, not to its `metrics`.

    Of every image the mean and the contrast are counted, and all means, biases and
    spreads are of every pixel. To count every pixel would cost more than all the rest,
    so the histogram of pixels is of a sample of each image, the same on both sides: one
    pixel at random in each cell of a grid of at least 8 rows and columns, other ones in each
    image of a batch. Images of less than 24 pixels are counted whole, and NaN and infinities
    wherever they are. `drift` and the shares out of range are of the sample. How outputs vary
    and follow their references is told by 8 x 8 block means of each image.

    Args:
        value_range: `(low, high)` that intensities should lie in. None: `(0, 1)`, and where the
            references turn out to lie elsewhere nothing is recorded, with a warning that says
            what to type.
        bins: bins of a histogram that the callback stores, a power of two up to 256.
        channels: the greatest number of channels that images have.
        data_format: layout of the images: "channels_last" or "channels_first", "NHWC"
            or "NCHW". None: `keras.config.image_data_format()`.
        every_pixel: True to count every pixel into the histogram of pixels.
        name: of the metric; `result()` appears under it in the logs.
        dtype: of `result()`; counts are always exact integers and sums float32.

    Raises:
        ValueError: if an argument is none of these.

    Example: two flat images, of 0.25 and of 0.75.
        >>> metric = MeanPixel()
        >>> outputs = np.ones((2, 4, 4, 1)) * [[[[0.25]]], [[[0.75]]]]
        >>> metric.update_state(outputs, outputs)
        >>> float(metric.result())
        0.5
    """

    def __init__(
        self,
        *,
        value_range: tuple[float, float] | None = None,
        bins: int = 64,
        channels: int = 4,
        data_format: Layout | None = None,
        every_pixel: bool = False,
        name: str = "mean_pixel",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.value_range: ValueRange = declared_range(
            (0.0, 1.0) if value_range is None else value_range
        )
        self._is_declared = value_range is not None
        self._has_said = False
        self.bins = check_bins(bins)
        self.channels = check_positive("channels", channels)
        self.data_format = keras_data_format(data_format)
        self.every_pixel = bool(every_pixel)
        self._length = self.channels + 1  # of the channel axis: all channels, then each
        self._seen_channels: int | None = None
        counts, sums = (2, 3, self._length, CELLS), (SUMS, self._length)
        self._counts_low = self._state(counts, "int32", "counts_low")
        self._counts_high = self._state(counts, "int32", "counts_high")
        self._sums = self._state(sums, "float32", "sums")
        self._sums_lost = self._state(sums, "float32", "sums_lost")  # by rounding
        blocks = (block_sums.size(self.channels),)
        self._blocks = self._state(blocks, "float32", "blocks")
        self._blocks_lost = self._state(blocks, "float32", "blocks_lost")
        self._middle = (self.value_range.low + self.value_range.high) / 2
        self._is_square = False

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch: references `y_true` and outputs `y_pred`.

        Raises:
            ValueError: if one of them is no image batch, or has other or too many channels,
                or if there are several weights for an image.
        """
        reference, output = self._as_images(y_true, "y_true"), self._as_images(y_pred, "y_pred")
        channels = output.shape[-1]
        if reference.shape[1:] != output.shape[1:] or self._seen_channels not in (None, channels):
            raise ValueError(
                f"{self.name}: y_true and y_pred must have the same height, width and channels, "
                f"and always the same channels; got {tuple(reference.shape[1:])} and "
                f"{tuple(output.shape[1:])}, before that {self._seen_channels} channels"
            )
        self._seen_channels = channels
        self._is_square = output.shape[1] == output.shape[2]
        weights = sample_weight
        if weights is not None:
            weights = counting.image_weights(weights, output)
        measured = Batch(
            reference,
            output,
            weights,
            value_range=self.value_range,
            channels=self._length,
            every_pixel=self.every_pixel,
        ).measure()
        counting.add_counts(self._counts_low, self._counts_high, measured.counts)
        counting.add_exactly(self._sums, self._sums_lost, measured.sums)
        counting.add_exactly(self._blocks, self._blocks_lost, measured.blocks)

    def result(self) -> Any:
        """Weighted mean of the outputs' finite pixels since the last reset; NaN before any."""
        sums = ops.convert_to_tensor(self._sums)
        mean = sums[WEIGHTED_TOTAL, 0] / sums[WEIGHTED_NUMBER, 0] + self._middle
        return ops.cast(mean, self.dtype)

    @np.errstate(all="ignore")  # what overflows is infinite: that is no news
    def record(self) -> Record | None:
        """The record of all images since the last reset; None before any image."""
        counts = counting.as_int64(self._counts_low.numpy(), self._counts_high.numpy())
        if self._seen_channels is None or not counts.any():
            return None
        channels = 1 if self._seen_channels == 1 else self._seen_channels + 1
        sums = self._sums.numpy().astype(np.float64) + self._sums_lost.numpy()
        moments, pairs, limits = split_sums(sums[:, :channels])
        blocks = self._blocks.numpy().astype(np.float64) + self._blocks_lost.numpy()
        *spatial, products = block_sums.split(
            blocks, self.channels, self._seen_channels, self._middle, is_square=self._is_square
        )
        reference, output = (
            self._statistics(
                counts[side, :, :channels], moments[:, side], limits[:, side], spatial[side]
            )
            for side in (REFERENCE, OUTPUT)
        )
        self._check_range(reference)
        return Record(output, reference, pairs.with_pixels(products))

    def _check_range(self, reference: ImageStatistics) -> None:
        """Refuse 0..1 for references that are not in it, and say so of a declared range."""
        pixels = reference.pixels
        with np.errstate(invalid="ignore", divide="ignore"):
            outside = (pixels.underflow[0] + pixels.overflow[0]) / pixels.finite[0]
        if not outside > _OUTSIDE or self._has_said:
            return
        likely = _likely_range(reference)
        low, high = ends(*self.value_range[:2])
        typed = ", ".join(ends(*likely[:2]))
        sentence = (
            f"{self.name}: {outside:.0%} of the reference pixels lie outside of its value range "
            f"{low}..{high}. Type: MeanPixel(value_range=({typed})), or "
            "whatever range your images have"
        )
        if not self._is_declared:
            raise ValueError(sentence)
        self._has_said = True
        warnings.warn(sentence, RuntimeWarning, stacklevel=3)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "value_range": tuple(self.value_range[:2]) if self._is_declared else None,
            "bins": self.bins,
            "channels": self.channels,
            "data_format": self.data_format,
            "every_pixel": self.every_pixel,
        }

    def _state(self, shape: tuple[int, ...], dtype: str, name: str) -> Any:
        return self.add_variable(shape=shape, initializer="zeros", dtype=dtype, name=name)

    def _as_images(self, images: Any, argument: str) -> Any:
        # Half precision holds no sum, and integers no mean. Less the middle of the range first:
        # float32 tells values far from 0 hardly apart.
        images = ops.convert_to_tensor(images)
        if keras.backend.standardize_dtype(images.dtype) != "float64":
            images = ops.cast(images, "float32")
        images = ops.cast(images - self._middle, "float32")
        if len(images.shape) == 3:
            images = ops.expand_dims(images, -1)
        elif len(images.shape) == 4 and self.data_format == "channels_first":
            images = ops.moveaxis(images, 1, -1)
        if len(images.shape) != 4 or images.shape[-1] is None:
            raise ValueError(
                f"{self.name}: {argument} must be (batch, height, width, channels) or "
                f"(batch, height, width); got shape {tuple(images.shape)}"
            )
        if images.shape[-1] > self.channels:
            raise ValueError(
                f"{self.name}: {argument} has {images.shape[-1]} channels, as {self.data_format}. "
                f"Type: MeanPixel(channels={images.shape[-1]}), or, if that is wrong, "
                f"MeanPixel(data_format={_other(self.data_format)!r})"
            )
        return images

    def _statistics(
        self, counts: Array, moments: Array, limits: Array, spatial: SpatialSums | None
    ) -> ImageStatistics:
        """Of one side: counts `(quantity, channel, cell)` moments `(moment, quantity, channel)`.

        `limits` are `(limit, channel)`.
        """
        moments = _moved_moments(moments, self._middle)
        ends = self.value_range[:2]
        first = min(1, len(counts[PIXELS]) - 1)
        pixels = Histogram(*ends, *_scaled(counts[PIXELS, first:], *moments[:, PIXELS, first:]))
        contrast_limits = contrast_range(self.value_range)
        totals, squares = moments[TOTAL], moments[SQUARES]
        return ImageStatistics(
            mean_pixels=Histogram(*ends, counts[MEANS], totals[MEANS], squares[MEANS]),
            contrasts=Histogram(
                *contrast_limits, counts[CONTRASTS], totals[CONTRASTS], squares[CONTRASTS]
            ),
            pixels=pixels.with_all(),
            spatial=spatial,
            limits=LimitSums(*limits),
        )


def _likely_range(reference: ImageStatistics) -> tuple[float, float]:
    """The usual range that these references are most likely in."""
    mean, spread = float(reference.pixels.mean[0]), float(reference.pixels.std[0])
    if max(abs(mean), spread) > 300:
        return 0.0, 65535.0
    if max(abs(mean), spread) > 2:
        return 0.0, 255.0
    return (-1.0, 1.0) if reference.pixels.underflow[0] else (0.0, 255.0)


def _moved_moments(moments: Array, middle: float) -> Array:
    """Moments of means and pixels as if the middle of the range had not been taken off."""
    moved = moments.copy()
    for quantity in (MEANS, PIXELS):
        number, total, squares = moments[:, quantity]
        moved[TOTAL, quantity] = total + number * middle
        moved[SQUARES, quantity] = squares + 2 * middle * total + number * middle**2
    return moved


def _scaled(cells: Array, number: Array, sums: Array, squares: Array) -> tuple[Array, Array, Array]:
    """Sums of all pixels scaled down to a sample's counts: its mean is then that of all.

    Sums and squares are of `number` finite pixels. The counts of NaN and infinities are
    of all pixels too; where there is any, at least one remains.
    """
    finite = cells[:, : SCORED_BINS + 2].sum(axis=1)
    share = np.divide(finite, number, out=np.ones_like(number), where=number > 0)
    rest = cells[:, SCORED_BINS + 2 :]
    rest = np.maximum(np.rint(rest * share[:, None]), rest > 0).astype(np.int64)
    cells = np.concatenate([cells[:, : SCORED_BINS + 2], rest], axis=1)
    return cells, sums * share, squares * share


def _other(data_format: DataFormat) -> DataFormat:
    return "channels_first" if data_format == "channels_last" else "channels_last"


def keras_data_format(data_format: Layout | None) -> DataFormat:
    """The layout that an argument names; Keras's own if it is None."""
    return check_data_format(
        keras.config.image_data_format() if data_format is None else data_format
    )
