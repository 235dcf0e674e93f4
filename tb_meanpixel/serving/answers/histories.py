"""Scores and losses of a stream, joined by step: findings are made of these."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from tb_meanpixel.findings import CHANNEL_SCORES
from tb_meanpixel.findings.history import History
from tb_meanpixel.schema.metadata import ScoreTag
from tb_meanpixel.serving.reading.curves import LOSS_SPLITS, Curve, loss_curve
from tb_meanpixel.serving.reading.reader import Reader, ScalarRead
from tb_meanpixel.serving.reading.runs import Run, Stream
from tb_meanpixel.serving.reading.scalar_series import ScalarSeries
from tb_meanpixel.statistics.histogram import FloatArray, IntArray

# Names of a Kullback-Leibler divergence among a run's logs: kl, kl_loss, KLD, train/kl.
_KL = re.compile(r"(?<![a-z])kld?(?![a-z])|kullback", re.IGNORECASE)

# How many runs have their series in memory at the same time.
HISTORIES_AT_ONCE = 50


def history(
    stream: Stream,
    scores: Sequence[tuple[ScoreTag, ScalarSeries]],
    curves: Sequence[tuple[Curve, ScalarSeries]],
) -> History:
    """The history of one stream.

    Args:
        stream: the stream.
        scores: its scores; those of other streams are ignored.
        curves: of the run, in its order. Only the steps that the loss shares with the
            scores count.
    """
    own = [(tag, series) for tag, series in scores if tag.stream == stream.info.name]
    steps = _all_steps([series.steps for _, series in own])
    losses: dict[str, FloatArray] = {}
    by_curve = dict(curves)
    for name, split in LOSS_SPLITS.items():
        curve = loss_curve(list(by_curve), split)
        if curve is not None and np.isin(by_curve[curve].steps, steps).any():
            losses[name] = _carried_forward(steps, by_curve[curve])
    info = stream.info
    return History(
        stream=info.name,
        paired=info.paired,
        value_range=info.value_range,
        channels=info.channels,
        image_count=info.reference_count,
        steps=steps,
        scores={(tag.name, tag.channel): at_steps(steps, series) for tag, series in own},
        losses=losses,
        unit=info.unit,
        has_posterior=any(_KL.search(curve.tag) for curve, _ in curves),
    )


def _all_steps(lists: Sequence[IntArray]) -> IntArray:
    """The steps that any of the lists has, rising; nearly always they are all the same."""
    different = list({id(steps): steps for steps in lists}.values())
    if len(different) == 1:
        return different[0]
    return np.unique(np.concatenate([np.zeros(0, np.int64), *different]))


def at_steps(steps: IntArray, series: ScalarSeries) -> FloatArray:
    """The values at some steps `(n,)`, NaN where the series has none.

    Example:
        >>> series = ScalarSeries(np.array([1, 3]), np.zeros(2), np.array([0.5, 0.25]))
        >>> at_steps(np.array([1, 2, 3]), series)
        array([0.5 ,  nan, 0.25])
    """
    if np.array_equal(steps, series.steps):
        return series.values
    joined = np.full(len(steps), np.nan)
    _, here, there = np.intersect1d(steps, series.steps, assume_unique=True, return_indices=True)
    joined[here] = series.values[there]
    return joined


def _carried_forward(steps: IntArray, series: ScalarSeries) -> FloatArray:
    """The same, but a step between two values has the one before.

    Keras's `validation_freq=2` gives a validation loss in every second epoch. After the last
    value it is carried as far as between any two.
    """
    joined = at_steps(steps, series)
    (known,) = np.nonzero(np.isin(steps, series.steps))
    places = np.arange(len(steps))
    latest = known[np.maximum(np.searchsorted(known, places, "right") - 1, 0)]
    apart = np.diff(known).max(initial=1)
    carried = (latest <= places) & (places - latest < apart)
    return np.where(carried, joined[latest], np.nan)


def histories(reader: Reader, runs: Sequence[Run]) -> Iterator[tuple[Run, list[History]]]:
    """The history of each stream of each run, with the scores that findings are made of."""
    for start in range(0, len(runs), HISTORIES_AT_ONCE):
        batch = runs[start : start + HISTORIES_AT_ONCE]
        reads = [
            ScalarRead(run, [tag for tag in run.scores() if _is_for_findings(tag)], run.curves)
            for run in batch
        ]
        for run, scalars in zip(batch, reader.run_scalars(reads), strict=True):
            yield (
                run,
                [history(stream, scalars.scores, scalars.curves) for stream in run.streams],
            )


def _is_for_findings(tag: ScoreTag) -> bool:
    return not tag.channel or tag.name in CHANNEL_SCORES
