"""One batch of references and outputs, measured inside the graph of a metric.

It measures what `measuring.py` does in numpy. Of every image the mean and the contrast
are computed, and the moments of all pixels follow from these. The histogram of pixels is
what costs: it may be of a sample.

Images come less the middle of the value range: near 0 float32 loses nothing. A pixel counts
where it is finite on both sides.

A batch gives three arrays, and a metric adds them up:

    counts   int32    (side, quantity, channel, cell)
    sums     float32  (SUMS, channel), the moments one after another, then the others
             moments:  (moment, side, quantity, channel)
             pairs:    the fields of `PairSums`
             limits:   (limit, side, channel) of the sample: the fields of `LimitSums`
             weighted: NUMBER and TOTAL of the output's pixels, each times its image's weight
    blocks   float32  (n,), see `block_sums.py`

    side      REFERENCE, OUTPUT
    quantity  MEANS, CONTRASTS, PIXELS
    moment    NUMBER, TOTAL, SQUARES: number, sum and sum of squares of the finite values
    channel   all colours, then each channel where there are several; the rest is empty
    cell      as in `Histogram`: underflow, the bins, overflow, NaN, +Inf, -Inf
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from keras import ops

from tb_meanpixel.recording import counting
from tb_meanpixel.recording.block_sums import block_sums
from tb_meanpixel.recording.sample_places import places
from tb_meanpixel.statistics.histogram import EXTRA_CELLS, FloatArray
from tb_meanpixel.statistics.image_statistics import SCORED_BINS, contrast_range
from tb_meanpixel.statistics.images import Array, colour_count
from tb_meanpixel.statistics.level_counts import AT_LIMIT
from tb_meanpixel.statistics.pairs import PairSums
from tb_meanpixel.statistics.value_range import ValueRange

REFERENCE, OUTPUT = range(2)
MEANS, CONTRASTS, PIXELS = range(3)
NUMBER, TOTAL, SQUARES = range(3)
CELLS = SCORED_BINS + EXTRA_CELLS

_MOMENTS = (3, 2, 3)
_MOMENT_SUMS = int(np.prod(_MOMENTS))
_PAIR_SUMS = len(PairSums.field_names())
_LIMITS = (4, 2)
_LIMIT_SUMS = int(np.prod(_LIMITS))
SUMS = _MOMENT_SUMS + _PAIR_SUMS + _LIMIT_SUMS + 2
WEIGHTED_NUMBER, WEIGHTED_TOTAL = SUMS - 2, SUMS - 1

# An image has a mean and a contrast if so many of its pixels are finite.
_LEAST_FINITE_SHARE = 0.5


class Measured(NamedTuple):
    """What a batch adds to a metric; the arrays are described above."""

    counts: Any
    sums: Any
    blocks: Any


class Batch:
    """Images of both sides, float32 `(batch, height, width, channels)`, channels known.

    Args:
        reference, output: the images less the middle of the range, of one shape.
        weights: float32 `(batch,)`, 0 or more; images of weight 0 do not count. None for 1.
        value_range: limits of the histograms.
        channels: length of the channel axis of counts and sums.
        every_pixel: whether the histogram of pixels is of all of them, or of a sample.
    """

    def __init__(
        self,
        reference: Any,
        output: Any,
        weights: Any,
        *,
        value_range: ValueRange,
        channels: int,
        every_pixel: bool,
    ) -> None:
        self._weights = weights
        self._half = (value_range.high - value_range.low) / 2
        self._contrast_range = contrast_range(value_range)
        self._length = channels
        self._every_pixel = every_pixel
        self._channels: int = output.shape[-1]
        self._colours = colour_count(self._channels)
        self._sides = (reference, output)
        self._own_finite = [ops.isfinite(side) for side in self._sides]
        kept = ops.logical_and(*self._own_finite)
        self._counted = None if weights is None else weights > 0
        if self._counted is not None:
            kept = ops.logical_and(kept, self._counted[:, None, None, None])
        self._kept = kept
        # With several channels the pixels of all are not counted: the colours' counts are summed.
        self._first = min(1, self._channels - 1)
        count = self._first + self._channels
        # Where the cells of each histogram begin: (side, quantity, 1, channel).
        self._offsets = CELLS * np.arange(2 * 3 * count, dtype=np.int32).reshape(2, 3, 1, count)
        self._discarded = self._offsets.size * CELLS  # the cell of what does not count

    def measure(self) -> Measured:
        """Counts and sums of the batch."""
        pixels = ops.cast(self._kept, "float32")
        number = _spatial_sum(pixels)
        values = [ops.where(self._kept, side, 0.0) for side in self._sides]
        totals = [_spatial_sum(side) for side in values]
        means = [total / ops.maximum(number, 1.0) for total in totals]
        squares = [
            _spatial_sum(ops.square((side - mean[:, None, None, :]) * pixels))
            for side, mean in zip(values, means, strict=True)
        ]
        variances = [square / ops.maximum(number, 1.0) for square in squares]
        is_told = number >= _LEAST_FINITE_SHARE * _pixels_of_an_image(self._sides[OUTPUT])
        per_image = ops.stack(
            [
                ops.stack([self._with_all(mean), ops.sqrt(self._with_all(variance))])
                for mean, variance in zip(means, variances, strict=True)
            ]
        )  # (side, quantity, image, channel)
        told = self._with_all(ops.where(is_told, 1.0, 0.0)) == 1.0
        per_image = ops.where(told, per_image, np.nan)
        cells, finite = self._image_cells(per_image)
        moments = counting.moments(per_image, finite, axes=(2,))
        pixel_moments = self._pixel_moments(number, means, variances)
        sampled, limits = self._sampled(values)
        counts = self._count(cells, sampled)
        moments = ops.concatenate([moments, ops.expand_dims(pixel_moments, 2)], axis=2)
        moments = ops.reshape(moments, (_MOMENT_SUMS, moments.shape[-1]))
        sums = ops.concatenate(
            [
                moments,
                self._pair_sums(per_image[:, MEANS]),
                ops.reshape(limits, (_LIMIT_SUMS, limits.shape[-1])),
                self._weighted(pixel_moments),
            ]
        )
        padding = [0, self._length - sums.shape[-1]]  # the channels that these images do not have
        return Measured(
            ops.pad(counts, [[0, 0], [0, 0], padding, [0, 0]]),
            ops.pad(sums, [[0, 0], padding]),
            block_sums(values[REFERENCE], values[OUTPUT], number, self._length - 1),
        )

    def _with_all(self, per_channel: Any) -> Any:
        """Numbers of the channels `(batch, channels)` with the mean of the colours before them."""
        if not self._first:
            return per_channel
        colours = ops.mean(per_channel[:, : self._colours], axis=1, keepdims=True)
        return ops.concatenate([colours, per_channel], axis=1)

    def _image_cells(self, per_image: Any) -> tuple[Any, Any]:
        """The cell of each mean and contrast, and which are finite and count."""
        finite = ops.isfinite(per_image)
        limits = np.array([[-self._half, self._half], self._contrast_range], np.float32)
        low, high = map(ops.convert_to_tensor, limits.T.reshape(2, 2, 1, 1))
        cells = counting.cell_index(per_image, low, high, SCORED_BINS)
        cells = ops.where(finite, cells, counting.non_finite_index(per_image, SCORED_BINS))
        cells += ops.convert_to_tensor(self._offsets[:, :PIXELS])
        if self._counted is not None:
            counted = ops.expand_dims(self._counted, -1)
            finite = ops.logical_and(finite, counted)
            cells = ops.where(counted, cells, self._discarded)
        return cells, finite

    def _pixel_moments(self, number: Any, means: list[Any], variances: list[Any]) -> Any:
        """Moments of all pixels `(moment, side, channel)`, from those of each image."""
        moments = ops.stack(
            [
                ops.stack([ops.sum(number, 0)] * 2),
                ops.stack([ops.sum(number * mean, 0) for mean in means]),
                ops.stack(
                    [
                        ops.sum(number * (variance + mean**2), 0)
                        for mean, variance in zip(means, variances, strict=True)
                    ]
                ),
            ]
        )
        if not self._first:
            return moments
        colours = ops.sum(moments[..., : self._colours], axis=-1, keepdims=True)
        return ops.concatenate([colours, moments], axis=-1)

    def _sampled(self, values: list[Any]) -> tuple[Any, Any]:
        """Cells of a sample of pixels `(side, image, pixel, channel)`, and its limit sums."""
        _, height, width, _ = self._sides[OUTPUT].shape
        flat = [self._flat(side) for side in (*values, ops.cast(self._kept, "float32"))]
        if not self._every_pixel and height is not None and width is not None:
            chosen = places(height, width)
            flat = [_take(side, chosen, height * width) for side in flat]
        sample, kept = ops.stack(flat[:2]), flat[2] > 0
        cells = counting.cell_index(sample, -self._half, self._half, SCORED_BINS)
        cells = ops.where(kept, cells + self._pixel_offsets(), self._discarded)
        near = AT_LIMIT * 2 * self._half
        limits = [
            ops.abs(sample + self._half) <= near,
            ops.abs(sample - self._half) <= near,
            ops.maximum(-self._half - sample, 0.0),
            ops.maximum(sample - self._half, 0.0),
        ]
        summed = ops.stack(
            [ops.sum(ops.where(kept, ops.cast(each, "float32"), 0.0), (1, 2)) for each in limits]
        )
        if self._first:
            colours = ops.sum(summed[..., : self._colours], axis=-1, keepdims=True)
            summed = ops.concatenate([colours, summed], axis=-1)
        return cells, summed

    def _count(self, cells: Any, sampled: Any) -> Any:
        """Counts of cells, and of what is not finite wherever it is."""
        flat = ops.concatenate([ops.reshape(part, (-1,)) for part in (cells, sampled)])
        counts = counting.count(flat, self._discarded + 1)
        # Nearly always all are finite, and then so is their sum.
        others = ops.cond(
            ops.isfinite(ops.sum(self._sides[REFERENCE]) + ops.sum(self._sides[OUTPUT])),
            lambda: ops.zeros_like(counts),
            self._not_finite,
        )
        return ops.reshape((counts + others)[:-1], (2, 3, -1, CELLS))

    def _not_finite(self) -> Any:
        pixels = ops.stack([self._flat(side) for side in self._sides])
        finite = ops.stack([self._flat(side) for side in self._own_finite])
        others = ops.logical_not(finite)
        if self._counted is not None:
            others = ops.logical_and(others, self._counted[:, None, None])
        rest = counting.non_finite_index(pixels, SCORED_BINS) + self._pixel_offsets()
        rest = ops.where(others, rest, self._discarded)
        return counting.count(ops.reshape(rest, (-1,)), self._discarded + 1)

    def _pair_sums(self, means: Any) -> Any:
        if self._counted is not None:
            means = ops.where(ops.expand_dims(self._counted, -1), means, np.nan)
        pairs = PairSums.of(means[OUTPUT], means[REFERENCE], ops)
        return ops.stack([getattr(pairs, name) for name in PairSums.field_names()])

    def _weighted(self, pixel_moments: Any) -> Any:
        """Number and sum of the output's pixels by weight; only those of all colours are used."""
        if self._weights is None:
            return pixel_moments[:SQUARES, OUTPUT]
        pixels = self._flat(self._sides[OUTPUT])[..., : self._colours]
        finite = ops.isfinite(pixels)
        of_image = [ops.cast(finite, "float32"), ops.where(finite, pixels, 0.0)]
        sums = [ops.sum(self._weights * ops.sum(one, axis=(1, 2))) for one in of_image]
        return ops.broadcast_to(ops.stack(sums)[:, None], (SQUARES, pixel_moments.shape[-1]))

    def _flat(self, images: Any) -> Any:
        """Height and width as one axis."""
        return ops.reshape(images, (ops.shape(images)[0], -1, self._channels))

    def _pixel_offsets(self) -> Any:
        return ops.convert_to_tensor(self._offsets[:, PIXELS, None, :, self._first :])


