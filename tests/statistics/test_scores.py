import dataclasses

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st
from support.strategies import finite_values, image_pairs, powers_of_two

from tb_meanpixel.statistics import scores
from tb_meanpixel.statistics.histogram import count_values
from tb_meanpixel.statistics.mean_pixel import image_means
from tb_meanpixel.statistics.measuring import measure_images
from tb_meanpixel.statistics.pairs import PairSums
from tb_meanpixel.statistics.record import Record, measure
from tb_meanpixel.statistics.value_range import ValueRange

NAN, INF = np.nan, np.inf
UNIT = ValueRange(0.0, 1.0, "declared")

# 8-bit levels as 0..1: every one is in range, and in a bin of its own of 256.
units = st.lists(st.integers(0, 255).map(lambda level: level / 255), min_size=1, max_size=60).map(
    np.array
)


def record(output, reference, paired=True):
    output, reference = np.asarray(output, float), np.asarray(reference, float)
    pairs = PairSums.of(image_means(output), image_means(reference)) if paired else None
    return Record(measure_images(output, UNIT), measure_images(reference, UNIT), pairs)


def grey(*images):
    """Images of two pixels each."""
    return np.array(images, float).reshape(-1, 1, 2, 1)


def overall(output, reference, paired=True):
    return scores.overall(scores.scores(record(output, reference, paired)))


def distance(a, b, bins=256, low=0.0, high=1.0):
    return float(
        scores.wasserstein(count_values(a, low, high, bins), count_values(b, low, high, bins))
    )


@pytest.mark.parametrize(
    "a, b, expected",
    [
        ([0.0, 0.5], [0.0, 0.5], 0.0),
        ([0.0, 0.5], [0.25, 0.75], 0.25),
        ([0.0, 0.0], [0.0, 1.0], 0.5),
        ([0.0, 1.0], [0.5, 0.5], 0.5),  # equal means: only the shape differs
        ([0.0], [1.0], 1.0),
        ([0.5], [0.5, 0.5, 0.5], 0.0),  # numbers of values do not matter
        ([0.5, NAN, INF], [0.5], 0.0),  # what is not finite is left out
        ([-3.0], [0.0], 3.0),  # out of range the means still know
    ],
)
def test_the_distance_of_a_few_values(a, b, expected):
    assert pytest.approx(expected, abs=1 / 256) == distance(np.array(a), np.array(b))


@given(units, units, powers_of_two)
def test_the_distance_is_scipys_within_a_bin(a, b, bins):
    exact = scipy.stats.wasserstein_distance(a, b)

    assert pytest.approx(exact, rel=0, abs=1 / bins + 1e-9) == distance(a, b, bins)


@given(units, units)
def test_the_distance_is_at_least_that_of_the_means(a, b):
    assert abs(a.mean() - b.mean()) <= distance(a, b, bins=2) + 1e-12


@given(finite_values(min_size=1), powers_of_two)
def test_a_distribution_has_no_distance_from_itself(a, bins):
    assert 0.0 == distance(a, a, bins)


@given(finite_values(min_size=1), finite_values(min_size=1))
def test_distances_are_symmetric(a, b):
    assert distance(a, b) == distance(b, a)


@given(units, units, units)
def test_no_detour_is_shorter(a, b, c):
    assert distance(a, c) <= distance(a, b) + distance(b, c) + 1e-9


@given(st.lists(st.integers(0, 128), min_size=1), st.integers(0, 128), powers_of_two)
def test_a_shift_is_a_distance_of_that_much(numbers, shift, bins):
    values = np.array(numbers) / 256

    assert pytest.approx(shift / 256, abs=1 / bins) == distance(values, values + shift / 256, bins)
    # In bins as fine as the values nothing is lost, and the exact means mend the rest.
    assert pytest.approx(shift / 256, abs=1e-12) == distance(values, values + shift / 256)


