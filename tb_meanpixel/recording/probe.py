"""A model's outputs for the reference inputs, computed without disturbing its training."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from keras import tree

from tb_meanpixel.recording import model_errors
from tb_meanpixel.recording.inference import SEED_STATE, infer
from tb_meanpixel.recording.reference import Reference
from tb_meanpixel.statistics.images import Array, DataFormat, as_images

PredictFn = Callable[[Any, Any], Any]

# Images passed through the model at a time: no more memory than a training step takes.
MOST_AT_ONCE, MOST_PIXELS_AT_ONCE = 64, 2**18


class Probe:
    """Passes a fixed reference through a model."""

    def __init__(
        self,
        reference: Reference,
        predict_fn: PredictFn | None,
        data_format: DataFormat,
        paired: bool = True,
    ) -> None:
        if predict_fn is not None and not callable(predict_fn):
            raise TypeError(
                "predict_fn must be a function (model, inputs) -> images; "
                f"got a {type(predict_fn).__name__}"
            )
        self.reference = reference
        self._predict_fn = predict_fn
        self._data_format = data_format
        self._paired = paired
        self._owner = "the model" if predict_fn is None else "predict_fn"
        batches = math.ceil(len(reference) / images_at_once(reference))
        self._at_once = math.ceil(len(reference) / batches)

    @property
    def input_images(self) -> Array | None:
        """The inputs `(batch, height, width, channels)` where they are images of their own."""
        inputs, images = self.reference.inputs, self.reference.images
        if not isinstance(inputs, np.ndarray) or np.may_share_memory(inputs, images):
            return None
        try:
            taken = as_images(inputs, "reference", self._data_format)
        except (TypeError, ValueError):  # vectors, texts, volumes
            return None
        return taken if taken.dtype.kind in "fiub" else None

    def trial(self, model: Any) -> tuple[Array, Array]:
        """The outputs of the first batch, and the images that were wanted.

        Raises:
            TypeError, ValueError: if they are no images, or do not fit the reference.
        """
        chosen = self.reference[: self._at_once]
        with _random_state_kept(model):
            return self._outputs(model, 0), chosen.images

    def images(self, model: Any) -> Array:
        """The model's images for all inputs, `(batch, height, width, channels)`.

        Raises:
            TypeError, ValueError: if the model does not return one image batch.
        """
        with _random_state_kept(model):
            starts = range(0, len(self.reference), self._at_once)
            return np.concatenate([self._outputs(model, start) for start in starts])

    def _outputs(self, model: Any, start: int) -> Array:
        """The images of the batch that begins at an index."""
        rows = np.arange(start, start + self._at_once)
        kept = rows[rows < len(self.reference)]
        chosen = self.reference[kept]
        if self._predict_fn is None:
            # The last batch is filled with its last image: a compiled model has one shape.
            filled = np.minimum(rows, len(self.reference) - 1)
            inputs = _to_tensors(self.reference[filled].inputs)
            outputs = self._of_model(model, inputs)
        else:
            inputs = _to_tensors(chosen.inputs)
            outputs = self._of_predict_fn(model, inputs)
        outputs = _to_numpy(outputs)
        model_errors.check_outputs(outputs, self._owner, chosen)
        images = as_images(outputs, f"{self._owner}'s output", self._data_format)
        if self._predict_fn is None:
            images = images[: len(kept)]
        if self._paired:
            is_own = np.may_share_memory(self.reference.images, _one_array(self.reference.inputs))
            model_errors.check_pairs(images, self._owner, chosen, is_own=is_own)
        return images

    def _of_predict_fn(self, model: Any, inputs: Any) -> Any:
        assert self._predict_fn is not None
        try:
            return self._predict_fn(model, inputs)
        except Exception as error:  # noqa: BLE001  whatever a user's function raises
            failed = model_errors.predict_fn_failed(error, inputs)
        raise failed  # outside of `except`: without the frames of Keras, and the arrays it shows

    def _of_model(self, model: Any, inputs: Any) -> Any:
        try:
            return infer(model, inputs)
        except NotImplementedError:
            failed = ValueError(
                f"{type(model).__name__} has no call(), so it does not say how it makes images. "
                "Pass predict_fn, for instance "
                "predict_fn=lambda model, x: model.decoder(model.encoder(x)[0])"
            )
        except Exception as error:  # noqa: BLE001  each backend has errors of its own
            failed = model_errors.model_failed(error, model, inputs, self.reference)
        raise failed


def images_at_once(reference: Reference) -> int:
    """How many images pass through a model at a time: 64, and 2^18 pixels; at least 1.

    Example:
        >>> images_at_once(Reference(None, np.zeros((100, 256, 256, 3))))
        4
    """
    areas = [
        int(np.prod(sorted(leaf.shape[1:])[-2:]))
        for leaf in [reference.images, *tree.flatten(reference.inputs)]
        if len(getattr(leaf, "shape", ())) >= 3
    ]
    return max(1, min(MOST_AT_ONCE, MOST_PIXELS_AT_ONCE // max(areas)))


def _one_array(inputs: Any) -> Any:
    return inputs if isinstance(inputs, np.ndarray) else np.empty(0)


def _to_tensors(inputs: Any) -> Any:
    """Tensors of the backend, of Keras's float type as in `fit`."""
    return tree.map_structure(_to_tensor, inputs)


def _to_tensor(array: Array) -> Any:
    if array.dtype.kind in "OSU" and keras.backend.backend() != "tensorflow":
        return array  # texts: no other backend has tensors of them
    is_float = array.dtype.kind == "f"
    return keras.ops.convert_to_tensor(array, keras.config.floatx() if is_float else None)


def _to_numpy(outputs: Any) -> Any:
    return keras.ops.convert_to_numpy(outputs) if keras.ops.is_tensor(outputs) else outputs


@contextmanager
def _random_state_kept(model: Any) -> Iterator[None]:
    """Put all random states back: recording must not change what training draws.

    All but one, for which TensorFlow has no public name: what its operations without a
    seed, such as `tf.random.normal`, draw from when they run eagerly. A model that is
    compiled does not draw from it; with `run_eagerly=True` use `keras.random`.
    """
    python_state = random.getstate()
    seeds = [v for v in model.variables if v.name == SEED_STATE]
    seeds += _global_seed()
    before = [keras.ops.copy(seed) for seed in seeds]
    numpy_state = np.random.get_state()  # noqa: NPY002  Keras's and users' own, not ours
    try:
        with _torch_untouched():
            yield
    finally:
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)
        for seed, value in zip(seeds, before, strict=True):
            seed.assign(value)


def _global_seed() -> list[Any]:
    """The seed of operations that have none of their own; Keras has no public name for it."""
    try:
        from keras.src.random.seed_generator import global_seed_generator
    except ImportError:
        return []
    return [global_seed_generator().state]


@contextmanager
def _torch_untouched() -> Iterator[None]:
    """Keep torch's random states, and no gradients: they would hold every activation."""
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else []
    with torch.no_grad(), torch.random.fork_rng(devices):
        yield
