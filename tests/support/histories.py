"""Histories of records that were measured here, without an event file."""

import numpy as np

from tb_meanpixel.findings.history import History
from tb_meanpixel.statistics import scores


def history_of(records, value_range, *, stream="validation", losses=None):
    """The history of `{step: Record}`; `losses` hold a number for each step, in their order."""
    steps = sorted(records)
    latest = records[steps[-1]]
    series = {}
    for index, step in enumerate(steps):
        by_name = scores.scores(records[step])
        numbers = {(name, ""): number for name, number in scores.overall(by_name).items()}
        for place, channel in enumerate(latest.channels[1:], start=1):
            numbers |= {(name, channel): values[place] for name, values in by_name.items()}
        for key, number in numbers.items():
            series.setdefault(key, np.full(len(steps), np.nan))[index] = number
    return History(
        stream=stream,
        paired=latest.pairs is not None,
        value_range=value_range,
        channels=latest.channels,
        image_count=latest.output.image_count,
        steps=np.array(steps, np.int64),
        scores=series,
        losses={name: np.asarray(values, float) for name, values in (losses or {}).items()},
    )
