"""Is a difference from the reference more than an accident of sampling?

The unit of sampling is the image: pixels of one image are alike, and a test that takes them for
independent calls every difference significant. Images of one group (clip, patient, scene) are
alike too: where groups are given, the group is the unit.

Where output i reproduces reference i, the differences of their mean pixels are tested: by
Student's t, and where they are few, by turning their signs. Where outputs are samples, a
permutation test over folds of images is made: a real difference is one that few other ways of
dividing all folds into two sides would show.
"""

from __future__ import annotations

import functools
import itertools
import math

import numpy as np

from tb_meanpixel.statistics.folds import FOLDS, Folds
from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.image_values import ImageValues
from tb_meanpixel.statistics.images import colour_count

# From so many units on Student's t is right for differences of any usual distribution.
_MANY = 32

# Ways to turn the signs: all of them for so many units, else a seeded choice of so many.
_ALL_SIGNS = 12
_DRAWN_SIGNS = 10_000

# By the name of a p-value: the field of `Folds` whose differences it is of.
TESTED = {
    "bias_p": "means",
    "drift_p": "shares",
    "at_low_p": "at_low",
    "at_high_p": "at_high",
    "outside_p": "outside",
    "contrast_p": "contrasts",
    "brightness_spread_p": "brightness_spreads",
    "pixel_spread_p": "pixel_spreads",
}


def permutation_tests(output: Folds, reference: Folds) -> dict[str, FloatArray]:
    """Two-sided p-values by name, each `(rows,)`.

    The share of all divisions of the folds into two halves that differ at least as much as
    outputs and references do. NaN where something is not finite in one of the folds.

    Example: 8 black and 8 white images; no division differs more, one as much.
        >>> from tb_meanpixel.statistics.folds import deal_into_folds
        >>> from tb_meanpixel.statistics.measuring import measure_images
        >>> from tb_meanpixel.statistics.value_range import ValueRange
        >>> unit = ValueRange(0, 1, "declared")
        >>> black, white = (
        ...     measure_images(images, unit, with_details=True).details
        ...     for images in (np.zeros((8, 1, 1, 1)), np.ones((8, 1, 1, 1)))
        ... )
        >>> permutation_tests(*deal_into_folds(black, white, 0, 1))["bias_p"] * 12870
        array([2.])
    """
    p = {name: _by_row(output, reference, field) for name, field in TESTED.items()}
    if colour_count(len(p["bias_p"]) - 1) == 3:
        p["cast_p"] = _of_colours(_by_row(output, reference, "casts"))
    return p


def _by_row(output: Folds, reference: Folds, field: str) -> FloatArray:
    both = np.concatenate([getattr(output, field), getattr(reference, field)])
    features = both.reshape(*both.shape[:2], -1)  # (16, rows, n)
    return np.array([_share_as_extreme(features[:, row]) for row in range(features.shape[1])])


def _of_colours(by_row: FloatArray) -> FloatArray:
    """The p of all: that of the least of three, each looked at."""
    p = by_row.copy()
    p[0] = min(1.0, 3 * float(np.min(by_row[1:4])))
    return p


def _share_as_extreme(features: FloatArray) -> float:
    """Share of the divisions whose halves differ at least as much as the first half's and the rest.

    `features` is `(folds, n)`; halves differ by the sum of the absolute differences of their means.
    """
    if not np.isfinite(features).all():
        return float("nan")
    differences = np.abs(_halves() @ (features / FOLDS)).sum(axis=1)
    # Equal but for rounding is equal: the halves are summed in another order.
    rounding = 1e-12 * np.abs(features).sum(axis=1).max()
    return float(np.mean(differences >= differences[0] - rounding))


