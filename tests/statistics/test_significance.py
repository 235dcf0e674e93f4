import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tb_meanpixel.statistics.image_statistics import measure_images
from tb_meanpixel.statistics.significance import FOLDS, fold_histograms, permutation_p
from tb_meanpixel.statistics.value_range import ValueRange

UNIT = ValueRange(0.0, 1.0, "declared")
DIVISIONS = 12_870  # of 16 folds into two halves

batches = hnp.arrays(
    np.float64,
    st.tuples(st.integers(FOLDS, 24), st.just(2), st.just(2), st.sampled_from([1, 3])),
    elements=st.integers(0, 255).map(lambda level: level / 255),
)


def p_values(output, reference):
    return permutation_p(fold_histograms(output, UNIT), fold_histograms(reference, UNIT))


def photos(random, images=64):
    """Images whose pixels are alike: each has a brightness of its own."""
    brightness = random.random((images, 1, 1, 1)) * 0.6
    return brightness + random.random((images, 6, 6, 1)) * 0.4


@given(batches)
def test_the_folds_together_are_the_whole(images):
    folds, whole = fold_histograms(images, UNIT), measure_images(images, UNIT, bins=64).pixels

    assert (FOLDS, *whole.cells.shape) == folds.cells.shape
    np.testing.assert_array_equal(folds.cells.sum(axis=0), whole.cells)
    np.testing.assert_allclose(folds.sums.sum(axis=0), whole.sums)


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
def test_too_few_images_have_no_p(images):
    few = np.zeros((images, 2, 2, 1))

    assert np.isnan(p_values(few, few)).all()


def test_without_finite_pixels_in_a_fold_there_is_no_p():
    broken = np.zeros((16, 2, 2, 1))
    broken[::FOLDS] = np.nan

    assert np.isnan(p_values(broken, np.zeros((16, 2, 2, 1)))).all()


def test_images_and_not_pixels_are_what_is_sampled():
    """Of 200 pairs of samples of one population 5 % lie below 0.05, though pixels are alike."""
    random = np.random.default_rng(0)
    by_bias, by_distance = np.array(
        [np.stack(p_values(photos(random), photos(random)))[:, 0] for _ in range(200)]
    ).T

    for p in (by_bias, by_distance):
        assert 0.01 <= np.mean(p < 0.05) <= 0.1
