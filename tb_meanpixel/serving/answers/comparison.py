"""Scores of one side of a stream against another, from their stored histograms.

The same functions scored the records when they were written. They counted with 256 bins then,
and the stored histograms have fewer: a distance is correct to within one of the stored bins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tb_meanpixel.schema.metadata import QUANTITIES, Quantity, ScoreTag
from tb_meanpixel.serving.reading.histogram_series import HistogramSeries
from tb_meanpixel.serving.reading.runs import Stream
from tb_meanpixel.serving.reading.scalar_series import ScalarSeries
from tb_meanpixel.statistics import scores
from tb_meanpixel.statistics.histogram import FloatArray, Histogram, IntArray
from tb_meanpixel.statistics.image_statistics import ImageStatistics
from tb_meanpixel.statistics.record import Record

#: One side of a stream, by quantity.
SeriesOfSide = Mapping[Quantity, HistogramSeries]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Scores of a stream against a baseline.

    Attributes:
        comparable: False if the baseline has other references or other bins.
        scores: of each step; none if the bins differ.
        notes: sentences about why, and about steps that are missing.
    """

    comparable: bool
    scores: Sequence[tuple[ScoreTag, ScalarSeries]] = ()
    notes: Sequence[str] = ()


def mismatch(output: SeriesOfSide, baseline: SeriesOfSide) -> str:
    """Why two sides cannot be compared; empty if they can."""
    if not (_is_complete(output) and _is_complete(baseline)):
        return "The histograms of one side are incomplete"
    if not _same_edges(output, baseline):
        return "The histograms have other bins than the baseline's"
    return ""


def compare(
    stream: Stream, output: SeriesOfSide, baseline: SeriesOfSide, step: int | None
) -> Comparison:
    """Score every step of a stream.

    Args:
        stream: whose channels they are.
        output, baseline: the two sides, without a `mismatch`.
        step: of the baseline, or the nearest before it; None for the output's own steps.
    """
    steps, wall_times = output["pixels"].steps, output["pixels"].wall_times
    baseline_steps = steps if step is None else np.full_like(steps, step)
    index = np.searchsorted(baseline["pixels"].steps, baseline_steps, "right") - 1
    scored = np.flatnonzero(index >= 0)
    notes = []
    if len(scored) < len(steps):
        missing = len(steps) - len(scored)
        notes.append(f"{missing} epochs were left out: the baseline begins after them")
    if not len(scored):
        return Comparison(True, notes=notes)
    record = Record(_statistics(output, scored), _statistics(baseline, index[scored]))
    series = [
        (tag, ScalarSeries(steps[scored], wall_times[scored], values))
        for tag, values in _scores(record, stream)
    ]
    return Comparison(True, series, notes)


def _scores(record: Record, stream: Stream) -> Iterator[tuple[ScoreTag, FloatArray]]:
    """The values `(n,)` of each score: of all channels together, then of each channel."""
    output, reference = record.output, record.reference
    by_name = {
        "bias": scores.bias(record),
        "drift": scores.wasserstein(output.pixels, reference.pixels),
        "drift_means": scores.wasserstein(output.mean_pixels, reference.mean_pixels),
        "contrast_ratio": scores.contrast_ratio(record),
        "brightness_spread_ratio": scores.brightness_spread_ratio(record),
    }
    for name, values in scores.overall_scores(by_name).items():
        yield ScoreTag(stream.info.name, name), values
    for index, channel in enumerate(stream.info.channels[1:], start=1):
        for name, values in by_name.items():
            yield ScoreTag(stream.info.name, name, channel), values[..., index]


def _statistics(side: SeriesOfSide, index: IntArray) -> ImageStatistics:
    def at(series: HistogramSeries) -> Histogram:
        return series.at(index).histogram

    return ImageStatistics(at(side["mean_pixels"]), at(side["contrasts"]), at(side["pixels"]))


def _is_complete(side: SeriesOfSide) -> bool:
    """Whether there is a series of each quantity, all with the same steps, at least one."""
    if set(side) != set(QUANTITIES) or not len(side["pixels"].steps):
        return False
    return len({side[name].steps.tobytes() for name in QUANTITIES}) == 1


def _same_edges(output: SeriesOfSide, baseline: SeriesOfSide) -> bool:
    """Whether the histograms of both sides count into the same bins and channels."""
    return all(
        (one.tag.low, one.tag.high, one.tag.bins, one.tag.stream.channels)
        == (other.tag.low, other.tag.high, other.tag.bins, other.tag.stream.channels)
        for one, other in ((output[name], baseline[name]) for name in QUANTITIES)
    )
