import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_meanpixel.statistics.images import (
    as_images,
    channel_names,
    checksum,
    fingerprint,
    subset_indices,
)

NAN, INF = np.nan, np.inf
SHAPES = "(batch, height, width, channels) or (batch, height, width)"


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
        (np.zeros(4), ValueError, f"x must be {SHAPES}; got shape (4,). For flat vectors"),
        (np.zeros((2, 2)), ValueError, f"x must be {SHAPES}; got shape (2, 2). For one image"),
        (np.zeros((1, 1, 1, 1, 1)), ValueError, f"x must be {SHAPES}; got shape (1, 1, 1, 1, 1)"),
        (np.zeros(()), ValueError, f"x must be {SHAPES}; got shape ()"),
        (np.zeros((0, 2, 2, 1)), ValueError, "x must hold at least one pixel; got shape (0, 2, 2"),
        (np.zeros((2, 0, 2, 1)), ValueError, "x must hold at least one pixel; got shape (2, 0, 2"),
        ({"b": 1, "a": 2}, TypeError, f"x must be one array {SHAPES}; got a dict with keys"),
        ((1, 2, 3), TypeError, f"x must be one array {SHAPES}; got a tuple with 3 elements"),
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
    "channels, names",
    [
        (1, ("all",)),
        (2, ("all", "grey", "alpha")),
        (3, ("all", "red", "green", "blue")),
        (4, ("all", "red", "green", "blue", "alpha")),
    ],
)
def test_channels_have_names(channels, names):
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


@pytest.mark.parametrize("shape", [(3, 5, 7, 1), (2, 8, 8, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32, np.float64])
def test_a_checksum_sees_each_change_in_place(shape, dtype):
    images = np.random.default_rng(0).integers(0, 255, shape).astype(dtype)
    for place in (0, images.size // 2, images.size - 1):
        before = checksum(images)
        assert before == checksum(images.copy())
        images.flat[place] += 1
        assert before != checksum(images)


def test_a_checksum_needs_no_copy_of_channels_first():
    images = np.random.default_rng(0).random((2, 3, 8, 8)).transpose(0, 2, 3, 1)

    assert checksum(images) == checksum(images)
    assert checksum(images) != checksum(images[::-1])