def _spatial_sum(images: Any) -> Any:
    """Sum over height and width `(batch, channels)`."""
    _, height, width, channels = images.shape
    if height is None or width is None:
        return ops.sum(images, axis=(1, 2))
    # One axis after the other: both at once are slow where the channels are few.
    columns = ops.sum(ops.reshape(images, (-1, height, width * channels)), axis=1)
    return ops.sum(ops.reshape(columns, (-1, width, channels)), axis=1)


def _pixels_of_an_image(images: Any) -> Any:
    _, height, width, _ = ops.shape(images)
    return ops.cast(height * width, "float32")


def _take(flat: Any, chosen: Array, pixels: int) -> Any:
    """Of `(batch, pixels, channels)` those that are chosen for each image, in turns."""
    image = ops.arange(ops.shape(flat)[0], dtype="int32")
    index = ops.take(chosen, image % len(chosen), axis=0) + image[:, None] * pixels
    rows = ops.take(ops.reshape(flat, (-1, flat.shape[-1])), ops.reshape(index, (-1,)), axis=0)
    return ops.reshape(rows, (-1, chosen.shape[1], flat.shape[-1]))


def split_sums(sums: Array) -> tuple[FloatArray, PairSums, FloatArray]:
    """Of numpy `sums` the moments `(moment, side, quantity, channel)`, pairs and limits.

    The limit sums are `(limit, side, channel)`.
    """
    ends = np.cumsum([_MOMENT_SUMS, _PAIR_SUMS, _LIMIT_SUMS])
    moments, pairs, limits, _ = np.split(sums, ends)
    return moments.reshape(*_MOMENTS, -1), PairSums(*pairs), limits.reshape(*_LIMITS, -1)
