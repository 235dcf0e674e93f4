"""A report as JSON: for scripts, and for CI."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tb_meanpixel.command_line.best_steps import BY, best_step
from tb_meanpixel.command_line.reports import RunReport, as_dict
from tb_meanpixel.findings.history import History
from tb_meanpixel.statistics.histogram import FloatArray

VERSION = 1


def as_json(
    runs: Sequence[RunReport], notes: Iterable[str], tensorboard: str | None, file: str
) -> dict[str, Any]:
    """Plain types; NaN and infinities become None."""
    return {
        "version": VERSION,
        "runs": [
            {
                "name": run.name,
                "streams": [_stream(history) for history in run.histories],
                "findings": [as_dict(run.name, one, tensorboard) for one in run.findings],
                "notes": list(run.notes),
            }
            for run in runs
        ],
        "thresholds_file": file or None,
        "notes": list(notes),
    }


def _stream(history: History) -> dict[str, Any]:
    best = {by: best_step(history, by) for by in BY}
    return {
        "name": history.stream,
        "records": len(history.steps),
        "last_step": int(history.steps[-1]),
        "loss": _last(history.loss),
        "scores": {
            name: _last(values)
            for (name, channel), values in sorted(history.scores.items())
            if not channel
        },
        "best": {by: one and one._asdict() for by, one in best.items()},
    }


def _last(values: FloatArray) -> float | None:
    """The last step's number, None if it is undefined."""
    value = float(values[-1])
    return value if np.isfinite(value) else None
