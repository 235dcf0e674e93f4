"""A Keras callback that records, every epoch, how the outputs look beside the reference."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from tb_meanpixel.images import (
    Array,
    as_images,
    declared_range,
    infer_range,
    subset_indices,
)
from tb_meanpixel.metadata import check_stream_name
from tb_meanpixel.writer import MeanPixelWriter, check_bins, check_fit, prepare_directory

_log = logging.getLogger("tb_meanpixel")

PredictFn = Callable[[Any, Any], Any]

# Images passed through the model at a time.
_BATCH = 64

# Scores that join the epoch's logs, by the name that they get there.
_LOGGED = {"mean_pixel": "output_mean", "mean_pixel_bias": "bias", "mean_pixel_drift": "drift"}


class MeanPixelCallback(keras.callbacks.Callback):
    """Records the outputs' pixel intensities against reference images, every epoch.

    Writes to `<log_dir>/mean_pixel`: histograms of the outputs' mean pixels,
    contrasts and pixels, the reference's once, scores of the difference, and
    the epoch's `logs`. TensorBoard shows them in its tab "Mean Pixel".

    The epoch's `logs` gain `val_mean_pixel`, `val_mean_pixel_bias` and
    `val_mean_pixel_drift`, so EarlyStopping, CSVLogger and History can use them
    (no prefix for the stream "train", `<name>_` for others).

    Args:
        log_dir: the directory given to `keras.callbacks.TensorBoard`, if any.
        reference: images that the model should reproduce: array-like
            `(batch, height, width, channels)` or `(batch, height, width)`; or
            `(inputs, targets)` where the model is fed something else.
        predict_fn: `(model, inputs) -> images`. None: the model itself, in
            inference mode. For models without `call`, generators, and outputs
            that are dicts or tuples.
        name: the stream.
        paired: whether output i should reproduce target i. False for samples.
        value_range: `(low, high)` that intensities should lie in. None: inferred
            from the reference and shown on the page.
        bins: stored bins of a histogram, a power of two up to 256.
        max_images: at most so many images of the reference are used; a seeded
            choice, the same in every epoch.
        freq: record every `freq` epochs, and always the last one.

    Raises:
        TypeError, ValueError: if an argument is not as said above. A model whose
            outputs do not fit raises when `fit` begins, before the first epoch.
        OSError: if `log_dir` cannot be written.

    Once training runs, a failure to record warns once and training goes on.

    Example:
        model.fit(x_train, epochs=30,
                  callbacks=[MeanPixelCallback("logs/vae", reference=x_val)])
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "logs",
        reference: Any = None,
        *,
        predict_fn: PredictFn | None = None,
        name: str = "validation",
        paired: bool = True,
        value_range: tuple[float, float] | None = None,
        bins: int = 64,
        max_images: int = 256,
        freq: int = 1,
    ) -> None:
        super().__init__()
        self._inputs, self._targets = _take_reference(reference, max_images)
        if predict_fn is not None and not callable(predict_fn):
            raise TypeError(
                "predict_fn must be a function (model, inputs) -> images; "
                f"got a {type(predict_fn).__name__}"
            )
        _check_positive("freq", freq)
        self._predict_fn = predict_fn or _call_model
        self._name = check_stream_name(name)
        self._paired = paired
        self._bins = check_bins(bins)
        self._freq = freq
        inferred = infer_range(self._targets)  # also refuses a reference without finite values
        self._value_range = inferred if value_range is None else declared_range(value_range)
        if value_range is None:
            _log.info("%s: value range %g..%g, from the reference", name, *inferred[:2])
        prepare_directory(log_dir)
        self._log_dir = log_dir
        self._writer: MeanPixelWriter | None = None
        self._unrecorded: tuple[int, Mapping[str, float]] | None = None
        self._warned = False

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Open the event file, and try two images: better now than after the first epoch."""
        images = self._predict(limit=2)
        check_fit(images, self._targets[:2] if self._paired else self._targets, self._paired)
        self._writer = MeanPixelWriter(
            self._log_dir,
            name=self._name,
            value_range=self._value_range,
            bins=self._bins,
            paired=self._paired,
        )
        self._unrecorded = None

    def on_epoch_end(self, epoch: int, logs: MutableMapping[str, Any] | None = None) -> None:
        """Record the epoch and add the headline scores to its `logs`."""
        scalars = _own_logs(logs)
        last = epoch + 1 == self.params.get("epochs") or self.model.stop_training
        if (epoch + 1) % self._freq and not last:
            self._guarded(self._write_scalars, epoch, scalars)
            self._unrecorded = (epoch, scalars)
            return
        self._unrecorded = None
        scores = self._guarded(self._record, epoch, scalars)
        if logs is not None and scores is not None:
            logs.update({_log_name(self._name, key): scores[_LOGGED[key]] for key in _LOGGED})

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Record the last epoch if `freq` passed it over, and close the event file."""
        if self._unrecorded is not None:  # a callback after us stopped the training
            epoch, _ = self._unrecorded
            self._guarded(self._record, epoch, {})
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _record(self, epoch: int, scalars: Mapping[str, float]) -> dict[str, float]:
        assert self._writer is not None
        try:
            images = self._predict()
        except Exception:
            self._write_scalars(epoch, scalars)  # the loss at least is not lost
            raise
        return self._writer.write(epoch, images, reference=self._targets, scalars=scalars)

    def _write_scalars(self, epoch: int, scalars: Mapping[str, float]) -> None:
        assert self._writer is not None
        self._writer.write_scalars(epoch, scalars)

    def _guarded(self, action: Callable[..., Any], *arguments: Any) -> Any:
        """Logging must not end a training: warn of the first failure and go on."""
        try:
            return action(*arguments)
        except Exception as error:  # noqa: BLE001  whatever it is, training is worth more
            if not self._warned:
                self._warned = True
                warnings.warn(
                    f"MeanPixelCallback {self._name!r} could not record epoch {arguments[0]}: "
                    f"{type(error).__name__}: {error}. Training goes on; "
                    "further failures are not reported",
                    RuntimeWarning,
                    stacklevel=3,
                )
            return None

    def _predict(self, limit: int | None = None) -> Array:
        """The model's images for the reference inputs, `(batch, height, width, channels)`."""
        count = len(self._targets) if limit is None else min(limit, len(self._targets))
        batches = []
        with _random_state_kept(self.model):
            for start in range(0, count, _BATCH):
                batch = _select(self._inputs, slice(start, min(start + _BATCH, count)))
                batches.append(as_images(self._outputs(batch), "the model's output"))
        return np.concatenate(batches)

    def _outputs(self, inputs: Any) -> Any:
        try:
            outputs = self._predict_fn(self.model, inputs)
        except NotImplementedError as error:
            if self._predict_fn is not _call_model:
                raise
            raise ValueError(
                f"{type(self.model).__name__} has no call(), so it does not say how it makes "
                "images. Pass predict_fn, for instance "
                "predict_fn=lambda model, x: model.decoder(model.encoder(x)[0])"
            ) from error
        if self._predict_fn is _call_model and isinstance(outputs, dict | tuple | list):
            got = (
                f"keys {sorted(outputs)}" if isinstance(outputs, dict) else f"{len(outputs)} parts"
            )
            which = repr(min(outputs)) if isinstance(outputs, dict) else "0"
            raise TypeError(
                f"the model must return one array of images; got a {type(outputs).__name__} with "
                f"{got}. Pick one: predict_fn=lambda model, x: model(x, training=False)[{which}]"
            )
        if keras.ops.is_tensor(outputs):
            return keras.ops.convert_to_numpy(outputs)
        return outputs


