"""Outputs that get worse, become NaN, or do not change at all."""

from __future__ import annotations

import numpy as np

from tb_meanpixel.findings.episodes import Episode, loss_change, stretches
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.onset import onset
from tb_meanpixel.findings.sentences import amount, percent
from tb_meanpixel.findings.thresholds import Thresholds


def non_finite(history: History, _: Thresholds) -> Finding | None:
    """NaN or infinite outputs, at any step."""
    share = history.score("non_finite")
    episodes = stretches(share > 0)
    if not episodes:
        return None
    episode = episodes[-1]
    worst = share[episode.first : episode.last + 1].max()
    return Finding.of(
        "non_finite",
        "error",
        history,
        episode,
        evidence={"non_finite": worst},
        title="Outputs are not finite",
        body=f"{'All' if worst == 1 else percent(worst)} of their pixels are NaN or infinite.",
    )


def frozen(history: History, thresholds: Thresholds) -> Finding | None:
    """Outputs that do not change any more at all."""
    means, drifts = history.score("output_mean"), history.score("drift")
    same = (np.diff(means) == 0) & (np.diff(drifts) == 0)
    episodes = stretches(same)
    if not episodes or episodes[-1].last != len(same) - 1:
        return None
    episode = Episode(episodes[-1].first, episodes[-1].last + 1)
    if episode.last - episode.first < thresholds.frozen:
        return None
    return Finding.of(
        "frozen",
        "warning",
        history,
        episode,
        evidence={"output_mean": means[-1], "drift": drifts[-1]},
        title="Frozen",
        body="The outputs have not changed at all.",
    )


def drift(history: History, thresholds: Thresholds) -> Finding | None:
    """A distance from the reference that grows; whether the loss shows it as well."""
    distance = history.score("drift")
    began = onset(distance, history.grey_level, thresholds.band)
    if began is None:
        return None
    episode = Episode(began.start, len(distance) - 1)
    best = np.nanmin(distance[: began.start])
    finite = distance[np.isfinite(distance)]
    now = np.median(finite[-thresholds.lasting :])
    if not now - best >= thresholds.drift * history.span:
        return None
    if not history.paired and not history.score("drift_p")[-1] < thresholds.p:
        return None  # other samples might not differ
    change = loss_change(history, episode)
    hidden = change < -thresholds.loss
    return Finding.of(
        "loss_hides_drift" if hidden else "drift",
        "warning",
        history,
        episode,
        evidence={"drift": now, "best_drift": best, "loss_change": change},
        title="Hidden drift" if hidden else "Drift",
        body=f"Outputs are {amount(now, history)} away from the reference; the best was "
        f"{amount(best, history)}.",
    )
