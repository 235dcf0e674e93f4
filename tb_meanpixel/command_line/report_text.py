"""A report as text: a table of the streams, then the findings in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from tb_meanpixel.command_line.best_steps import BY, best_step
from tb_meanpixel.command_line.page_address import page_address
from tb_meanpixel.command_line.reports import RunReport, told
from tb_meanpixel.command_line.sparkline import BLOCKS, GAP, sparkline
from tb_meanpixel.command_line.terminal import can_print, printable
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.sentences import percent
from tb_meanpixel.statistics.histogram import FloatArray

_HEAD: tuple[str, ...] = (
    *("run", "stream", "records", "loss", "drift", "", "bias", "spread", "contrast"),
    *("best step", "findings"),
)


def as_text(runs: Sequence[RunReport], notes: Iterable[str], tensorboard: str | None) -> list[str]:
    """Lines: a table with one for each stream, then the findings, then what could not be read.

    The blocks after "drift" are its curve. "spread" and "contrast" are in % of the reference's:
    how much a pixel varies from image to image, and the contrast inside the images.

    Args:
        runs: the reports.
        notes: sentences about what belongs to no run.
        tensorboard: where it answers, for an address after each finding.
    """
    table = [_HEAD]
    sentences: list[str] = []
    draws = can_print(BLOCKS + GAP)
    for run in runs:
        for history in run.histories:
            ids = [_id(finding) for finding in run.findings if finding.stream == history.stream]
            table.append(_row(run.name, history, ids, draws))
        for finding in run.findings:
            sentences.append(told(run.name, finding))
            if tensorboard:
                sentences.append(f"    {page_address(tensorboard, run.name, finding)}")
        sentences += [f"{run.name}: {note}" for note in run.notes]
    sentences += notes
    return [*_aligned(table), *([""] if sentences else []), *sentences]


def _aligned(table: Sequence[tuple[str, ...]]) -> list[str]:
    table = [tuple(map(printable, row)) for row in table]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def _id(finding: Finding) -> str:
    return f"{finding.id} (too early to tell)" if finding.state == "early" else finding.id


def _row(run: str, history: History, ids: list[str], draws: bool) -> tuple[str, ...]:
    drift = history.score("drift")
    ratios = (history.score("pixel_spread_ratio"), history.score("contrast_ratio"))
    return (
        run,
        history.stream,
        str(len(history.steps)),
        _number(history.loss),
        _number(drift),
        sparkline(drift) if draws else "",
        _number(history.score("bias")),
        *(_text(values, percent) for values in ratios),
        _best(history),
        ", ".join(ids) or "none",
    )


def _best(history: History) -> str:
    """Example: "12 by drift, 19 by loss"."""
    best = {by: best_step(history, by) for by in BY}
    return ", ".join(f"{one.step} by {by}" for by, one in best.items() if one) or "-"


def _number(values: FloatArray) -> str:
    return _text(values, "{:.4g}".format)


def _text(values: FloatArray, form: Callable[[float], str]) -> str:
    """The last step's number."""
    last = float(values[-1])
    return form(last) if np.isfinite(last) else "-"