@pytest.mark.parametrize(
    "beyond, inside",
    [([-0.5, 0.5], [0.0, 0.0]), ([0.375, 1.625], [1.0, 1.0])],
    ids=["below", "above"],
)
def test_values_out_of_range_count_as_if_at_the_limit(beyond, inside):
    # One value is at the limit, the other 2 or 3 of 4 bins away. The means are equal.
    assert (0 + 2.5) / 2 / 4 == distance(np.array(beyond), np.array(inside), bins=4)


@pytest.mark.parametrize("gain", [2, 10])
def test_with_what_lies_outside_the_distance_is_exact_out_of_range(gain):
    reference = np.random.default_rng(0).random((16, 8, 8, 1))
    output = reference.mean() + gain * (reference - reference.mean())
    expected = scipy.stats.wasserstein_distance(output.ravel(), reference.ravel())

    assert overall(output, reference)["drift"] == pytest.approx(expected, abs=1 / 256)


@pytest.mark.parametrize("empty", [[], [NAN], [INF, -INF]])
def test_without_finite_values_the_distance_is_undefined(empty):
    assert np.isnan(distance(np.array(empty, float), np.array([0.5])))
    assert np.isnan(distance(np.array([0.5]), np.array(empty, float)))


@pytest.mark.parametrize("other", [(0, 1, 8), (0, 2, 4), (-1, 1, 4)])
def test_histograms_with_other_edges_have_no_distance(other):
    with pytest.raises(ValueError, match=r"must share \(low, high, bins\)"):
        scores.wasserstein(count_values(np.zeros(1), 0, 1, 4), count_values(np.zeros(1), *other))


def test_distances_are_computed_row_by_row():
    a = count_values(np.array([[0.0, 0.0]]), 0, 1, 4)
    b = count_values(np.array([[0.5, 1.0]]), 0, 1, 4)

    assert [0.5, 1.0] == scores.wasserstein(a, b).tolist()


@given(image_pairs())
def test_the_correlation_of_pairs_is_numpys(pair):
    x, y = (image_means(batch)[:, 0] for batch in pair)
    assume(min(x.std(), y.std()) > 1e-3)
    pairs = PairSums.of(*(image_means(batch) for batch in pair))

    assert pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-6) == scores.correlation(pairs)[0]


@given(image_pairs())
def test_the_t_of_pairs_is_scipys(pair):
    x, y = (image_means(batch)[:, 0] for batch in pair)
    assume(len(x) > 1 and (x - y).std() > 1e-3)
    pairs = PairSums.of(*(image_means(batch) for batch in pair))

    exact = scipy.stats.ttest_rel(x, y).statistic
    assert pytest.approx(exact, rel=1e-6, abs=1e-6) == scores.paired_t(pairs)[0]


