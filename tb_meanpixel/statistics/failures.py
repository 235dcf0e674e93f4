"""Single images that fail: flat, black, white.

An image is flat if its contrast is below 2 % of the median contrast of the references, and its
brightness between black and white. It is black or white if it is flat, and its mean pixel is
within 2 % of the range of that limit. Of pairs, an output counts only if its reference is not
the same: an empty mask is not at fault.
"""

from __future__ import annotations

import warnings

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.image_values import ImageValues
from tb_meanpixel.statistics.pairs import PairSums

_FLAT = 0.02
_NEAR_LIMIT = 0.02


def failed_shares(
    output: ImageValues, reference: ImageValues, pairs: PairSums | None, low: float, high: float
) -> dict[str, FloatArray]:
    """Shares of the images by kind, each `(rows,)`, and of all kinds together.

    `wrapped_images` are counted in pairs alone: see `PixelProducts`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # all are NaN
        typical = np.nanmedian(reference.contrasts, axis=0)
    kinds = _kinds(output, typical, low, high)
    expected = _kinds(reference, typical, low, high)
    shares = {}
    failed = np.zeros(output.means.shape, bool)
    for name, found in kinds.items():
        if pairs is not None and found.shape == expected[name].shape:
            found = found & ~expected[name]  # noqa: PLW2901
        shares[f"{name}_images"] = found.mean(axis=0)
        failed |= found
    bad = failed.mean(axis=0)
    if pairs is not None and pairs.pixels is not None:
        wrapped = pairs.pixels.wrapped / max(1.0, float(pairs.count[0]))
        shares["wrapped_images"] = np.full(bad.shape, wrapped)
        bad = np.minimum(1.0, bad + wrapped)
    any_expected = np.logical_or.reduce(list(expected.values()))
    return shares | {"bad_images": bad, "reference_bad_images": any_expected.mean(axis=0)}


def _kinds(
    values: ImageValues, typical: FloatArray, low: float, high: float
) -> dict[str, np.ndarray]:
    """Which images are flat, black and white: bool `(n, rows)` each."""
    near = _NEAR_LIMIT * (high - low)
    with np.errstate(invalid="ignore"):
        flat = values.contrasts < np.maximum(_FLAT * typical, 1e-9 * (high - low))
        black, white = values.means <= low + near, values.means >= high - near
    return {"flat": flat & ~black & ~white, "black": flat & black, "white": flat & white}
