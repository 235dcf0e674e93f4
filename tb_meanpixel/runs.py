"""The way back: the runs of a log directory, with all that was recorded of them.

Synopsis:

    for run in tb_meanpixel.read("logs"):
        for finding in run.findings():
            print(run.name, finding.sentence)

It is not called read.py: a module of that name would take the place of the function in the
package once somebody has imported it.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tb_meanpixel.findings import find
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.thresholds import DEFAULT, Thresholds
from tb_meanpixel.schema.metadata import QUANTITIES, Quantity, Side
from tb_meanpixel.serving.answers.histories import HISTORIES_AT_ONCE, histories
from tb_meanpixel.serving.reading.logdir import NoRecordsError, open_logdir
from tb_meanpixel.serving.reading.reader import Reader, ScalarRead
from tb_meanpixel.serving.reading.runs import Run
from tb_meanpixel.statistics.histogram import FloatArray, Histogram, IntArray
from tb_meanpixel.statistics.images import Array


@dataclass(frozen=True, eq=False)
class Score:
    """A score of a stream by step.

    Attributes:
        stream: name of its stream.
        name: its own, see `tb_meanpixel.statistics.scores.scores`.
        channel: "red", ...; empty for the overall score.
        steps: int64 `(n,)`, rising.
        wall_times: float64 `(n,)`, seconds since 1970.
        values: float64 `(n,)`; NaN where the score is undefined.
    """

    stream: str
    name: str
    channel: str
    steps: IntArray
    wall_times: FloatArray
    values: FloatArray


@dataclass(frozen=True, eq=False)
class Curve:
    """A scalar of the training loop by step: the loss, for instance.

    Attributes:
        name: without its split, for instance "loss".
        split: "train" or "validation".
        primary: whether it is the loss.
        event_directory, tag: of TensorBoard.
        steps, wall_times, values: as those of `Score`.
    """

    name: str
    split: str
    primary: bool
    event_directory: str
    tag: str
    steps: IntArray
    wall_times: FloatArray
    values: FloatArray


@dataclass(frozen=True, eq=False)
class Histograms:
    """The histograms of one side of a stream by step.

    Attributes:
        stream, side, quantity: name of their stream, "output" or "reference", and
            "mean_pixels", "contrasts" or "pixels".
        channels: their names; the first is "all".
        steps: int64 `(n,)`, rising. A reference is recorded only where it changes.
        wall_times: float64 `(n,)`, seconds since 1970.
        histogram: its `cells` are int64 `(n, channels, bins + 5)`.
        quantiles: float32 `(n, channels, probabilities)`, of the values of the images
            themselves; NaN at steps without. None of pixels, and in old files: those of
            bins are `histogram.quantile`.
        probabilities: of the quantiles, rising from 0 to 1.
    """

    stream: str
    side: Side
    quantity: Quantity
    channels: tuple[str, ...]
    steps: IntArray
    wall_times: FloatArray
    histogram: Histogram
    quantiles: Array | None = None
    probabilities: tuple[float, ...] = ()


class RunRecords:
    """A run: a directory with all that was written below it.

    Attributes:
        name: its path below the log directory; "." for that itself.
        streams: names of its streams, the main one first.
        notes: sentences about what could not be read, and why.
    """

    def __init__(
        self,
        run: Run,
        reader: Reader,
        read_histories: Callable[[Run], Sequence[History]],
        damage: Iterable[str] = (),
    ) -> None:
        self._run, self._reader, self._read_histories = run, reader, read_histories
        self._found: dict[Thresholds, list[Finding]] = {}
        self.name = run.name
        self.streams = tuple(stream.info.name for stream in run.streams)
        self.notes = (*run.notes, *damage)

    def __repr__(self) -> str:
        return f"<run {self.name!r}: streams {', '.join(self.streams) or 'none'}>"

    def scores(self) -> list[Score]:
        """A series for each stream, score and channel."""
        [run] = self._reader.run_scalars([ScalarRead(self._run, self._run.scores(), ())])
        return [
            Score(tag.stream, tag.name, tag.channel, one.steps, one.wall_times, one.values)
            for tag, one in run.scores
        ]

    def curves(self) -> list[Curve]:
        """The scalars of the training loop from all writers, the loss first."""
        [run] = self._reader.run_scalars([ScalarRead(self._run, (), self._run.curves)])
        return [
            Curve(
                curve.name,
                curve.split,
                curve.primary,
                curve.event_directory,
                curve.tag,
                one.steps,
                one.wall_times,
                one.values,
            )
            for curve, one in run.curves
        ]

    def histograms(self, quantity: Quantity = "mean_pixels") -> list[Histograms]:
        """The histograms of each stream, outputs and reference.

        Args:
            quantity: "mean_pixels" or "contrasts", one value an image, or "pixels".

        Raises:
            ValueError: if there is no such quantity.
        """
        if quantity not in QUANTITIES:
            raise ValueError(f"quantity must be one of {', '.join(QUANTITIES)}; got {quantity!r}")
        return [
            Histograms(
                stream.info.name,
                one.tag.side,
                quantity,
                stream.info.channels,
                one.steps,
                one.wall_times,
                one.histogram,
                *((one.quantiles.values, one.quantiles.probabilities) if one.quantiles else ()),
            )
            for stream in self._run.streams
            for one in self._reader.histograms(self._run, stream, quantity)
        ]

    @functools.cached_property
    def histories(self) -> list[History]:
        """The scores and losses of each stream, joined by step: the input of `findings.find`."""
        return [history for history in self._read_histories(self._run) if len(history.steps)]

    def findings(self, thresholds: Thresholds = DEFAULT) -> list[Finding]:
        """The findings of each stream, errors first."""
        if thresholds not in self._found:
            self._found[thresholds] = [
                finding for history in self.histories for finding in find(history, thresholds)
            ]
        return list(self._found[thresholds])


class _Histories:
    """The histories of runs. Those of many are read at once, because each read takes 40 ms."""

    def __init__(self, reader: Reader, runs: Sequence[Run]) -> None:
        self._reader, self._runs = reader, runs
        self._read: dict[Run, list[History]] = {}

    def of(self, run: Run) -> list[History]:
        if run not in self._read:
            first = self._runs.index(run)
            batch = self._runs[first : first + HISTORIES_AT_ONCE]
            try:
                self._read |= dict(histories(self._reader, batch))
            except Exception:  # noqa: BLE001  one of them cannot be read: the others can, alone
                self._read |= dict(histories(self._reader, [run]))
        return self._read.pop(run)


class Runs:
    """The runs of a log directory by name: `runs["vae"]`, `runs[0]`, `for run in runs`.

    Attributes:
        notes: sentences about what could not be read, and belongs to none of the runs.
    """

    def __init__(self, runs: Iterable[RunRecords], notes: Iterable[str] = ()) -> None:
        self._runs = tuple(runs)
        self.notes = tuple(notes)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(run.name for run in self._runs)

    def scores(self) -> dict[str, list[Score]]:
        """The scores of each run by its name."""
        return {run.name: run.scores() for run in self._runs}

    def curves(self) -> dict[str, list[Curve]]:
        """The curves of each run by its name."""
        return {run.name: run.curves() for run in self._runs}

    def histograms(self, quantity: Quantity = "mean_pixels") -> dict[str, list[Histograms]]:
        """The histograms of each run by its name."""
        return {run.name: run.histograms(quantity) for run in self._runs}

    def findings(self, thresholds: Thresholds = DEFAULT) -> dict[str, list[Finding]]:
        """The findings of each run by its name."""
        return {run.name: run.findings(thresholds) for run in self._runs}

    def __getitem__(self, key: int | str) -> RunRecords:
        if isinstance(key, int):
            return self._runs[key]
        for run in self._runs:
            if run.name == key:
                return run
        raise KeyError(f"there is no run {key!r}; there are {', '.join(map(repr, self.names))}")

    def __iter__(self) -> Iterator[RunRecords]:
        return iter(self._runs)

    def __len__(self) -> int:
        return len(self._runs)

    def __repr__(self) -> str:
        return f"<runs {', '.join(self.names)}>"


def read(logdir: str | os.PathLike[str]) -> Runs:
    """Read what was recorded below a log directory, local or remote.

    Args:
        logdir: as for `tensorboard --logdir`.

    Raises:
        NoDataError: if it cannot be read; a `NoRecordsError` if nothing was recorded there.

    Example:
        runs = tb_meanpixel.read("logs")
        drift = {s.stream: s.values for s in runs["vae"].scores() if s.name == "drift"}
    """
    logdir = os.fspath(logdir)
    opened = open_logdir(logdir)
    catalog = opened.reader.catalog()
    found = catalog.runs
    damage = {run: opened.damage_within(run.event_directory) for run in found}
    of_runs = {note for notes in damage.values() for note in notes}
    notes = [*catalog.notes, *(note for note in opened.problems if note not in of_runs)]
    if not any(stream.steps.loaded for run in found for stream in run.streams):
        unread = [note for run in found for note in (*run.notes, *damage[run])] + notes
        raise NoRecordsError(
            f"There are no mean-pixel records in {logdir!r}. To see what is there, type: "
            + "\n".join([f"tb-meanpixel doctor {logdir}", *unread])
        )
    read_histories = _Histories(opened.reader, found).of
    return Runs(
        (RunRecords(run, opened.reader, read_histories, damage[run]) for run in found), notes
    )
