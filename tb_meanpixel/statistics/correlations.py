"""Do outputs follow their references, pixel by pixel? Correlations and slopes.

For each channel, over n pairs of images of P pixels, of sums So, Sr (a map each), products
P_or and squares Qo, Qr:

    cov = P_or - <So, Sr> / n       var_o = Qo - |So|^2 / n       var_r likewise
    pixel correlation R = cov / sqrt(var_o var_r)

What an image differs in brightness is taken off for the image correlation R_b: less P times the
covariance of the image means, and likewise the variances. "All" is of the colours: their
covariances and variances are added before they are divided.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.image_statistics import ImageStatistics
from tb_meanpixel.statistics.images import channel_names, colour_count
from tb_meanpixel.statistics.pairs import PairSums
from tb_meanpixel.statistics.spatial import with_sum_of_colours

_FLIPS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "left_right": lambda sums: sums[:, ::-1],
    "upside_down": lambda sums: sums[::-1],
    "transposed": lambda sums: sums.swapaxes(0, 1),
}


def image_correlations(
    output: ImageStatistics, reference: ImageStatistics, pairs: PairSums
) -> dict[str, FloatArray]:
    """The scores of pixel products by name, each `(rows,)`; none where these were not recorded.

    NaN where a side has no variance, and for fewer than two pairs.
    """
    if pairs.pixels is None or output.spatial is None or reference.spatial is None:
        return {}
    out, ref = output.spatial, reference.spatial
    middle = out.middle
    out_sums, ref_sums = out.centred_sums(middle), ref.centred_sums(middle)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        products = pairs.pixels.by_channel
        means = np.where(out.count == 0, 0.0, out_sums / out.count)
        crossed = products - np.einsum("hwo,hwr->or", means, ref_sums)
        pixels = out_sums.shape[0] * out_sums.shape[1]
        brightness = _Brightness(pairs, pixels)
        cov, var_o, var_r = np.diagonal(crossed), out.scatter, ref.scatter
        correlation = _all(cov, var_o, var_r)
        spread_ratio = np.sqrt(_divide(with_sum_of_colours(var_o), with_sum_of_colours(var_r)))
        rest_o = _rest(var_o, brightness.output, out.squares)
        rest_r = _rest(var_r, brightness.reference, ref.squares)
        rest = cov - brightness.covariance
        scores = {
            "pixel_correlation": correlation,
            # Flat outputs do not follow anything: their slope is 0, their correlation undefined.
            "output_slope": np.where(spread_ratio == 0, 0.0, correlation * spread_ratio),
            "image_correlation": _all(rest, rest_o, rest_r),
            "reference_slope": _divide(with_sum_of_colours(rest), with_sum_of_colours(rest_o)),
        }
        for name, flip in _FLIPS.items():
            flipped = getattr(pairs.pixels, name)
            if np.isnan(flipped).all():
                continue
            shared = np.einsum("hwc,hwc->c", means, flip(ref_sums))
            scores[f"correlation_{name}"] = _all(
                flipped - shared - brightness.covariance, rest_o, rest_r
            )
        scores |= _by_reference_channel(crossed, var_o, var_r)
        return scores


class _Brightness:
    """What the images' mean pixels add to covariance and variances, each `(channels,)`."""

    def __init__(self, pairs: PairSums, pixels: int) -> None:
        first = min(1, len(pairs.count) - 1)
        count = pairs.count[first:]
        out, ref = pairs.output[first:], pairs.reference[first:]
        self.covariance = pixels * (pairs.products[first:] - out * ref / count)
        self.output = pixels * (pairs.output_squares[first:] - out**2 / count)
        self.reference = pixels * (pairs.reference_squares[first:] - ref**2 / count)


def _rest(variance: FloatArray, brightness: FloatArray, squares: FloatArray) -> FloatArray:
    rest = variance - brightness
    return np.where(rest <= 1e-9 * squares, 0.0, rest)


def _all(cov: FloatArray, var_o: FloatArray, var_r: FloatArray) -> FloatArray:
    cov, var_o, var_r = map(with_sum_of_colours, (cov, var_o, var_r))
    correlation = _divide(cov, np.sqrt(var_o) * np.sqrt(var_r))
    return np.clip(correlation, -1.0, 1.0)


def _by_reference_channel(
    crossed: FloatArray, var_o: FloatArray, var_r: FloatArray
) -> dict[str, FloatArray]:
    """Of three colours: each output channel with each colour of the references."""
    channels = len(var_o)
    if colour_count(channels) != 3:
        return {}
    table = _divide(crossed, np.sqrt(var_o)[:, None] * np.sqrt(var_r))
    return {
        f"correlation_with_{name}": np.concatenate([[np.nan], table[:, column]])
        for column, name in enumerate(channel_names(channels)[1:4])
    }


def _divide(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    return np.where(denominator > 0, np.divide(numerator, denominator), np.nan)
