"""Scores and losses of a stream, joined by step: findings are made of these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tb_meanpixel.findings import CHANNEL_SCORES
from tb_meanpixel.findings.curves import Curve
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.losses import at_steps, has_posterior, losses
from tb_meanpixel.findings.mode_gap import with_mode_gap
from tb_meanpixel.schema.metadata import ScoreTag
from tb_meanpixel.serving.reading.reader import Reader, ScalarRead
from tb_meanpixel.serving.reading.runs import Run, Stream
from tb_meanpixel.serving.reading.scalar_series import ScalarSeries
from tb_meanpixel.statistics.histogram import IntArray

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
    info = stream.info
    return History(
        stream=info.name,
        paired=info.paired,
        value_range=info.value_range,
        channels=info.channels,
        image_count=info.reference_count,
        steps=steps,
        scores={(tag.name, tag.channel): at_steps(steps, series) for tag, series in own},
        losses=losses(steps, dict(curves)),
        unit=info.unit,
        has_posterior=has_posterior(curve for curve, _ in curves),
    )


def _all_steps(lists: Sequence[IntArray]) -> IntArray:
    """The steps that any of the lists has, rising; nearly always they are all the same."""
    different = list({id(steps): steps for steps in lists}.values())
    if len(different) == 1:
        return different[0]
    return np.unique(np.concatenate([np.zeros(0, np.int64), *different]))


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
                with_mode_gap(
                    [history(stream, scalars.scores, scalars.curves) for stream in run.streams]
                ),
            )


def _is_for_findings(tag: ScoreTag) -> bool:
    return not tag.channel or tag.name in CHANNEL_SCORES
