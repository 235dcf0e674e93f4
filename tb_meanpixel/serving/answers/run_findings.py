"""The findings of runs, by the thresholds of the log directory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tb_meanpixel.findings import find
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.log_thresholds import FILE_NAME, LogThresholds, log_thresholds
from tb_meanpixel.findings.thresholds import DEFAULT
from tb_meanpixel.serving.answers.histories import histories
from tb_meanpixel.serving.encoding import wire
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.serving.reading.runs import Run


class Levels(NamedTuple):
    """The thresholds that findings are made by.

    Attributes:
        chosen: the thresholds; their file is named without its directory.
        note: a sentence, if there is a file that cannot be used. The defaults hold then.
    """

    chosen: LogThresholds
    note: str = ""

    @property
    def revision(self) -> str:
        """It changes whenever a level does."""
        return repr(self)

    def header(self, found: Sequence[tuple[Run, Sequence[Finding]]]) -> Mapping[str, Any]:
        """Findings as JSON, with the file that they were made by."""
        return {
            **wire.findings_header(found),
            "thresholds_file": self.chosen.file or None,
            "notes": [self.note] if self.note else [],
        }


def levels(reader: Reader) -> Levels:
    """The thresholds of the log directory that is served, as they are now."""
    try:
        thresholds, file = log_thresholds(reader.logdir)
    except (OSError, ValueError) as error:
        text = str(error).replace(reader.logdir.rstrip("/") + "/", "")
        return Levels(LogThresholds(DEFAULT, ""), f"{FILE_NAME} is not used: {text}")
    return Levels(LogThresholds(thresholds, FILE_NAME if file else ""))


def run_findings(
    reader: Reader, runs: Sequence[Run], by: Levels
) -> list[tuple[Run, list[Finding]]]:
    """The findings of each run; those of a run that has not changed come from the cache."""
    what = f"findings {by.revision}"
    found = {run: reader.recall(what, run) for run in runs}
    missing = [run for run in runs if found[run] is None]
    for run, streams in histories(reader, missing):
        found[run] = [finding for one in streams for finding in find(one, by.chosen.thresholds)]
        reader.keep(what, run, found[run])
    return list(found.items())
