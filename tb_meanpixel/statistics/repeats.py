"""Do outputs repeat each other? Near copies among 8 x 8 block means.

f is an image's block means, d_i the distance of image i to the nearest other image of its side,
both sides cut to N images. An output is a near copy if d_i < 0.4 t k, where t is the median d_i
of the references and k = min(1, spread of the outputs / spread of the references), at least 0.3:
outputs of less contrast lie closer together without being copies.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.images import subset_indices

#: Below so many images there is no telling.
LEAST_IMAGES = 64

#: Of so many images a side at most: a seeded choice.
MAX_IMAGES = 256

_NEAR = 0.4
_COPY = 0.05
_LEAST_SCALE = 0.3


class Repeats(NamedTuple):
    """How much outputs repeat each other, beyond what the references do.

    Attributes:
        repeats: share of outputs with a near copy, less that of the references, divided by the
            rest of those; 0 where outputs repeat no more than references, 1 where all do.
        copies: the same of copies so near (a twentieth of the distance to the N/4th neighbour)
            that a model that merely varies in few ways does not make them.
        different_images: about how many there are: one over the share of pairs that are near
            copies; at most N^2 / 20, where fewer than ten pairs would be left to count.
    """

    repeats: float
    copies: float
    different_images: float


def repeats(output: FloatArray, reference: FloatArray, span: float) -> Repeats:
    """Of thumbnails `(n, 8, 8, channels)` of either side; NaN for fewer than 64 images.

    NaN also where more than half of the references repeat each other: there is no measure then.

    Example: 64 times one image.
        >>> random = np.random.default_rng(0)
        >>> one, many = np.ones((64, 8, 8, 1)), random.random((64, 8, 8, 1))
        >>> repeats(one, many, 1.0).repeats, repeats(many, many, 1.0).repeats
        (1.0, 0.0)
    """
    count = min(len(output), len(reference), MAX_IMAGES)
    out, ref = (_finite(side, count) for side in (output, reference))
    if min(len(out), len(ref)) < LEAST_IMAGES:
        return Repeats(float("nan"), float("nan"), float("nan"))
    count = min(len(out), len(ref))
    out, ref = out[:count], ref[:count]
    distances, of_reference = _distances(out), _distances(ref)
    scale = np.median(of_reference.min(axis=1))
    if scale <= 1e-6 * span:
        return Repeats(float("nan"), float("nan"), float("nan"))
    spreads = [
        np.sqrt(np.mean(np.sum((side - side.mean(axis=0)) ** 2, axis=1))) for side in (out, ref)
    ]
    k = float(np.clip(spreads[0] / spreads[1], _LEAST_SCALE, 1.0))
    near = _NEAR * scale * k
    share, expected = _share(distances, near), _share(of_reference, _NEAR * scale)
    pairs = np.count_nonzero(distances < near) / (count * (count - 1))
    most = count**2 / 20
    return Repeats(
        _excess(share, expected),
        _excess(_copies(distances), _copies(of_reference)),
        min(1 / pairs, most) if pairs else most,
    )


def _finite(side: FloatArray, count: int) -> FloatArray:
    flat = side.reshape(len(side), -1).astype(np.float64)
    flat = flat[np.isfinite(flat).all(axis=1)]
    return flat[subset_indices(len(flat), count)]


def _distances(images: FloatArray) -> FloatArray:
    """From each image to each other one `(n, n)`; infinite to itself."""
    centred = images - images.mean(axis=0)
    squares = np.einsum("ij,ij->i", centred, centred)
    between = squares[:, None] + squares - 2 * centred @ centred.T
    # What rounding leaves of equal images is no distance.
    between = np.where(between <= 1e-12 * squares.max(initial=0.0), 0.0, between)
    distances: FloatArray = np.sqrt(between)
    np.fill_diagonal(distances, np.inf)
    return distances


def _share(distances: FloatArray, near: float) -> float:
    return float(np.mean(distances.min(axis=1) < near)) if near > 0 else 0.0


def _copies(distances: FloatArray) -> float:
    ordered = np.sort(distances, axis=1)
    return float(np.mean(ordered[:, 0] < _COPY * ordered[:, len(distances) // 4]))


def _excess(share: float, expected: float) -> float:
    return (share - expected) / (1 - expected) if expected < 1 else float("nan")
