"""A model's outputs for the reference inputs, computed without disturbing its training."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from tb_meanpixel.recording.reference import Reference
from tb_meanpixel.statistics.images import Array, DataFormat, as_images

PredictFn = Callable[[Any, Any], Any]

# Images passed through the model at a time.
_BATCH = 64


class Probe:
    """Passes a fixed reference through a model."""

    def __init__(
        self, reference: Reference, predict_fn: PredictFn | None, data_format: DataFormat
    ) -> None:
        if predict_fn is not None and not callable(predict_fn):
            raise TypeError(
                "predict_fn must be a function (model, inputs) -> images; "
                f"got a {type(predict_fn).__name__}"
            )
        self.reference = reference
        self._predict_fn = predict_fn
        self._data_format = data_format
        self._infer: Callable[[Any], Any] | None = None

    def forget_model(self) -> None:
        """Another `fit` may be of another model, or one with other layers."""
        self._infer = None

    def images(self, model: Any, limit: int | None = None) -> Array:
        """The model's images for the first `limit` inputs, `(batch, height, width, channels)`.

        Raises:
            TypeError, ValueError: if the model does not return one image batch.
        """
        chosen = self.reference[:limit]
        batches = []
        with _random_state_kept(model):
            for start in range(0, len(chosen), _BATCH):
                outputs = self._outputs(model, chosen[start : start + _BATCH].inputs)
                batches.append(as_images(outputs, "the model's output", self._data_format))
        return np.concatenate(batches)

    def _outputs(self, model: Any, inputs: Any) -> Any:
        if self._predict_fn is not None:
            return _to_numpy(self._predict_fn(model, inputs))
        if self._infer is None:
            self._infer = _inference(model)
        try:
            outputs = self._infer(inputs)
        except NotImplementedError as error:
            raise ValueError(
                f"{type(model).__name__} has no call(), so it does not say how it makes images. "
                "Pass predict_fn, for instance "
                "predict_fn=lambda model, x: model.decoder(model.encoder(x)[0])"
            ) from error
        if isinstance(outputs, dict | tuple | list):
            found = (
                f"keys {sorted(outputs)}" if isinstance(outputs, dict) else f"{len(outputs)} parts"
            )
            part = repr(min(outputs)) if isinstance(outputs, dict) else "0"
            raise TypeError(
                f"the model must return one array of images; got a {type(outputs).__name__} with "
                f"{found}. Pick one: predict_fn=lambda model, x: model(x, training=False)[{part}]"
            )
        return _to_numpy(outputs)


def _inference(model: Any) -> Callable[[Any], Any]:
    """The model in inference mode, compiled where `fit` compiles: twice as fast if it is small."""

    def infer(inputs: Any) -> Any:
        return model(inputs, training=False)

    if keras.backend.backend() != "tensorflow" or model.run_eagerly:
        return infer
    import tensorflow as tf

    compiled: Callable[[Any], Any] = tf.function(infer, reduce_retracing=True)
    return compiled


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
    seeds = [v for v in model.variables if v.name == "seed_generator_state"]
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
