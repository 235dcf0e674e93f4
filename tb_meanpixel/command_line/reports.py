"""What `report` and `watch` tell of a log directory: runs, their findings, what is unreadable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from tb_meanpixel.command_line.exit_codes import CommandError
from tb_meanpixel.command_line.page_address import page_address
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.log_thresholds import LogThresholds, log_thresholds
from tb_meanpixel.findings.thresholds import Thresholds
from tb_meanpixel.findings.thresholds_file import load_thresholds
from tb_meanpixel.runs import RunRecords


class RunReport(NamedTuple):
    """A run with its findings, and sentences about what could not be read."""

    name: str
    histories: Sequence[History]
    findings: Sequence[Finding]
    notes: Sequence[str]


def chosen_thresholds(logdir: str, file: str | None) -> LogThresholds:
    """Those of a file, else those of the log directory.

    Raises:
        CommandError: if the file cannot be read, or has what means nothing.
    """
    try:
        return LogThresholds(load_thresholds(file), file) if file else log_thresholds(logdir)
    except (OSError, ValueError) as error:
        raise CommandError(f"The thresholds cannot be used: {error}") from error


def report_runs(
    runs: Iterable[RunRecords], thresholds: Thresholds, since: int | None = None
) -> list[RunReport]:
    """The report of each run; what fails in one run leaves the others whole.

    Args:
        runs: of a log directory.
        thresholds: the levels of the findings.
        since: leave out findings that had ended before this step.
    """
    return [_report(run, thresholds, since) for run in runs]


def _report(run: RunRecords, thresholds: Thresholds, since: int | None) -> RunReport:
    try:
        found = run.findings(thresholds)
    except Exception as error:  # noqa: BLE001  whatever a hostile file makes of it
        note = f"it cannot be read ({type(error).__name__}: {error})"
        return RunReport(run.name, (), (), (*run.notes, note))
    kept = [finding for finding in found if since is None or last_step(finding) >= since]
    return RunReport(run.name, run.histories, kept, run.notes)


def last_step(finding: Finding) -> int:
    """The last step of all episodes; `Finding.last_step` is that of the worst."""
    return max(last for _, last in finding.episodes)


def told(run: str, finding: Finding) -> str:
    """A finding in one line."""
    sentence = finding.sentence
    if finding.state == "early":
        sentence = f"Too early to tell: {sentence}"
    return f"{run}/{finding.stream}: {sentence} Look first at: {finding.look_at}."


def as_dict(run: str, finding: Finding, tensorboard: str | None) -> dict[str, Any]:
    """A finding with its run as plain types; with its address, where TensorBoard's is given."""
    address = {"url": page_address(tensorboard, run, finding)} if tensorboard else {}
    return {"run": run, **finding.as_dict(), **address}
