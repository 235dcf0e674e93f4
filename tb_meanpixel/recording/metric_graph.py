"""One batch of references and outputs, measured inside the graph of a metric.

It measures what `record.measure` does in numpy. Of every image the mean and the contrast
are computed, and the moments of all pixels follow from these. The histogram of pixels is
what costs: it may be of a sample.

A batch gives two arrays, and a metric adds them up:

    counts   int32    (side, quantity, channel, cell)
    sums     float32  (SUMS, channel), the moments one after another, then the pair sums
             moments:  (moment, side, quantity, channel)
             pairs:    the fields of `PairSums`
             weighted: NUMBER and TOTAL of the output's pixels, each times its image's weight

    side      REFERENCE, OUTPUT
    quantity  MEANS, CONTRASTS, PIXELS
    moment    NUMBER, TOTAL, SQUARES: number, sum and sum of squares of the finite values
    channel   all of them, then each where there are several; the rest of the axis is empty
    cell      as in `Histogram`: underflow, the bins, overflow, NaN, +Inf, -Inf
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from keras import ops

from tb_meanpixel.recording import counting
from tb_meanpixel.statistics.histogram import EXTRA_CELLS, FloatArray
from tb_meanpixel.statistics.image_statistics import SCORED_BINS, contrast_range
from tb_meanpixel.statistics.images import Array
from tb_meanpixel.statistics.mean_pixel import image_contrasts, image_means
from tb_meanpixel.statistics.pairs import PairSums
from tb_meanpixel.statistics.value_range import ValueRange

REFERENCE, OUTPUT = range(2)
MEANS, CONTRASTS, PIXELS = range(3)
NUMBER, TOTAL, SQUARES = range(3)
CELLS = SCORED_BINS + EXTRA_CELLS

_MOMENTS = (3, 2, 3)
_MOMENT_SUMS = int(np.prod(_MOMENTS))
_PAIR_SUMS = len(PairSums.field_names())
SUMS = _MOMENT_SUMS + _PAIR_SUMS + 2
WEIGHTED_NUMBER, WEIGHTED_TOTAL = SUMS - 2, SUMS - 1

# A sample of pixels has at least so many rows and columns.
_MIN_GRID = 8


class Measured(NamedTuple):
    """What a batch adds to a metric; the arrays are described above."""

    counts: Any
    sums: Any


class Batch:
    """Images of both sides, float32 `(batch, height, width, channels)`, channels known.

    Args:
        reference, output: the images, of one shape.
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
        self._sides = (reference, output)
        self._means = [image_means(images, ops) for images in self._sides]
        self._weights = weights
        self._counted = None if weights is None else weights > 0
        self._range = value_range
        self._length = channels
        self._every_pixel = every_pixel
        self._channels: int = output.shape[-1]
        # With several channels the pixels of all are not counted: the channels' counts are summed.
        self._first = min(1, self._channels - 1)
        count = self._first + self._channels
        # Where the cells of each histogram begin: (side, quantity, 1, channel).
        self._offsets = CELLS * np.arange(2 * 3 * count, dtype=np.int32).reshape(2, 3, 1, count)
        self._discarded = self._offsets.size * CELLS  # the cell of what does not count

    def measure(self) -> Measured:
        """Counts and sums of the batch."""
        contrasts = [image_contrasts(images, ops) for images in self._sides]
        sides = zip(self._means, contrasts, strict=True)
        per_image = ops.stack([ops.stack(quantities) for quantities in sides])
        finite = ops.isfinite(per_image)  # (side, quantity, image, channel)
        limits = np.array([self._range[:2], contrast_range(self._range)], np.float32)
        low, high = map(ops.convert_to_tensor, limits.T.reshape(2, 2, 1, 1))
        cells = counting.cell_index(per_image, low, high, SCORED_BINS)
        cells = ops.where(finite, cells, counting.non_finite_index(per_image, SCORED_BINS))
        cells += ops.convert_to_tensor(self._offsets[:, :PIXELS])
        if self._counted is not None:
            counted = ops.expand_dims(self._counted, -1)
            finite = ops.logical_and(finite, counted)
            cells = ops.where(counted, cells, self._discarded)
        moments = counting.moments(per_image, finite, axes=(2,))
        if self._counted is not None:
            counts, pixel_moments = self._any_pixels(cells)
        else:
            # Nearly always all are finite, and then so is the sum of their means and contrasts.
            counts, pixel_moments = ops.cond(
                ops.isfinite(ops.sum(per_image)),
                lambda: self._finite_pixels(cells, moments),
                lambda: self._any_pixels(cells),
            )
        moments = ops.concatenate([moments, ops.expand_dims(pixel_moments, 2)], axis=2)
        moments = ops.reshape(moments, (_MOMENT_SUMS, moments.shape[-1]))
        sums = ops.concatenate([moments, self._pair_sums(), self._weighted(pixel_moments)])
        counts = ops.reshape(counts[:-1], (2, 3, -1, CELLS))
        padding = [0, self._length - sums.shape[-1]]  # the channels that these images do not have
        return Measured(
            ops.pad(counts, [[0, 0], [0, 0], padding, [0, 0]]), ops.pad(sums, [[0, 0], padding])
        )

    def _finite_pixels(self, cells: Any, moments: Any) -> tuple[Any, Any]:
        """Counts of `cells` and a sample of pixels; moments of all pixels `(3, side, channel)`."""
        _, sampled = self._sample()
        # The mean square of an image is the sum of its squared mean and its variance.
        squares = moments[SQUARES]
        squares = squares[:, MEANS] + squares[:, CONTRASTS]
        per_pixel = ops.stack([moments[NUMBER][:, MEANS], moments[TOTAL][:, MEANS], squares])
        return self._count(cells, sampled), per_pixel * self._pixels_of_an_image()

    def _any_pixels(self, cells: Any) -> tuple[Any, Any]:
        """The same where some pixels are not finite or some images do not count.

        Pixels that are not finite are counted wherever they are, not only in the sample.
        """
        pixels = ops.stack([self._flat(images) for images in self._sides])
        sample, sampled = self._sample()
        counted = True if self._counted is None else self._counted[:, None, None]
        kept = ops.logical_and(ops.isfinite(sample), counted)
        sampled = ops.where(kept, sampled, self._discarded)
        finite = ops.isfinite(pixels)
        others = ops.logical_and(ops.logical_not(finite), counted)
        rest = counting.non_finite_index(pixels, SCORED_BINS) + self._pixel_offsets()
        rest = ops.where(others, rest, self._discarded)
        moments = counting.moments(pixels, ops.logical_and(finite, counted), axes=(1, 2))
        if self._first:
            all_channels = ops.sum(moments, axis=-1, keepdims=True)
            moments = ops.concatenate([all_channels, moments], axis=-1)
        return self._count(cells, sampled, rest), moments

    def _pair_sums(self) -> Any:
        means = self._means
        if self._counted is not None:
            counted = ops.expand_dims(self._counted, -1)
            means = [ops.where(counted, side, np.nan) for side in means]
        pairs = PairSums.of(means[OUTPUT], means[REFERENCE], ops)
        return ops.stack([getattr(pairs, name) for name in PairSums.field_names()])

    def _weighted(self, pixel_moments: Any) -> Any:
        """Number and sum of the output's pixels by weight; only those of all channels are used."""
        if self._weights is None:
            return pixel_moments[:SQUARES, OUTPUT]
        pixels = self._flat(self._sides[OUTPUT])
        finite = ops.isfinite(pixels)
        of_image = [ops.cast(finite, "float32"), ops.where(finite, pixels, 0.0)]
        sums = [ops.sum(self._weights * ops.sum(one, axis=(1, 2))) for one in of_image]
        return ops.broadcast_to(ops.stack(sums)[:, None], (SQUARES, pixel_moments.shape[-1]))

    def _sample(self) -> tuple[Any, Any]:
        """A fixed grid of each image's pixels, `(side, image, pixel, channel)`, and their cells."""
        _, height, width, _ = self._sides[OUTPUT].shape
        pixels = [self._flat(images) for images in self._sides]
        if not self._every_pixel and height is not None and width is not None:
            step = grid_step(height, width)
            pixels_of_image = np.arange(height * width, dtype=np.int32).reshape(height, width)
            grid = pixels_of_image[step // 2 :: step, step // 2 :: step].ravel()
            # Not a slice with a step: TensorFlow's take several times as long.
            pixels = [ops.take(side, grid, axis=1) for side in pixels]
        sample = ops.stack(pixels)
        cells = counting.cell_index(sample, *self._range[:2], SCORED_BINS)
        return sample, cells + self._pixel_offsets()

    def _flat(self, images: Any) -> Any:
        """Height and width as one axis."""
        return ops.reshape(images, (ops.shape(images)[0], -1, self._channels))

    def _pixel_offsets(self) -> Any:
        return ops.convert_to_tensor(self._offsets[:, PIXELS, None, :, self._first :])

    def _pixels_of_an_image(self) -> Any:
        """How many pixels an image has in all channels and in each: `(channel,)`."""
        _, height, width, _ = ops.shape(self._sides[OUTPUT])
        layers = [1.0] * self._channels
        if self._first:
            layers.insert(0, float(self._channels))
        return ops.cast(height * width, "float32") * ops.convert_to_tensor(layers, "float32")

    def _count(self, *cells: Any) -> Any:
        flat = ops.concatenate([ops.reshape(part, (-1,)) for part in cells])
        return counting.count(flat, self._discarded + 1)


def split_sums(sums: Array) -> tuple[FloatArray, PairSums]:
    """The moments `(moment, side, quantity, channel)` and the pair sums of numpy `sums`."""
    moments, pairs, _ = np.split(sums, [_MOMENT_SUMS, _MOMENT_SUMS + _PAIR_SUMS])
    return moments.reshape(*_MOMENTS, -1), PairSums(*pairs)


def grid_step(height: int, width: int) -> int:
    """The step of a sample's rows and columns; 1 for images of less than 24.

    It is odd: transposed convolutions may leave patterns that repeat each 2, 4 or 8
    pixels, and an even step would see one part of them only.

    Example:
        >>> grid_step(16, 16), grid_step(28, 28), grid_step(64, 64)
        (1, 3, 7)
    """
    return max(1, (min(height, width) // _MIN_GRID - 1) // 2 * 2 + 1)
