"""What to type where a model, or a predict_fn, does not make images like the reference's."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from typing import Any

import numpy as np
from keras import tree

from tb_meanpixel.recording.reference import Reference
from tb_meanpixel.statistics.images import Array

_MODEL = "model(x, training=False)"
# Where a text begins to show the content of arrays.
_ARRAY = re.compile(r"<?\b(array|tensor|Array|tf\.Tensor|tf\.Variable|KerasTensor)\(|<tf\.|\[\[")
_LONGEST = 300


def short_text(error: BaseException) -> str:
    """The kind and the words of an error without the arrays that they show.

    Example:
        >>> short_text(ValueError("no mix of array([[0.1, 0.2]])"))
        'ValueError: no mix of ...'
    """
    # Keras marks its text with colours, and shows the arguments of the call after it.
    words = re.sub(r"\x1b\[\d*m", "", str(error)).partition("Arguments received by")[0]
    found = _ARRAY.search(words)
    if found is not None:
        words = words[: found.start()] + "..."
    words = " ".join(words.split())
    if len(words) > _LONGEST:
        words = words[:_LONGEST] + "..."
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def shapes(inputs: Any) -> str:
    """The shapes and types of tensors, as they are nested."""
    described = tree.map_structure(lambda leaf: f"{_dtype(leaf)} {tuple(leaf.shape)}", inputs)
    return str(described).replace("'", "") if isinstance(described, str) else str(described)


def predict_fn_failed(error: Exception, inputs: Any) -> ValueError:
    """Of an error inside of a predict_fn."""
    return ValueError(
        f"predict_fn failed{_line(error)}: {short_text(error)}. It was given the model and "
        f"x = {shapes(inputs)}, tensors of Keras's backend"
    )


def model_failed(error: Exception, model: Any, inputs: Any, reference: Reference) -> ValueError:
    """Of an error inside of a model, mostly as its inputs are not the reference's images."""
    expected = getattr(model, "input_shape", None)
    count = int(np.prod(reference.images.shape[1:]))
    is_flat = isinstance(expected, tuple) and expected[1:] == (count,)
    if is_flat and _is_image(inputs):
        height, width, channels = reference.images.shape[1:]
        return ValueError(
            f"the model takes flat vectors {expected}, and the reference are images "
            f"{reference.images.shape}. Type: reference=(images.reshape(len(images), -1), "
            "images), predict_fn=lambda model, x: keras.ops.reshape("
            f"{_MODEL}, (-1, {height}, {width}, {channels}))"
        )
    return ValueError(
        f"the model failed on x = {shapes(inputs)}{_line(error)}: {short_text(error)}. If its "
        "inputs are not the reference's images, type: reference=(inputs, targets)"
    )


def several_parts(outputs: Any, owner: str, reference: Reference) -> TypeError:
    """Of a dict, tuple or list of outputs: which part has the shape of the reference."""
    if isinstance(outputs, dict):
        found, parts = f"keys {sorted(outputs, key=str)}", sorted(outputs.items(), key=str)
    else:
        found, parts = f"{len(outputs)} parts", list(enumerate(outputs))
    words = f"{owner} must return one array of images; got a {type(outputs).__name__} with {found}"
    fitting = [place for place, part in parts if _fits(part, reference.images)]
    if not fitting:
        described = ", ".join(f"[{place!r}] {shapes(part)}" for place, part in parts[:6])
        return TypeError(
            f"{words}. None has the reference's shape {reference.images.shape[1:]}: {described}"
        )
    if owner == "predict_fn":
        return TypeError(f"{words}. Return the part [{fitting[0]!r}], which has the right shape")
    return TypeError(f"{words}. Pick one: predict_fn=lambda model, x: {_MODEL}[{fitting[0]!r}]")


def check_outputs(outputs: Any, owner: str, reference: Reference) -> None:
    """Raise where an output is no image batch, or cannot be compared, and say what to type.

    Args:
        outputs: a numpy array, or what was returned instead of one.
        owner: "predict_fn" or "the model".
        reference: the part of the reference that it was given.
    """
    images = reference.images
    if isinstance(outputs, dict | tuple | list):
        raise several_parts(outputs, owner, reference)
    if not hasattr(outputs, "shape"):
        raise TypeError(
            f"{owner} must return images (batch, height, width, channels); got "
            f"{'None: return is missing' if outputs is None else type(outputs).__name__}"
        )
    shape, source = tuple(outputs.shape), "x" if owner == "predict_fn" else _MODEL
    height, width, channels = images.shape[1:]
    if len(shape) == 2 and shape[1] == height * width * channels:
        before = "" if owner == "predict_fn" else "predict_fn=lambda model, x: "
        inner = "outputs" if owner == "predict_fn" else source
        raise ValueError(
            f"{owner} must return images; got flat vectors {shape}. Type: {before}"
            f"keras.ops.reshape({inner}, (-1, {height}, {width}, {channels}))"
        )
    if len(shape) == 5:
        raise ValueError(
            f"{owner} must return images (batch, height, width, channels); got {shape}. Of videos "
            "one frame is compared. Type: reference=(videos, videos[:, -1]), "
            f"predict_fn=lambda model, x: {_MODEL}[:, -1]"
        )


def check_pairs(outputs: Array, owner: str, reference: Reference, *, is_own: bool) -> None:
    """Raise where outputs `(batch, height, width, channels)` are no pairs with the reference's.

    `is_own`: whether the inputs are the reference's images themselves.
    """
    images = reference.images
    if len(outputs) != len(images):
        raise ValueError(
            f"{owner} must return as many images as it is given, {len(images)}; got "
            f"{len(outputs)}. For samples that reproduce no reference image pass paired=False"
        )
    if outputs.shape[1:3] != images.shape[1:3] and is_own:
        raise ValueError(
            f"output must have the reference's shape {images.shape}; got {outputs.shape}. If the "
            "model makes other images than its inputs, as in super-resolution, type: "
            "reference=(low, high), with its inputs and the images wanted"
        )
    classes, is_mask = outputs.shape[-1], not (images % 1).any()
    if images.shape[-1] == 1 < classes and outputs.shape[1:3] == images.shape[1:3] and is_mask:
        raise ValueError(
            f"output must have the reference's 1 channel; got {classes}. If these are scores "
            "of classes and the reference a mask of their numbers, type: predict_fn="
            f"lambda model, x: keras.ops.argmax({_MODEL}, axis=-1)"
        )


def _fits(part: Any, images: Array) -> bool:
    shape = tuple(getattr(part, "shape", ()))
    return shape[1:] == images.shape[1:] or (
        images.shape[-1] == 1 and shape[1:] == images.shape[1:3]
    )


def _is_image(inputs: Any) -> bool:
    return len(getattr(inputs, "shape", ())) in (3, 4)


def _dtype(leaf: Any) -> str:
    return str(getattr(leaf.dtype, "name", leaf.dtype)).removeprefix("torch.")


def _line(error: BaseException) -> str:
    """The last line of the user's own code that an error came through."""
    for frame in reversed(list(_frames(error))):
        return f" in {frame.name}, line {frame.lineno} of {frame.filename}"
    return ""


def _frames(error: BaseException) -> Iterator[traceback.FrameSummary]:
    for frame in traceback.extract_tb(error.__traceback__):
        if not re.search(
            r"site-packages|dist-packages|tb_meanpixel|<frozen|autograph", frame.filename
        ):
            yield frame