def _call_model(model: Any, inputs: Any) -> Any:
    return model(inputs, training=False)


def _take_reference(reference: Any, max_images: int) -> tuple[Any, Array]:
    """Inputs and target images of a reference, at most `max_images` of them."""
    if reference is None:
        raise ValueError(
            "reference must be images (batch, height, width, channels) or (inputs, targets), "
            "for instance reference=x_val; got None"
        )
    _check_positive("max_images", max_images)
    if isinstance(reference, tuple):
        if len(reference) != 2:
            raise ValueError(
                f"reference must be images or (inputs, targets); got {len(reference)} elements"
            )
        inputs, targets = reference
    else:
        inputs = targets = reference
    images = as_images(targets, "reference")
    chosen = subset_indices(len(images), max_images)
    if inputs is targets:
        # With the shape that was given: the model may want (batch, height, width).
        return np.asarray(inputs)[chosen], images[chosen]
    counts = {len(part) for part in keras.tree.flatten(inputs)}
    if counts != {len(images)}:
        raise ValueError(
            f"reference must be as many inputs as targets; got {sorted(counts)} and {len(images)}"
        )
    return _select(keras.tree.map_structure(np.asarray, inputs), chosen), images[chosen]


def _check_positive(argument: str, value: object) -> None:
    if not isinstance(value, int) or value < 1:
        raise ValueError(f"{argument} must be a whole number, 1 or more; got {value!r}")


def _select(inputs: Any, index: Any) -> Any:
    return keras.tree.map_structure(lambda array: array[index], inputs)


@contextmanager
def _random_state_kept(model: Any) -> Iterator[None]:
    """Put the model's random seeds back: recording must not change what training draws."""
    seeds = [v for v in model.variables if v.name == "seed_generator_state"]
    before = [keras.ops.convert_to_numpy(seed) for seed in seeds]
    try:
        yield
    finally:
        for seed, value in zip(seeds, before, strict=True):
            seed.assign(value)


def _own_logs(logs: Mapping[str, Any] | None) -> dict[str, float]:
    """The epoch's scalars, without those that mean-pixel callbacks have added."""
    scalars = {}
    for name, value in (logs or {}).items():
        if any(name.endswith(logged) for logged in _LOGGED):
            continue
        try:
            scalars[name] = float(value)
        except (TypeError, ValueError):
            continue  # not a scalar: nothing that a curve could show
    return scalars


def _log_name(stream: str, key: str) -> str:
    prefix = {"validation": "val_", "train": ""}.get(stream, f"{stream}_")
    return prefix + key
