"""Records into an event file, for any training loop; needs no TensorFlow.

Synopsis:

    with MeanPixelWriter("logs/vae") as writer:
        for epoch in range(epochs):
            ...
            writer.write(epoch, output=model(x_val), reference=x_val, scalars={"loss": loss})

or, batch by batch, `writer.update(output=..., reference=...)` and then `writer.write(epoch)`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.thresholds import Thresholds
from tb_meanpixel.recording.event_directory import check_log_dir
from tb_meanpixel.recording.event_file import EventFile
from tb_meanpixel.recording.live_findings import LiveFindings, OnFinding
from tb_meanpixel.recording.loop_numbers import check_scalars, check_step
from tb_meanpixel.recording.samples import check_samples
from tb_meanpixel.recording.step_argument import names_step
from tb_meanpixel.recording.stream_writer import StreamWriter
from tb_meanpixel.schema import summary
from tb_meanpixel.schema.metadata import Unit, check_stream_name, check_unit
from tb_meanpixel.statistics.image_statistics import check_bins
from tb_meanpixel.statistics.images import Array, Layout, as_images, check_data_formats
from tb_meanpixel.statistics.record import Record, check_groups
from tb_meanpixel.statistics.value_range import declared_range

if TYPE_CHECKING:
    from typing import Self

_MIXED = (
    "{}, but update took {} outputs that are not yet written. Type: writer.write(step), which "
    "writes these"
)


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
        samples: so many outputs of each step, or of its first `update`, are kept as small
            pictures, with their references, and shown by the page; 0 for none, at most 64. A
            step's take at most 25 kB. Images can be private: the environment variable
            TB_MEANPIXEL_SAMPLES=0 turns them off everywhere.
        on_finding: gets each new `Finding`, once; None for nobody. What it raises is a
            warning.
        stop_on: ids of findings that set `should_stop`, for instance
            `("collapse", "non_finite")`.
        thresholds: a `Thresholds`, or the path of a TOML file with some of its levels; None:
            the defaults.

    Each finding is one WARNING of the logger `tb_meanpixel`, once; TB_MEANPIXEL_FINDINGS=0 in
    the environment turns all findings off while a model trains.

    Raises:
        TypeError, ValueError: if an argument is none of these.
        OSError: if `log_dir` cannot be written, or the file of `thresholds` not read.

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
        samples: int = 8,
        on_finding: OnFinding | None = None,
        stop_on: Iterable[str] = (),
        thresholds: Thresholds | str | os.PathLike[str] | None = None,
    ) -> None:
        self._data_format, self._reference_data_format = check_data_formats(
            data_format, reference_data_format
        )
        declared = None if value_range is None else declared_range(value_range)
        stream, unit, bins = check_stream_name(stream), check_unit(unit), check_bins(bins)
        samples = check_samples(samples)
        self._live = LiveFindings(
            check_log_dir(log_dir),
            on_finding=on_finding,
            stop_on=stop_on,
            thresholds=thresholds,
            stop_words="training should stop",
        )
        self._events: EventFile | None = EventFile.open(log_dir)
        self._live.begin(is_silent=not self._events.is_recording)
        self._stream = StreamWriter(
            self._events,
            stream,
            declared,
            bins,
            paired,
            unit=unit,
            samples=samples,
            live=self._live,
        )

    @property
    def findings(self) -> list[Finding]:
        """What is wrong by now, as `read(log_dir)` tells it; "early" is too early to tell."""
        return self._live.findings

    @property
    def should_stop(self) -> bool:
        """Whether a finding of `stop_on` was found: the loop should end."""
        return self._live.should_stop

    @names_step
    def write(
        self,
        step: int,
        *,
        output: Any = None,
        reference: Any = None,
        groups: Any = None,
        scalars: Mapping[str, Any] | None = None,
    ) -> dict[str, float]:
        """Write one step of the stream; it is on disk when this returns.

        Without `output`: what `update` took since the last step; `update` then begins anew.

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
                references do not fit each other, or there are images of `update`, too, or
                no images at all. Nothing is kept or written then.
        """
        # All is checked before anything is measured: what is refused leaves no trace.
        events, step = self._open_events(), check_step(step)
        logs = check_scalars({} if scalars is None else scalars)
        self._check_source(output, reference, groups)
        if output is None:
            scores = self._stream.write_accumulated(step)
        else:
            images, references, labels = self._images(output, reference, groups, "write(step, ")
            self._stream.check(images, references)
            with self._stream.transaction():
                if references is not None:
                    self._stream.take_reference(references, labels)
                scores = self._stream.write_images(step, images)
        self._finish(events, step, logs)
        return scores

    @names_step
    def update(self, *, output: Any, reference: Any = None, groups: Any = None) -> None:
        """Take a batch of images; `write(step)` then writes what all batches are together.

        Only sums are kept, and short lists (see `tb_meanpixel.statistics.record.Record`): memory
        does not grow with the images. The scores are those of one `write` of all images.

        Args:
            output: an image batch, as of `write`; all batches have one image size.
            reference: the batch that the outputs should look like. Pairs need it in each update.
                Of samples each reference must come once; None: those of the step before, if no
                update of this step has any.
            groups: as of `write`. Images of one group may come in several batches.

        The value range is the declared one, else inferred from the first update's reference.

        Raises:
            TypeError, ValueError: if an argument is none of these. The sums are then as before.

        Example: two batches make one step.
            >>> import tempfile, numpy as np
            >>> black, grey = np.zeros((8, 4, 4)), np.full((8, 4, 4), 0.25)
            >>> with MeanPixelWriter(tempfile.mkdtemp()) as writer:
            ...     writer.update(output=grey, reference=black)
            ...     writer.update(output=black, reference=black)
            ...     writer.write(0)["bias"]
            0.125
        """
        self._open_events()
        self._stream.update(*self._images(output, reference, groups, "update("))

    @names_step
    def write_record(
        self, step: int, record: Record, *, scalars: Mapping[str, Any] | None = None
    ) -> dict[str, float]:
        """Write a step that was measured elsewhere: by other processes, or in parts.

        Args:
            step: as of `write`.
            record: of `tb_meanpixel.measure`, or a sum of such records.
            scalars: as of `write`.

        Returns:
            The overall scores by name.

        Raises:
            TypeError, ValueError: if an argument is none of these, if the record has another
                value range than the stream, or is of samples and not of pairs, or the reverse,
                or `update` took images that are not yet written.

        Example: two processes have measured a half each.
            >>> import tempfile, numpy as np
            >>> from tb_meanpixel import measure
            >>> black, grey = np.zeros((8, 4, 4)), np.full((8, 4, 4), 0.25)
            >>> records = [
            ...     measure(output=output, reference=black, value_range=(0, 1))
            ...     for output in (grey, black)
            ... ]
            >>> with MeanPixelWriter(tempfile.mkdtemp()) as writer:
            ...     writer.write_record(0, sum(records))["bias"]
            0.125
        """
        events, step = self._open_events(), check_step(step)
        logs = check_scalars({} if scalars is None else scalars)
        if not isinstance(record, Record):
            raise TypeError(
                "record must be a record of tb_meanpixel.measure, or a sum of them; got "
                f"{type(record).__name__}"
            )
        if self._stream.accumulated:
            raise ValueError(_MIXED.format("write_record got a record", self._stream.accumulated))
        scores = self._stream.write_record(step, record)
        self._finish(events, step, logs)
        return scores

    def _finish(self, events: EventFile, step: int, logs: Mapping[str, float]) -> None:
        """Write the loop's numbers beside the record, and say what is wrong by now."""
        events.add(step, summary.log_values(logs))
        self._live.take_scalars(step, logs)
        self._live.judge()
        self._live.say()

    def _check_source(self, output: Any, reference: Any, groups: Any) -> None:
        """Raise ValueError unless images come from the arguments alone or from `update` alone."""
        count = self._stream.accumulated
        if output is None and (reference is not None or groups is not None):
            raise ValueError(
                "output must come with its reference and groups. Type: "
                "writer.write(step, output=output, reference=images)"
            )
        if output is None and not count:
            raise ValueError(
                "output must be given: update took no images since the last step. Type: "
                "writer.write(step, output=output, reference=images), or, for numbers alone, "
                "writer.write_scalars(step, scalars)"
            )
        if output is not None and count:
            raise ValueError(_MIXED.format("write got images", count))

    def _images(
        self, output: Any, reference: Any, groups: Any, call: str
    ) -> tuple[Array, Array | None, Array | None]:
        """Outputs, references and the labels of these, checked one by one."""
        images = as_images(output, "output", self._data_format)
        if reference is None and groups is not None:
            raise ValueError(
                "groups must come with the reference whose images they name. Type: "
                f"writer.{call}output=output, reference=images, groups=labels)"
            )
        if reference is None:
            return images, None, None
        references = as_images(
            reference,
            "reference",
            self._reference_data_format,
            format_argument="reference_data_format",
        )
        return images, references, check_groups(groups, len(references))

    @names_step
    def write_scalars(self, step: int, scalars: Mapping[str, Any]) -> None:
        """Write the training loop's numbers of a step without images.

        Raises:
            TypeError, ValueError: as of `write`. Nothing is written then.
        """
        events, step, logs = self._open_events(), check_step(step), check_scalars(scalars)
        events.add(step, summary.log_values(logs))
        self._live.take_scalars(step, logs)

    def flush(self) -> None:
        """Try again to write what the disk has refused; all else is written already."""
        self._open_events().flush()

    def close(self) -> None:
        """Flush and close the event file. Closing twice is harmless."""
        if self._events is not None:
            self._live.judge(at_once=True)
            self._live.say()
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
