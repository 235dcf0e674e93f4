import itertools
import math
import re
import tracemalloc

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from tb_meanpixel.recording import choice
from tb_meanpixel.recording.reference import (
    READ_PER_KEPT,
    Reference,
    check_positive,
    take_reference,
)

COLOUR = np.random.default_rng(0).random((10, 6, 8, 3)).astype(np.float32)
COLOUR[:, 0, 0, 0] = np.arange(10)  # tells which image it is
GREY = COLOUR[..., 0]
LATENTS = np.arange(20, dtype=np.float32).reshape(10, 2)
LABELS, LABELS_60 = np.arange(10), np.arange(60)
WANTED = "reference must be (batch, height, width, channels) or (batch, height, width)"


class PyData(keras.utils.PyDataset):
    """Batches of arrays that are alike in length; `parts` is one of them or a tuple."""

    def __init__(self, parts, batch_size=4):
        super().__init__()
        self.parts, self.batch_size = parts, batch_size

    def __len__(self):
        return math.ceil(len(keras.tree.flatten(self.parts)[0]) / self.batch_size)

    def __getitem__(self, index):
        rows = slice(index * self.batch_size, (index + 1) * self.batch_size)
        return keras.tree.map_structure(lambda array: array[rows], self.parts)


class PyDataBeforeKeras311:
    """As `keras.utils.PyDataset` was then: no iterator, and no error beyond its end."""

    def __init__(self, parts):
        self.data = PyData(parts)

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        return self.data[index]


class Pairs(torch.utils.data.Dataset):
    """Pairs of tensors, one at a time."""

    def __init__(self, *parts):
        self.parts = [torch.from_numpy(part) for part in parts]

    def __len__(self):
        return len(self.parts[0])

    def __getitem__(self, index):
        return tuple(part[index] for part in self.parts)


def batches(parts, size=4):
    data = PyData(parts, size)
    return (data[index] for index in range(len(data)))


def loader(*parts, **options):
    return torch.utils.data.DataLoader(Pairs(*parts), batch_size=4, **options)


def slices(parts):
    return tf.data.Dataset.from_tensor_slices(parts)


def of_unknown_shape(parts, batch_size=None):
    """A data set that does not say how many dimensions its elements have."""
    data = slices(parts) if batch_size is None else slices(parts).batch(batch_size)
    return data.map(lambda part: tf.numpy_function(lambda x: x, [part], part.dtype))


def channels_first(images):
    return np.moveaxis(images, -1, 1)


def equal(expected, taken):
    np.testing.assert_array_equal(expected, taken, strict=True)


def in_order(taken):
    """As in COLOUR: a stream is kept in an order of its own."""
    return taken[np.argsort(taken.images[:, 0, 0, 0])]


def positions(taken):
    """Which images of `numbered` were taken."""
    return taken.images[:, 0, 0, 0].astype(int).tolist()


def numbered(count):
    return np.arange(count, dtype=np.float32).reshape(-1, 1, 1, 1)


# The same images, whatever holds them.

