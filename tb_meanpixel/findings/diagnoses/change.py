"""Outputs that get worse, become NaN, or do not change at all."""

from __future__ import annotations

import numpy as np

from tb_meanpixel.findings.episodes import Episode, Verdict, loss_change, stretches
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

    def worst(episode: Episode) -> float:
        return float(np.nanmax(share[episode.first : episode.last + 1]))

    by_share = sorted(episodes, key=lambda episode: (-worst(episode), -episode.last))
    verdict = Verdict(tuple(by_share))
    most = worst(verdict.main)
    where = " then" if len(episodes) > 1 else ""
    return Finding.of(
        "non_finite",
        "error",
        history,
        verdict,
        evidence={"non_finite": most},
        title="Outputs are not finite",
        body=f"{'All' if most == 1 else percent(most)} of their pixels are NaN or infinite{where}.",
        look_at="a learning rate that is too high; logarithms and divisions by 0; half precision",
    )


def frozen(history: History, thresholds: Thresholds) -> Finding | None:
    """Outputs that do not change any more at all: every score stays what it is."""
    if len(history.steps) <= thresholds.frozen:
        return None
    of_outputs = [
        values
        for (name, _), values in history.scores.items()
        if not name.startswith("reference_") and np.isfinite(values).any()
    ]
    same = np.ones(len(history.steps) - 1, bool)
    for values in of_outputs:
        same &= np.diff(np.nan_to_num(values, nan=-1e300)) == 0
    episodes = stretches(same)
    if not episodes or episodes[-1].last != len(same) - 1 or not of_outputs:
        return None
    episode = Episode(episodes[-1].first, episodes[-1].last + 1)
    if episode.last - episode.first < thresholds.frozen:
        return None
    return Finding.of(
        "frozen",
        "warning",
        history,
        Verdict((episode,)),
        evidence={name: history.score(name)[-1] for name in ("output_mean", "drift")},
        title="Frozen",
        body="The outputs have not changed at all.",
        look_at="whether the weights are still updated: learning rate 0, frozen layers, NaN",
    )


def drift(history: History, thresholds: Thresholds) -> Finding | None:
    """A distance from the reference that grows; whether the loss shows it as well."""
    distance = history.score("drift")
    began = onset(distance, history.grey_level, thresholds.band)
    if began is None:
        return None
    episode = Episode(began.start, len(distance) - 1)
    best = _best(distance[: began.start])
    finite = distance[np.isfinite(distance)]
    now = float(np.median(finite[-thresholds.lasting :]))
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
        Verdict((episode,)),
        evidence={"drift": now, "best_drift": best, "loss_change": change},
        title="Hidden drift" if hidden else "Drift",
        body=f"Outputs are {amount(now, history)} away from the reference; the best was "
        f"{amount(best, history)}.",
        look_at="over-fitting, or a schedule that changed; the checkpoint of the least drift",
    )


def _best(distance: np.ndarray) -> float:
    """The median of the best stretch of 10 records: the least single one is luck."""
    finite = distance[np.isfinite(distance)]
    window = min(10, max(1, len(finite) // 3))
    stretches_of = np.lib.stride_tricks.sliding_window_view(finite, window)
    return float(np.median(stretches_of, axis=-1).min())
