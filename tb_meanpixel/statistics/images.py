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

# More are axes that were mixed up, unless the layout was declared.
MAX_UNDECLARED_CHANNELS = 4

# Words of 8 bytes of a checksum's block: 256 KB stay in the cache.
_CHECKED_AT_ONCE = 1 << 15

_DATA_FORMATS: dict[str, DataFormat] = {
    "channels_last": "channels_last",
    "channels_first": "channels_first",
    "NHWC": "channels_last",
    "HWC": "channels_last",
    "NCHW": "channels_first",
    "CHW": "channels_first",
}


def as_images(
    images: Any,
    argument: str = "images",
    data_format: DataFormat | None = None,
    *,
    default: DataFormat | None = None,
    format_argument: str = "data_format",
) -> Array:
    """Return `images` as a numpy array `(batch, height, width, channels)`.

    Args:
        images: array-like `(batch, height, width, channels)`, or
            `(batch, height, width)` for one channel; any integer or float type.
        argument: its name in an error.
        data_format: "channels_first" for `(batch, channels, height, width)`. None: `default`.
        default: the layout where none is declared. None: torch tensors are
            channels-first, all others channels-last.
        format_argument: the name of `data_format` in an error.

    Raises:
        TypeError: if it is no numeric array (a dict or tuple of model outputs, say).
        ValueError: if the shape is not that of an image batch, or it is empty. Also if no
            layout is declared, and there would be more than 4 channels, or it cannot be
            told whether a torch tensor is one image or a batch of grey ones.

    Example:
        >>> as_images(np.zeros((8, 28, 28))).shape
        (8, 28, 28, 1)
    """
    is_torch = default is None and _is_torch(images)
    order = data_format or default or ("channels_first" if is_torch else "channels_last")
    axes = "channels, height, width" if order == "channels_first" else "height, width, channels"
    shapes = f"(batch, {axes}) or (batch, height, width)"
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
    if array.ndim not in (3, 4):
        raise ValueError(
            f"{argument} must be {shapes}; got shape {array.shape}" + _hint(argument, array.ndim)
        )
    if array.size == 0:
        raise ValueError(f"{argument} must hold at least one pixel; got shape {array.shape}")
    if data_format is None and is_torch and not isinstance(images, list):
        _check_is_batch(array, argument)
    if array.ndim == 3:
        return array[..., np.newaxis]
    shape = array.shape
    if order == "channels_first":
        array = np.moveaxis(array, 1, -1)
    if data_format is None and array.shape[-1] > MAX_UNDECLARED_CHANNELS:
        other = "channels_last" if order == "channels_first" else "channels_first"
        raise ValueError(
            f"{argument} of shape {shape} would have {array.shape[-1]} channels, as (batch, {axes})"
            f". Type {format_argument}={other!r} if that is wrong, {format_argument}={order!r} "
            "if it is right"
        )
    return array


def _is_torch(images: Any) -> bool:
    if isinstance(images, list):
        return bool(images) and hasattr(images[0], "detach")
    return hasattr(images, "detach")


def _hint(argument: str, axes: int) -> str:
    if axes == 2:
        return (
            f". For one image write {argument}[None], for flat vectors "
            f"{argument}.reshape(-1, height, width)"
        )
    return ". For flat vectors reshape them to images first" if axes == 1 else ""


def _check_is_batch(array: Array, argument: str) -> None:
    """Raise ValueError if a torch tensor may be one image, as add_image of torch takes it."""
    if array.ndim == 3 and array.shape[0] in (1, 3, 4):
        count = array.shape[0]
        raise ValueError(
            f"{argument} of shape {array.shape} is one image of {count} channels, or {count} grey "
            f"images. Type {argument}[None] for the one, {argument}[:, None] for the other"
        )


