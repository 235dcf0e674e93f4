"""The thresholds of a log directory: those of its file mean_pixel.toml, if there is one."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tb_meanpixel.findings.thresholds import DEFAULT, Thresholds
from tb_meanpixel.findings.thresholds_file import load_thresholds

#: The name of the file in a log directory.
FILE_NAME = "mean_pixel.toml"


class LogThresholds(NamedTuple):
    """Thresholds, and the path of the file that they are of; empty without a file."""

    thresholds: Thresholds
    file: str


_DEFAULTS = LogThresholds(DEFAULT, "")


def log_thresholds(logdir: str) -> LogThresholds:
    """The thresholds of a log directory; the defaults if it has no file, or is remote.

    Raises:
        OSError, ValueError: as `load_thresholds`.
    """
    path = Path(logdir, FILE_NAME)
    is_there = False
    with suppress(OSError):  # of a directory that may not be read
        is_there = bool(logdir) and "://" not in logdir and path.is_file()
    return LogThresholds(load_thresholds(path), str(path)) if is_there else _DEFAULTS
