"""The trainings of a log directory with their last scores and findings, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_meanpixel.findings import find
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.serving.answers.histories import histories
from tb_meanpixel.serving.reading.logdir import NoDataError, open_logdir

VERSION = 1

# Last scores of a stream, by their names and by what stands over their column.
_COLUMNS = {
    "drift": "drift",
    "bias": "bias",
    "pixel_spread_ratio": "variety",
    "contrast_ratio": "contrast",
}


@dataclass(frozen=True)
class TrainingReport:
    """What is known of a training.

    Attributes:
        name: its directory below the log directory; "." is that itself.
        histories: one for each stream.
        findings: of all streams.
        notes: sentences about what could not be read, and why.
    """

    name: str
    histories: Sequence[History]
    findings: Sequence[Finding]
    notes: Sequence[str]


def read(logdir: str) -> list[TrainingReport]:
    """Every training below a directory.

    Raises:
        NoDataError: if there is none.
    """
    reader = open_logdir(logdir)
    trainings = reader.runs()
    found = []
    for training, every in histories(reader, trainings):
        streams = [one for one in every if len(one.steps)]
        findings = [finding for one in streams for finding in find(one)]
        found.append(TrainingReport(training.name, streams, findings, training.notes))
    if not any(training.histories for training in found):
        notes = "".join(f"\n{note}" for training in trainings for note in training.notes)
        raise NoDataError(
            f"There are no mean-pixel records in {logdir!r}. To see what is there, type: "
            f"python -m tb_meanpixel doctor {logdir}{notes}"
        )
    return found


def as_json(trainings: Iterable[TrainingReport]) -> dict[str, Any]:
    """Plain types; what is not finite becomes None."""
    return {
        "version": VERSION,
        "trainings": [
            {
                "name": training.name,
                "streams": [
                    {
                        "name": history.stream,
                        "epochs": len(history.steps),
                        "last_step": int(history.steps[-1]),
                        "loss": _number(_last(history.loss)),
                        "scores": {
                            name: _number(_last(values))
                            for (name, channel), values in sorted(history.scores.items())
                            if not channel
                        },
                    }
                    for history in training.histories
                ],
                "findings": [finding.as_dict() for finding in training.findings],
                "notes": list(training.notes),
            }
            for training in trainings
        ],
    }


def as_text(trainings: Iterable[TrainingReport]) -> str:
    """A table with a line for each stream, then the findings in words."""
    rows = [["training", "stream", "epochs", "loss", *_COLUMNS.values(), "findings"]]
    sentences: list[str] = []
    for training in trainings:
        for history in training.histories:
            ids = [f.id for f in training.findings if f.stream == history.stream]
            numbers = [history.loss, *(history.score(name) for name in _COLUMNS)]
            rows.append(
                [
                    training.name,
                    history.stream,
                    str(len(history.steps)),
                    *(_text(_last(values)) for values in numbers),
                    ", ".join(ids) or "none",
                ]
            )
        sentences += [f"{training.name}/{f.stream}: {f.sentence}" for f in training.findings]
        sentences += [f"{training.name}: {note}" for note in training.notes]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, *([""] if sentences else []), *sentences])


def _last(values: np.ndarray) -> float:
    """The last epoch's number, NaN if it is undefined."""
    return float(values[-1])


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _text(value: float) -> str:
    return f"{value:.4g}" if np.isfinite(value) else "-"
