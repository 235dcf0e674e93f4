import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import finite_image_batches, image_batches

from tb_meanpixel.statistics import planes
from tb_meanpixel.statistics.image_statistics import contrast_range
from tb_meanpixel.statistics.images import colour_count
from tb_meanpixel.statistics.mean_pixel import image_contrasts, image_means
from tb_meanpixel.statistics.measuring import measure_images
from tb_meanpixel.statistics.value_range import ValueRange

NAN, INF = np.nan, np.inf
UNIT = ValueRange(0.0, 1.0, "declared")


def images(*flat):
    """Grey images of two pixels each."""
    return np.array(flat, float).reshape(-1, 1, 2, 1)


def equal(first, second):
    """Whether two statistics hold the same counts, and the same sums but for rounding."""
    for name in ("mean_pixels", "contrasts", "pixels"):
        a, b = getattr(first, name), getattr(second, name)
        np.testing.assert_array_equal(a.cells, b.cells)
        np.testing.assert_allclose(a.sums, b.sums, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(a.squares, b.squares, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(first.spatial.sums, second.spatial.sums, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(first.spatial.squares, second.spatial.squares, rtol=1e-9, atol=1e-9)
    return (first.spatial.count, first.image_count) == (second.spatial.count, second.image_count)


@pytest.mark.parametrize("value", [0.0, 0.1, 1 / 3, -0.7, 254.9])
@pytest.mark.parametrize("shape", [(2, 2, 2, 1), (3, 7, 5, 1), (4, 28, 28, 1), (3, 32, 32, 3)])
def test_images_of_one_value_have_that_mean_and_no_spread(value, shape):
    flat = np.full(shape, value)
    measured = measure_images(flat, ValueRange(-1.0, 255.0, "declared"))

    np.testing.assert_allclose(image_means(flat), value, rtol=1e-12)
    np.testing.assert_allclose(image_contrasts(flat), 0.0, atol=1e-12 * 255)
    assert not measured.mean_pixels.std.any()
    assert not measured.pixels.std.any()
    assert not measured.spatial.spread.any()
    np.testing.assert_allclose(measured.spatial.mean_image, value, rtol=1e-12)


def test_every_pixel_is_counted_in_its_channel_and_in_all():
    measured = measure_images(np.array([[[[0.0, 0.5, 2.0]]]] * 4), UNIT)

    assert [
        [0, 4, 4, 4, 0, 0, 0],  # all
        [0, 4, 0, 0, 0, 0, 0],  # red
        [0, 0, 4, 0, 0, 0, 0],  # green
        [0, 0, 0, 4, 0, 0, 0],  # blue
    ] == measured.pixels.rebin(2).cells.tolist()


def test_the_mean_pixels_and_contrasts_are_one_value_an_image_and_channel():
    measured = measure_images(np.array([[[[0.0, 0.25, 0.5]]]] * 4), UNIT)

    assert [[4] * 4] * 2 == [measured.mean_pixels.total.tolist(), measured.contrasts.total.tolist()]
    assert [0.25, 0.0, 0.25, 0.5] == measured.mean_pixels.mean.tolist()
    assert 4 == measured.image_count


@pytest.mark.parametrize(
    "limits, expected", [((0, 1), (0.0, 0.5)), ((-1, 1), (0.0, 1.0)), ((0, 255), (0.0, 127.5))]
)
def test_no_contrast_of_images_in_range_lies_beyond_half_of_it(limits, expected):
    low, high = limits
    measured = measure_images(images([low, high]), ValueRange(low, high, "declared"))

    assert expected == contrast_range(ValueRange(low, high, "declared"))
    assert expected == (measured.contrasts.low, measured.contrasts.high)
    assert [0, 0, 0, 0, 1, 0, 0, 0, 0] == measured.contrasts.rebin(4).cells[0].tolist()


def test_a_sum_knows_where_pixels_are_only_if_both_parts_do():
    measured = measure_images(np.zeros((2, 2, 2, 1)), UNIT)
    passing = dataclasses.replace(measured, spatial=None)

    assert (measured + passing).spatial is None
    assert 4 == (measured + measured).spatial.count


@given(st.lists(st.integers(0, 255), min_size=12, max_size=12))
def test_images_in_range_are_in_the_range_of_contrasts(levels):
    measured = measure_images(np.array(levels).reshape(1, 2, 2, 3) / 255, UNIT)

    assert not measured.contrasts.overflow.any()
    assert not measured.mean_pixels.overflow.any()


@given(image_batches())
def test_one_value_is_counted_for_each_pixel(batch):
    measured = measure_images(batch, UNIT)
    channels = batch.shape[-1]

    of_each = batch.size // channels
    assert of_each * colour_count(channels) == measured.pixels.total[0]
    assert [of_each] * (channels if channels > 1 else 0) == measured.pixels.total[1:].tolist()
    assert len(batch) == measured.image_count


@given(finite_image_batches())
def test_measuring_in_chunks_changes_nothing(batch):
    whole = measure_images(batch, UNIT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planes, "VALUES_AT_ONCE", batch[0].size)  # an image at a time

        assert equal(whole, measure_images(batch, UNIT))


def test_an_image_greater_than_a_chunk_is_measured_whole(monkeypatch):
    monkeypatch.setattr(planes, "VALUES_AT_ONCE", 1)

    assert [8] == measure_images(np.zeros((2, 2, 2, 1)), UNIT).pixels.total.tolist()


@given(finite_image_batches(height=2, width=2, channels=3), st.integers(1, 5))
def test_two_batches_add_up_to_both(batch, split):
    split = min(split, len(batch) - 1)
    parts = [part for part in (batch[:split], batch[split:]) if len(part)]

    assert equal(measure_images(batch, UNIT), sum_of(measure_images(part, UNIT) for part in parts))


@given(finite_image_batches(), st.randoms(use_true_random=False))
def test_the_order_of_images_does_not_matter(batch, random):
    shuffled = batch[random.sample(range(len(batch)), len(batch))]

    assert equal(measure_images(batch, UNIT), measure_images(shuffled, UNIT))


@given(finite_image_batches(dtypes=(np.uint8,)))
def test_8_bit_images_are_measured_as_floats(batch):
    levels = ValueRange(0.0, 255.0, "dtype")

    assert equal(measure_images(batch, levels), measure_images(batch.astype(np.float64), levels))


@given(finite_image_batches(batch=5))
def test_the_mean_image_and_its_spread_are_those_of_numpy(batch):
    exact = batch.astype(np.float64)
    measured = measure_images(batch, UNIT)

    np.testing.assert_allclose(
        measured.spatial.mean_image, exact.mean(axis=0), rtol=1e-9, atol=1e-9
    )
    colours = exact[..., : colour_count(exact.shape[-1])]
    np.testing.assert_allclose(
        measured.spatial.spread[0],
        np.sqrt(colours.var(axis=0, ddof=1).mean()),
        rtol=1e-4,
        atol=1e-3,
    )


@pytest.mark.parametrize("count", [2, 7, 10, 256])
@pytest.mark.parametrize("value", [0.1, 0.3, 1 / 3])
def test_the_same_image_again_and_again_does_not_vary(count, value):
    picture = np.array([value, 0.5, 0.9, 0.2]).reshape(1, 2, 2, 1)
    measured = measure_images(np.repeat(picture, count, axis=0), UNIT)

    assert [0.0] == measured.spatial.spread.tolist()


def test_pixels_that_are_not_finite_are_counted():
    measured = measure_images(images([0.5, NAN], [INF, -INF], [0.5, 0.5]), UNIT)

    assert [[0, 0, 3, 0, 1, 1, 1]] == measured.pixels.rebin(2).cells.tolist()
    # An image half of whose pixels are finite has the mean of these, one without any has none.
    assert [[0, 0, 2, 0, 1, 0, 0]] == measured.mean_pixels.rebin(2).cells.tolist()
    assert [[0, 2, 0, 0, 1, 0, 0]] == measured.contrasts.rebin(2).cells.tolist()


def test_the_mean_image_is_that_of_the_finite_values_of_each_pixel():
    measured = measure_images(images([0.0, NAN], [0.25, 0.5], [0.75, 0.5]), UNIT)

    np.testing.assert_allclose(measured.spatial.mean_image, [[[1 / 3], [0.5]]])
    assert [[[3], [2]]] == measured.spatial.count.tolist()


def test_without_a_finite_value_there_is_no_mean_image():
    measured = measure_images(images([NAN, NAN], [INF, NAN]), UNIT)

    assert np.isnan(measured.spatial.mean_image).all()
    assert np.isnan(measured.spatial.spread).all()
    assert np.isnan(measured.pixels.mean).all()


def sum_of(parts):
    first, *others = parts
    for other in others:
        first = first + other
    return first
