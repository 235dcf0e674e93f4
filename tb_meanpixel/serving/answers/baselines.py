"""Scores against another baseline than the reference: a step, or another run.

The baseline and the scores that a request selects; comparison.py computes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tensorboard import errors

from tb_meanpixel.schema.metadata import QUANTITIES, Quantity, ScoreTag, Side
from tb_meanpixel.serving.answers import lookup
from tb_meanpixel.serving.answers.comparison import (
    Comparison,
    SeriesOfSide,
    compare,
    mismatch,
)
from tb_meanpixel.serving.answers.query import Query
from tb_meanpixel.serving.reading.histogram_series import HistogramSeries
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.serving.reading.runs import Run, Stream
from tb_meanpixel.serving.reading.scalar_series import ScalarSeries

Kind = Literal["reference", "first", "step", "run"]
KINDS: tuple[Kind, ...] = ("reference", "first", "step", "run")
_SIDE_OF: dict[Kind, Side] = {"reference": "reference", "first": "output", "step": "output"}


@dataclass(frozen=True)
class Baseline:
    """What outputs are compared with.

    Attributes:
        kind: the stream's own reference, the outputs of its own first step or of its own step
            `step`, or those of another run.
        step: the nearest at or before it is used; None with `run`: at each step the nearest at
            or before that step.
        run, stream: the other run, with `run`.
    """

    kind: Kind
    step: int | None = None
    run: Run | None = None
    stream: Stream | None = None

    @classmethod
    def from_query(cls, query: Query, runs: Sequence[Run]) -> Baseline:
        """The parameters `baseline`, `baseline_step` and `baseline_run`."""
        kind = query.choice("baseline", KINDS)
        step = query.integer("baseline_step") if kind in ("step", "run") else None
        if kind == "step" and step is None:
            raise errors.InvalidArgumentError("parameter 'baseline_step' is missing")
        if kind != "run":
            return cls(kind, step)
        run = lookup.find_run(query, runs, "baseline_run")
        return cls(kind, step, run, lookup.find_stream(query, run))


@dataclass(frozen=True)
class BaselineSelection:
    """Streams, each of another run, and the scores of them against a baseline.

    Attributes:
        scores: names of scores; none means all.
        channels: names of channels, empty for the overall score; none means all.
        notes: sentences about runs that lack the stream.
    """

    streams: Sequence[tuple[Run, Stream]]
    baseline: Baseline
    scores: Sequence[str] = ()
    channels: Sequence[str] = ()
    notes: Sequence[str] = ()

    @classmethod
    def from_query(
        cls, query: Query, runs: Sequence[Run], all_runs: Sequence[Run]
    ) -> BaselineSelection:
        """The parameters of `baseline_scores`."""
        streams, notes = lookup.find_streams(query, runs)
        return cls(
            streams=streams,
            baseline=Baseline.from_query(query, all_runs),
            scores=query.distinct("score"),
            channels=query.distinct("channel"),
            notes=notes,
        )

    def select(self, reader: Reader) -> list[tuple[Run, Comparison]]:
        """The scores of each stream at every step."""
        baseline = self.baseline
        other = [(baseline.run, baseline.stream)] if baseline.run and baseline.stream else []
        streams = dict.fromkeys([*self.streams, *other])
        sides: dict[tuple[str, Side], dict[Quantity, HistogramSeries]] = {}
        for quantity in QUANTITIES:
            for run, _, found in reader.stream_histograms(streams, quantity):
                for series in found:
                    sides.setdefault((run.name, series.tag.side), {})[quantity] = series
        answer = []
        for run, stream in self.streams:
            if baseline.run is not None:
                against = sides.get((baseline.run.name, "output"), {})
            else:
                against = sides.get((run.name, _SIDE_OF[baseline.kind]), {})
            output = sides.get((run.name, "output"), {})
            comparison = self._compare(stream, output, against)
            answer.append((run, replace(comparison, scores=self._chosen(comparison))))
        return answer

    def _compare(self, stream: Stream, output: SeriesOfSide, against: SeriesOfSide) -> Comparison:
        other, step = self.baseline.stream, self.baseline.step
        note = mismatch(output, against)
        if not note and other and other.info.reference_hash != stream.info.reference_hash:
            note = "The baseline was compared with other reference images"
        if note:
            return Comparison(False, notes=[note])
        if self.baseline.kind == "first":
            step = int(output["pixels"].steps[0])
        return compare(stream, output, against, step)

    def _chosen(self, comparison: Comparison) -> list[tuple[ScoreTag, ScalarSeries]]:
        return [
            (tag, series)
            for tag, series in comparison.scores
            if (not self.scores or tag.name in self.scores)
            and (not self.channels or tag.channel in self.channels)
        ]
