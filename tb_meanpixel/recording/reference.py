"""The reference: a fixed choice of images, taken once from any kind of data.

Arrays, pairs, data sets, loaders and generators pass through `take_reference`, and
functions that return one of them; past it there are only numpy arrays.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import tree

from tb_meanpixel.statistics.images import (
    Array,
    DataFormat,
    as_images,
    check_positive,
    subset_indices,
    to_numpy,
)

# Images of a stream that are read for each one that is kept: enough to choose from
# where neighbours look alike, and an end where the stream has none.
READ_PER_KEPT = 16


@dataclass(frozen=True, eq=False)
class Reference:
    """The model's inputs, and the images that it should make of them.

    Attributes:
        inputs: numpy arrays, `(n, ...)`, alone or in dicts, tuples and lists as given.
        images: the target images `(n, height, width, channels)`.
    """

    inputs: Any
    images: Array

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: Any) -> Reference:
        """The part of it that a slice or an array of indices chooses."""
        return Reference(_take(self.inputs, index), self.images[index])


def take_reference(
    reference: Any, max_images: int, *, data_format: DataFormat | None = None
) -> Reference:
    """Take at most `max_images` of a reference: a seeded, uniform choice.

    Args:
        reference: images `(batch, height, width, channels)` or `(batch, height, width)`;
            `(inputs, targets)`, where targets of fewer than 3 dimensions are labels
            and the inputs the images; a stream of these: a `tf.data.Dataset`,
            `keras.utils.PyDataset`, torch `DataLoader` or another iterable; or a
            function without arguments that returns one. Sample weights are dropped.
            A stream's element is one image, not a batch, if it is
            `(height, width, channels)` with at most 4 channels or has a scalar
            label; in a `tf.data.Dataset` also if it is `(height, width)`.
        max_images: how many to keep. A stream's are chosen from its first
            `READ_PER_KEPT * max_images` images; the rest is not read, so shuffle
            a stream that is sorted.
        data_format: "channels_first" for images `(batch, channels, height, width)`. None:
            `keras.config.image_data_format()`, and at most 4 channels.

    Raises:
        TypeError, ValueError: if it is none of these, is empty, or its images differ in shape.

    Example:
        >>> taken = take_reference((np.zeros((8, 2)), np.zeros((8, 28, 28))), max_images=4)
        >>> taken.inputs.shape, taken.images.shape
        ((4, 2), (4, 28, 28, 1))
    """
    max_images = check_positive("max_images", max_images)
    layout: DataFormat = data_format or keras.config.image_data_format()
    if callable(reference):
        reference = reference()
    if _is_stream(reference):
        # A DataLoader draws from torch's random state, and training must not notice.
        torch = sys.modules.get("torch")
        with torch.random.fork_rng(devices=[]) if torch else contextlib.nullcontext():
            batch = _sample(_batches(reference, layout), max_images)
    else:
        batch = _as_batch(reference, layout)
        batch = _take(batch, subset_indices(len(batch[-1]), max_images))
    return Reference(batch[0], as_images(batch[-1], "reference", data_format, default=layout))


def _sample(batches: Iterator[Any], max_images: int) -> Any:
    """Reservoir sampling: every image that is read is as likely to stay as any other."""
    random = np.random.default_rng(0)
    kept: list[Any] = []
    images = (_take(batch, row) for batch in batches for row in range(len(batch[-1])))
    for read, image in enumerate(itertools.islice(images, READ_PER_KEPT * max_images)):
        place = read if read < max_images else int(random.integers(read + 1))
        if place < max_images:
            # Appends while there is room. A copy: a view would keep its batch in memory.
            kept[place : place + 1] = [tree.map_structure(np.copy, image)]
    if not kept:
        raise ValueError(
            "reference must hold at least one image; got none. A generator can be read only "
            "once: pass the function that makes it, not what it returns"
        )
    try:
        return tree.map_structure(lambda *arrays: np.stack(arrays), *kept)
    except ValueError:
        shapes = sorted({array.shape for array in tree.flatten(kept)})
        raise ValueError(
            "reference must be images of one shape; got mixed shapes "
            f"{', '.join(map(str, shapes[:3]))}. Resize or crop them to one size first"
        ) from None


def _batches(stream: Any, data_format: DataFormat) -> Iterator[Any]:
    """The elements of a stream as batches; an element that is one image, as a batch of one."""
    # A PyDataset had no iterator before Keras 3.11, and needs no IndexError at its end.
    by_index = hasattr(stream, "__len__") and not hasattr(stream, "__iter__")
    one_image = None
    for element in map(stream.__getitem__, range(len(stream))) if by_index else stream:
        parts = tuple(element) if isinstance(element, list) else element  # torch gives lists
        if one_image is None:
            one_image = _is_one_image(parts, getattr(stream, "element_spec", None), data_format)
        batch = tree.map_structure(_batch_of_one, parts) if one_image else parts
        yield _as_batch(batch, data_format)


def _is_stream(reference: Any) -> bool:
    """Whether it gives batches one after another, rather than all images at once."""
    if isinstance(reference, list):  # images, or batches such as (inputs, targets)
        return bool(reference) and isinstance(reference[0], dict | tuple)
    if isinstance(reference, dict | tuple) or hasattr(reference, "__array__"):
        return False
    iterable = hasattr(reference, "__iter__") or hasattr(reference, "__getitem__")
    if isinstance(reference, str | bytes) or not iterable:
        raise TypeError(
            "reference must be images (batch, height, width, channels), (inputs, targets), a data "
            "set of these, or a function that returns one, for instance reference=x_val; "
            f"got {type(reference).__name__}"
        )
    return True


def _is_one_image(element: Any, spec: Any, data_format: DataFormat) -> bool:
    """Whether an element of a stream is a single image, rather than a batch."""
    rank = _rank(element)
    labels = element[1:] if isinstance(element, tuple) else ()
    if any(np.isscalar(label) or getattr(label, "shape", None) == () for label in labels):
        return rank in (2, 3)
    if rank == 2 and spec is not None:  # in a tf.data.Dataset vectors come in batches of any length
        return all(part.shape.rank in (0, None) or part.shape[0] for part in tree.flatten(spec))
    # (28, 28, 3) is an image with 3 channels, (3, 28, 28) is 3 images: hardly any has more than 4.
    axis = 0 if data_format == "channels_first" else -1
    return rank == 3 and any(x.shape[axis] <= 4 for x in tree.flatten(element) if _rank(x) == 3)


def _as_batch(element: Any, data_format: DataFormat) -> tuple[Any, ...]:
    """`(images,)` or `(inputs, targets)` in numpy, n first; labels and weights are dropped."""
    parts = element if isinstance(element, tuple) else (element,)
    if not 1 <= len(parts) <= 3:
        raise ValueError(
            "reference must be images, (inputs, targets) or (inputs, targets, sample_weights); "
            f"got {len(parts)} elements. Many images are one array: np.stack(images)"
        )
    *inputs, images = parts[:2]
    if inputs and _rank(images) + isinstance(images, list) < 3:
        images = inputs.pop()  # the second part holds labels
    batch = (*tree.map_structure(_as_array, inputs), _as_array(images))
    as_images(batch[-1], "reference", data_format)  # raises unless it is an image batch
    counts = {len(array) if array.ndim else 0 for array in tree.flatten(batch[0])}
    if counts != {len(batch[-1])}:
        got = f"{sorted(counts)} and {len(batch[-1])}"
        raise ValueError(f"reference must be as many inputs as targets; got {got}")
    return batch


def _as_array(part: Any) -> Array:
    if not (hasattr(part, "__array__") or isinstance(part, list)):
        raise TypeError(
            "reference must be one array of images, or (inputs, targets); got "
            f"{type(part).__name__}. Say which array holds the images: (data, data['image'])"
        )
    return to_numpy(part, "reference")


def _batch_of_one(part: Any) -> Any:
    return part[None] if hasattr(part, "shape") else np.array([part])


def _rank(parts: Any) -> int:
    return max((len(getattr(leaf, "shape", ())) for leaf in tree.flatten(parts)), default=0)


def _take(arrays: Any, index: Any) -> Any:
    return tree.map_structure(lambda array: array[index], arrays)
