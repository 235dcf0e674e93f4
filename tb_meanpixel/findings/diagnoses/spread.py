"""Outputs that vary too little: from image to image, or inside an image."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tb_meanpixel.findings.episodes import lasting
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.sentences import percent
from tb_meanpixel.findings.thresholds import Thresholds
from tb_meanpixel.statistics.histogram import FloatArray


def collapse(history: History, thresholds: Thresholds) -> Finding | None:
    """Outputs that hardly depend on their inputs: posterior collapse, or a GAN's mode collapse."""
    name = "pixel_spread_ratio"
    ratio = history.score(name)
    if np.isnan(ratio).all():  # a metric's images only pass by: their means are known, no pixels
        name = "brightness_spread_ratio"
        ratio = history.score(name)
    low = (ratio < thresholds.collapse) | _lost_of_best(ratio, thresholds.collapse_of_best)
    correlation = history.score("correlation")
    # Without pairs, and without any spread, there is no correlation to speak of.
    follows = np.nan_to_num(correlation) > thresholds.collapse_correlation
    episode = lasting(low & ~follows, _shortfall(ratio), thresholds, patience=thresholds.early)
    if episode is None:
        return None
    at = episode.last
    kind = "Posterior" if history.paired else "Mode"
    alike = (
        "All outputs look alike"
        if ratio[at] < thresholds.collapse
        else "Outputs look too much alike"
    )
    followed = (
        f" and do not follow them (correlation {correlation[at]:.2f})"
        if np.isfinite(correlation[at])
        else ""
    )
    return Finding.of(
        "collapse",
        "error",
        history,
        episode,
        evidence={name: ratio[at], "correlation": correlation[at]},
        title=f"{kind} collapse",
        body=f"{alike}: they vary {percent(ratio[at])} as much as the references{followed}.",
    )


def contrast_loss(history: History, thresholds: Thresholds) -> Finding | None:
    """Flat or blurred outputs: the contrast inside the images is gone."""
    ratio = history.score("contrast_ratio")
    low = (ratio < thresholds.contrast) | _lost_of_best(ratio, thresholds.contrast_of_best)
    episode = lasting(low, _shortfall(ratio), thresholds)
    if episode is None:
        return None
    at = episode.last
    return Finding.of(
        "contrast_loss",
        "warning",
        history,
        episode,
        evidence={"contrast_ratio": ratio[at]},
        title="Low contrast",
        body=f"Inside an image, outputs have {percent(ratio[at])} of the reference's contrast.",
    )


def _lost_of_best(ratio: FloatArray, share: float) -> npt.NDArray[np.bool_]:
    """Where a ratio is below that share of its best so far, and of the reference's."""
    best = np.fmax.accumulate(ratio)
    return np.asarray((ratio < share * best) & (ratio < share))


def _shortfall(ratio: FloatArray) -> FloatArray:
    """How far a ratio is below 1, on a scale where each halving is a step of equal size."""
    return -np.log(np.clip(ratio, 1e-6, 1.0))