@pytest.mark.parametrize(
    "output, reference, correlation, paired_t",
    [
        ([0.0, 0.5, 1.0], [0.0, 0.5, 1.0], 1.0, NAN),  # equal: no difference to test
        ([1.0, 0.5, 0.0], [0.0, 0.5, 1.0], -1.0, 0.0),
        ([0.3, 0.3, 0.3], [0.0, 0.5, 1.0], NAN, -0.692820),
        ([0.1, 0.6, 1.1], [0.0, 0.5, 1.0], 1.0, NAN),  # the same difference everywhere
        ([0.5], [0.25], NAN, NAN),  # one pair has no spread
        ([NAN, NAN], [0.0, 1.0], NAN, NAN),
        ([0.0, 1.0, NAN], [0.0, 1.0, 0.5], 1.0, NAN),  # a pair that is not finite is left out
    ],
)
def test_pair_scores_without_spread_are_undefined(output, reference, correlation, paired_t):
    pairs = PairSums.of(*(np.array(means)[:, np.newaxis] for means in (output, reference)))

    np.testing.assert_allclose(scores.correlation(pairs), [correlation], atol=1e-9)
    np.testing.assert_allclose(scores.paired_t(pairs), [paired_t], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "name, output, reference, expected",
    [
        ("output_mean", grey([0.5, 1.0]), grey([0.0, 0.5]), 0.75),
        ("reference_mean", grey([0.5, 1.0]), grey([0.0, 0.5]), 0.25),
        ("bias", grey([0.5, 1.0]), grey([0.0, 0.5]), 0.5),
        ("bias", grey([0.0, 0.0]), grey([0.0, 0.5]), -0.25),
        ("drift", grey([0.5, 1.0]), grey([0.0, 0.5]), 0.5),
        ("drift", grey([0.0, 1.0]), grey([0.5, 0.5]), 127.5 / 256),  # mean pixels are equal,
        ("drift_means", grey([0.0, 1.0]), grey([0.5, 0.5]), 0.0),  # pixels are not
        ("contrast_ratio", grey([0.25, 0.75]), grey([0.0, 1.0]), 0.5),
        ("contrast_ratio", grey([0.5, 0.5]), grey([0.0, 1.0]), 0.0),
        ("contrast_ratio", grey([0.0, 1.0]), grey([0.5, 0.5]), NAN),  # flat references
        ("brightness_spread_ratio", grey([0.25, 0.25], [0.75, 0.75]), grey([0, 0], [1, 1]), 0.5),
        ("brightness_spread_ratio", grey([0, 0], [1, 1]), grey([0.5, 0.5], [0.5, 0.5]), NAN),
        ("pixel_spread_ratio", grey([0.25, 0.5], [0.75, 0.5]), grey([0, 0.5], [1, 0.5]), 0.5),
        ("pixel_spread_ratio", grey([0.3, 0.6], [0.3, 0.6]), grey([0, 0], [1, 1]), 0.0),  # collapse
        ("below_range", grey([-0.5, 0.5]), grey([0, 0]), 0.5),
        ("above_range", grey([1.0, 1.5]), grey([0, 0]), 0.5),  # 1 itself is in range
        ("at_low", grey([0.0, 0.5]), grey([0, 0]), 0.5),
        ("at_low", grey([-0.5, 0.5]), grey([0, 0]), 0.0),  # below is not at the limit
        ("at_high", grey([1.0, 0.5]), grey([0, 0]), 0.5),
        ("reference_at_low", grey([1, 1]), grey([0.0, 0.5]), 0.5),
        ("reference_at_high", grey([0, 0]), grey([1.0, 0.5]), 0.5),
        ("reference_below_range", grey([0, 0]), grey([-0.5, 0.5]), 0.5),
        ("reference_above_range", grey([0, 0]), grey([0.5, 1.5]), 0.5),
        ("output_std", grey([0.0, 1.0]), grey([0, 0]), 0.5),
        ("reference_std", grey([0, 0]), grey([0.0, 1.0]), 0.5),
        ("non_finite", grey([NAN, 0], [INF, 0], [0, 0], [0, 0]), grey([0, 0]), 0.25),
    ],
)
def test_the_scores_of_a_few_pixels(name, output, reference, expected):
    assert (
        pytest.approx(expected, abs=1e-6, nan_ok=True)
        == overall(output, reference, paired=False)[name]
    )


def test_the_ends_of_the_pixels_are_numpys_within_a_bin():
    output = np.random.default_rng(0).normal(0.5, 0.15, (64, 8, 8, 1)).clip(0, 1)
    numbers = overall(output, output)

    for name, share in (("output_q01", 0.01), ("reference_q99", 0.99)):
        assert pytest.approx(np.quantile(output, share), abs=1 / 256) == numbers[name]


def test_another_epoch_can_be_the_baseline():
    first, now, reference = grey([0.2, 0.4]), grey([0.45, 0.65]), grey([0.0, 1.0])
    earlier, later = record(first, reference), record(now, reference)
    numbers = scores.overall(scores.scores(Record(later.output, reference=earlier.output)))

    assert pytest.approx(0.25, abs=1e-9) == numbers["bias"]
    assert pytest.approx(0.25, abs=1 / 256) == numbers["drift"]
    assert pytest.approx(1.0) == numbers["contrast_ratio"]


@pytest.mark.parametrize("value", [0.1, 0.3, 1 / 3])
@pytest.mark.parametrize(
    "name", ["contrast_ratio", "brightness_spread_ratio", "pixel_spread_ratio"]
)
def test_a_reference_without_spread_makes_a_ratio_undefined(name, value):
    varied = np.random.default_rng(0).random((10, 7, 5, 3))

    assert np.isnan(overall(varied, np.full((10, 7, 5, 3), value))[name])


