"""The runs of a log directory with their last scores, best steps and findings."""

from __future__ import annotations

import argparse
import json

from tb_meanpixel.command_line.alarm import Alarm
from tb_meanpixel.command_line.best_steps import By, best_step
from tb_meanpixel.command_line.exit_codes import FAILED, OK, CommandError
from tb_meanpixel.command_line.report_json import as_json
from tb_meanpixel.command_line.report_text import as_text
from tb_meanpixel.command_line.reports import RunReport, chosen_thresholds, report_runs
from tb_meanpixel.command_line.terminal import complain, say
from tb_meanpixel.runs import read


def run(arguments: argparse.Namespace) -> int:
    """Print the report; 1 if a finding counts as failed."""
    chosen = chosen_thresholds(arguments.logdir, arguments.thresholds)
    runs = read(arguments.logdir)
    reports = report_runs(runs, chosen.thresholds, arguments.since)
    if not any(report.histories for report in reports):
        notes = [f"{report.name}: {note}" for report in reports for note in report.notes]
        raise CommandError("\n".join(["No run can be read.", *notes, *runs.notes]))
    reports = _chosen(reports, arguments.run, arguments.stream)
    if arguments.best:
        say(str(_best(reports, arguments.best)))
    elif arguments.json:
        content = as_json(reports, runs.notes, arguments.url, chosen.file)
        say(*json.dumps(content, indent=2, allow_nan=False).split("\n"))
    else:
        say(*as_text(reports, runs.notes, arguments.url))
        if chosen.file:
            say(f"Thresholds: those of {chosen.file}.")
    alarm = Alarm.of(arguments)
    failures = [
        f"{report.name}/{finding.stream}: {finding.sentence}"
        for report in reports
        for finding in report.findings
        if alarm.rings(finding)
    ]
    if failures:
        complain(*failures)
    return FAILED if failures else OK


def _chosen(reports: list[RunReport], run: str | None, stream: str | None) -> list[RunReport]:
    """The reports of `--run` and `--stream`.

    Raises:
        CommandError: if there is none; it lists what there is.
    """
    kept = [report for report in reports if run in (None, report.name)]
    if not kept:
        there = ", ".join(repr(report.name) for report in reports)
        raise CommandError(f"There is no run {run!r}; there are {there}")
    if stream is None:
        return kept
    streams = {history.stream for report in kept for history in report.histories}
    if stream not in streams:
        there = ", ".join(map(repr, sorted(streams)))
        raise CommandError(f"There is no stream {stream!r}; there are {there}")
    return [
        report._replace(
            histories=[history for history in report.histories if history.stream == stream],
            findings=[finding for finding in report.findings if finding.stream == stream],
        )
        for report in kept
    ]


def _best(reports: list[RunReport], by: By) -> int:
    """The best step of the only run: of its first stream, as the page shows it."""
    reports = [report for report in reports if report.histories]
    if len(reports) != 1:
        there = ", ".join(repr(report.name) for report in reports)
        raise CommandError(f"--best needs one run; choose it by --run NAME: {there}")
    [report] = reports
    best = best_step(report.histories[0], by)
    if best is None:
        stream = report.histories[0].stream
        raise CommandError(f"{report.name}/{stream} has no {by} that is a number")
    return best.step
