import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from tb_meanpixel.statistics.folds import FOLDS, deal, deal_into_folds
from tb_meanpixel.statistics.measuring import measure_images
from tb_meanpixel.statistics.significance import permutation_tests, sign_test, t_test
from tb_meanpixel.statistics.value_range import ValueRange

UNIT = ValueRange(0.0, 1.0, "declared")
DIVISIONS = 12_870  # of 16 folds into two halves

batches = hnp.arrays(
    np.float64,
    st.tuples(st.integers(FOLDS, 24), st.just(2), st.just(2), st.sampled_from([1, 3])),
    elements=st.integers(0, 255).map(lambda level: level / 255),
)


def by_name(output, reference):
    """The p-values by name."""
    sides = [
        measure_images(images, UNIT, with_details=True).details.in_order()
        for images in (output, reference)
    ]
    return permutation_tests(*deal_into_folds(*sides, 0, 1))


def p_values(output, reference):
    found = by_name(output, reference)
    return found["bias_p"], found["drift_p"]


def photos(random, images=64):
    """Images whose pixels are alike: each has a brightness of its own."""
    brightness = random.random((images, 1, 1, 1)) * 0.6
    return brightness + random.random((images, 6, 6, 1)) * 0.4


@given(batches)
def test_the_details_together_are_the_whole(images):
    whole = measure_images(images, UNIT, with_details=True)
    first = min(1, len(whole.pixels.cells) - 1)

    counted = whole.details.cells.sum(axis=0)
    np.testing.assert_array_equal(whole.pixels.rebin(64).cells[first:, :66], counted)
    np.testing.assert_array_equal(whole.limits.at_high[first:], whole.details.limits.sum(axis=0)[1])
    np.testing.assert_allclose(
        whole.pixels.sums[first:], (whole.details.sums + 0.5 * whole.details.finite).sum(axis=0)
    )


@given(batches, st.randoms(use_true_random=False))
def test_the_order_of_images_changes_no_p(images, random):
    shuffled = images[random.sample(range(len(images)), len(images))]
    other = 1 - images

    for p, of_shuffled in zip(p_values(images, other), p_values(shuffled, other), strict=True):
        np.testing.assert_allclose(p, of_shuffled, atol=1e-9)


def test_the_folds_of_few_and_of_many_images_hold_as_many():
    few, many = deal(9, 256), deal(256, 9)

    assert 9 == np.count_nonzero(few >= 0) == np.count_nonzero(many >= 0)
    np.testing.assert_array_equal(np.bincount(few), np.bincount(many[many >= 0]))


def test_a_group_is_never_divided():
    clips = np.repeat(np.arange(16), 4)
    dealt = deal(64, 64, clips)

    assert all(len(set(dealt[clips == clip])) == 1 for clip in range(16))
    assert [8] * 8 == np.bincount(dealt).tolist()


@pytest.mark.parametrize("order", ["sorted", "shuffled"])
def test_the_order_of_images_does_not_make_chance_significant(order):
    """Real against real: 1 % of all draws lie below 0.01, and 58 % did where images were sorted."""
    random = np.random.default_rng(1)
    rare = 0
    for _ in range(100):
        sides = [photos(random, 32) for _ in range(2)]
        if order == "sorted":
            sides = [side[np.argsort(side.mean(axis=(1, 2, 3)))] for side in sides]
        rare += p_values(*sides)[0][0] < 0.01
    assert rare <= 5


@given(batches)
def test_equal_sides_differ_in_no_way(images):
    for p in p_values(images, images):
        assert (p == 1.0).all()


@settings(max_examples=15)
@given(batches, batches)
def test_the_sides_may_be_exchanged(a, b):
    assume(a.shape[-1] == b.shape[-1])
    np.testing.assert_allclose(p_values(a, b), p_values(b, a), atol=1e-9)


def test_the_rarest_difference_is_one_division_and_its_mirror_image():
    black, white = np.zeros((8, 1, 1, 1)), np.ones((8, 1, 1, 1))

    assert [2, 2] == [pytest.approx(p[0] * DIVISIONS) for p in p_values(black, white)]


def test_a_change_of_shape_is_seen_where_the_means_are_equal():
    grey = np.full((16, 2, 2, 1), 0.5)
    halves = np.tile(np.array([0.0, 1.0]).reshape(1, 1, 2, 1), (16, 2, 1, 1))
    of_bias, of_distance = p_values(grey, halves)

    assert 1.0 == of_bias[0]
    assert of_distance[0] < 0.001


def test_channels_are_tested_one_by_one():
    random = np.random.default_rng(0)
    reference = random.random((64, 4, 4, 3)) * 0.5
    output = random.random((64, 4, 4, 3)) * 0.5 + np.array([0.2, 0.0, 0.0])
    of_bias, _ = p_values(output, reference)

    assert 4 == len(of_bias)  # all, then red, green, blue
    assert of_bias[1] < 0.001
    assert (of_bias[2:] > 0.01).all()


@pytest.mark.parametrize("images", [1, FOLDS - 1])
def test_too_few_images_have_no_folds(images):
    assert deal(images, 64) is None is deal(64, images)


def test_without_finite_pixels_in_a_fold_there_is_no_p():
    broken = np.zeros((8, 2, 2, 1))
    broken[3] = np.nan

    assert np.isnan(p_values(broken, np.zeros((16, 2, 2, 1)))).all()


def test_images_and_not_pixels_are_what_is_sampled():
    """Of 200 pairs of samples of one population 5 % lie below 0.05, though pixels are alike."""
    random = np.random.default_rng(0)
    by_bias, by_distance = np.array(
        [np.stack(p_values(photos(random), photos(random)))[:, 0] for _ in range(200)]
    ).T

    for p in (by_bias, by_distance):
        assert 0.01 <= np.mean(p < 0.05) <= 0.1


@pytest.mark.parametrize("count", [32, 64, 256])
@pytest.mark.parametrize("shift", [0.0, 0.2, 0.5])
def test_t_is_that_of_scipy(count, shift):
    differences = np.random.default_rng(count).normal(shift, 1, count)
    expected = stats.ttest_1samp(differences, 0).pvalue

    assert t_test(differences) == pytest.approx(expected, rel=0.01, abs=1e-6)


@pytest.mark.parametrize("count", [3, 8, 16, 31])
def test_few_pairs_hold_their_level(count):
    random = np.random.default_rng(count)
    p = np.array([sign_test(random.normal(size=count)) for _ in range(300)])

    assert np.mean(p < 0.01) <= 0.03


def test_one_pair_tells_nothing():
    assert 1.0 == sign_test(np.array([0.3]))
