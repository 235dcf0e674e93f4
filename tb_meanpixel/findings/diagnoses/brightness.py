"""Outputs that are too bright, too dark, tinted, clipped or inverted."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from tb_meanpixel.findings.episodes import Episode, lasting
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.onset import onset
from tb_meanpixel.findings.sentences import amount, percent, shift
from tb_meanpixel.findings.thresholds import Thresholds


def brightness_drift(history: History, thresholds: Thresholds) -> Finding | None:
    """Outputs that are brighter or darker than the reference in all channels."""
    bias = history.score("bias")
    size = np.abs(bias)
    cast = np.nan_to_num(history.score("color_cast"))
    off = (
        (size >= thresholds.bias * history.span) & (cast < size) & _significant(history, thresholds)
    )
    episode = lasting(off, size, thresholds)
    if episode is None:
        return None
    at = episode.last
    began = onset(size, history.grey_level, thresholds.band)
    if began and began.start < episode.first:  # it was on its way before it was plain
        episode = Episode(began.start, episode.last)
    return Finding.of(
        "brightness_drift",
        "warning",
        history,
        episode,
        evidence={"bias": bias[at], "paired_t": history.score("paired_t")[at]},
        title=f"Outputs are too {'dark' if bias[at] < 0 else 'bright'}",
        body=f"They are {amount(bias[at], history)} {'darker' if bias[at] < 0 else 'brighter'} "
        "than the reference.",
    )


def color_cast(history: History, thresholds: Thresholds) -> Finding | None:
    """One channel that is shifted against the others."""
    channels = history.channels[1:]
    if len(channels) < 2:
        return None
    biases = np.stack([history.score("bias", channel) for channel in channels])
    cast = history.score("color_cast")
    sure = np.any([_significant(history, thresholds, channel) for channel in channels], axis=0)
    episode = lasting((cast >= thresholds.color_cast * history.span) & sure, cast, thresholds)
    if episode is None:
        return None
    at = episode.last
    # The channel that moves away from the others.
    against = biases[:, at] - np.median(biases[:, at])
    odd = int(np.abs(against).argmax())
    way = "too strong" if against[odd] > 0 else "too weak"
    shifts = ", ".join(
        f"{channel} {shift(bias, history)}"
        for channel, bias in zip(channels, biases[:, at], strict=True)
    )
    return Finding.of(
        "color_cast",
        "warning",
        history,
        episode,
        evidence={"color_cast": cast[at]}
        | {f"bias/{channel}": bias for channel, bias in zip(channels, biases[:, at], strict=True)},
        title="Colour cast",
        body=f"{channels[odd].capitalize()} is {way}. Against the reference: {shifts}.",
    )


def saturation(history: History, thresholds: Thresholds) -> Finding | None:
    """Pixels that pile up at a limit of the range, where the reference has none."""
    excess = {
        side: history.score(f"at_{side}") - history.score(f"reference_at_{side}")
        for side in ("low", "high")
    }
    worst = np.fmax(excess["low"], excess["high"])
    episode = lasting(worst > thresholds.at_limit, worst, thresholds)
    if episode is None:
        return None
    at = episode.last
    side = max(excess, key=lambda side: excess[side][at])
    share, expected = history.score(f"at_{side}")[at], history.score(f"reference_at_{side}")[at]
    limit = history.value_range.low if side == "low" else history.value_range.high
    return Finding.of(
        "saturation",
        "warning",
        history,
        episode,
        evidence={f"at_{side}": share, f"reference_at_{side}": expected},
        title="Saturation",
        body=f"{percent(share)} of output pixels are at {limit:g}, against "
        f"{percent(expected)} in the reference.",
    )


def inversion(history: History, thresholds: Thresholds) -> Finding | None:
    """Outputs that are dark where the reference is bright."""
    correlation = history.score("correlation")
    with np.errstate(divide="ignore", invalid="ignore"):
        t = correlation * np.sqrt(max(history.image_count - 2, 0) / (1 - correlation**2))
    sure = t < -_critical(thresholds, 1)
    episode = lasting(
        (correlation < thresholds.inversion) & sure,
        1 + correlation,
        thresholds,
        patience=thresholds.early,
    )
    if episode is None:
        return None
    at = episode.last
    return Finding.of(
        "inversion",
        "error",
        history,
        episode,
        evidence={"correlation": correlation[at]},
        title="Inverted outputs",
        body="Bright references become dark outputs "
        f"(correlation of the mean pixels {correlation[at]:.2f}).",
    )


def _significant(
    history: History, thresholds: Thresholds, channel: str = ""
) -> npt.NDArray[np.bool_]:
    """Where a bias is no accident of which images were drawn."""
    looked_at = max(1, len(history.channels) - 1)
    if history.paired:
        # Without any spread of the differences there is no t, and no doubt.
        t = np.abs(history.score("paired_t", channel))
        return ~(t < _critical(thresholds, looked_at))
    return np.asarray(history.score("bias_p", channel) < thresholds.p / looked_at)


def _critical(thresholds: Thresholds, looked_at: int) -> float:
    """The two-sided level of a t of many images, for several looks."""
    return NormalDist().inv_cdf(1 - thresholds.p / looked_at / 2)
