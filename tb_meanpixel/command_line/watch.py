"""Findings as they begin, while runs are written."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tb_meanpixel.command_line.alarm import Alarm
from tb_meanpixel.command_line.exit_codes import FAILED, OK, CommandError
from tb_meanpixel.command_line.hook import run_hook
from tb_meanpixel.command_line.reports import (
    RunReport,
    as_dict,
    chosen_thresholds,
    report_runs,
    told,
)
from tb_meanpixel.command_line.terminal import complain, say
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.log_thresholds import FILE_NAME, LogThresholds
from tb_meanpixel.runs import read
from tb_meanpixel.serving.reading.log_files import list_log_files
from tb_meanpixel.serving.reading.logdir import NoDataError, NoRecordsError


def run(arguments: argparse.Namespace) -> int:
    """Print each finding once it begins; 1 at the first that counts as failed, 0 at Ctrl-C."""
    alarm = Alarm.of(arguments)
    try:
        for name, finding in _Watch(arguments, alarm.strict).new_findings():
            fields = as_dict(name, finding, arguments.url)
            say(json.dumps(fields, allow_nan=False) if arguments.json else told(name, finding))
            if arguments.url and not arguments.json:
                say(f"    {fields['url']}")
            if arguments.exec:
                run_hook(arguments.exec, fields)
            if alarm.rings(finding):
                return FAILED
    except KeyboardInterrupt:
        pass
    return OK


class _Watch:
    """A log directory that is read again whenever a file of it has changed.

    Args:
        arguments: of the command line.
        strict: whether findings are new while it is too early to tell.
    """

    def __init__(self, arguments: argparse.Namespace, strict: bool) -> None:
        self._arguments, self._strict = arguments, strict
        self._chosen: LogThresholds = chosen_thresholds(arguments.logdir, arguments.thresholds)
        self._told: set[tuple[str, str, str]] = set()  # run, stream and id
        self._complaints: set[str] = set()
        self._was_read = False
        if self._chosen.file:
            complain(f"Thresholds: those of {self._chosen.file}.")

    def new_findings(self) -> Iterator[tuple[str, Finding]]:
        """Runs and findings, for ever."""
        seen: object = None
        while True:
            state = self._state()
            if state is None or state != seen:
                seen = state
                for report in self._reports():
                    yield from self._new(report)
            time.sleep(self._arguments.every)

    def _state(self) -> object:
        """It changes with any file that is read; None of a remote directory."""
        logdir = self._arguments.logdir
        if "://" in logdir:
            return None
        files = [self._arguments.thresholds or str(Path(logdir, FILE_NAME))]
        with suppress(OSError):
            found_files = list_log_files(logdir)
            files += [path for one in found_files.directories for path in one.files]
            for problem in found_files.problems:
                self._complain(problem)
        found = []
        for path in files:
            with suppress(OSError):
                status = Path(path).stat()
                found.append((path, status.st_size, status.st_mtime_ns))
        return found

    def _reports(self) -> list[RunReport]:
        """The reports of all runs; none if there are none yet, or none for the moment."""
        logdir = self._arguments.logdir
        try:
            self._chosen = chosen_thresholds(logdir, self._arguments.thresholds)
        except CommandError as error:  # somebody is writing it: the levels before still hold
            self._complain(str(error))
        try:
            runs = read(logdir)
        except NoRecordsError:
            self._complain(f"There are no records in {logdir!r} yet; waiting for them.")
            return []
        except NoDataError as error:
            if not self._was_read:
                raise
            self._complain(str(error))
            return []
        self._was_read = True
        return report_runs(runs, self._chosen.thresholds)

    def _new(self, report: RunReport) -> Iterator[tuple[str, Finding]]:
        """The findings of a run that are not told yet; one that had gone is told again."""
        kept = [one for one in report.findings if self._strict or one.state == "found"]
        present = {(report.name, one.stream, one.id) for one in kept}
        if report.histories:  # it can be read
            self._told = {key for key in self._told if key[0] != report.name or key in present}
        for finding in kept:
            key = (report.name, finding.stream, finding.id)
            if key not in self._told:
                self._told.add(key)
                yield report.name, finding

    def _complain(self, text: str) -> None:
        """Print a sentence to stderr, once."""
        if text not in self._complaints:
            self._complaints.add(text)
            complain(text)
