"""When a series left its own normal band.

A score such as the drift falls while a model learns and then jitters: no fixed
level parts good from bad. So a series is compared with its own best stretch. A
one-sided CUSUM (Page 1954) adds up by how much it lies above that: a single bad step
does not trip it, a lasting change does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tb_meanpixel.statistics.histogram import FloatArray


class Onset(NamedTuple):
    """Indices into the series: where it left its band, and where that was certain."""

    start: int
    alarm: int


@dataclass(frozen=True)
class Band:
    """The normal band of a series. `tests/benchmarks/onset.py` measures the defaults.

    Attributes:
        slack: standard deviations above the best stretch that are still normal.
        slack_long: the same for series longer than `long`: more steps, more accidents.
        long: steps from which a series is long.
        alarm: sum of what exceeds the slack, in standard deviations, that is certain.
        window: steps of the best stretch; a third of the series if that is less.
        shortest: steps of the shortest stretch, and a third of the shortest series.
    """

    slack: float = 1.5
    slack_long: float = 2.0
    long: int = 150
    alarm: float = 8.0
    window: int = 10
    shortest: int = 3


DEFAULT_BAND = Band()

# Differences over 5 steps: neighbours are alike, and their differences would make the noise
# look smaller than it is.
_LAG = 5
_LAGS = (3, 4, 5, 6, 7, 8)

# Below so many records there is too little to tell how alike neighbours are.
_LONG_ENOUGH = 60
# The alarm is set for so many records; longer series have more accidents.
_FEW = 100


def onset(values: FloatArray, floor: float, band: Band = DEFAULT_BAND) -> Onset | None:
    """Where a series left its normal band, for good or for a while; less is better.

    Args:
        values: `(n,)`, one score; NaN is left out.
        floor: minimum of the standard deviation, in the units of `values`, for instance a
            grey level: a change that nobody can see does not count.
        band: the normal band.

    Returns:
        None if it never left the band that its best stretch defines, or is too short to tell.

    Example: steady at 0, then at 1: that is certain at once.
        >>> onset(np.array([0.0] * 20 + [1.0] * 5), floor=0.01)
        Onset(start=20, alarm=20)
    """
    present = np.flatnonzero(np.isfinite(values))
    series = values[present]
    window = min(band.window, len(series) // 3)
    if window < band.shortest:
        return None
    stretches = np.median(np.lib.stride_tricks.sliding_window_view(series, window), axis=-1)
    after = int(stretches.argmin()) + window
    if after == len(series):
        return None  # it is at its best right now
    slack = band.slack_long if len(series) > band.long else band.slack
    scaled = (series[after:] - stretches.min()) / max(_noise(series), floor)
    path = np.concatenate([[0.0], np.cumsum(scaled - slack)])
    above = path - np.minimum.accumulate(path)
    certain = band.alarm * max(1.0, np.log(len(series)) / np.log(_FEW))
    alarms = np.flatnonzero(above > certain)
    if alarms.size == 0:
        return None
    last_zero = int(np.flatnonzero(above[: alarms[0]] == 0)[-1])
    return Onset(int(present[after + last_zero]), int(present[after + alarms[0] - 1]))


def _noise(series: npt.NDArray[np.float64]) -> float:
    """Standard deviation of the jitter, from lagged differences: a trend hardly adds to it.

    From 60 records on it is the median over some lags, so that no period of the series hides
    it, or that of the last third if it has grown; and it is widened where neighbours are alike:
    their sums wander further.
    """
    if len(series) < _LONG_ENOUGH:
        return _lagged(series, min(_LAG, max(1, len(series) // 3)))
    noise = max(
        float(np.median([_lagged(part, lag) for lag in _LAGS]))
        for part in (series, series[-(len(series) // 3) :])
    )
    window = _LAG * 2 + 1
    trend = np.median(np.lib.stride_tricks.sliding_window_view(series, window), axis=-1)
    rest = series[_LAG:-_LAG] - trend
    variance = float(np.mean(rest**2))
    alike = float(np.mean(rest[1:] * rest[:-1])) / variance if variance > 0 else 0.0
    # The rolling median takes off a part of what neighbours share.
    alike = min(0.9, max(0.0, alike + 1 / window * 2))
    return noise * float(np.sqrt((1 + alike) / (1 - alike)))


def _lagged(series: npt.NDArray[np.float64], lag: int) -> float:
    differences = series[lag:] - series[:-lag]
    deviations = np.abs(differences - np.median(differences))
    return float(1.4826 * np.median(deviations) / np.sqrt(2))
