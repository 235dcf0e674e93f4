"""Keys of images: of many images those with the smallest keys are kept.

A key is a seeded random number of 64 bits. The choice of two parts is the choice of both: it does
not depend on the order in which parts are added.
"""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

from tb_meanpixel.statistics.histogram import Histogram
from tb_meanpixel.statistics.images import Array

Keys = npt.NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def keys_of(count: int, seed: int = 0) -> Keys:
    """Keys of images by their place in a batch `(count,)`.

    Example: another seed gives others.
        >>> keys_of(2).tolist() == keys_of(3)[:2].tolist()
        True
        >>> keys_of(2).tolist() == keys_of(2, seed=1).tolist()
        False
    """
    # SplitMix64 (Steele, Lea and Flood 2014).
    with np.errstate(over="ignore"):
        mixed = (np.arange(1, count + 1, dtype=np.uint64) + np.uint64(seed << 20)) * _GOLDEN
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    keys: Keys = mixed ^ (mixed >> np.uint64(31))
    return keys


def seed_of(pixels: Histogram) -> int:
    """The seed of a batch with this histogram: parts of a whole have keys of their own."""
    return zlib.crc32(np.ascontiguousarray(pixels.cells).data)


def smallest(keys: Keys, most: int) -> Array:
    """Places of the `most` smallest keys, rising; all of them if they are no more."""
    if len(keys) <= most:
        return np.arange(len(keys))
    return np.sort(np.argpartition(keys, most)[:most])


def content_order(*features: Array) -> Array:
    """An order of images `(n,)` by what they hold, whatever order they came in.

    Each of the features is `(n, ...)`. The order is that of a hash: it says nothing of brightness.

    Example: the image that holds 7 has the same place in both.
        >>> first, second = np.array([7, 8, 9]), np.array([9, 7, 8])
        >>> first[content_order(first)].tolist() == second[content_order(second)].tolist()
        True
    """
    hashed: Keys = np.zeros(len(features[0]), np.uint64)
    for place, feature in enumerate(features):
        rows = np.ascontiguousarray(feature).reshape(len(feature), -1)
        words = rows.view(f"u{rows.dtype.itemsize}").astype(np.uint64)
        with np.errstate(over="ignore"):
            hashed += words @ (keys_of(words.shape[1], 1 + place) | np.uint64(1))
    return np.argsort(hashed, kind="stable")
