"""The runs of a log directory with their last scores and findings, as text and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.sentences import percent
from tb_meanpixel.runs import RunRecords
from tb_meanpixel.statistics.histogram import FloatArray

VERSION = 1

_HEAD = ("run", "stream", "records", "loss", "drift", "bias", "spread", "contrast", "findings")


def as_json(runs: Iterable[RunRecords]) -> dict[str, Any]:
    """Plain types; NaN and infinities become None."""
    return {
        "version": VERSION,
        "runs": [
            {
                "name": run.name,
                "streams": [_stream(history) for history in run.histories],
                "findings": [finding.as_dict() for finding in run.findings()],
                "notes": list(run.notes),
            }
            for run in runs
        ],
    }


def _stream(history: History) -> dict[str, Any]:
    scores = {
        name: _number(_last(values))
        for (name, channel), values in sorted(history.scores.items())
        if not channel
    }
    return {
        "name": history.stream,
        "records": len(history.steps),
        "last_step": int(history.steps[-1]),
        "loss": _number(_last(history.loss)),
        "scores": scores,
    }


def as_text(runs: Iterable[RunRecords]) -> str:
    """A table with a line for each stream, then the findings in words.

    "spread" and "contrast" are in % of the reference's: how much a pixel varies from
    image to image, and the contrast inside the images.
    """
    table: list[tuple[str, ...]] = [_HEAD]
    sentences: list[str] = []
    for run in runs:
        findings = run.findings()
        for history in run.histories:
            ids = [_id(finding) for finding in findings if finding.stream == history.stream]
            table.append(_row(run.name, history, ids))
        sentences += [
            f"{run.name}/{finding.stream}: {finding.sentence} Look first at: {finding.look_at}."
            for finding in findings
        ]
        sentences += [f"{run.name}: {note}" for note in run.notes]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
    return "\n".join([*lines, *([""] if sentences else []), *sentences])


def _id(finding: Finding) -> str:
    return f"{finding.id} (too early to tell)" if finding.state == "early" else finding.id


def _row(run: str, history: History, ids: list[str]) -> tuple[str, ...]:
    amounts = (history.loss, history.score("drift"), history.score("bias"))
    ratios = (history.score("pixel_spread_ratio"), history.score("contrast_ratio"))
    return (
        run,
        history.stream,
        str(len(history.steps)),
        *(_text(_last(values), "{:.4g}".format) for values in amounts),
        *(_text(_last(values), percent) for values in ratios),
        ", ".join(ids) or "none",
    )


def _last(values: FloatArray) -> float:
    """The last step's number, NaN if it is undefined."""
    return float(values[-1])


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _text(value: float, form: Callable[[float], str]) -> str:
    return form(value) if np.isfinite(value) else "-"
