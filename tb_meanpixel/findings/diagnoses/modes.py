"""Outputs in inference mode that are not those of training."""

from __future__ import annotations

import numpy as np

from tb_meanpixel.findings.episodes import Sign, judge, level
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.mode_gap import MODE_GAP
from tb_meanpixel.findings.sentences import percent
from tb_meanpixel.findings.thresholds import Thresholds

# A gap that has begun is over when the ratio is so much nearer to 1.
_OVER = 1.05


def mode_gap(history: History, thresholds: Thresholds) -> Finding | None:
    """Outputs that vary much less, or more, in inference mode than in training mode."""
    if not history.has(MODE_GAP):
        return None
    ratio = history.score(MODE_GAP)
    low = thresholds.mode_gap
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.abs(np.log(np.maximum(ratio, 1e-6)))
        # Averages over batches lag behind in any young model.
        late = np.arange(len(ratio)) >= thresholds.early
        wrong = ((ratio < low) | (ratio > 1 / low)) & late
        still = (ratio < low * _OVER) | (ratio > 1 / (low * _OVER))
    verdict = judge(Sign(wrong, distance, -np.log(low), still), history, thresholds)
    if verdict is None:
        return None
    now = level(ratio, verdict.main)
    return Finding.of(
        "mode_gap",
        "warning",
        history,
        verdict,
        evidence={MODE_GAP: now},
        title="Validation is not what training is",
        body=f"Outputs vary {percent(now)} as much in inference mode as in training mode.",
        look_at="batch norm, whose averages lag behind (momentum 0.99 needs hundreds of steps, "
        "try 0.9); dropout; whether validation images differ from those of training",
    )
