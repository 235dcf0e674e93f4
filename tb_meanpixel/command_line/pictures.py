"""Pictures as arrays: what a file holds, and its pixels."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import numpy as np
from PIL import Image, ImageFile

from tb_meanpixel.command_line.exit_codes import CommandError
from tb_meanpixel.command_line.image_files import ImageSource
from tb_meanpixel.statistics.images import MAX_UNDECLARED_CHANNELS, Array

Size = tuple[int, int]  # height and width
_Result = TypeVar("_Result")

_DEEP = ("I", "I;16", "I;16L", "I;16B", "I;16N")  # Pillow's names of a 16-bit grey PNG
_GREY = ("1", "L", "LA", "La", "F", *_DEEP)
_PNG_DEPTH = struct.Struct(">16x8xBB")  # after signature and sizes: bits, and the kind of colour
_PNG_GREY = 0


class Look(NamedTuple):
    """What a source holds, without its pixels."""

    source: ImageSource
    size: Size
    channels: int
    dtype: np.dtype[np.generic]


def look(source: ImageSource) -> Look:
    """What a source holds. CommandError if it cannot be read."""
    return _guarded(source, _look)


def _look(source: ImageSource) -> Look:
    file = source.open()
    if source.is_array:
        array = _as_batch(np.load(file, mmap_mode="r", allow_pickle=False), source)
        size = (array.shape[1], array.shape[2])
        return Look(source, size, array.shape[3], array.dtype)
    with Image.open(file) as picture:
        width, height = picture.size
        _check_depth(picture, source)
        deep = picture.mode in _DEEP
        alpha = int("A" in picture.mode.upper() or "transparency" in picture.info)
        channels = (1 if picture.mode in _GREY else 3) + alpha
    return Look(source, (height, width), channels, np.dtype(np.uint16 if deep else np.uint8))


def read(source: ImageSource) -> Array:
    """The pixels `(batch, height, width, channels)`, 1 or 3: without any opacity."""
    return _guarded(source, _read)


def _read(source: ImageSource) -> Array:
    file = source.open()
    if source.is_array:
        array = _as_batch(np.load(file, allow_pickle=False), source)
        return array[..., : 1 if array.shape[-1] <= 2 else 3]
    with Image.open(file) as picture:
        if picture.mode in _DEEP:
            return np.asarray(picture).astype(np.uint16)[None, ..., None]
        if picture.mode in _GREY:
            return np.asarray(picture.convert("L"))[None, ..., None]
        # By RGBA: transparent colours of a palette would be a warning.
        colours = picture.convert("RGBA") if picture.mode == "P" else picture
        return np.asarray(colours.convert("RGB"))[None]


def _guarded(source: ImageSource, action: Callable[[ImageSource], _Result]) -> _Result:
    try:
        return action(source)
    except CommandError:
        raise
    except Exception as error:  # each codec has errors of its own
        raise CommandError(
            f"{source.place} cannot be read ({type(error).__name__}: {error})"
        ) from error


def _check_depth(picture: ImageFile.ImageFile, source: ImageSource) -> None:
    """Raise CommandError for a colour PNG of 16 bits, of which Pillow reads 8."""
    file = picture.fp
    if picture.format != "PNG" or file is None:
        return
    place = file.tell()
    file.seek(0)
    bits, kind = _PNG_DEPTH.unpack(file.read(_PNG_DEPTH.size))
    file.seek(place)
    if bits == 16 and kind != _PNG_GREY:
        raise CommandError(
            f"{source.place} has 16 bits a colour, of which Pillow reads 8. Save it as .npy"
        )


def _as_batch(array: Array, source: ImageSource) -> Array:
    """An array of a .npy file with all four axes."""
    shape, most = array.shape, MAX_UNDECLARED_CHANNELS
    if array.dtype.kind in "biuf" and array.size:
        if array.ndim == 2:
            return array[None, ..., None]
        if array.ndim == 3 and shape[-1] <= most:
            return array[None]
        if array.ndim == 3 and shape[0] > most:
            return array[..., None]
        if array.ndim == 4 and shape[-1] <= most:
            return array
        if array.ndim == 4 and shape[1] <= most:
            return np.moveaxis(array, 1, -1)
    raise CommandError(
        f"{source.place} must hold numbers (height, width), (height, width, channels), (batch, "
        f"height, width) or (batch, height, width, channels); got {shape} of {array.dtype}"
    )
