"""Records into an event file, for any training loop; needs no TensorFlow.

Synopsis:

    with MeanPixelWriter("logs/vae") as writer:
        for epoch in range(epochs):
            ...
            writer.write(epoch, model(x_val), reference=x_val, scalars={"loss": loss})
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from tensorboard.compat import tf
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from tb_meanpixel import drift, summary
from tb_meanpixel.images import (
    Array,
    DataFormat,
    ValueRange,
    as_images,
    channel_names,
    declared_range,
    fingerprint,
    infer_range,
)
from tb_meanpixel.metadata import RUN_NAME, StreamInfo, check_stream_name
from tb_meanpixel.record import (
    SCORED_BINS,
    ImageStatistics,
    PairSums,
    Record,
    image_means,
    measure,
)

if TYPE_CHECKING:
    from typing_extensions import Self


class MeanPixelWriter:
    """Writes what outputs and references have in common, step by step.

    Args:
        log_dir: directory of the training; events go to `<log_dir>/mean_pixel`.
        name: the stream, for instance "validation" or "samples".
        value_range: `(low, high)` that intensities should lie in. None: inferred
            from the first reference, see `tb_meanpixel.images.infer_range`.
        bins: stored bins of a histogram, a power of two up to 256.
        paired: whether output i reproduces reference i. False for samples: the
            pair statistics are then absent.
        data_format: "channels_last" or "channels_first".

    Raises:
        ValueError: if an argument is not as said above.
        OSError: if `log_dir` cannot be written.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        *,
        name: str = "validation",
        value_range: tuple[float, float] | ValueRange | None = None,
        bins: int = 64,
        paired: bool = True,
        data_format: DataFormat = "channels_last",
    ) -> None:
        self._name = check_stream_name(name)
        self._value_range = None if value_range is None else declared_range(value_range)
        self._bins = check_bins(bins)
        self._paired = paired
        self._data_format = data_format
        self._reference: _Reference | None = None
        self._reference_written = False
        self._events = EventFileWriter(prepare_directory(log_dir))

    def write(
        self,
        step: int,
        output: Any,
        reference: Any = None,
        scalars: Mapping[str, float] | None = None,
    ) -> dict[str, float]:
        """Write one step of the stream; it is on disk when this returns.

        Args:
            step: the epoch, 0-based like Keras's.
            output: image batch `(batch, height, width, channels)` or
                `(batch, height, width)`; numpy, TensorFlow, JAX or torch.
            reference: what the outputs should look like, an image batch too.
                None: the reference of the step before.
            scalars: numbers of the training loop, for instance `{"loss": 0.3}`.

        Returns:
            The scores by name, see `tb_meanpixel.drift.scores`.

        Raises:
            TypeError, ValueError: if outputs or references are no image batches
                or do not fit each other. Nothing is written then.
        """
        if reference is not None:
            self._take_reference(reference)
        if self._reference is None:
            raise ValueError(
                "reference must be given with the first step: the images that the outputs "
                "are compared with. Type: writer.write(step, output, reference=images)"
            )
        reference_side = self._reference
        images = as_images(output, "output", self._data_format)
        check_fit(images, reference_side.images, self._paired)
        record = Record(
            output=measure(images, reference_side.value_range),
            reference=reference_side.statistics,
            pairs=PairSums.of(image_means(images), reference_side.means) if self._paired else None,
        )
        self._write_record(step, record, scalars or {})
        return drift.headline(drift.scores(record))

    def write_scalars(self, step: int, scalars: Mapping[str, float]) -> None:
        """Write the training loop's numbers for a step without images."""
        self._add(step, list(summary.log_values(scalars)))

    def close(self) -> None:
        """Flush and close the event file. Closing twice is harmless."""
        self._events.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _take_reference(self, reference: Any) -> None:
        if self._reference is not None and reference is self._reference.given:
            return
        images = as_images(reference, "reference", self._data_format)
        if self._value_range is None:
            # Kept from here on: the edges of a series must not move.
            self._value_range = infer_range(images)
        taken = _Reference(reference, images, self._value_range)
        if self._reference is None or taken.hash != self._reference.hash:
            self._reference, self._reference_written = taken, False

    def _write_record(self, step: int, record: Record, scalars: Mapping[str, float]) -> None:
        assert self._reference is not None
        height, width, _ = record.output.image_sum.shape
        stream = StreamInfo(
            name=self._name,
            paired=self._paired,
            value_range=self._reference.value_range,
            channels=record.channels,
            height=height,
            width=width,
            reference_count=record.reference.image_count,
            reference_hash=self._reference.hash,
        )
        values = list(summary.histogram_values(record.output, stream, "output", self._bins))
        if not self._reference_written:
            values += summary.histogram_values(record.reference, stream, "reference", self._bins)
        values += summary.score_values(record, self._name)
        values += summary.log_values(scalars)
        self._add(step, values)
        self._reference_written = True

    def _add(self, step: int, values: list[Summary.Value]) -> None:
        """All values of a step in one event: a reader never sees half of it."""
        event = Event(step=int(step), wall_time=time.time(), summary=Summary(value=values))
        self._events.add_event(event)
        self._events.flush()


class _Reference:
    """A reference that was taken, and what is computed from it once."""

    def __init__(self, given: Any, images: Array, value_range: ValueRange) -> None:
        self.given = given
        self.images = images
        self.value_range = value_range
        self.hash = fingerprint(images)
        self.statistics: ImageStatistics = measure(images, value_range)
        self.means = image_means(images)


def check_fit(output: Array, reference: Array, paired: bool) -> None:
    """Raise ValueError unless outputs can be compared with references."""
    if paired and output.shape != reference.shape:
        raise ValueError(
            f"output must have the reference's shape {reference.shape}; got {output.shape}. "
            "For samples that reproduce no reference image pass paired=False"
        )
    if output.shape[-1] != reference.shape[-1]:
        raise ValueError(
            f"output must have the reference's {reference.shape[-1]} channels "
            f"{channel_names(reference.shape[-1])[1:] or ('grey',)}; got shape {output.shape}"
        )


def check_bins(bins: object) -> int:
    """Return `bins`, or raise ValueError unless 256 counted bins fold into it."""
    if not isinstance(bins, int | np.integer) or bins < 2 or SCORED_BINS % bins:
        raise ValueError(f"bins must be a power of two from 2 to {SCORED_BINS}; got {bins!r}")
    return int(bins)


def prepare_directory(log_dir: str | os.PathLike[str]) -> str:
    """Make `<log_dir>/mean_pixel`, local or remote, and return it.

    Raises:
        TypeError: if `log_dir` is no path.
        OSError: if it cannot be made or written.
    """
    path = os.fspath(log_dir)
    if not path:
        raise ValueError("log_dir must name a directory, for instance 'logs/vae'; got ''")
    directory = f"{path.rstrip('/')}/{RUN_NAME}" if "://" in path else str(Path(path, RUN_NAME))
    try:
        tf.io.gfile.makedirs(directory)
        problem = None
    except Exception as error:  # noqa: BLE001  each file system has errors of its own
        problem = f"{type(error).__name__}: {error}"
    if problem is None and "://" not in path and not os.access(directory, os.W_OK):
        problem = "it is read-only"
    if problem is not None:
        raise OSError(
            f"log_dir {path!r} cannot be written ({problem}). "
            "Choose a directory that you may write to, for instance log_dir='logs'"
        )
    return directory
