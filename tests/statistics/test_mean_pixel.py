import numpy as np
import pytest
from hypothesis import given
from support.strategies import finite_image_batches

from tb_meanpixel.statistics.images import colour_count
from tb_meanpixel.statistics.mean_pixel import image_contrasts, image_means

NAN, INF = np.nan, np.inf
MEANS = [[0.3, 0.0, 0.2, 0.7]]  # of one RGB pixel (0, 0.2, 0.7)


def images(*flat):
    """Grey images of two pixels each."""
    return np.array(flat, float).reshape(-1, 1, 2, 1)


@pytest.mark.parametrize(
    "pixels, expected",
    [
        (np.zeros((2, 3, 3, 1)), [[0.0], [0.0]]),
        (images([0.0, 0.5], [0.5, 1.0]), [[0.25], [0.75]]),
        (np.array([[[[0.0, 0.2, 0.7]]]]), MEANS),
        (np.array([[[[0, 51, 255]]]], np.uint8), [[102.0, 0.0, 51.0, 255.0]]),
        (np.array([[[[False], [True]]]]), [[0.5]]),
        (images([0.0, NAN]), [[NAN]]),
        (images([0.0, INF]), [[INF]]),
    ],
    ids=["black", "grey", "rgb", "uint8", "bool", "nan", "inf"],
)
def test_the_mean_pixel_is_the_mean_over_height_width_and_channels(pixels, expected):
    np.testing.assert_allclose(image_means(pixels), expected)


@given(finite_image_batches())
def test_means_and_contrasts_are_those_of_numpy(batch):
    exact = batch.astype(np.float64)

    colours = exact[..., : colour_count(exact.shape[-1])]

    np.testing.assert_allclose(
        image_means(batch)[:, 0], colours.mean(axis=(1, 2, 3)), rtol=1e-9, atol=1e-9
    )
    inside = np.sqrt(colours.var(axis=(1, 2)).mean(axis=-1))
    np.testing.assert_allclose(image_contrasts(batch)[:, 0], inside, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        image_means(batch)[:, 1:],
        exact.mean(axis=(1, 2)) if exact.shape[-1] > 1 else np.zeros((len(batch), 0)),
        rtol=1e-9,
        atol=1e-9,
    )


@pytest.mark.parametrize(
    "pixels, expected",
    [
        (images([0.0, 1.0], [0.25, 0.75]), [[0.5], [0.25]]),
        (np.array([[[[0.0, 1.0]]]]), [[0.0, 0.0, 0.0]]),  # channels differ, each is flat
        (images([0.0, NAN]), [[NAN]]),
    ],
    ids=["grey", "two channels", "nan"],
)
def test_the_contrast_is_the_deviation_inside_an_image(pixels, expected):
    np.testing.assert_allclose(image_contrasts(pixels), expected)
