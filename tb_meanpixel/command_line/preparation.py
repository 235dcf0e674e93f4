"""Pictures of one size and one number of channels; grids of them cut into tiles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from tb_meanpixel.command_line.exit_codes import CommandError
from tb_meanpixel.command_line.image_files import ImageSource
from tb_meanpixel.command_line.pictures import Look, Size, read
from tb_meanpixel.statistics.images import Array

_MOST_PADDING = 16  # that is proposed


class Grid(NamedTuple):
    """How tiles lie in a picture, with a padding around each as torchvision's make_grid has it."""

    rows: int = 1
    columns: int = 1
    padding: int = 0
    tiles: int | None = None

    def tile(self, size: Size) -> Size | None:
        """The size of a tile; None if a picture of this size is no such grid."""
        inner = [length - self.padding for length in size]
        counts = (self.rows, self.columns)
        tile = [length // count - self.padding for length, count in zip(inner, counts, strict=True)]
        fits = all(length % count == 0 for length, count in zip(inner, counts, strict=True))
        return (tile[0], tile[1]) if fits and min(tile) > 0 else None

    def cut(self, images: Array) -> Array:
        """The tiles of pictures `(batch, height, width, channels)`, row by row."""
        tile = self.tile((images.shape[1], images.shape[2]))
        assert tile is not None
        height, width = (length + self.padding for length in tile)
        inner = images[:, self.padding :, self.padding :]
        shape = (len(images), self.rows, height, self.columns, width, images.shape[-1])
        parts = inner.reshape(shape).swapaxes(2, 3)[..., : tile[0], : tile[1], :]
        tiles = parts.reshape(len(images), -1, *tile, images.shape[-1])[:, : self.tiles]
        return tiles.reshape(-1, *tile, images.shape[-1])


class Preparation:
    """How all sources become images of one size and one number of channels.

    Args:
        outputs: what was seen of all outputs.
        references: and of all references.
        grid: cuts the outputs, and those references that are as large as these.
        size: to resize to; None if all are of one size.

    Raises:
        CommandError: if they do not fit each other; it says what to type.
    """

    def __init__(
        self, outputs: Sequence[Look], references: Sequence[Look], grid: Grid, size: Size | None
    ) -> None:
        self._grid, self._size = grid, size
        self._whole = {one.size for one in outputs}
        both = [*outputs, *references]
        for one in outputs:
            if grid.tile(one.size) is None:
                raise CommandError(_no_grid(one, grid))
        sizes = Counter(self._tile(one.size) for one in both)
        if len(sizes) > 1 and size is None:
            raise CommandError(self._differing(sizes, both, references))
        depths = {one.dtype.name: one.source.place for one in both if one.dtype.kind == "u"}
        if {"uint8", "uint16"} <= set(depths):
            raise CommandError(
                f"{depths['uint8']} has 8 bits and {depths['uint16']} has 16: save all images in "
                "one of the two"
            )
        channels = [one.channels for one in both]
        self._channels = 3 if max(channels) > 2 else 1
        grey = sum(count <= 2 for count in channels)
        alpha = sum(count % 2 == 0 for count in channels)
        #: What is done to the pixels, in sentences.
        self.notes = []
        if grey and self._channels == 3:
            self.notes.append(f"{grey} of {len(both)} files are grey, and converted to RGB.")
        if alpha:
            self.notes.append(f"The opacity of {alpha} of {len(both)} files is left out.")

    def images(self, source: ImageSource) -> Array:
        """The images of a source, `(batch, height, width, channels)`."""
        images = read(source)
        if (images.shape[1], images.shape[2]) in self._whole:
            images = self._grid.cut(images)
        if images.shape[-1] < self._channels:
            images = np.repeat(images, self._channels, axis=-1)
        if self._size is None or images.shape[1:3] == self._size:
            return images
        return np.stack([_resized(image, self._size) for image in images])

    def _tile(self, size: Size) -> Size:
        tile = self._grid.tile(size) if size in self._whole else size
        assert tile is not None
        return tile

    def _differing(
        self, sizes: Counter[Size], both: Sequence[Look], references: Sequence[Look]
    ) -> str:
        examples = {self._tile(one.size): one.source.place for one in reversed(both)}
        there = "; ".join(
            f"{_text(size)} ({count} files, for instance {examples[size]})"
            for size, count in sizes.most_common(4)
        )
        [(usual, _)] = Counter(self._tile(one.size) for one in references).most_common(1)
        return f"The images differ in size, height x width: {there}. Type: --resize {_text(usual)}"


def _text(size: Size) -> str:
    return f"{size[0]}x{size[1]}"


def _no_grid(one: Look, grid: Grid) -> str:
    sentence = (
        f"{one.source.place} of {_text(one.size)} pixels, height x width, is no grid of "
        f"{grid.rows}x{grid.columns} tiles of one size with a padding of {grid.padding}"
    )
    fitting = [
        str(padding)
        for padding in range(_MOST_PADDING)
        if grid._replace(padding=padding).tile(one.size)
    ]
    return f"{sentence}. Type: --padding {' or '.join(fitting)}" if fitting else sentence


def _resized(image: Array, size: Size) -> Array:
    """An image `(height, width, channels)`; where it shrinks pixels are averaged."""
    shrinks = size[0] <= image.shape[0] and size[1] <= image.shape[1]
    way = Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR
    planes = [
        np.asarray(Image.fromarray(plane).resize((size[1], size[0]), way))
        for plane in np.moveaxis(image, -1, 0).astype(np.float32)
    ]
    pixels = np.stack(planes, axis=-1)
    return pixels if image.dtype.kind == "f" else np.rint(pixels).astype(image.dtype)
