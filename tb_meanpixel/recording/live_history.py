"""The scores and losses of a run in memory: the same that its event file holds."""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tb_meanpixel.findings import CHANNEL_SCORES
from tb_meanpixel.findings.curves import Curve, log_curve, with_primary
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.losses import has_posterior, losses
from tb_meanpixel.findings.mode_gap import with_mode_gap
from tb_meanpixel.recording.event_directory import is_remote
from tb_meanpixel.schema import summary
from tb_meanpixel.schema.metadata import LogTag, ScoresTag, StreamInfo
from tb_meanpixel.statistics.histogram import FloatArray, IntArray

#: Records of a stream in memory, at most: 8 MB where the images have colours.
MAX_RECORDS = 10_000
_MAX_RUNS = 16
_MAX_LOSSES = 100  # a loop may have a name of its own for each step
# The first records are never thinned out: the rules for a start count them one by one.
_START = 100

_runs: OrderedDict[str, RunMemory] = OrderedDict()


def directory_of(log_dir: str) -> str:
    """The name by which a run is known: of two spellings of a directory both are the same."""
    return log_dir.rstrip("/") if is_remote(log_dir) else str(Path(log_dir).resolve())


def run_memory(directory: str) -> RunMemory:
    """The memory of a directory, which all writers of this process share, as they share its file.

    So each stream is judged beside the loss, whoever writes it. The 16 directories that were
    used last have one.
    """
    memory = _runs.pop(directory, None) or RunMemory()
    _runs[directory] = memory
    if len(_runs) > _MAX_RUNS:
        _runs.popitem(last=False)
    return memory


class RunMemory:
    """The scores of each stream, and the losses, by step.

    Numbers are rounded to float32, as the event file has them: what is found here is then
    what the page finds. A step that comes again replaces what comes after it, as there.
    """

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}
        self._losses: dict[Curve, Points] = {}
        self._has_posterior = False

    def take_scalars(self, step: int, scalars: Mapping[str, float]) -> None:
        """Keep the losses among the scalars of a step."""
        for name, number in scalars.items():
            curve = _curve(name)
            self._has_posterior |= has_posterior([curve])
            if curve.primary and (curve in self._losses or len(self._losses) < _MAX_LOSSES):
                points = self._losses.setdefault(curve, Points(1))
                if points.is_full:  # of a loop that has a loss at each batch, and few records
                    points.thin(self._recorded_steps())
                points.add(step, _float32(number))

    def take_scores(self, step: int, stream: StreamInfo, by_name: Mapping[str, FloatArray]) -> None:
        """Keep the scores of a record, `scores.scores(record)`."""
        tag, table = summary.score_table(by_name, stream)
        memory = self._streams.get(stream.name)
        if memory is not None and memory.points.drop_from(step):
            for points in self._losses.values():  # of the run before
                points.drop_from(step + 1)
        if memory is None or not len(memory.points.steps):
            memory = self._streams[stream.name] = _Stream(tag)
        if stream.channels == memory.info.channels:  # others mean something else
            memory.take(step, tag, table)

    def history(self, stream: str) -> History:
        """The history of a stream that has a record."""
        # A validation is judged beside its training.
        _, line, tail = stream.partition("_")
        names = {stream, f"train{line}{tail}"} & self._streams.keys()
        histories = with_mode_gap([self._history(name) for name in names])
        return next(history for history in histories if history.stream == stream)

    def _history(self, stream: str) -> History:
        memory = self._streams[stream]
        info, steps = memory.info, memory.points.steps
        by_tag = {curve.tag: points for curve, points in self._losses.items()}
        curves = {curve: by_tag[curve.tag] for curve in with_primary(list(self._losses))}
        return History(
            stream=info.name,
            paired=info.paired,
            value_range=info.value_range,
            channels=info.channels,
            image_count=info.reference_count,
            steps=steps,
            scores=dict(zip(memory.keys, memory.points.rows, strict=True)),
            losses=losses(steps, curves),
            unit=info.unit,
            has_posterior=self._has_posterior,
        )

    def count(self, stream: str) -> int:
        """How many records of a stream are in memory."""
        return len(self._streams[stream].points.steps)

    def _recorded_steps(self) -> IntArray:
        steps = [memory.points.steps for memory in self._streams.values()]
        return np.concatenate([np.zeros(0, np.int64), *steps])


