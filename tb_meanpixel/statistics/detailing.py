"""Collects the details of single images while chunks of them pass by."""

from __future__ import annotations

import numpy as np

from tb_meanpixel.statistics.details import MAX_IMAGES, ImageDetails, places_of
from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.image_cells import image_cells
from tb_meanpixel.statistics.image_values import ImageValues
from tb_meanpixel.statistics.images import Array
from tb_meanpixel.statistics.keys import keys_of, smallest
from tb_meanpixel.statistics.value_range import ValueRange


class Detailing:
    """The details of up to 4,096 of `count` images."""

    def __init__(self, count: int, value_range: ValueRange, cell_of_level: Array) -> None:
        self._range = value_range
        self._cell_of_level = cell_of_level
        self._middle = (value_range.low + value_range.high) / 2
        self._chosen = smallest(keys_of(count), MAX_IMAGES)
        self._parts: list[tuple[Array, ...]] = []

    def add(self, run: slice, planes: Array, levels: Array | None, blocks: FloatArray) -> None:
        """Add a chunk: planes, their levels where these are known, their block means."""
        first, last = np.searchsorted(self._chosen, (run.start, run.stop))
        if first == last:
            return
        chosen = self._chosen[first:last] - run.start
        if len(chosen) < planes.shape[1]:
            planes, blocks = planes[:, chosen], blocks[chosen]
            levels = None
        elif levels is not None:
            levels = levels.reshape(planes.shape)
        cells, limits = image_cells(planes, *self._range[:2], levels, self._cell_of_level)
        channels, images, height, width = planes.shape
        places = places_of(height, width)
        pixels = planes.reshape(channels, images, -1)[:, :, places]
        with np.errstate(invalid="ignore", over="ignore"):
            pixels = (np.moveaxis(pixels, 0, -1).astype(np.float64) - self._middle).astype("f4")
            pixels[~np.isfinite(pixels)] = np.nan
            thumbnails = (blocks - self._middle).astype(np.float32)
        self._parts.append((cells, limits, pixels, thumbnails))

    def details(self, values: ImageValues, sums: FloatArray) -> ImageDetails:
        """All that was added; `sums` are `(count, channels)`."""
        cells, limits, pixels, thumbnails = map(np.concatenate, zip(*self._parts, strict=True))
        chosen, keys = self._chosen, values.keys
        if len(chosen) < len(keys):
            # The chosen ones have the smallest keys, in an order of their own.
            least = np.sort(np.partition(keys, MAX_IMAGES)[:MAX_IMAGES])
            keys = np.empty_like(least)
            keys[np.argsort(keys_of(len(values.keys))[chosen])] = least
        else:
            keys = keys[chosen]
        return ImageDetails(
            cells,
            limits,
            sums[chosen],
            values.means[chosen],
            values.contrasts[chosen],
            pixels,
            thumbnails,
            keys,
            None if values.groups is None else values.groups[chosen],
        )