HOLDERS = {
    "array": lambda x: x,
    "list": list,
    "tensor": tf.constant,
    "torch tensor": lambda x: torch.from_numpy(x).requires_grad_(),
    "array and labels": lambda x: (x, LABELS),
    "array and list of labels": lambda x: (x, LABELS.tolist()),
    "array and texts": lambda x: (x, np.array(list("abcdefghij"))),
    "array and one-hot labels": lambda x: (x, np.eye(10)),
    "array and dict of labels": lambda x: (x, {"digit": LABELS, "one_hot": np.eye(10)}),
    "array and nothing": lambda x: (x, None),
    "array alone in a tuple": lambda x: (x,),
    "Dataset": lambda x: slices(x).batch(4),
    "Dataset of equal batches": lambda x: slices(x).batch(5, drop_remainder=True),
    "Dataset of single images": slices,
    "Dataset of unknown shape": lambda x: of_unknown_shape(x, 4),
    "Dataset of single images of unknown shape": of_unknown_shape,
    "Dataset with labels": lambda x: slices((x, LABELS)).batch(4),
    "Dataset with texts": lambda x: slices((x, list("abcdefghij"))).batch(4),
    "Dataset of single images with labels": lambda x: slices((x, LABELS)),
    "Dataset of single images with one-hot labels": lambda x: slices((x, np.eye(10))),
    "Dataset with labels and weights": lambda x: slices((x, LABELS, LABELS / 10)).batch(4),
    "Dataset with prefetch": lambda x: slices(x).batch(4).prefetch(2),
    "PyDataset": PyData,
    "PyDataset with labels": lambda x: PyData((x, LABELS)),
    "PyDataset with weights": lambda x: PyData((x, LABELS, LABELS / 10)),
    "PyDataset without iterator": lambda x: PyDataBeforeKeras311((x, LABELS)),
    "DataLoader": loader,
    "DataLoader with labels": lambda x: loader(x, LABELS),
    "DataLoader of single images": lambda x: torch.utils.data.DataLoader(
        Pairs(x, LABELS), batch_size=None
    ),
    "torch Dataset": lambda x: Pairs(x, LABELS),
    "generator": batches,
    "generator of pairs": lambda x: batches((x, LABELS)),
    "generator of lists": lambda x: (list(pair) for pair in batches((x, LABELS))),
    "generator with lists of labels": lambda x: (
        (images, labels.tolist()) for images, labels in batches((x, LABELS))
    ),
    "generator with nothing": lambda x: ((images, None) for images in batches(x)),
    "generator of single images": lambda x: zip(x, LABELS.tolist(), strict=True),
    "list of batches": lambda x: list(batches((x, LABELS))),
    "function of an array": lambda x: lambda: x,
    "function of a Dataset": lambda x: lambda: slices(x).batch(4),
    "generator function": lambda x: lambda: batches(x),
}


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("images", [COLOUR, GREY], ids=["colour", "grey"])
def test_images_are_the_same_whatever_holds_them(holder, images):
    taken = in_order(take_reference(HOLDERS[holder](images), 10))

    equal(images, taken.inputs)
    equal(images.reshape(10, 6, 8, -1), taken.images)


PAIR_HOLDERS = {
    "arrays": lambda pair: pair,
    "Dataset": lambda pair: slices(pair).batch(4),
    "Dataset of single pairs": slices,
    "Dataset with weights": lambda pair: slices((*pair, LABELS)).batch(4),
    "PyDataset": PyData,
    "generator": batches,
    "function": lambda pair: lambda: PyData(pair),
}
PAIRS = {
    "latents": (LATENTS, COLOUR),
    "latents of grey images": (LATENTS, GREY),
    "noisy images": (COLOUR + 1, COLOUR),
    "noisy grey images": (GREY + 1, GREY),
    "masks": (COLOUR, GREY),
    "classes": (LABELS, COLOUR),
    "dict": ({"z": LATENTS, "class": LABELS}, COLOUR),
    "tuple": ((COLOUR, {"class": LABELS}), GREY),
}


@pytest.mark.parametrize("holder", PAIR_HOLDERS)
@pytest.mark.parametrize("pair", PAIRS)
def test_inputs_keep_their_structure_beside_the_target_images(holder, pair):
    inputs, targets = PAIRS[pair]
    taken = in_order(take_reference(PAIR_HOLDERS[holder]((inputs, targets)), 10))

    keras.tree.assert_same_structure(inputs, taken.inputs)
    keras.tree.map_structure(equal, inputs, taken.inputs)
    equal(targets.reshape(10, 6, 8, -1), taken.images)


@pytest.mark.parametrize("inputs", [LATENTS, COLOUR, GREY], ids=["latents", "colour", "grey"])
def test_a_loader_gives_pairs_as_lists(inputs):
    taken = in_order(take_reference(loader(inputs, COLOUR), 10))

    equal(inputs, taken.inputs)
    equal(COLOUR, taken.images)


def test_targets_may_be_a_list_of_grey_images():
    taken = take_reference((LATENTS, list(GREY)), 10)

    equal(LATENTS, taken.inputs)
    equal(GREY[..., np.newaxis], taken.images)


@pytest.mark.parametrize(
    "hold",
    [
        lambda x: x,
        lambda x: slices(x).batch(4),
        slices,
        lambda x: loader(x, LABELS),
        lambda x: Pairs(x, LABELS),
        lambda x: (x + 1, x),
    ],
    ids=["array", "Dataset", "single images", "DataLoader", "torch Dataset", "pair"],
)
def test_channels_first_inputs_stay_so_and_images_do_not(hold):
    given = channels_first(COLOUR)
    taken = in_order(take_reference(hold(given), 10, data_format="channels_first"))

    assert given.shape == taken.inputs.shape
    equal(COLOUR, taken.images)


