"""Sums of 8 x 8 block means in the graph of a metric: do outputs vary, and follow their references?

A metric sees images only as they pass by, and keeps no map of every pixel. Maps of block means
are small enough, and tell a collapse from images that are merely equally bright.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from keras import ops

from tb_meanpixel.statistics.averages import BLOCKS
from tb_meanpixel.statistics.images import Array
from tb_meanpixel.statistics.pairs import PixelProducts
from tb_meanpixel.statistics.spatial import SpatialSums

_FLIPS = 3  # left and right, upside down, transposed


def block_sums(reference: Any, output: Any, number: Any, channels: int) -> Any:
    """Sums over the images that are finite throughout on both sides, float32 `(n,)`.

    Args:
        reference, output: `(batch, height, width, c)`, less the middle of the range.
        number: pixels of each image and channel that count `(batch, c)`.
        channels: of the sums; the rest of them stays 0.
    """
    _, height, width, own = output.shape
    if height is None or width is None:
        return ops.zeros((size(channels),), "float32")
    whole = ops.cast(ops.all(number == float(height * width), axis=1), "float32")
    sides = [_block_means(side) * whole[:, None, None, None] for side in (reference, output)]
    ref, out = sides
    flips = [ops.flip(ref, 2), ops.flip(ref, 1), ops.transpose(ref, (0, 2, 1, 3))]
    padding = [0, channels - own]
    flat_out, flat_ref = (ops.reshape(side, (-1, own)) for side in (out, ref))
    parts = [
        ops.pad(ops.stack([ops.sum(side, 0) for side in sides]), [[0, 0]] * 3 + [padding]),
        ops.pad(ops.stack([ops.sum(side**2, (0, 1, 2)) for side in sides]), [[0, 0], padding]),
        ops.pad(ops.matmul(ops.transpose(flat_out), flat_ref), [padding, padding]),
        ops.pad(
            ops.stack([ops.sum(out * flipped, (0, 1, 2)) for flipped in flips]),
            [[0, 0], padding],
        ),
        ops.sum(whole),
    ]
    return ops.concatenate([ops.reshape(part, (-1,)) for part in parts])


def size(channels: int) -> int:
    """Length of the sums."""
    return (2 * BLOCKS**2 + 2 + channels + _FLIPS) * channels + 1


def split(
    sums: Array, channels: int, own: int, middle: float, *, is_square: bool
) -> tuple[SpatialSums | None, SpatialSums | None, PixelProducts | None]:
    """The references' sums, the outputs' and the products, of numpy `(n,)`; None without images.

    `own` is the number of channels that the images have.
    """
    count = int(sums[-1])
    if count == 0:
        return None, None, None
    lengths = [2 * BLOCKS**2 * channels, 2 * channels, channels**2, _FLIPS * channels]
    maps, squares, products, flips = np.split(sums[:-1], np.cumsum(lengths)[:-1])
    maps = maps.reshape(2, BLOCKS, BLOCKS, channels)[..., :own]
    squares = squares.reshape(2, channels)[:, :own]
    flipped = flips.reshape(_FLIPS, channels)[:, :own]
    reference, output = (
        SpatialSums(maps[side], squares[side], count, middle, is_of_blocks=True)
        for side in range(2)
    )
    transposed = flipped[2] if is_square else np.full(own, np.nan)
    by_channel = products.reshape(channels, channels)[:own, :own]
    return reference, output, PixelProducts(by_channel, flipped[0], flipped[1], transposed, 0.0)


def _block_means(images: Any) -> Any:
    """`(batch, 8, 8, channels)` of `(batch, height, width, channels)`."""
    _, height, width, channels = images.shape
    rows = ops.matmul(
        ops.convert_to_tensor(_weights(height)),
        ops.reshape(images, (-1, height, width * channels)),
    )
    blocks = ops.matmul(
        ops.convert_to_tensor(_weights(width)), ops.reshape(rows, (-1, width, channels))
    )
    return ops.reshape(blocks, (-1, BLOCKS, BLOCKS, channels))


@functools.lru_cache(maxsize=16)
def _weights(length: int) -> Array:
    """What each pixel along a side adds to a block's mean `(8, length)`, float32.

    Of fewer than 8 pixels some stand in several blocks.
    """
    weights = np.zeros((BLOCKS, length), np.float32)
    for block in range(BLOCKS):
        start = block * length // BLOCKS
        end = max(start + 1, (block + 1) * length // BLOCKS)
        weights[block, start:end] = 1 / (end - start)
    return weights
