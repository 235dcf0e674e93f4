"""Mean images as PNG, in the colours that the page has for them."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt

from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.value_range import ValueRange

Pixels = npt.NDArray[np.uint8]

# Darker than the reference, equal, brighter; as in frontend/src/drawing/colors.ts, light.
_DIFFERENCE = np.array([[0, 84, 159], [247, 247, 247], [191, 82, 0]], float)
# A smaller difference than this share of the value range gets no full colour.
_MIN_DIFFERENCE = 1 / 20


def encode_png(pixels: Pixels) -> bytes:
    """PNG of uint8 `(height, width)`, grey, or `(height, width, 3)`, RGB."""
    from PIL import Image  # only where a picture is requested: it takes 60 ms

    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG")
    return file.getvalue()


def intensities(image: FloatArray, value_range: ValueRange) -> Pixels:
    """An image `(height, width, channels)` as uint8: low is black, high is white.

    Three channels are RGB `(height, width, 3)`; of any other number the mean is grey
    `(height, width)`. NaN is black.
    """
    low, high, _ = value_range
    shown = image if image.shape[-1] == 3 else image.mean(axis=-1)
    share: FloatArray = np.nan_to_num((shown - low) / (high - low), nan=0.0)
    return np.rint(np.clip(share, 0.0, 1.0) * 255).astype(np.uint8)


def difference(image: FloatArray, value_range: ValueRange) -> Pixels:
    """A difference `(height, width, channels)` as uint8 RGB `(height, width, 3)`.

    Near white is no difference, orange is brighter and blue is darker, up to the maximum of
    the image. Channels are averaged.
    """
    low, high, _ = value_range
    mean = np.nan_to_num(image.mean(axis=-1), nan=0.0, posinf=0.0, neginf=0.0)
    share = mean / max((high - low) * _MIN_DIFFERENCE, np.abs(mean).max(initial=0.0))
    stops = np.array([-1.0, 0.0, 1.0])
    channels = [np.interp(share, stops, _DIFFERENCE[:, channel]) for channel in range(3)]
    rgb: FloatArray = np.stack(channels, axis=-1)
    return np.rint(rgb).astype(np.uint8)
