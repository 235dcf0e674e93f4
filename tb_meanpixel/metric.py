"""A Keras metric that measures images while they pass through training; no I/O.

It accumulates on the device what `tb_meanpixel.record` measures in numpy: no
extra forward pass, no copy of the images. `MeanPixelCallback` without a
reference finds such metrics in the model and records them each epoch.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from tb_meanpixel import counting
from tb_meanpixel.histogram import EXTRA_CELLS, Histogram
from tb_meanpixel.images import Array, ValueRange, declared_range
from tb_meanpixel.record import (
    SCORED_BINS,
    ImageStatistics,
    PairSums,
    Record,
    check_bins,
    contrast_range,
    image_contrasts,
    image_means,
)

_CELLS = SCORED_BINS + EXTRA_CELLS
_REFERENCE, _OUTPUT = range(2)  # sides, in the order of the state
_MEANS, _CONTRASTS, _PIXELS = range(3)  # quantities


class MeanPixel(keras.metrics.Metric):
    """Mean pixel of the outputs, and all that a record holds of outputs and references.

    Use it in `compile(metrics=[MeanPixel()])`, or hold it in a model with its own
    `train_step` and call `update_state(images, reconstructions)` there. Images are
    `(batch, height, width, channels)` or `(batch, height, width)`, of any type.

    A `sample_weight` of 0 leaves an image out; all others count once.

    Args:
        name: of the metric; `result()` appears under it in the logs.
        value_range: `(low, high)` that intensities should lie in.
        bins: bins of a histogram that the callback stores, a power of two up to 256.
        channels: the greatest number of channels that images have.
        dtype: of `result()`; counts are exact integers and sums float32 whatever it is.

    Raises:
        ValueError: if an argument is not as said above.

    Example: two flat images, of 0.25 and of 0.75.
        >>> metric = MeanPixel()
        >>> outputs = np.ones((2, 4, 4, 1)) * [[[[0.25]]], [[[0.75]]]]
        >>> metric.update_state(outputs, outputs)
        >>> float(metric.result())
        0.5
    """

    def __init__(
        self,
        name: str = "mean_pixel",
        value_range: tuple[float, float] = (0.0, 1.0),
        bins: int = 64,
        channels: int = 4,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.value_range: ValueRange = declared_range(value_range)
        self.bins = check_bins(bins)
        if channels < 1:
            raise ValueError(f"channels must be a whole number, 1 or more; got {channels!r}")
        self.channels = channels
        self._rows = channels + 1  # all channels together, then each
        self._seen_channels: int | None = None
        counts = (2, 3, self._rows, _CELLS)  # side, quantity, row, cell
        self._counts_low = self._state(counts, "int32", "counts_low")
        self._counts_high = self._state(counts, "int32", "counts_high")
        # Sum and sum of squares of the finite values, and what rounding has lost of them.
        sums = (2, 3, self._rows, 2)
        self._sums = self._state(sums, "float32", "sums")
        self._sums_lost = self._state(sums, "float32", "sums_lost")
        pairs = (len(PairSums.field_names()), self._rows)
        self._pairs = self._state(pairs, "float32", "pairs")
        self._pairs_lost = self._state(pairs, "float32", "pairs_lost")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch: references `y_true` and outputs `y_pred`.

        Raises:
            ValueError: if one of them is no image batch, or has other or too many channels.
        """
        reference, output = self._as_images(y_true, "y_true"), self._as_images(y_pred, "y_pred")
        channels = output.shape[-1]
        if reference.shape[-1] != channels or self._seen_channels not in (None, channels):
            raise ValueError(
                f"{self.name}: y_true and y_pred must always have the same channels; got "
                f"{reference.shape[-1]} and {channels}, before that {self._seen_channels}"
            )
        self._seen_channels = channels
        counted = None if sample_weight is None else counting.counted_images(sample_weight)
        sides = [self._measure(images, counted) for images in (reference, output)]
        counts = ops.stack([counts for counts, _, _ in sides])
        counting.add_counts(self._counts_low, self._counts_high, counts)
        counting.add_exactly(self._sums, self._sums_lost, ops.stack([sums for _, sums, _ in sides]))
        pairs = PairSums.of(sides[_OUTPUT][2], sides[_REFERENCE][2], ops)
        stacked = ops.stack([getattr(pairs, name) for name in PairSums.field_names()])
        counting.add_exactly(
            self._pairs, self._pairs_lost, counting.pad_rows(stacked, self._rows, axis=1)
        )

    def result(self) -> Any:
        """Mean pixel of the outputs' finite values since the last reset; NaN before any."""
        low, high = self._counts_low[_OUTPUT, _PIXELS], self._counts_high[_OUTPUT, _PIXELS]
        count = ops.sum(counting.as_float(low, high)[:, : SCORED_BINS + 2])
        return ops.cast(ops.sum(self._sums[_OUTPUT, _PIXELS, :, 0]) / count, self.dtype)

    def record(self) -> Record | None:
        """What was measured since the last reset; None before any image."""
        counts = counting.as_int64(self._counts_low.numpy(), self._counts_high.numpy())
        if self._seen_channels is None or not counts.any():
            return None
        sums = self._sums.numpy().astype(np.float64) + self._sums_lost.numpy()
        pairs = self._pairs.numpy().astype(np.float64) + self._pairs_lost.numpy()
        rows = 1 if self._seen_channels == 1 else self._seen_channels + 1
        sides = [self._statistics(counts[side], sums[side], rows) for side in range(2)]
        return Record(sides[_OUTPUT], sides[_REFERENCE], PairSums(*pairs[:, :rows]))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "value_range": tuple(self.value_range[:2]),
            "bins": self.bins,
            "channels": self.channels,
        }

    def _state(self, shape: tuple[int, ...], dtype: str, name: str) -> Any:
        return self.add_variable(shape=shape, initializer="zeros", dtype=dtype, name=name)

    def _as_images(self, images: Any, argument: str) -> Any:
        # Half precision holds no sum, and integers no mean.
        images = ops.cast(ops.convert_to_tensor(images), "float32")
        if len(images.shape) == 3:
            images = ops.expand_dims(images, -1)
        if len(images.shape) != 4 or images.shape[-1] is None:
            raise ValueError(
                f"{self.name}: {argument} must be (batch, height, width, channels) or "
                f"(batch, height, width); got shape {tuple(images.shape)}"
            )
        if images.shape[-1] > self.channels:
            raise ValueError(
                f"{self.name}: {argument} has {images.shape[-1]} channels. "
                f"Type: MeanPixel(channels={images.shape[-1]})"
            )
        return images

    def _measure(self, images: Any, counted: Any) -> tuple[Any, Any, Any]:
        """Counts `(3, rows, cells)`, sums `(3, rows, 2)` and image means of one side."""
        low, high, _ = self.value_range
        channels = images.shape[-1]
        means, contrasts = image_means(images, ops), image_contrasts(images, ops)
        values = [
            (_MEANS, 0, means, (low, high)),
            (_CONTRASTS, 0, contrasts, contrast_range(self.value_range)),
            # Of several channels row 0 is their sum: it is added up in `record`.
            (_PIXELS, 0 if channels == 1 else 1, images, (low, high)),
        ]
        indices, sums = [], []
        for quantity, first_row, rows, limits in values:
            row = quantity * self._rows + first_row + ops.arange(rows.shape[-1], dtype="int32")
            index = counting.cell_index(rows, *limits, SCORED_BINS) + row * _CELLS
            finite = counting.finite_or_zero(rows)
            if counted is not None:
                here = ops.reshape(counted, (-1, *[1] * (len(rows.shape) - 1)))
                finite = ops.where(here, finite, 0.0)
                index = ops.where(here, index, 3 * self._rows * _CELLS)  # a cell for the waste
            indices.append(ops.reshape(index, (-1,)))
            axes = tuple(range(len(rows.shape) - 1))
            moments = ops.stack([ops.sum(finite, axes), ops.sum(finite**2, axes)], axis=-1)
            sums.append(counting.pad_rows(moments, self._rows, axis=0, before=first_row))
        counts = counting.count(ops.concatenate(indices), 3 * self._rows * _CELLS + 1)
        if counted is not None:
            means = ops.where(ops.expand_dims(counted, -1), means, np.nan)
        return ops.reshape(counts[:-1], (3, self._rows, _CELLS)), ops.stack(sums), means

    def _statistics(self, counts: Array, sums: Array, rows: int) -> ImageStatistics:
        def histogram(quantity: int, limits: tuple[float, float], first: int = 0) -> Histogram:
            part = slice(first, rows)
            moments = sums[quantity, part]
            return Histogram(*limits, counts[quantity, part], moments[:, 0], moments[:, 1])

        limits = (self.value_range.low, self.value_range.high)
        return ImageStatistics(
            mean_pixels=histogram(_MEANS, limits),
            contrasts=histogram(_CONTRASTS, contrast_range(self.value_range)),
            pixels=histogram(_PIXELS, limits)
            if rows == 1
            else histogram(_PIXELS, limits, first=1).with_total_row(),
            spatial=None,
        )


def find_metrics(model: Any) -> list[MeanPixel]:
    """The model's `MeanPixel` metrics, its own and those given to `compile`."""
    found: list[MeanPixel] = []
    waiting = list(model.metrics)
    while waiting:
        metric = waiting.pop(0)
        if isinstance(metric, MeanPixel):
            if metric not in found:
                found.append(metric)
        else:  # Keras keeps those of `compile` inside a metric of its own
            waiting.extend(getattr(metric, "metrics", []))
    return found
