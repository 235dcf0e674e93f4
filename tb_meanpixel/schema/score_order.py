"""The places of the scores in the tensor `<stream>/scores`.

A run may be resumed by another version of this package, and TensorBoard keeps the names of its
first record alone. So a score never changes its place: a new one is added at the end, and the
place of one that is gone stays empty. docs/schema.md says what each of them is.
"""

from __future__ import annotations

from collections.abc import Collection

SCORE_ORDER = (
    *("output_mean", "output_std", "output_q01", "output_q99"),
    *("reference_mean", "reference_std", "reference_q01", "reference_q99"),
    *("bias", "drift", "drift_means", "color_cast"),
    *("contrast_ratio", "brightness_spread_ratio", "pixel_spread_ratio"),
    *("below_range", "above_range", "at_low", "at_high", "non_finite"),
    *("reference_below_range", "reference_above_range", "reference_at_low", "reference_at_high"),
    *("correlation", "paired_t", "bias_p", "drift_p"),
    *("image_count", "independent_count"),
    *("excess_below", "excess_above", "reference_excess_below", "reference_excess_above"),
    *("chroma_ratio", "sharpness", "pattern"),
    *("image_correlation", "pixel_correlation", "output_slope", "reference_slope"),
    *("correlation_left_right", "correlation_upside_down", "correlation_transposed"),
    *("correlation_with_red", "correlation_with_green", "correlation_with_blue"),
    *("repeats", "different_images", "contrast_ratio_median"),
    *("flat_images", "black_images", "white_images", "wrapped_images"),
    *("bad_images", "reference_bad_images", "smallest_bias"),
    *("cast_p", "at_low_p", "at_high_p", "outside_p"),
    *("contrast_p", "pixel_spread_p", "brightness_spread_p"),
    *("copies", "output_checksum"),
)


def ordered(names: Collection[str]) -> tuple[str, ...]:
    """A name for each place; empty where a score is not among `names`.

    A name without a place, of a score that is not in the list yet, comes at the end.

    Example:
        >>> ordered({"output_mean", "output_q01", "sparkle"})[:3]
        ('output_mean', '', 'output_q01')
        >>> ordered({"output_mean", "output_q01", "sparkle"})[-2:]
        ('', 'sparkle')
    """
    places = [name if name in names else "" for name in SCORE_ORDER]
    return (*places, *sorted(set(names) - set(SCORE_ORDER)))
