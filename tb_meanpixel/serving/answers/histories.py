"""Scores and losses of a stream side by side, joined by epoch: what findings are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tb_meanpixel.findings import OF_CHANNELS, find
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.schema.metadata import ScoreTag
from tb_meanpixel.serving.reading.curves import Curve
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.serving.reading.runs import Run, Stream
from tb_meanpixel.serving.reading.series import ScalarSeries
from tb_meanpixel.statistics.histogram import FloatArray, IntArray

# Runs whose series are in memory at the same time.
_AT_ONCE = 50


def history(
    stream: Stream,
    scores: Sequence[tuple[ScoreTag, ScalarSeries]],
    curves: Sequence[tuple[Curve, ScalarSeries]],
) -> History:
    """The history of one stream.

    Args:
        stream: whose it is.
        scores: its scores; those of other streams are passed over.
        curves: of the run. A curve counts at the epochs that it has in common
            with the scores, whatever else it holds.
    """
    own = [(tag, series) for tag, series in scores if tag.stream == stream.info.name]
    epochs = np.unique(np.concatenate([np.zeros(0, np.int64), *(s.steps for _, s in own)]))
    losses: dict[str, FloatArray] = {}
    for curve, series in curves:
        prefix = "val_" if curve.split == "validation" else ""
        losses.setdefault(prefix + curve.name, at_epochs(epochs, series))
    info = stream.info
    return History(
        stream=info.name,
        paired=info.paired,
        value_range=info.value_range,
        channels=info.channels,
        image_count=info.reference_count,
        steps=epochs,
        scores={(tag.name, tag.channel): at_epochs(epochs, series) for tag, series in own},
        losses=losses,
    )


def at_epochs(epochs: IntArray, series: ScalarSeries) -> FloatArray:
    """The values at some steps `(n,)`, NaN where the series has none.

    Example:
        >>> series = ScalarSeries(np.array([1, 3]), np.zeros(2), np.array([0.5, 0.25]))
        >>> at_epochs(np.array([1, 2, 3]), series)
        array([0.5 ,  nan, 0.25])
    """
    joined = np.full(len(epochs), np.nan)
    _, here, there = np.intersect1d(epochs, series.steps, assume_unique=True, return_indices=True)
    joined[here] = series.values[there]
    return joined


def findings_of(reader: Reader, runs: Sequence[Run]) -> list[tuple[Run, list[Finding]]]:
    """The findings of each run; of one that has not changed they are not made again."""
    found = {run: reader.recall("findings", run) for run in runs}
    missing = [run for run in runs if found[run] is None]
    for run, streams in histories(reader, missing):
        found[run] = [finding for one in streams for finding in find(one)]
        reader.keep("findings", run, found[run])
    return list(found.items())


def histories(reader: Reader, runs: Sequence[Run]) -> Iterator[tuple[Run, list[History]]]:
    """The history of each stream of each run, with the scores that findings are made of."""
    for start in range(0, len(runs), _AT_ONCE):
        for run, scores, curves in reader.scores_and_curves(
            [
                (one, [tag for tag in one.scores() if _is_looked_at(tag)], one.curves)
                for one in runs[start : start + _AT_ONCE]
            ]
        ):
            yield run, [history(stream, scores, curves) for stream in run.streams]


def _is_looked_at(tag: ScoreTag) -> bool:
    return not tag.channel or tag.name in OF_CHANNELS