@functools.cache
def _halves() -> FloatArray:
    """Every division of 16 folds into two halves, as +1 and -1; the first is as given.

    A division and its mirror image differ by the same amount: one of both is enough.
    """
    chosen = [half for half in itertools.combinations(range(2 * FOLDS), FOLDS) if half[0] == 0]
    signs = np.full((len(chosen), 2 * FOLDS), -1.0)
    np.put_along_axis(signs, np.array(chosen), 1.0, axis=1)
    return signs


def paired_tests(output: ImageValues, reference: ImageValues) -> dict[str, FloatArray]:
    """Two-sided p-values of paired mean pixels by name, each `(rows,)`.

    `bias_p` of the differences; with three colours also `cast_p`, of each channel's difference
    less the mean of the colours'. NaN where no pair is finite. A single pair tells nothing: 1.
    """
    differences = output.means - reference.means
    p = {"bias_p": _of_differences(output.by_group(differences))}
    if colour_count(differences.shape[1] - 1) == 3:
        casts = differences - differences[:, 1:4].mean(axis=1, keepdims=True)
        p["cast_p"] = _of_colours(_of_differences(output.by_group(casts)))
    return p


def _of_differences(differences: FloatArray) -> FloatArray:
    p = []
    for row in differences.T:
        finite = row[np.isfinite(row)]
        if finite.size == 0:
            p.append(float("nan"))
        elif finite.size < _MANY:
            p.append(sign_test(finite))
        else:
            p.append(t_test(finite))
    return np.array(p)


def sign_test(differences: FloatArray) -> float:
    """Two-sided p of `(n,)` differences: the ways to turn signs whose mean is as far from 0.

    Example: 8 equal differences: only all of one sign, and of the other, are as far.
        >>> sign_test(np.full(8, 0.1)) == 2 / 256
        True
    """
    count = len(differences)
    # In an order of their own: what is drawn must not depend on the order in which pairs came.
    differences = np.sort(differences)
    if count <= _ALL_SIGNS:
        signs = np.array(list(itertools.product((1.0, -1.0), repeat=count)))
    else:
        signs = _drawn_signs(count)
    means = np.abs(signs @ differences)
    rounding = 1e-12 * np.abs(differences).sum()
    return float(np.mean(means >= means[0] - rounding))


@functools.lru_cache(maxsize=4)
def _drawn_signs(count: int) -> FloatArray:
    signs = np.random.default_rng(0).choice((1.0, -1.0), size=(_DRAWN_SIGNS, count))
    signs[0] = 1.0
    return signs


def t_test(differences: FloatArray) -> float:
    """Two-sided p of Student's t of `(n,)` differences, n - 1 degrees of freedom.

    By the normal distribution (Wallace 1959), right to a thousandth of p from 32 differences
    on. Equal differences that are not 0 are no accident.
    """
    count = len(differences)
    mean, spread = float(differences.mean()), float(differences.std(ddof=1))
    if spread <= 1e-9 * abs(mean):
        return 0.0 if mean else 1.0
    degrees = count - 1
    t = mean / spread * math.sqrt(count)
    z = (8 * degrees + 1) / (8 * degrees + 3) * math.sqrt(degrees * math.log1p(t * t / degrees))
    return math.erfc(z / math.sqrt(2))


def smallest_bias(output: ImageValues, reference: ImageValues, *, paired: bool) -> FloatArray:
    """The smallest bias that could be told from chance `(rows,)`, intensity units.

    2.6 standard errors: of the differences of pairs, or of the difference of both means. NaN
    for a single image.
    """
    if paired:
        return 2.6 * _standard_errors(output.by_group(output.means - reference.means))
    errors = [_standard_errors(side.by_group(side.means)) for side in (output, reference)]
    return 2.6 * np.hypot(*errors)


def _standard_errors(values: FloatArray) -> FloatArray:
    errors = []
    for row in values.T:
        finite = row[np.isfinite(row)]
        spread = float(finite.std(ddof=1)) if finite.size > 1 else float("nan")
        errors.append(spread / math.sqrt(max(1, finite.size)))
    return np.array(errors)