# Which images, and how many.


@pytest.mark.parametrize("hold", [lambda x: x, batches, lambda x: slices(x).batch(7), slices])
def test_a_choice_is_the_same_every_time_and_not_just_the_first(hold):
    chosen = positions(take_reference(hold(numbered(60)), 8))

    assert chosen == positions(take_reference(hold(numbered(60)), 8))
    assert 8 == len(set(chosen))
    assert set(chosen) <= set(range(60))
    assert set(chosen) != set(range(8))


def test_the_size_of_batches_does_not_matter():
    choices = [positions(take_reference(batches(numbered(60), size), 8)) for size in (1, 7, 60)]

    assert choices[0] == choices[1] == choices[2]


@pytest.mark.parametrize("hold", [lambda pair: pair, batches], ids=["arrays", "stream"])
def test_inputs_stay_with_their_targets(hold):
    images = numbered(60)
    taken = take_reference(hold(({"z": images[:, 0, 0]}, images)), 8)

    equal(taken.images[:, 0, 0], taken.inputs["z"])


def test_every_image_of_a_stream_is_as_likely_to_be_chosen():
    chosen = positions(take_reference(batches(numbered(20_000), 500), 4_000))
    counts = np.bincount(np.array(chosen) // 1_000, minlength=20)  # in each twentieth

    # 200 are expected in each; the standard deviation is sqrt(200 * 0.8 * 0.95) = 12.3.
    assert 4_000 == len(set(chosen))
    assert np.all(np.abs(counts - 200) < 4 * 12.3)


@pytest.mark.parametrize("max_images, batch_size", [(1, 1), (3, 1), (3, 7), (3, 48), (2, 100)])
def test_no_more_is_read_of_an_endless_stream_than_promised(max_images, batch_size):
    read = 0

    def endless():
        nonlocal read
        while True:
            read += batch_size
            yield np.full((batch_size, 2, 8, 1), read, np.float32)

    taken = take_reference(endless, max_images)

    assert max_images == len(taken)
    assert max_images * READ_PER_KEPT <= read < max_images * READ_PER_KEPT + batch_size


@pytest.mark.parametrize("batched", [True, False])
def test_an_endless_dataset_is_a_reference_too(batched):
    endless = slices(numbered(60)).repeat()

    assert 8 == len(take_reference(endless.batch(4) if batched else endless, 8))


def test_memory_is_bounded_by_the_choice_and_a_batch():
    image_bytes, batch_size, max_images = 4 * 64 * 64, 8, 40
    stream = (np.full((batch_size, 64, 64, 1), step, np.float32) for step in itertools.count())
    tracemalloc.start()
    taken = take_reference(stream, max_images)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    # 640 images were read. The choice is there twice while it becomes one array.
    assert max_images * image_bytes == taken.images.nbytes
    assert held < 1.1 * max_images * image_bytes + batch_size * image_bytes
    assert peak < 1.1 * (2 * max_images + 2 * batch_size) * image_bytes


def test_a_choice_is_a_copy():
    images = COLOUR.copy()
    taken = take_reference(images, 10)
    images[:] = 0

    equal(COLOUR, taken.inputs)
    equal(COLOUR, taken.images)


def test_a_function_is_called_once():
    calls = []
    take_reference(lambda: calls.append(1) or COLOUR, 4)

    assert [1] == calls


def test_reading_leaves_the_random_state_of_torch_alone():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    take_reference(loader(COLOUR, LABELS, shuffle=True), 4)

    equal(expected.numpy(), torch.rand(3).numpy())


def test_a_part_of_a_reference_is_a_reference():
    part = Reference({"z": LATENTS}, COLOUR)[2:5]

    assert 3 == len(part)
    equal(LATENTS[2:5], part.inputs["z"])
    equal(COLOUR[2:5], part.images)


@pytest.mark.parametrize("unbatched", [True, False])
def test_a_shuffled_stream_gives_the_same_images_in_the_same_order(unbatched):
    def shuffled(seed):
        data = slices((LABELS_60, numbered(60))).shuffle(60, seed=seed)
        return take_reference(data if unbatched else data.batch(7), 8)

    one, other = shuffled(1), shuffled(2)

    assert positions(one) == positions(other) == one.inputs.tolist()
    assert 8 == len(set(positions(one)))


def test_images_of_one_content_are_chosen_as_often_as_others():
    images = numbered(3_000) % 2  # black and white ones, in equal numbers

    white = int(take_reference(batches(images, 100), 600).images.sum())

    # 300 are expected; the standard deviation is sqrt(600 * 0.25 * 0.8) = 11.
    assert abs(white - 300) < 4 * 11


def test_a_stream_that_shuffles_more_than_is_read_is_said():
    with pytest.warns(UserWarning, match="shuffles, and only its first 32 images were read"):
        take_reference(slices(numbered(600)).shuffle(600, seed=1), 2)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "hold", [lambda x: slices(x).batch(7), lambda x: slices(x[:30]).shuffle(30, seed=1)]
)
def test_a_stream_that_gives_the_same_images_is_not_warned_of(hold):
    assert 2 == len(take_reference(hold(numbered(600)), 2))