@pytest.mark.parametrize(
    "name", ["contrast_ratio", "brightness_spread_ratio", "pixel_spread_ratio"]
)
@given(pair=image_pairs())
def test_ratios_of_equal_images_are_1(name, pair):
    images, _ = pair
    ratio = overall(images, images)[name]

    assert np.isnan(ratio) or ratio == 1.0


@pytest.mark.parametrize("paired", [True, False])
def test_pair_scores_are_absent_without_pairs(paired):
    names = overall(grey([0, 1], [1, 1]), grey([0, 0], [1, 1]), paired)

    assert paired == ("correlation" in names) == ("paired_t" in names)


@pytest.mark.parametrize("paired", [True, False])
def test_permutation_tests_stand_in_for_pair_scores(paired):
    images = grey(*np.random.default_rng(0).random((16, 2)))
    seen = measure(output=images, reference=images, value_range=(0, 1), paired=paired)
    names = scores.overall(scores.scores(seen))

    assert paired != ("drift_p" in names)
    assert 1.0 == names["bias_p"] == names.get("drift_p", 1.0)


def test_the_pixel_ratio_is_absent_where_images_only_passed_by():
    seen = record(grey([0, 1]), grey([0, 1]))
    passing = dataclasses.replace(seen.output, spatial=None)

    assert "pixel_spread_ratio" in scores.scores(seen)
    assert "pixel_spread_ratio" not in scores.scores(Record(passing, seen.reference))
    assert "pixel_spread_ratio" not in scores.scores(Record(seen.output, passing))


def test_grey_images_have_no_color_cast():
    assert "color_cast" not in overall(grey([0, 1]), grey([0, 0]))


def test_a_color_cast_is_seen_where_the_mean_stays():
    reference = np.full((2, 2, 2, 3), 0.5)
    output = reference + np.array([0.125, 0.0, -0.125])  # red up, blue down
    found = scores.scores(record(output, reference))
    numbers = scores.overall(found)

    assert [0.0, 0.125, 0.0, -0.125] == found["bias"].tolist()
    assert 0.0 == numbers["bias"]
    assert 0.25 == numbers["color_cast"]


@pytest.mark.parametrize("name", ["drift", "drift_means"])
def test_the_overall_drift_is_the_worst_channels(name):
    reference = np.full((2, 2, 2, 3), 0.5)
    output = reference + np.array([0.0, 0.25, 0.0])

    assert pytest.approx(0.25, abs=1 / 256) == overall(output, reference)[name]


def test_every_other_overall_is_that_of_all_channels():
    rng = np.random.default_rng(0)
    found = scores.scores(record(rng.random((4, 3, 3, 3)), rng.random((4, 3, 3, 3))))
    numbers = scores.overall(found)
    worst = {"drift", "drift_means"}

    assert {*found, "color_cast"} == set(numbers)
    for name, rows in found.items():
        assert name in worst or rows[0] == numbers[name] or np.isnan(rows[0])


def test_nothing_finite_leaves_only_counts_and_the_reference():
    numbers = overall(grey([NAN, NAN], [INF, NAN]), grey([0, 0], [1, 1]))
    defined = {name: number for name, number in numbers.items() if not np.isnan(number)}

    of_reference = {name: defined.pop(name) for name in list(defined) if name.startswith("ref")}
    assert {"reference_mean": 0.5, "reference_at_low": 0.5}.items() <= of_reference.items()
    assert {"non_finite": 1.0, "image_count": 2.0}.items() <= defined.items()
    assert not {"bias", "drift", "below_range", "at_low", "pixel_spread_ratio"} & set(defined)


def test_a_channel_without_finite_values_makes_the_overall_undefined():
    reference = np.full((2, 2, 2, 3), 0.5)
    output = reference.copy()
    output[..., 1] = NAN
    numbers = overall(output, reference)

    assert np.isnan([numbers["drift"], numbers["color_cast"]]).all()
    assert pytest.approx(1 / 3) == numbers["non_finite"]
