"""Counts the batches of training, over all epochs and every `fit` of a model."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_meanpixel.statistics.images import check_positive


def check_record_freq(record_freq: object, epoch_freq: int, *, has_reference: bool) -> int | None:
    """Every how many batches to record; None for epochs.

    Raises:
        TypeError, ValueError: if `record_freq` is neither, or does not go with the others.

    Example:
        >>> check_record_freq("epoch", 5, has_reference=False)
        >>> check_record_freq(100, 1, has_reference=True)
        100
    """
    if isinstance(record_freq, str) and record_freq == "epoch":
        return None
    if isinstance(record_freq, bool) or not isinstance(record_freq, int | np.integer):
        raise TypeError(
            'record_freq must be "epoch", or a whole number of batches, for instance '
            f"record_freq=100; got {record_freq!r}"
        )
    every = check_positive("record_freq", record_freq)
    if epoch_freq != 1:
        raise ValueError(
            f"epoch_freq={epoch_freq} counts epochs, and record_freq={every} batches: only one of "
            f"them can be. Type: MeanPixelCallback(..., record_freq={every})"
        )
    if not has_reference:
        raise ValueError(
            f"record_freq={every} needs a reference: MeanPixel metrics are complete only when an "
            "epoch ends. Type: MeanPixelCallback(..., reference=x_val, "
            f"record_freq={every}), or leave record_freq out"
        )
    return every


class BatchCount:
    """The number of the last batch of training, and which ones are to be recorded.

    The first `fit` of a model begins where its optimizer is. From there on batches are counted
    here: an optimizer may step several times a batch, and on JAX each look at it costs.
    """

    def __init__(self, every: int) -> None:
        self._every = every
        self._last_batch = -1  # of the epoch
        self._in_epoch: int | None = None  # how many there are, where Keras knows it
        self._model: weakref.ref[Any] | None = None
        #: The number of the last batch; the first one is 1.
        self.count = 0
        #: The number of the batch that was recorded last.
        self.recorded = 0
        #: The overall scores of this epoch's last record, by stream.
        self.scores: Mapping[str, Mapping[str, float]] = {}

    def __getstate__(self) -> dict[str, Any]:
        """The argument, and the number: a copy has no model."""
        return {**self.__dict__, "_model": None}

    def begin(self, model: Any, in_epoch: int | None) -> None:
        """A `fit` begins: go on where the model's last one has ended.

        Args:
            model: what is trained.
            in_epoch: batches of an epoch; None where Keras does not know it.
        """
        is_known = self._model is not None and self._model() is model
        self.count = max(self.count if is_known else 0, _iterations(model))
        self.recorded = self.count
        self._model, self._in_epoch = weakref.ref(model), in_epoch
        self.begin_epoch()

    def begin_epoch(self) -> None:
        """Keras counts the batches of each epoch from 0."""
        self._last_batch, self.scores = -1, {}

    def end_batch(self, batch: int) -> bool:
        """Count up to this batch: there are several where `steps_per_execution` says so.

        Returns:
            Whether one of them was to be recorded.
        """
        before = self.count
        if self._in_epoch is not None:  # Keras gives the last call of an epoch a number too high
            batch = min(batch, self._in_epoch - 1)
        self.count += batch - self._last_batch
        self._last_batch = batch
        return self.count // self._every > before // self._every


def _iterations(model: Any) -> int:
    optimizer = getattr(model, "optimizer", None)
    try:  # a wrapped optimizer counts updates of the weights, and these may be rarer
        accumulated = getattr(optimizer, "gradient_accumulation_steps", None) or 1
        return int(optimizer.iterations) * int(accumulated)  # type: ignore[union-attr]
    except (AttributeError, TypeError, ValueError):
        return 0  # no optimizer, or one without a count
