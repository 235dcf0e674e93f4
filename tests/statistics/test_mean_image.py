import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_meanpixel.statistics.mean_image import LONGEST_SIDE, from_share, shrink, to_share
from tb_meanpixel.statistics.value_range import ValueRange

BYTES = ValueRange(0.0, 255.0, "dtype")


@given(st.integers(1, 100), st.integers(1, 100), st.integers(1, 3))
def test_a_shrunk_image_is_small_and_keeps_its_proportions(height, width, channels):
    small = shrink(np.ones((height, width, channels)))
    block = -(-max(height, width) // LONGEST_SIDE)

    assert (-(-height // block), -(-width // block), channels) == small.shape
    assert max(small.shape[:2]) <= LONGEST_SIDE
    assert (small == 1).all()


def test_pixels_are_averaged_in_square_blocks():
    image = np.zeros((64, 66, 1))
    image[:3, :3] = 9.0
    image[63, 65] = 3.0

    assert (22, 22, 1) == shrink(image).shape
    assert 9.0 == shrink(image)[0, 0, 0]
    assert 1.0 == shrink(image)[21, 21, 0]  # one row of the block is left


@pytest.mark.parametrize("size", [1, 28, 32])
def test_a_small_image_stays_as_it_is(size):
    image = np.random.default_rng(0).random((size, size, 3))

    np.testing.assert_array_equal(image, shrink(image))


@given(st.floats(-1000, 1000))
def test_intensities_are_right_to_a_thousandth(value):
    read = from_share(to_share(np.full((1, 1, 1), value), BYTES), BYTES)

    assert pytest.approx(value, rel=1e-3, abs=1e-3) == read[0, 0, 0]


def test_what_is_far_out_stays_finite_and_nan_stays_nan():
    share = to_share(np.array([1e300, -1e300, np.inf, np.nan]), BYTES)

    assert [True, True, True, False] == np.isfinite(share).tolist()