def test_a_slow_read_shows_a_progress_bar_that_ends(capsys, monkeypatch):
    monkeypatch.setattr(choice, "_SLOW", 0)
    take_reference(batches(COLOUR), 4)

    written = capsys.readouterr().out
    assert "MeanPixelCallback reads its reference" in written
    assert "10/10" in written
    assert written.endswith("\n")


def test_a_fast_read_shows_nothing(capsys):
    take_reference(batches(COLOUR), 4)

    assert not capsys.readouterr().out


@pytest.mark.parametrize("hold", [lambda x: x, batches], ids=["array", "stream"])
@pytest.mark.parametrize("side, expected", [(16, 256), (180, 129), (300, 64)])
def test_the_default_number_of_images_is_bounded_by_pixels(caplog, hold, side, expected):
    images = np.zeros((260, side, side), np.uint8)
    with caplog.at_level("INFO", "tb_meanpixel"):
        taken = take_reference(hold(images), None)

    assert expected == len(taken)
    said = f"{expected} images of the reference are used, because they have {side} x {side} pixels"
    assert (said in caplog.text) == (expected < 256)


# Groups.


def test_groups_stay_with_their_images():
    taken = take_reference(numbered(60), 8, groups=np.arange(60) // 10)

    np.testing.assert_array_equal(np.array(positions(taken)) // 10, taken.groups)
    np.testing.assert_array_equal(taken.groups[2:5], taken[2:5].groups)


@pytest.mark.parametrize(
    "reference, groups, sentence",
    [
        (numbered(6), [0, 1], "groups must be one label for each image"),
        (slices(numbered(6)), np.arange(6), "groups needs a reference of arrays"),
    ],
)
def test_groups_that_do_not_fit_are_refused(reference, groups, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}"):
        take_reference(reference, 4, groups=groups)


# What is no reference.


def test_videos_are_refused_with_what_to_type():
    with pytest.raises(
        ValueError, match=r"Type: reference=\(videos, videos\[:, -1\]\), predict_fn"
    ):
        take_reference(np.zeros((4, 3, 6, 8, 1)), 4)


@pytest.mark.parametrize(
    "reference, error, sentence",
    [
        (None, TypeError, "reference must be images (batch, height, width, channels), (inputs, "),
        (3.5, TypeError, "reference must be images (batch, height, width, channels), (inputs, "),
        ("x_val", TypeError, "reference must be images (batch, height, width, channels), (inputs"),
        (lambda: None, TypeError, "reference must be images (batch, height, width, channels), (in"),
        (COLOUR[:0], ValueError, "reference must hold at least one pixel; got shape (0, 6, 8, 3)"),
        ([], ValueError, f"{WANTED}; got shape (0,)"),
        (COLOUR[0, 0, 0], ValueError, f"{WANTED}; got shape (3,). For flat vectors"),
        (GREY[0], ValueError, f"{WANTED}; got shape (6, 8). For one image write reference[None]"),
        (COLOUR[None], ValueError, f"{WANTED}; got shape (1, 10, 6, 8, 3)"),
        (np.array([["x"]]), TypeError, "reference must hold numbers; got dtype <U1"),
        ([COLOUR[0], COLOUR[0, 1:]], ValueError, "reference must be images of one shape; got"),
        (
            {"image": COLOUR},
            TypeError,
            "reference must be one array of images, or (inputs, targets); got dict. Say which",
        ),
        ((COLOUR, {"a": COLOUR}), TypeError, "reference must be one array of images, or (inputs"),
        (((COLOUR, LATENTS), LABELS), TypeError, "reference must be one array of images, or (in"),
        ((slices(COLOUR), slices(COLOUR)), TypeError, "reference must be one array of images, or"),
        ((PyData(COLOUR), LABELS), TypeError, "reference must be one array of images, or"),
        ((), ValueError, "reference must be images, (inputs, targets) or (inputs, targets, sample"),
        ((COLOUR,) * 4, ValueError, "reference must be images, (inputs, targets) or (inputs, targ"),
        ((LATENTS, LABELS), ValueError, f"{WANTED}; got shape (10, 2)"),
        (
            (LATENTS[:5], COLOUR),
            ValueError,
            "reference must be as many inputs as targets; got [5] ",
        ),
        ((np.float32(1), COLOUR[:1]), ValueError, "reference must be as many inputs as targets; "),
        (
            ({"a": LATENTS, "b": LABELS[:7]}, COLOUR),
            ValueError,
            "reference must be as many inputs as targets; got [7, 10] and 10",
        ),
        (slices(LATENTS).batch(4), ValueError, f"{WANTED}; got shape (4, 2)"),
        (slices(LATENTS), ValueError, f"{WANTED}; got shape (2,). For flat vectors"),
        (slices({"image": COLOUR}).batch(4), TypeError, "reference must be one array of images, o"),
        (loader(LATENTS, LABELS), ValueError, f"{WANTED}; got shape (4, 2)"),
        (slices(COLOUR).take(0), ValueError, "reference must hold at least one image; got none"),
        (iter(()), ValueError, "reference must hold at least one image; got none. A generator ca"),
        (PyData(COLOUR[:0]), ValueError, "reference must hold at least one image; got none"),
        (iter([COLOUR[:0]]), ValueError, "reference must hold at least one pixel; got shape (0, 6"),
        (
            iter([COLOUR, COLOUR[:, 1:]]),
            ValueError,
            "reference must be images of one shape; got mixed shapes (5, 8, 3), (6, 8, 3). Resize",
        ),
        (
            iter([(LATENTS, COLOUR), (LATENTS[:, :1], COLOUR)]),
            ValueError,
            "reference must be images of one shape; got mixed shapes (1,), (2,), (6, 8, 3). Resi",
        ),
        (iter([COLOUR, (LATENTS, COLOUR)]), ValueError, "reference must be images of one shape; "),
        (
            iter([({"a": LATENTS}, COLOUR), ({"b": LATENTS}, COLOUR)]),
            ValueError,
            "reference must be images of one shape; got",
        ),
        (iter([(LATENTS[:5], COLOUR)]), ValueError, "reference must be as many inputs as targets"),
        (iter([1, 2]), TypeError, "reference must be one array of images, or (inputs, targets); g"),
    ],
)
def test_what_is_no_reference_is_refused_with_a_sentence(reference, error, sentence):
    with pytest.raises(error, match="^" + re.escape(sentence)):
        take_reference(reference, 20)


def test_an_exhausted_generator_is_refused_with_what_to_type_instead():
    generator = batches(COLOUR)
    take_reference(generator, 10)

    with pytest.raises(ValueError, match="got none.*: pass the function that makes it, not what"):
        take_reference(generator, 10)


def test_an_error_of_the_function_is_let_through():
    with pytest.raises(ZeroDivisionError):
        take_reference(lambda: 1 / 0, 10)


def test_an_error_of_the_stream_is_let_through():
    with pytest.raises(ZeroDivisionError):
        take_reference((1 / 0 for _ in range(3)), 10)


@pytest.mark.parametrize("max_images", [0, -1, 1.5, "8", True])
def test_max_images_must_be_a_positive_whole_number(max_images):
    sentence = f"max_images must be a whole number, 1 or more; got {max_images!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        take_reference(COLOUR, max_images)


def test_whole_numbers_of_numpy_are_positive_too():
    assert 3 == check_positive("freq", np.int64(3))
