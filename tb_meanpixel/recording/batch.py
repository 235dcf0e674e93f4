"""One batch of references and outputs, measured inside a graph: `record.measure` for a metric.

Of every image the mean and the contrast are measured, and the moments of all pixels
follow from these. The histogram of pixels is what costs: it may be of a sample.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from tb_meanpixel.recording import counting
from tb_meanpixel.statistics.histogram import EXTRA_CELLS
from tb_meanpixel.statistics.image_statistics import SCORED_BINS, contrast_range
from tb_meanpixel.statistics.mean_pixel import image_contrasts, image_means
from tb_meanpixel.statistics.record import PairSums
from tb_meanpixel.statistics.value_range import ValueRange

# The axes of the counts, `(side, quantity, row, cell)`.
REFERENCE, OUTPUT = range(2)
MEANS, CONTRASTS, PIXELS = range(3)
CELLS = SCORED_BINS + EXTRA_CELLS
# The rows of the sums: number, sum and sum of squares of the finite values, each
# `(side, quantity)`; then the pair sums.
MOMENTS = (3, 2, 3)
SUMS = int(np.prod(MOMENTS)) + len(PairSums.field_names())

# A sample of pixels has at least so many rows and columns.
_MIN_GRID = 8


class Batch:
    """Images of both sides, float32 `(batch, height, width, channels)`, channels known.

    Args:
        reference, output: the images, of one shape.
        counted: bool `(batch,)`, the images that count; None for all.
        value_range: limits of the histograms.
        rows: rows of counts and sums: all channels together, then as many as there may be.
        every_pixel: whether the histogram of pixels is of all of them, or of a sample.
    """

    def __init__(
        self,
        reference: Any,
        output: Any,
        counted: Any,
        *,
        value_range: ValueRange,
        rows: int,
        every_pixel: bool,
    ) -> None:
        self._sides = (reference, output)
        self._means = [image_means(images, ops) for images in self._sides]
        self._counted = counted
        self._range = value_range
        self._rows = rows
        self._every_pixel = every_pixel
        self._channels: int = output.shape[-1]
        # Of several channels row 0 is their sum: the counts of that are added up afterwards.
        self._first_row = min(1, self._channels - 1)
        seen = self._first_row + self._channels
        self._places = CELLS * np.arange(2 * 3 * seen, dtype=np.int32).reshape(2, 3, 1, seen)
        self._waste = self._places.size * CELLS  # a cell for what is not counted

    def measure(self) -> tuple[Any, Any]:
        """Counts, int32 `(side, quantity, row, cell)`, and sums, float32 `(SUMS, row)`."""
        contrasts = [image_contrasts(images, ops) for images in self._sides]
        sides = zip(self._means, contrasts, strict=True)
        per_image = ops.stack([ops.stack(quantities) for quantities in sides])
        finite = ops.isfinite(per_image)  # (side, quantity, image, row)
        limits = np.array([self._range[:2], contrast_range(self._range)], np.float32)
        low, high = map(ops.convert_to_tensor, limits.T.reshape(2, 2, 1, 1))
        cells = counting.cell_index(per_image, low, high, SCORED_BINS)
        cells = ops.where(finite, cells, counting.non_finite_index(per_image, SCORED_BINS))
        cells += ops.convert_to_tensor(self._places[:, :PIXELS])
        if self._counted is not None:
            counted = ops.expand_dims(self._counted, -1)
            finite = ops.logical_and(finite, counted)
            cells = ops.where(counted, cells, self._waste)
        moments = counting.moments(per_image, finite, axes=(2,))
        if self._counted is not None:
            counts, pixel_moments = self._any_pixels(cells)
        else:
            # Nearly always all are finite, and then so is the sum of what is measured of them.
            counts, pixel_moments = ops.cond(
                ops.isfinite(ops.sum(per_image)),
                lambda: self._finite_pixels(cells, moments),
                lambda: self._any_pixels(cells),
            )
        moments = ops.concatenate([moments, ops.expand_dims(pixel_moments, 2)], axis=2)
        moments = ops.reshape(moments, (-1, moments.shape[-1]))
        sums = ops.concatenate([moments, self._pair_sums()])
        counts = ops.reshape(counts[:-1], (2, 3, -1, CELLS))
        padding = [0, self._rows - sums.shape[-1]]  # the rows of channels that there are not
        return ops.pad(counts, [[0, 0], [0, 0], padding, [0, 0]]), ops.pad(sums, [[0, 0], padding])

    def _finite_pixels(self, cells: Any, moments: Any) -> tuple[Any, Any]:
        """Counts of `cells` and a sample of pixels; moments of all pixels `(3, side, row)`."""
        _, sampled = self._sample()
        # The mean square of an image is its squared mean and its variance together.
        number, total, squares = (moments[moment] for moment in range(3))
        squares = squares[:, MEANS] + squares[:, CONTRASTS]
        per_pixel = ops.stack([number[:, MEANS], total[:, MEANS], squares])
        return self._count(cells, sampled), per_pixel * self._pixels_of_a_row()

    def _any_pixels(self, cells: Any) -> tuple[Any, Any]:
        """The same where some pixels are not finite or some images do not count.

        What is not finite is counted wherever it is, not only in the sample.
        """
        pixels = ops.stack([self._flat(images) for images in self._sides])
        sample, sampled = self._sample()
        counted = True if self._counted is None else self._counted[:, None, None]
        kept = ops.logical_and(ops.isfinite(sample), counted)
        sampled = ops.where(kept, sampled, self._waste)
        finite = ops.isfinite(pixels)
        others = ops.logical_and(ops.logical_not(finite), counted)
        rest = counting.non_finite_index(pixels, SCORED_BINS) + self._pixel_places()
        rest = ops.where(others, rest, self._waste)
        moments = counting.moments(pixels, ops.logical_and(finite, counted), axes=(1, 2))
        if self._first_row:
            together = ops.sum(moments, axis=-1, keepdims=True)
            moments = ops.concatenate([together, moments], axis=-1)
        return self._count(cells, sampled, rest), moments

    def _pair_sums(self) -> Any:
        means = self._means
        if self._counted is not None:
            counted = ops.expand_dims(self._counted, -1)
            means = [ops.where(counted, rows, np.nan) for rows in means]
        pairs = PairSums.of(means[OUTPUT], means[REFERENCE], ops)
        return ops.stack([getattr(pairs, name) for name in PairSums.field_names()])

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
        return sample, cells + self._pixel_places()

    def _flat(self, images: Any) -> Any:
        """Height and width as one axis."""
        return ops.reshape(images, (ops.shape(images)[0], -1, self._channels))

    def _pixel_places(self) -> Any:
        return ops.convert_to_tensor(self._places[:, PIXELS, None, :, self._first_row :])

    def _pixels_of_a_row(self) -> Any:
        """How many pixels of each row an image has, of all channels and of each: `(row,)`."""
        _, height, width, _ = ops.shape(self._sides[OUTPUT])
        rows = [1.0] * self._channels
        if self._first_row:
            rows.insert(0, float(self._channels))
        return ops.cast(height * width, "float32") * ops.convert_to_tensor(rows, "float32")

    def _count(self, *cells: Any) -> Any:
        flat = ops.concatenate([ops.reshape(part, (-1,)) for part in cells])
        return counting.count(flat, self._waste + 1)


def grid_step(height: int, width: int) -> int:
    """Each how many rows and columns a pixel is sampled; 1 for images of less than 24.

    It is odd: transposed convolutions may leave patterns that repeat each 2, 4 or 8
    pixels, and an even step would see one part of them only.

    Example:
        >>> grid_step(16, 16), grid_step(28, 28), grid_step(64, 64)
        (1, 3, 7)
    """
    return max(1, (min(height, width) // _MIN_GRID - 1) // 2 * 2 + 1)
