"""Real images as float32 in [0, 1], shaped (n, height, width, channels).

name           images                                   train  validation  source
digits         handwritten digits, 8x8 grey              1437         360  scikit-learn
photos         patches of two photographs, 32x32 colour  4056        1014  scikit-learn
small_photos   the same at half the size, 16x16 colour   1944         486  scikit-learn
mnist          handwritten digits, 28x28 grey           60000       10000  download
fashion_mnist  clothes, 28x28 grey                      60000       10000  download
cifar10        animals and vehicles, 32x32 colour       50000       10000  download

What comes from scikit-learn is part of its package and needs no network.
"""

import itertools
from typing import NamedTuple

import keras
import numpy as np
from sklearn import datasets


class Dataset(NamedTuple):
    """Images to learn from, and images to judge by."""

    train: np.ndarray  # (n, h, w, c)
    validation: np.ndarray  # (m, h, w, c)


def digits() -> Dataset:
    """Handwritten digits, at the 8x8 that they were published in."""
    images = datasets.load_digits().images.astype("float32") / 16  # (1797, 8, 8), of 0..16
    # They are stored writer by writer: shuffled, both parts hold all writers.
    images = np.random.default_rng(0).permutation(images)[..., np.newaxis]
    return Dataset(train=images[360:], validation=images[:360])


def photos(patch=32, stride=8, tile=128, shrink=1) -> Dataset:
    """Patches of a temple and a flower, of which every `shrink`th row and column is taken.

    Patches overlap within their tile but never leave it. One tile in five is
    held out whole, so no pixel is in both parts.
    """
    train, validation = [], []
    for full in datasets.load_sample_images().images:  # (427, 640, 3), bytes
        photo = full[::shrink, ::shrink]
        rows, columns = photo.shape[0] // tile, photo.shape[1] // tile  # 3, 5
        for row, column in itertools.product(range(rows), range(columns)):
            held_out = (2 * row + column) % 5 == 4  # once a row, in another column each time
            part = validation if held_out else train
            steps = range(0, tile - patch + 1, stride)
            for down, right in itertools.product(steps, steps):
                top, left = row * tile + down, column * tile + right
                part.append(photo[top : top + patch, left : left + patch])
    return from_bytes(np.stack(train), np.stack(validation))


def download(name) -> Dataset:
    """A data set of `keras.datasets`, kept in ~/.keras once it is there."""
    try:
        (train, _), (validation, _) = getattr(keras.datasets, name).load_data()
    except Exception as error:  # Keras raises nothing narrower
        raise SystemExit(
            f"{name} could not be downloaded: {error}\n"
            "Without a network, use digits or photos: they come with scikit-learn."
        ) from error
    shape = (-1, *train.shape[1:3], 1 if train.ndim == 3 else 3)
    return from_bytes(train.reshape(shape), validation.reshape(shape))


def from_bytes(train, validation) -> Dataset:
    """0..255 -> [0, 1]."""
    return Dataset(train.astype("float32") / 255, validation.astype("float32") / 255)


NAMES = ("digits", "photos", "small_photos", "mnist", "fashion_mnist", "cifar10")


def load(name) -> Dataset:
    """The data set of that name."""
    if name == "digits":
        return digits()
    if name == "photos":
        return photos()
    if name == "small_photos":
        return photos(patch=16, stride=6, tile=64, shrink=2)
    if name in NAMES:
        return download(name)
    raise ValueError(f"name must be one of {', '.join(NAMES)}; got {name!r}")