@functools.lru_cache(maxsize=1000)
def _curve(name: str) -> Curve:
    """The curve of a scalar; it is primary if it is a loss of any kind."""
    return with_primary([log_curve("", LogTag(name), 0)])[0]


def _float32(number: float) -> FloatArray:
    """A scalar as it is in the file."""
    with np.errstate(over="ignore"):
        return np.array([np.float32(number)], np.float64)


class _Stream:
    """The records of a stream, described by its first one, as in its file."""

    def __init__(self, tag: ScoresTag) -> None:
        self.info = tag.stream
        by_channel = CHANNEL_SCORES.difference(tag.overall_names)
        self.keys = [
            *((name, "") for name in tag.names if name),
            *(
                (name, c)
                for c in tag.stream.channels[1:]
                for name in tag.names
                if name in by_channel
            ),
        ]
        self.points = Points(len(self.keys))

    def take(self, step: int, tag: ScoresTag, table: npt.NDArray[np.float32]) -> None:
        rows = {"": 0, **{name: row for row, name in enumerate(tag.stream.channels) if row}}
        places = {name: place for place, name in enumerate(tag.names)}
        numbers = [
            table[places[name], rows[channel]] if name in places else np.nan
            for name, channel in self.keys
        ]
        self.points.add(step, np.array(numbers, np.float64))


class Points:
    """Series that share their steps.

    They have at most `MAX_RECORDS`: beyond, every second point between the first hundred and
    the newest half is left out.
    """

    def __init__(self, count: int) -> None:
        self._steps = np.zeros(_START, np.int64)
        self._rows = np.zeros((count, _START))
        self._count = 0

    @property
    def steps(self) -> IntArray:
        """int64 `(n,)`, rising."""
        return self._steps[: self._count]

    @property
    def rows(self) -> FloatArray:
        """float64 `(series, n)`."""
        return self._rows[:, : self._count]

    @property
    def values(self) -> FloatArray:
        """float64 `(n,)`, of the first series."""
        values: FloatArray = self.rows[0]
        return values

    @property
    def is_full(self) -> bool:
        """Whether the next step makes old ones go."""
        return self._count >= MAX_RECORDS

    def add(self, step: int, numbers: FloatArray) -> None:
        """Add a point, in place of those that do not come before it."""
        self.drop_from(step)
        if self.is_full:
            self.thin()
        if self._count == len(self._steps):
            more = min(self._count, MAX_RECORDS - self._count)
            self._steps = np.pad(self._steps, (0, more))
            self._rows = np.pad(self._rows, ((0, 0), (0, more)))
        self._steps[self._count], self._rows[:, self._count] = step, numbers
        self._count += 1

    def drop_from(self, step: int) -> bool:
        """Drop the points from a step on; whether there were any."""
        before, self._count = self._count, int(np.searchsorted(self.steps, step))
        return self._count < before

    def thin(self, needed: IntArray | None = None) -> None:
        """Make room: old points go that are at none of some steps, else every second one."""
        old = slice(_START, self._count // 2)
        is_kept = np.ones(self._count, np.bool_)
        if needed is not None:
            is_kept[old] = np.isin(self.steps[old], needed)
        if is_kept.mean() > 0.8:
            is_kept[old.start : old.stop : 2] = False
        left = int(is_kept.sum())
        self._steps[:left] = self.steps[is_kept]
        self._rows[:, :left] = self.rows[:, is_kept]
        self._count = left
