"""Images as PNG, without an imaging library."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.value_range import ValueRange

Pixels = npt.NDArray[np.uint8]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB = 0, 2  # colour types

# The ends of the diverging colours, with white between: brighter than the reference, and darker.
_ABOVE, _BELOW = np.array([178.0, 24.0, 43.0]), np.array([33.0, 102.0, 172.0])


def encode_png(pixels: Pixels) -> bytes:
    """PNG of uint8 `(height, width)`, grey, or `(height, width, 3)`, RGB."""
    height, width = pixels.shape[:2]
    colour = _GREY if pixels.ndim == 2 else _RGB
    # Each row begins with its filter: 0, none.
    rows = np.pad(pixels.reshape(height, -1), ((0, 0), (1, 0)))
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return b"".join(
        [
            _SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(rows.tobytes())),
            _chunk(b"IEND", b""),
        ]
    )


def intensities(image: FloatArray, value_range: ValueRange) -> Pixels:
    """An image `(height, width, channels)` as uint8: low is black, high is white.

    Three or four channels are taken as RGB, any other number as grey: their
    mean. What is not finite is black.
    """
    low, high, _ = value_range
    shown = image[..., :3] if image.shape[-1] in (3, 4) else image.mean(axis=-1)
    share: FloatArray = np.nan_to_num((shown - low) / (high - low), nan=0.0)
    return np.rint(np.clip(share, 0.0, 1.0) * 255).astype(np.uint8)


def difference(image: FloatArray) -> Pixels:
    """A difference `(height, width, channels)` as uint8 RGB, symmetric about zero.

    White is none, red is brighter and blue is darker, by at most the greatest
    difference in the image. Channels are averaged.
    """
    mean = np.nan_to_num(image.mean(axis=-1), nan=0.0, posinf=0.0, neginf=0.0)
    share = mean / (np.abs(mean).max(initial=0.0) or 1.0)
    ends = np.where(share[..., np.newaxis] > 0, _ABOVE, _BELOW)
    shown: FloatArray = 255 + np.abs(share)[..., np.newaxis] * (ends - 255)
    return np.rint(shown).astype(np.uint8)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
