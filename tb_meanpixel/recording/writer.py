"""Records into an event file, for any training loop; needs no TensorFlow.

Synopsis:

    with MeanPixelWriter("logs/vae") as writer:
        for epoch in range(epochs):
            ...
            writer.write(epoch, output=model(x_val), reference=x_val, scalars={"loss": loss})
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from tb_meanpixel.recording.event_file import EventFile
from tb_meanpixel.recording.loop_numbers import check_scalars, check_step
from tb_meanpixel.recording.stream_writer import StreamWriter
from tb_meanpixel.schema import summary
from tb_meanpixel.schema.metadata import Unit, check_stream_name, check_unit
from tb_meanpixel.statistics.image_statistics import check_bins
from tb_meanpixel.statistics.images import Layout, as_images, check_data_formats
from tb_meanpixel.statistics.record import check_groups
from tb_meanpixel.statistics.value_range import declared_range

if TYPE_CHECKING:
    from typing import Self


class MeanPixelWriter:
    """Compares outputs with references and writes the record of each step.

    Writers of one process may share a directory if their streams have other names.

    Args:
        log_dir: directory of the run, local or remote; events go to
            `<log_dir>/mean_pixel`.
        stream: name of the stream, for instance "validation" or "samples".
        unit: what `step` counts: "epoch", "step" (a batch, or a call of your loop), or "image".
        value_range: `(low, high)` that intensities should lie in. None: inferred
            from the first reference, see `infer_range` in `statistics/value_range.py`.
        bins: stored bins of a histogram, a power of two up to 256.
        paired: whether output i reproduces reference i. False for samples: the
            pair statistics are then absent.
        data_format: layout of the outputs: "channels_last" or "channels_first", "NHWC" or
            "NCHW". None: torch tensors are channels-first, all others channels-last; more
            than 4 channels are then refused.
        reference_data_format: layout of the references. None: that of the outputs if it
            was given, else as theirs.

    Raises:
        ValueError: if an argument is none of these.
        OSError: if `log_dir` cannot be written.

    Example: outputs that are a quarter of the range too bright.
        >>> import tempfile, numpy as np
        >>> black, grey = np.zeros((8, 4, 4)), np.full((8, 4, 4), 0.25)
        >>> with MeanPixelWriter(tempfile.mkdtemp()) as writer:
        ...     writer.write(0, output=grey, reference=black)["bias"]
        0.25
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        *,
        stream: str = "validation",
        unit: Unit = "step",
        value_range: tuple[float, float] | None = None,
        bins: int = 64,
        paired: bool = True,
        data_format: Layout | None = None,
        reference_data_format: Layout | None = None,
    ) -> None:
        self._data_format, self._reference_data_format = check_data_formats(
            data_format, reference_data_format
        )
        declared = None if value_range is None else declared_range(value_range)
        stream, unit, bins = check_stream_name(stream), check_unit(unit), check_bins(bins)
        self._events: EventFile | None = EventFile.open(log_dir)
        self._stream = StreamWriter(self._events, stream, declared, bins, paired, unit=unit)

    def write(
        self,
        step: int,
        *,
        output: Any,
        reference: Any = None,
        groups: Any = None,
        scalars: Mapping[str, Any] | None = None,
    ) -> dict[str, float]:
        """Write one step of the stream; it is on disk when this returns.

        Args:
            step: a whole number that rises, such as the epoch: an int, or an array or a
                tensor without axes that holds one.
            output: image batch `(batch, height, width, channels)` or
                `(batch, height, width)`; numpy, TensorFlow, JAX, or torch with its
                channels first.
            reference: what the outputs should look like, an image batch too.
                None: the reference of the step before.
            groups: a label of each reference, whole numbers or strings: its clip, patient or
                scene. Images of one group are not independent. Comes with the reference.
            scalars: numbers of the training loop by name, for instance `{"loss": 0.3}`;
                tensors and arrays of one number are numbers, too.

        Returns:
            The overall scores by name, see `tb_meanpixel.statistics.scores`.

        Raises:
            TypeError, ValueError: if an argument is none of these, or outputs and
                references do not fit each other. Nothing is kept or written then.
        """
        # All is checked before anything is measured: what is refused leaves no trace.
        events, step = self._open_events(), check_step(step)
        logs = check_scalars({} if scalars is None else scalars)
        images = as_images(output, "output", self._data_format)
        references = None
        if reference is not None:
            references = as_images(
                reference,
                "reference",
                self._reference_data_format,
                format_argument="reference_data_format",
            )
        self._stream.check(images, references)
        if groups is not None and references is None:
            raise ValueError(
                "groups must come with the reference whose images they name. Type: "
                "writer.write(step, output=output, reference=images, groups=labels)"
            )
        with self._stream.transaction():
            if references is not None:
                self._stream.take_reference(references, check_groups(groups, len(references)))
            scores = self._stream.write_images(step, images)
        events.add(step, summary.log_values(logs))
        return scores

    def write_scalars(self, step: int, scalars: Mapping[str, Any]) -> None:
        """Write the training loop's numbers of a step without images.

        Raises:
            TypeError, ValueError: as of `write`. Nothing is written then.
        """
        events, step, logs = self._open_events(), check_step(step), check_scalars(scalars)
        events.add(step, summary.log_values(logs))

    def flush(self) -> None:
        """Try again to write what the disk has refused; all else is written already."""
        self._open_events().flush()

    def close(self) -> None:
        """Flush and close the event file. Closing twice is harmless."""
        if self._events is not None:
            self._events.close()
            self._events = None

    def _open_events(self) -> EventFile:
        if self._events is None:
            raise ValueError("the writer is closed: write within its `with` block")
        return self._events

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
