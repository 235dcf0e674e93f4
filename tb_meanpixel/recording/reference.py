"""The reference: a fixed choice of images, taken once from any kind of data.

Arrays, pairs, data sets, loaders and generators pass through `take_reference`, and
functions that return one of them; past it there are only numpy arrays.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import tree

from tb_meanpixel.recording.choice import Choice, digest, reading_bar
from tb_meanpixel.statistics.images import (
    Array,
    DataFormat,
    as_images,
    check_positive,
    subset_indices,
    to_numpy,
)
from tb_meanpixel.statistics.record import check_groups

_log = logging.getLogger("tb_meanpixel")

# Images of a stream that are read for each one that is kept: enough to choose from
# where neighbours look alike, and an end where the stream has none.
READ_PER_KEPT = 16

# Images that are kept where `max_images` is None: bounded by their pixels, so that large
# images do not take longer than the epoch.
MOST_IMAGES, MOST_PIXELS, LEAST_IMAGES = 256, 2**22, 64


@dataclass(frozen=True, eq=False)
class Reference:
    """The model's inputs, and the images that it should make of them.

    Attributes:
        inputs: numpy arrays, `(n, ...)`, alone or in dicts, tuples and lists as given.
        images: the target images `(n, height, width, channels)`.
        groups: a label of each, `(n,)`, or None.
    """

    inputs: Any
    images: Array
    groups: Array | None = None

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: Any) -> Reference:
        """The part of it that a slice or an array of indices chooses."""
        groups = None if self.groups is None else self.groups[index]
        return Reference(_take(self.inputs, index), self.images[index], groups)


def take_reference(
    reference: Any,
    max_images: int | None = None,
    *,
    data_format: DataFormat | None = None,
    groups: Any = None,
) -> Reference:
    """Take at most `max_images` of a reference: a uniform choice, the same in each process.

    Args:
        reference: images `(batch, height, width, channels)` or `(batch, height, width)`;
            `(inputs, targets)`, where targets of fewer than 3 dimensions are labels
            and the inputs the images; a stream of these: a `tf.data.Dataset`,
            `keras.utils.PyDataset`, torch `DataLoader` or another iterable; or a
            function without arguments that returns one. Sample weights are dropped.
            A stream's element is one image, not a batch, if it is
            `(height, width, channels)` with at most 4 channels or has a scalar
            label; in a `tf.data.Dataset` also if it is `(height, width)`.
        max_images: how many to keep. None: 256, but no more than 2^22 pixels in all where
            this leaves 64 images. A stream's are chosen by their content from its first
            `READ_PER_KEPT * max_images` images, in whatever order it gives these. The
            rest is not read; a warning says so if the stream shuffles.
        data_format: "channels_first" for images `(batch, channels, height, width)`. None:
            `keras.config.image_data_format()`, and at most 4 channels.
        groups: a label of each image (clip, patient, scene), `(batch,)`; only of arrays.

    Raises:
        TypeError, ValueError: if it is none of these, is empty, or its images differ in shape.

    Example:
        >>> taken = take_reference((np.zeros((8, 2)), np.zeros((8, 28, 28))), max_images=4)
        >>> taken.inputs.shape, taken.images.shape
        ((4, 2), (4, 28, 28, 1))
    """
    if max_images is not None:
        max_images = check_positive("max_images", max_images)
    layout: DataFormat = data_format or keras.config.image_data_format()
    if callable(reference):
        reference = reference()
    if _is_stream(reference):
        if groups is not None:
            raise ValueError(
                "groups needs a reference of arrays, because a data set is read in an order of "
                "its own. Type: MeanPixelCallback(..., reference=images, groups=labels)"
            )
        # A DataLoader draws from torch's random state, and training must not notice.
        torch = sys.modules.get("torch")
        with torch.random.fork_rng(devices=[]) if torch else contextlib.nullcontext():
            return _finish(_sample(reference, layout, max_images), None, data_format, layout)
    batch = _as_batch(reference, layout)
    labels = check_groups(groups, len(batch[-1]))
    chosen = subset_indices(len(batch[-1]), _limit(batch[-1], max_images, said=True))
    return _finish(
        _take(batch, chosen), None if labels is None else labels[chosen], data_format, layout
    )


def default_count(height: int, width: int) -> int:
    """How many images are kept where `max_images` is None.

    Example:
        >>> default_count(28, 28), default_count(180, 180), default_count(1024, 1024)
        (256, 129, 64)
    """
    return min(MOST_IMAGES, max(LEAST_IMAGES, MOST_PIXELS // (height * width)))


def _finish(batch: Any, labels: Any, given: DataFormat | None, layout: DataFormat) -> Reference:
    images = as_images(batch[-1], "reference", given, default=layout)
    return Reference(batch[0], images, labels)


def _limit(images: Array, max_images: int | None, *, said: bool) -> int:
    """`max_images`, or its default for a batch of such images, in the reference's layout."""
    if max_images is not None:
        return max_images
    sides = sorted(images.shape[1:])[-2:]  # channels are fewer than rows and columns
    limit = default_count(*sides)
    if said and limit < min(MOST_IMAGES, len(images)):
        _say_limit(limit, sides)
    return limit


