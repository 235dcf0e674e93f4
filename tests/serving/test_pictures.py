import io

import numpy as np
import pytest
from PIL import Image

from tb_meanpixel.serving.encoding.pictures import difference, encode_png, intensities
from tb_meanpixel.statistics.value_range import ValueRange

UNIT = ValueRange(0.0, 1.0, "declared")


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (2, 4, 3)])
def test_decoding_is_the_inverse_of_encoding(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    picture = Image.open(io.BytesIO(encode_png(pixels)))

    assert ("PNG", "L" if len(shape) == 2 else "RGB") == (picture.format, picture.mode)
    np.testing.assert_array_equal(pixels, np.asarray(picture))


@pytest.mark.parametrize(
    "value, level",
    [(0.0, 0), (1.0, 255), (0.2, 51), (-3.0, 0), (7.0, 255), (np.nan, 0), (np.inf, 255)],
)
def test_low_is_black_and_high_is_white(value, level):
    assert level == intensities(np.full((1, 1, 1), value), UNIT)[0, 0]


@pytest.mark.parametrize("channels, shape", [(1, (2, 2)), (2, (2, 2)), (3, (2, 2, 3)), (4, (2, 2))])
def test_three_channels_are_colours_and_others_grey(channels, shape):
    assert shape == intensities(np.zeros((2, 2, channels)), UNIT).shape


def test_a_grey_picture_is_the_mean_of_its_channels():
    assert [[153]] == intensities(np.array([[[0.0, 0.6, 0.8, 1.0]]]), UNIT).tolist()


def test_differences_have_the_colours_of_the_page():
    # From DIFFERENCE in colors.ts, light: darker, equal, brighter.
    darker, equal, brighter = difference(np.array([[[-0.2], [0.0], [0.2]]]), UNIT)[0].tolist()

    assert [[0, 84, 159], [247, 247, 247], [191, 82, 0]] == [darker, equal, brighter]


def test_half_the_maximum_difference_has_half_the_colour():
    half = difference(np.array([[[-0.2], [0.1]]]), UNIT)[0, 1].tolist()

    assert [(247 + 191) / 2, 164, 124] == half  # 164.5 and 123.5, to even


def test_a_difference_that_nobody_sees_has_hardly_any_colour():
    assert np.ptp(difference(np.full((1, 1, 1), 0.001), UNIT)) <= 6
    assert np.ptp(difference(np.full((1, 1, 1), 0.05), UNIT)) == 191


def test_no_difference_at_all_has_no_colour():
    assert (difference(np.zeros((2, 2, 1)), UNIT) == 247).all()
    assert (difference(np.full((2, 2, 1), np.nan), UNIT) == 247).all()
