"""All scores of a stream by step, out of one tensor a step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tb_meanpixel.schema.metadata import ScoresTag, ScoreTag
from tb_meanpixel.serving.reading.raw_series import RawSeries, Shape
from tb_meanpixel.serving.reading.scalar_series import ScalarSeries
from tb_meanpixel.statistics.histogram import FloatArray, IntArray

_DTYPE = np.dtype("<f4")


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """Scores by step.

    Attributes:
        tag: with the names of the scores.
        steps: int64 `(n,)`, rising.
        wall_times: float64 `(n,)`, seconds since 1970.
        values: float64 `(scores, rows, n)`: a series lies in one piece.
        notes: sentences about what was left out.
    """

    tag: ScoresTag
    steps: IntArray
    wall_times: FloatArray
    values: FloatArray
    notes: tuple[str, ...] = ()

    @property
    def nbytes(self) -> int:
        """What it costs to keep."""
        return self.values.nbytes + self.steps.nbytes + self.wall_times.nbytes

    def series(self, score: ScoreTag) -> ScalarSeries | None:
        """One score by step; all of them share their steps and wall times."""
        if (
            not score.name
            or score.name not in self.tag.names
            or score.channel not in rows_of(self.tag)
        ):
            return None
        place, row = self.tag.names.index(score.name), rows_of(self.tag).index(score.channel)
        return ScalarSeries(self.steps, self.wall_times, self.values[place, row])


def rows_of(tag: ScoresTag) -> tuple[str, ...]:
    """The channel of each row; that of the overall score is empty."""
    return ("", *tag.stream.channels[1:])


def scores_of(tag: ScoresTag) -> Iterator[ScoreTag]:
    """Every score that the tensor holds."""
    for name in filter(None, tag.names):
        yield ScoreTag(tag.stream.name, name)
    for channel in rows_of(tag)[1:]:
        for name in tag.names:
            if name and name not in tag.overall_names:
                yield ScoreTag(tag.stream.name, name, channel)


def decode_scores(tag: ScoresTag, series: RawSeries) -> ScoreTable:
    """Decode tensors; those that are no scores as `tag` describes them are noted.

    A version that has more scores writes longer tensors, one that has fewer shorter ones: the
    scores keep their places.
    """
    rows, places = len(tag.stream.channels), len(tag.names)
    contents, steps, wall_times = series.values, series.steps, series.wall_times
    good = _are_scores(contents, series.shapes or (), rows)
    notes: tuple[str, ...] = ()
    if not all(good):
        contents = [content for content, fits in zip(contents, good, strict=True) if fits]
        steps, wall_times = steps[good], wall_times[good]
        note = (
            f"{len(good) - len(steps)} steps of {tag.tag} were left out: they do not have the "
            f"{rows} rows that the first one has. Give a run with other settings a log_dir of "
            "its own"
        )
        notes = (note,)
    size = places * rows * _DTYPE.itemsize
    joined = b"".join(contents)
    if {*map(len, contents)} - {size}:
        undefined = np.full(places * rows, np.nan, _DTYPE).tobytes()
        joined = b"".join((content + undefined[len(content) :])[:size] for content in contents)
    by_step = np.frombuffer(joined, _DTYPE).reshape(-1, places, rows)
    values = np.ascontiguousarray(np.moveaxis(by_step, 0, -1), np.float64)
    return ScoreTable(tag, steps, wall_times, values, notes)


def _are_scores(contents: Sequence[bytes], shapes: Sequence[Shape], rows: int) -> list[bool]:
    """Which tensors have two axes, the right number of rows, and all of their bytes."""
    lengths = list(map(len, contents))
    if len({*shapes}) == len({*lengths}) == 1:  # nearly always
        return [_is_scores(shapes[0], lengths[0], rows)] * len(contents)
    return [_is_scores(shape, length, rows) for shape, length in zip(shapes, lengths, strict=True)]


def _is_scores(shape: Shape, length: int, rows: int) -> bool:
    is_table = len(shape) == 2 and shape[0] > 0 and shape[1] == rows
    return is_table and length == shape[0] * rows * _DTYPE.itemsize