def to_numpy(images: Any, argument: str) -> Array:
    """Any framework's array as numpy, in a type that numpy can count with."""
    if hasattr(images, "detach"):  # torch: numpy refuses tensors with gradients or on a GPU
        images = images.detach().cpu()
        if "bfloat16" in str(images.dtype):
            images = images.float()
    elif isinstance(images, list) and any(map(_is_of_a_kind, images)):
        images = [to_numpy(image, argument) for image in images]
    _check_no_mask(images, argument)
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
        if len(shapes) == 1:
            raise TypeError(
                f"{argument} must hold numbers; got dtype object. Type, for instance, "
                f"np.stack({argument}).astype(float)"
            )
        raise ValueError(
            f"{argument} must be images of one shape; got mixed shapes "
            f"{', '.join(map(str, shapes[:3]))}. Resize or crop them to one size first"
        )
    if array.dtype.name == "bfloat16":  # ml_dtypes; numpy itself has no such type
        array = array.astype(np.float32)
    return array


def _is_of_a_kind(image: Any) -> bool:
    """Whether numpy would lose something of an image in a list: a gradient, or a mask."""
    return hasattr(image, "detach") or isinstance(image, np.ma.MaskedArray)


def _check_no_mask(images: Any, argument: str) -> None:
    """Raise ValueError for masked values: numpy would count what lies below the mask."""
    masked = int(np.count_nonzero(np.ma.getmask(images)))
    if masked:
        raise ValueError(
            f"{argument} must have no masked values; got {masked} of {images.size}. Type "
            f"{argument}.astype(float).filled(float('nan')) to leave them out"
        )


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


def check_data_formats(
    data_format: object, reference_data_format: object
) -> tuple[DataFormat | None, DataFormat | None]:
    """The layouts of outputs and references; None where it goes by their type.

    Example:
        >>> check_data_formats("NCHW", None), check_data_formats(None, "HWC")
        (('channels_first', 'channels_first'), (None, 'channels_last'))
    """
    output = None if data_format is None else check_data_format(data_format)
    if reference_data_format is None:
        return output, output
    return output, check_data_format(reference_data_format, "reference_data_format")


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
        >>> channel_names(2)
        ('all', 'grey', 'alpha')
    """
    if channels == 1:
        return ("all",)
    if channels == 2:
        return ("all", "grey", "alpha")
    if channels in (3, 4):
        return ("all", "red", "green", "blue", "alpha")[: channels + 1]
    return ("all", *(f"channel_{index}" for index in range(channels)))


def colour_count(channels: int) -> int:
    """How many of the channels are colours: the 4th of 4 and the 2nd of 2 is alpha, the opacity.

    "all" is of the colours: an opacity is no brightness.

    Example:
        >>> [colour_count(channels) for channels in (1, 2, 3, 4, 5)]
        [1, 1, 3, 3, 5]
    """
    return channels - 1 if channels in (2, 4) else channels


def fingerprint(images: Array) -> str:
    """A short hash of the images' values and shape: two runs compare if it is equal."""
    digest = hashlib.blake2b(repr((images.shape, images.dtype.str)).encode(), digest_size=8)
    # By images: what is not contiguous must be copied, but not all at once.
    for image in images if not images.flags.c_contiguous else [images]:
        digest.update(np.ascontiguousarray(image).data)
    return digest.hexdigest()


def checksum(images: Array) -> tuple[object, ...]:
    """What is equal for the same images in the same layout, and nearly never for others.

    Twenty times as fast as `fingerprint`, and sees changes in place: it tells whether images
    are those of the step before.

    Example:
        >>> images = np.zeros((2, 4, 4, 1))
        >>> before = checksum(images)
        >>> images[1, 2, 3] = 1e-30
        >>> checksum(images) == before
        False
    """
    order = tuple(np.argsort(images.strides, kind="stable")[::-1])
    data = np.ascontiguousarray(images.transpose(order)).reshape(-1).view(np.uint8)
    whole = len(data) // 8 * 8
    words = data[:whole].view(np.uint64)
    state = hash(data[whole:].tobytes())
    for start in range(0, len(words), _CHECKED_AT_ONCE):
        block = words[start : start + _CHECKED_AT_ONCE]
        parts = int(np.add.reduce(block)), int(np.bitwise_xor.reduce(block))
        state = hash((state, *parts))
    return images.shape, images.dtype.str, order, state


def subset_indices(count: int, max_images: int, seed: int = 0) -> npt.NDArray[np.intp]:
    """Which `max_images` of `count` images to keep: seeded, so always the same ones."""
    if count <= max_images:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, max_images, replace=False))
