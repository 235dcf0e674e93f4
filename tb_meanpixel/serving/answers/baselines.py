"""Drift against another baseline than the reference: a step, or another run.

Computed from the stored histograms by the functions that scored the records when
they were written. Those counted with 256 bins, the stored ones are coarser: a
distance can be short by a bin width more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from tensorboard import errors

from tb_meanpixel.schema.metadata import QUANTITIES, Quantity, ScoreTag, Side
from tb_meanpixel.serving.answers.query import Query
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.serving.reading.runs import Run, Stream
from tb_meanpixel.serving.reading.series import HistogramSeries, ScalarSeries
from tb_meanpixel.statistics import scores
from tb_meanpixel.statistics.histogram import Histogram, IntArray
from tb_meanpixel.statistics.image_statistics import ImageStatistics, Record

STATISTICS = (
    "bias",
    "drift",
    "drift_means",
    "contrast_ratio",
    "brightness_spread_ratio",
    "color_cast",
)

# One side of a stream: its series by quantity.
Sides = Mapping[Quantity, HistogramSeries]


Kind = Literal["reference", "first", "step", "run"]
KINDS: tuple[Kind, ...] = ("reference", "first", "step", "run")


@dataclass(frozen=True)
class Baseline:
    """What outputs are compared with.

    Attributes:
        kind: the stream's own reference, the outputs of its own first step or of
            its own step `step`, or those of another run.
        step: nearest at or before; None with `run`: at each step the nearest
            at or before that step.
        run, stream: the other run, with `run`.
    """

    kind: Kind
    step: int | None = None
    run: Run | None = None
    stream: Stream | None = None


@dataclass(frozen=True, eq=False)
class Compared:
    """Scores of a stream against a baseline.

    Attributes:
        comparable: False if it was made of other references or has other bins.
        scores: of each step; none if the bins differ.
        notes: sentences about why, and about steps that are missing.
    """

    comparable: bool
    scores: Sequence[tuple[ScoreTag, ScalarSeries]] = ()
    notes: Sequence[str] = ()


def baseline_from_query(query: Query, runs: Sequence[Run]) -> Baseline:
    """The parameters `baseline`, `baseline_step` and `baseline_run`."""
    kind = query.choice("baseline", KINDS)
    step = query.integer("baseline_step") if kind in ("step", "run") else None
    if kind == "step" and step is None:
        raise errors.InvalidArgumentError("parameter 'baseline_step' is missing")
    if kind != "run":
        return Baseline(kind, step)
    run = query.run(runs, "baseline_run")
    return Baseline(kind, step, run, query.stream(run))


def compare_all(
    reader: Reader,
    streams: Sequence[tuple[Run, Stream]],
    baseline: Baseline,
    statistics: Collection[str] = (),
    channels: Collection[str] = (),
) -> list[tuple[Run, Compared]]:
    """Score every step of some streams against a baseline; some scores only, if they are named."""
    other = [(baseline.run, baseline.stream)] if baseline.run and baseline.stream else []
    sides: dict[tuple[str, Side], dict[Quantity, HistogramSeries]] = {}
    for quantity in QUANTITIES:
        wanted = dict.fromkeys([*streams, *other])
        for run, _, found in reader.histograms_of(wanted, quantity):
            for series in found:
                sides.setdefault((run.name, series.tag.side), {})[quantity] = series
    compared = []
    for run, stream in streams:
        output = sides.get((run.name, "output"), {})
        if baseline.run is not None:
            against = sides.get((baseline.run.name, "output"), {})
        else:
            against = sides.get((run.name, _SIDE_OF[baseline.kind]), {})
        result = _compare(stream, output, against, baseline)
        wanted_scores = [
            (tag, series)
            for tag, series in result.scores
            if (not statistics or tag.name in statistics)
            and (not channels or tag.channel in channels)
        ]
        compared.append((run, replace(result, scores=wanted_scores)))
    return compared


_SIDE_OF: dict[Kind, Side] = {"reference": "reference", "first": "output", "step": "output"}


def _compare(stream: Stream, output: Sides, against: Sides, baseline: Baseline) -> Compared:
    if not (_is_complete(output) and _is_complete(against)):
        return Compared(False, notes=["The histograms of one side are incomplete"])
    if not _same_edges(output, against):
        return Compared(False, notes=["The histograms have other bins than the baseline's"])
    step = baseline.step
    if baseline.kind == "first":
        step = int(output["pixels"].steps[0])
    other = baseline.stream
    if other is not None and other.info.reference_hash != stream.info.reference_hash:
        return Compared(False, notes=["The baseline was compared with other reference images"])
    scores, notes = _scores(stream, output, against, step)
    return Compared(True, scores, notes)


def _scores(
    stream: Stream, output: Sides, against: Sides, step: int | None
) -> tuple[list[tuple[ScoreTag, ScalarSeries]], list[str]]:
    """Scores of the steps for which there is a baseline, and a note on the others."""
    steps = output["pixels"].steps
    baseline_steps = steps if step is None else np.full_like(steps, step)
    index = np.searchsorted(against["pixels"].steps, baseline_steps, "right") - 1
    there = np.flatnonzero(index >= 0)
    notes = []
    if len(there) < len(steps):
        missing = len(steps) - len(there)
        notes.append(f"{missing} epochs were left out: the baseline begins after them")
    if not len(there):
        return [], notes
    by_name = scores.scores(Record(_statistics(output, there), _statistics(against, index[there])))
    name, channels = stream.info.name, stream.info.channels
    values = {
        ScoreTag(name, statistic): rows
        for statistic, rows in scores.headline_rows(by_name).items()
        if statistic in STATISTICS
    }
    for row, channel in enumerate(channels[1:], start=1):
        for statistic in STATISTICS:
            if statistic in by_name:
                values[ScoreTag(name, statistic, channel)] = by_name[statistic][..., row]
    wall_times = output["pixels"].wall_times[there]
    return [
        (tag, ScalarSeries(steps[there], wall_times, rows)) for tag, rows in values.items()
    ], notes


def _statistics(side: Sides, index: IntArray) -> ImageStatistics:
    def at(series: HistogramSeries) -> Histogram:
        return series.at(index).histogram

    return ImageStatistics(at(side["mean_pixels"]), at(side["contrasts"]), at(side["pixels"]), None)


def _is_complete(side: Sides) -> bool:
    """Whether there is a series of each quantity, all with the same steps, one at least."""
    if set(side) != set(QUANTITIES) or not len(side["pixels"].steps):
        return False
    return len({side[name].steps.tobytes() for name in QUANTITIES}) == 1


def _same_edges(output: Sides, baseline: Sides) -> bool:
    """Whether the histograms of both sides count into the same bins and rows."""
    return all(
        (one.tag.low, one.tag.high, one.tag.bins, one.tag.stream.channels)
        == (other.tag.low, other.tag.high, other.tag.bins, other.tag.stream.channels)
        for one, other in ((output[name], baseline[name]) for name in QUANTITIES)
    )