def _say_limit(limit: int, sides: list[int]) -> None:
    _log.info(
        "%d images of the reference are used, because they have %d x %d pixels. For more, type: "
        "MeanPixelCallback(..., max_images=%d)",
        limit,
        *sides,
        MOST_IMAGES,
    )


def _sample(stream: Any, layout: DataFormat, max_images: int | None) -> Any:
    """A choice from the first images of a stream."""
    batches = _batches(stream, layout)
    first = next(batches, None)
    if first is None:
        raise ValueError(
            "reference must hold at least one image; got none. A generator can be read only "
            "once: pass the function that makes it, not what it returns"
        )
    limit = _limit(first[-1], max_images, said=False)
    choice, most = Choice(limit), READ_PER_KEPT * limit
    sides, first_digest = sorted(first[-1].shape[1:])[-2:], digest(first)
    read_batches = itertools.chain(iter([first]), batches)
    del first  # or its memory stays
    images = (_take(batch, row) for batch in read_batches for row in range(len(batch[-1])))
    with reading_bar(most) as report:
        read = 0
        for read, image in enumerate(itertools.islice(images, most), start=1):
            choice.offer(image)
            report(read)
    if max_images is None and limit < min(MOST_IMAGES, read):
        _say_limit(limit, sides)
    if read == most and _can_be_read_again(stream) and next(images, None) is not None:
        again = next(_batches(stream, layout), None)
        if again is not None and digest(again) != first_digest:
            _warn_of_shuffling(most)
    try:
        return tree.map_structure(lambda *arrays: np.stack(arrays), *choice.chosen())
    except ValueError:
        shapes = sorted({array.shape for array in tree.flatten(choice.chosen())})
        raise ValueError(
            "reference must be images of one shape; got mixed shapes "
            f"{', '.join(map(str, shapes[:3]))}. Resize or crop them to one size first"
        ) from None


def _can_be_read_again(stream: Any) -> bool:
    return hasattr(stream, "__iter__") and not hasattr(stream, "__next__")


def _warn_of_shuffling(most: int) -> None:
    warnings.warn(
        f"The reference is a data set that shuffles, and only its first {most} images were read: "
        "another run is compared with other images. Pass it without shuffle, or as arrays, for "
        "instance reference=x_val",
        UserWarning,
        stacklevel=5,
    )


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
    if batch[-1].ndim == 5 and batch[-1].shape[0] > 1:
        raise ValueError(
            "reference must be (batch, height, width, channels) or (batch, height, width); got "
            f"shape {batch[-1].shape}. Of videos (batch, frames, height, width, channels) one "
            "frame is compared. Type: reference=(videos, videos[:, -1]), "
            "predict_fn=lambda model, x: model(x, training=False)[:, -1]"
        )
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
