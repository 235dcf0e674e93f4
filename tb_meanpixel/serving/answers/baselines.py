"""Drift against another baseline than the reference: an epoch, or another training.

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
from tb_meanpixel.serving.reading.runs import Stream, Training
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


Kind = Literal["reference", "first", "epoch", "training"]
KINDS: tuple[Kind, ...] = ("reference", "first", "epoch", "training")


@dataclass(frozen=True)
class Baseline:
    """What outputs are compared with.

    Attributes:
        kind: the stream's own reference, the outputs of its own first epoch or of
            its own epoch `epoch`, or those of another training.
        epoch: nearest at or before; None with `training`: at each step the nearest
            at or before that step.
        training, stream: the other training, with `training`.
    """

    kind: Kind
    epoch: int | None = None
    training: Training | None = None
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


def asked_baseline(query: Query, trainings: Sequence[Training]) -> Baseline:
    """The parameters `baseline`, `epoch` and `of`."""
    kind = query.choice("baseline", KINDS)
    epoch = query.integer("epoch") if kind in ("epoch", "training") else None
    if kind == "epoch" and epoch is None:
        raise errors.InvalidArgumentError("parameter 'epoch' is missing: the baseline's epoch")
    if kind != "training":
        return Baseline(kind, epoch)
    training = query.training(trainings, "of")
    return Baseline(kind, epoch, training, query.stream(training))


def compare_all(
    reader: Reader,
    streams: Sequence[tuple[Training, Stream]],
    baseline: Baseline,
    statistics: Collection[str] = (),
    channels: Collection[str] = (),
) -> list[tuple[Training, Compared]]:
    """Score every step of some streams against a baseline; some scores only, if they are named."""
    other = [(baseline.training, baseline.stream)] if baseline.training and baseline.stream else []
    sides: dict[tuple[str, Side], dict[Quantity, HistogramSeries]] = {}
    for quantity in QUANTITIES:
        wanted = dict.fromkeys([*streams, *other])
        for training, _, found in reader.histograms_of(wanted, quantity):
            for series in found:
                sides.setdefault((training.name, series.tag.side), {})[quantity] = series
    compared = []
    for training, stream in streams:
        output = sides.get((training.name, "output"), {})
        if baseline.training is not None:
            against = sides.get((baseline.training.name, "output"), {})
        else:
            against = sides.get((training.name, _SIDE_OF[baseline.kind]), {})
        result = _compare(stream, output, against, baseline)
        wanted_scores = [
            (tag, series)
            for tag, series in result.scores
            if (not statistics or tag.name in statistics)
            and (not channels or tag.channel in channels)
        ]
        compared.append((training, replace(result, scores=wanted_scores)))
    return compared


_SIDE_OF: dict[Kind, Side] = {"reference": "reference", "first": "output", "epoch": "output"}


def _compare(stream: Stream, output: Sides, against: Sides, baseline: Baseline) -> Compared:
    if not (_is_complete(output) and _is_complete(against)):
        return Compared(False, notes=["The histograms of one side are incomplete"])
    if not _same_edges(output, against):
        return Compared(False, notes=["The histograms have other bins than the baseline's"])
    epoch = baseline.epoch
    if baseline.kind == "first":
        epoch = int(output["pixels"].steps[0])
    other = baseline.stream
    if other is not None and other.info.reference_hash != stream.info.reference_hash:
        return Compared(False, notes=["The baseline was compared with other reference images"])
    scores, notes = _scores(stream, output, against, epoch)
    return Compared(True, scores, notes)


def _scores(
    stream: Stream, output: Sides, against: Sides, epoch: int | None
) -> tuple[list[tuple[ScoreTag, ScalarSeries]], list[str]]:
    """Scores of the steps for which there is a baseline, and a note on the others."""
    steps = output["pixels"].steps
    wanted = steps if epoch is None else np.full_like(steps, epoch)
    index = np.searchsorted(against["pixels"].steps, wanted, "right") - 1
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
        for statistic, rows in scores.overall_scores(by_name).items()
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
