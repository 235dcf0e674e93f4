import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support.strategies import image_batches

from tb_meanpixel.statistics.images import (
    ValueRange,
    as_images,
    channel_names,
    declared_range,
    fingerprint,
    infer_range,
    subset_indices,
)

NAN, INF = np.nan, np.inf
WANTED = "(batch, height, width, channels) or (batch, height, width)"


def images(*pixels, dtype=float):
    """One grey image of these pixels."""
    return np.array(pixels, dtype).reshape(1, 1, -1, 1)


@pytest.mark.parametrize(
    "shape, data_format, expected",
    [
        ((8, 28, 30), "channels_last", (8, 28, 30, 1)),
        ((8, 28, 30), "channels_first", (8, 28, 30, 1)),
        ((8, 28, 30, 3), "channels_last", (8, 28, 30, 3)),
        ((8, 3, 28, 30), "channels_first", (8, 28, 30, 3)),
        ((1, 1, 1, 1), "channels_last", (1, 1, 1, 1)),
    ],
)
def test_image_batches_become_batch_height_width_channels(shape, data_format, expected):
    assert expected == as_images(np.zeros(shape), data_format=data_format).shape


def test_channels_first_images_keep_their_pixels():
    batch = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)

    assert batch[1, 2, 3, 4] == as_images(batch, data_format="channels_first")[1, 3, 4, 2]


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float16, np.float32, np.float64])
def test_numbers_keep_their_type(dtype):
    assert dtype == as_images(np.zeros((1, 2, 2), dtype)).dtype


def test_lists_are_images_too():
    assert [[[[0.0], [1.0]]]] == as_images([[[0.0, 1.0]]]).tolist()


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "uint8"])
def test_tensorflow_tensors_are_images_too(dtype):
    tf = pytest.importorskip("tensorflow")
    batch = as_images(tf.cast(tf.fill((2, 3, 3, 1), 0.5), dtype))

    assert (2, 3, 3, 1) == batch.shape
    assert {"uint8": 0.0}.get(dtype, 0.5) == batch[0, 0, 0, 0]
    assert batch.dtype.kind in "fu"


@pytest.mark.parametrize(
    "given_images, error, sentence",
    [
        (np.zeros(4), ValueError, f"x must be {WANTED}; got shape (4,). For flat vectors"),
        (np.zeros((2, 2)), ValueError, f"x must be {WANTED}; got shape (2, 2). For one image"),
        (np.zeros((1, 1, 1, 1, 1)), ValueError, f"x must be {WANTED}; got shape (1, 1, 1, 1, 1)"),
        (np.zeros(()), ValueError, f"x must be {WANTED}; got shape ()"),
        (np.zeros((0, 2, 2, 1)), ValueError, "x must hold at least one pixel; got shape (0, 2, 2"),
        (np.zeros((2, 0, 2, 1)), ValueError, "x must hold at least one pixel; got shape (2, 0, 2"),
        ({"b": 1, "a": 2}, TypeError, f"x must be one array {WANTED}; got a dict with keys"),
        ((1, 2, 3), TypeError, f"x must be one array {WANTED}; got a tuple with 3 elements"),
        (np.array([["a"]]), TypeError, "x must hold numbers; got dtype <U1"),
        (np.zeros((1, 2, 2), complex), TypeError, "x must hold numbers; got dtype complex128"),
        (
            [np.zeros((4, 4, 1)), np.zeros((5, 4, 1))],
            ValueError,
            "x must be images of one shape; got images of mixed shapes. Resize or crop",
        ),
        (
            [np.zeros((4, 4, 1)), np.zeros((4, 4, 3))],
            ValueError,
            "x must be images of one shape; got images of mixed shapes. Resize or crop",
        ),
        (
            np.array([np.zeros((4, 4, 1)), np.zeros((5, 4, 1))], dtype=object),
            ValueError,
            "x must be images of one shape; got mixed shapes (4, 4, 1), (5, 4, 1). Resize",
        ),
    ],
)
def test_what_is_no_image_batch_is_refused_with_a_sentence(given_images, error, sentence):
    with pytest.raises(error, match="^" + re.escape(sentence)):
        as_images(given_images, "x")


