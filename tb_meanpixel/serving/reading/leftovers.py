"""Points that a run left behind which was run again in the same directory.

TensorBoard drops the steps that a run replaced, but tag by tag: a curve that the later run does
not write keeps its old points. The records tell them by their wall times: nothing of a step can
be older than the record of a step before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from tb_meanpixel.findings.curves import ScalarKey
from tb_meanpixel.schema.metadata import PLUGIN_NAME
from tb_meanpixel.serving.reading.raw_series import RawSeries
from tb_meanpixel.statistics.histogram import FloatArray, IntArray

Mask = npt.NDArray[np.bool_]


def is_suspicious(last_step: int, last_wall_time: float, counts: Sequence[RawSeries]) -> bool:
    """Whether a series may hold points of a former run, by its last point alone."""
    last = np.array([last_step]), np.array([last_wall_time])
    return bool(counts) and bool(_all(_is_early(*last, count) for count in counts).all())


def leftovers(
    series: Mapping[ScalarKey, RawSeries], counts: Sequence[RawSeries]
) -> dict[ScalarKey, Mask]:
    """Which points of a run's curves are of a former run; without curves that have none.

    Args:
        series: the curves of the run.
        counts: how many records each of its streams had at each of its steps. A point that is
            not too old for all of them stays: streams may be recorded at different times.
    """
    masks = {key: _all(_leftover(one, count) for count in counts) for key, one in series.items()}
    found = [series[key].wall_times[mask] for key, mask in masks.items()]
    times = np.sort(np.concatenate([np.zeros(0), *found]))
    for key, one in series.items():
        masks[key] |= _all(_precedes(one, count, times) for count in counts)
    return {
        key: mask
        for key, mask in masks.items()
        if mask.any() and (key.plugin == PLUGIN_NAME or _is_abandoned(key, series, masks, counts))
    }


def _all(masks: Iterable[Mask]) -> Mask:
    return np.asarray(np.logical_and.reduce(list(masks)))


def _is_early(steps: IntArray, wall_times: FloatArray, count: RawSeries) -> Mask:
    """Which points are older than the record of the step before them."""
    before = np.searchsorted(count.steps, steps, "left") - 1
    early = wall_times < count.wall_times[np.maximum(before, 0)]
    return np.asarray((before >= 0) & early)


def _leftover(series: RawSeries, count: RawSeries) -> Mask:
    """The early points; none of a series whose steps are not those of the records.

    Such a one, by iteration for instance, has early points while the run goes on. A former run
    has none then: it was over before.
    """
    early = _is_early(series.steps, series.wall_times, count)
    times = np.maximum.accumulate(count.wall_times)
    after = np.searchsorted(times, series.wall_times[early], "right")
    between = after[(after > 0) & (after < len(times))]
    goes_on = count.values[between] > count.values[between - 1]  # each session counts from 1
    return early & (not goes_on.any())


def _precedes(series: RawSeries, count: RawSeries, times: FloatArray) -> Mask:
    """Which points were followed by a leftover, by their wall times, before their own record.

    These are of the step at which the later run began: no record of it comes before that.
    """
    if not len(times):
        return np.zeros(len(series.steps), bool)
    at = np.searchsorted(count.steps, series.steps, "left")
    recorded = np.append(count.wall_times, -np.inf)[at]
    following = np.searchsorted(times, series.wall_times, "left")
    return np.append(times, np.inf)[following] < recorded


def _is_abandoned(
    key: ScalarKey,
    series: Mapping[ScalarKey, RawSeries],
    masks: Mapping[ScalarKey, Mask],
    counts: Sequence[RawSeries],
) -> bool:
    """Whether other writers went on after they had left a curve.

    If none did, the images may have been recorded long after the training, from checkpoints.
    """
    last = series[key].wall_times[masks[key]].max()
    newest = [
        one.wall_times[~masks[other]].max(initial=-np.inf)
        for other, one in series.items()
        if other.plugin != PLUGIN_NAME
    ]
    return max(map(len, (count.steps for count in counts))) > 1 and max(newest) > last
