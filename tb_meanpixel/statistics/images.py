"""Image batches: their shape, layout and channels.

Everything a user hands in (numpy, TensorFlow, JAX and torch arrays, grey or
colour, integer or float) passes through `as_images` once; past it there are
only numpy arrays `(batch, height, width, channels)`.
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

DataFormat = Literal["channels_last", "channels_first"]
Layout = Literal["channels_last", "channels_first", "NHWC", "HWC", "NCHW", "CHW"]
Array = npt.NDArray[Any]

_DATA_FORMATS: dict[str, DataFormat] = {
    "channels_last": "channels_last",
    "channels_first": "channels_first",
    "NHWC": "channels_last",
    "HWC": "channels_last",
    "NCHW": "channels_first",
    "CHW": "channels_first",
}


def as_images(
    images: Any, argument: str = "images", data_format: DataFormat = "channels_last"
) -> Array:
    """Return `images` as a numpy array `(batch, height, width, channels)`.

    Args:
        images: array-like `(batch, height, width, channels)`, or
            `(batch, height, width)` for one channel; any integer or float type.
        argument: its name in an error.
        data_format: "channels_first" for `(batch, channels, height, width)`.

    Raises:
        TypeError: if it is no numeric array (a dict or tuple of model outputs, say).
        ValueError: if the shape is not that of an image batch, or it is empty.

    Example:
        >>> as_images(np.zeros((8, 28, 28))).shape
        (8, 28, 28, 1)
    """
    shapes = "(batch, height, width, channels) or (batch, height, width)"
    if isinstance(images, dict | tuple):
        content = (
            f"keys {sorted(map(str, images))}"
            if isinstance(images, dict)
            else f"{len(images)} elements"
        )
        raise TypeError(
            f"{argument} must be one array {shapes}; got a {type(images).__name__} with {content}"
        )
    array = to_numpy(images, argument)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{argument} must hold numbers; got dtype {array.dtype}")
    if array.ndim == 3:
        array = array[..., np.newaxis]
    elif data_format == "channels_first" and array.ndim == 4:
        array = np.moveaxis(array, 1, -1)
    if array.ndim != 4:
        raise ValueError(
            f"{argument} must be {shapes}; got shape {array.shape}"
            + (
                f". For one image write {argument}[None], for flat vectors "
                f"{argument}.reshape(-1, height, width)"
                if array.ndim == 2
                else ". For flat vectors reshape them to images first"
                if array.ndim == 1
                else ""
            )
        )
    if array.size == 0:
        raise ValueError(f"{argument} must hold at least one pixel; got shape {array.shape}")
    return array


def to_numpy(images: Any, argument: str) -> Array:
    """Any framework's array as numpy, in a type that numpy can count with."""
    if hasattr(images, "detach"):  # torch: numpy refuses tensors with gradients or on a GPU
        images = images.detach().cpu()
        if "bfloat16" in str(images.dtype):
            images = images.float()
    elif isinstance(images, list) and any(hasattr(image, "detach") for image in images):
        images = [to_numpy(image, argument) for image in images]
    try:
        array = np.asarray(images)
    except ValueError as error:
        if "inhomogeneous" not in str(error):
            raise
        raise ValueError(
            f"{argument} must be images of one shape; got images of mixed shapes. "
            "Resize or crop them to one size first"
        ) from None
    if array.dtype.kind == "O" and array.ndim == 0:
        raise TypeError(f"{argument} must be an array of images; got {type(images).__name__}")
    if array.dtype.kind == "O":
        shapes = sorted({np.shape(image) for image in images})
        raise ValueError(
            f"{argument} must be images of one shape; got mixed shapes "
            f"{', '.join(map(str, shapes[:3]))}. Resize or crop them to one size first"
        )
    if array.dtype.name == "bfloat16":  # ml_dtypes; numpy itself has no such type
        array = array.astype(np.float32)
    return array


def check_data_format(data_format: object, argument: str = "data_format") -> DataFormat:
    """The layout that `data_format` names; ValueError if there is no such layout.

    Example:
        >>> check_data_format("channels_last"), check_data_format("NCHW")
        ('channels_last', 'channels_first')
    """
    found = _DATA_FORMATS.get(data_format) if isinstance(data_format, str) else None
    if found is None:
        *names, last = map(repr, _DATA_FORMATS)
        raise ValueError(f"{argument} must be {', '.join(names)} or {last}; got {data_format!r}")
    return found


def check_positive(argument: str, value: object) -> int:
    """Return `value`, or raise ValueError unless it is a whole number, 1 or more."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{argument} must be a whole number, 1 or more; got {value!r}")
    return int(value)


def channel_names(channels: int) -> tuple[str, ...]:
    """Names of channels: "all" first, then each where there are several.

    Example:
        >>> channel_names(1), channel_names(3)
        (('all',), ('all', 'red', 'green', 'blue'))
    """
    if channels == 1:
        return ("all",)
    if channels in (3, 4):
        return ("all", "red", "green", "blue", "alpha")[: channels + 1]
    return ("all", *(f"channel_{index}" for index in range(channels)))


def fingerprint(images: Array) -> str:
    """A short hash of the images' values and shape: two runs compare if it is equal."""
    digest = hashlib.blake2b(repr((images.shape, images.dtype.str)).encode(), digest_size=8)
    digest.update(np.ascontiguousarray(images).data)
    return digest.hexdigest()


def subset_indices(count: int, max_images: int, seed: int = 0) -> npt.NDArray[np.intp]:
    """Which `max_images` of `count` images to keep: seeded, so always the same ones."""
    if count <= max_images:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, max_images, replace=False))