@pytest.mark.parametrize(
    "reference, expected",
    [
        (images(0, 7, dtype=np.uint8), (0.0, 255.0, "dtype")),
        (images(0, 7, dtype=np.uint16), (0.0, 65535.0, "dtype")),
        (images(False, True, dtype=bool), (0.0, 1.0, "data")),
        (images(0, 1, dtype=np.int64), (0.0, 1.0, "data")),
        (images(0, 255, dtype=np.int32), (0.0, 255.0, "data")),
        (images(0.0, 1.0), (0.0, 1.0, "data")),
        (images(0.2, 0.3), (0.0, 1.0, "data")),
        (images(-0.5, 0.25), (-1.0, 1.0, "data")),
        (images(0.0, 1.5), (0.0, 255.0, "data")),
        (images(-2.5, 3.0), (-2.5, 3.0, "data")),
        (images(0.0, 256.0), (0.0, 256.0, "data")),
        (images(300.0, 300.0), (299.5, 300.5, "data")),
        (images(0.5, NAN, INF, -INF), (0.0, 1.0, "data")),  # what is not finite has no say
    ],
)
def test_the_range_is_the_first_usual_one_that_holds_the_values(reference, expected):
    assert expected == infer_range(reference)


def test_no_range_is_inferred_from_values_that_are_not_finite():
    with pytest.raises(ValueError, match=r"^x must hold finite values; all 3 are NaN or infinite$"):
        infer_range(images(NAN, INF, -INF), "x")


@given(image_batches(dtypes=(np.float32, np.uint8, np.int32)))
def test_an_inferred_range_holds_every_finite_value(batch):
    finite = batch[np.isfinite(batch)].astype(float)
    assume(finite.size and np.ptp(finite) < 1e36)  # wider ones are refused
    low, high, _ = infer_range(batch)

    assert low < high
    assert low <= finite.min() <= finite.max() <= high


@pytest.mark.parametrize("limits", [(0, 1), [0, 1], np.array([0, 1]), (0.0, np.float32(1))])
def test_a_declared_range_is_two_numbers(limits):
    assert (0.0, 1.0, "declared") == declared_range(limits)


def test_a_range_that_says_how_it_is_known_stays_as_it_is():
    inferred = ValueRange(-1.0, 1.0, "data")

    assert inferred is declared_range(inferred)


@pytest.mark.parametrize(
    "limits",
    [(1, 0), (1, 1), (0, NAN), (-INF, 1), (0,), (0, 1, 2), 255, "ab", ("a", "b"), (None, 1)],
)
def test_an_impossible_range_is_refused_with_a_sentence(limits):
    with pytest.raises(ValueError, match=r"^value_range must be two finite numbers \(low, high\)"):
        declared_range(limits)


@pytest.mark.parametrize(
    "channels, names",
    [
        (1, ("all",)),
        (2, ("all", "channel_0", "channel_1")),
        (3, ("all", "red", "green", "blue")),
        (4, ("all", "red", "green", "blue", "alpha")),
    ],
)
def test_rows_are_named_after_channels(channels, names):
    assert names == channel_names(channels)


def test_equal_images_have_one_fingerprint():
    batch = np.arange(24.0).reshape(2, 3, 4, 1)

    assert fingerprint(batch) == fingerprint(batch.copy())
    assert fingerprint(batch) == fingerprint(np.asfortranarray(batch))
    assert re.fullmatch("[0-9a-f]{16}", fingerprint(batch))


def test_other_images_have_another_fingerprint():
    batch = np.arange(24.0).reshape(2, 3, 4, 1)
    others = [
        batch,
        batch + 1e-9,
        batch[::-1],
        batch.astype(np.float32),
        batch.reshape(2, 4, 3, 1),
        batch[:1],
    ]

    assert len(others) == len({fingerprint(other) for other in others})


@given(st.integers(0, 300), st.integers(1, 300))
def test_a_subset_is_some_of_the_images_in_their_order(count, max_images):
    chosen = subset_indices(count, max_images)

    assert min(count, max_images) == len(chosen)
    assert sorted(set(chosen)) == chosen.tolist()
    assert set(chosen) <= set(range(count))


def test_a_subset_is_the_same_every_time_and_not_just_the_first():
    assert subset_indices(1000, 10).tolist() == subset_indices(1000, 10).tolist()
    assert list(range(10)) != subset_indices(1000, 10).tolist()
    assert subset_indices(1000, 10, seed=1).tolist() != subset_indices(1000, 10).tolist()
