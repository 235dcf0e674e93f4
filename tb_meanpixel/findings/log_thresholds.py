"""The thresholds of a log directory: those of its file mean_pixel.toml, if there is one."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tb_meanpixel.findings.thresholds import DEFAULT, Thresholds
from tb_meanpixel.findings.thresholds_file import FILE_NAME, load_thresholds


class LogThresholds(NamedTuple):
    """Thresholds, and the path of the file that they are of; empty without a file."""

    thresholds: Thresholds
    file: str


def log_thresholds(logdir: str) -> LogThresholds:
    """The thresholds of a log directory; the defaults if it has no file, or is remote.

    Raises:
        OSError, ValueError: as `load_thresholds`.
    """
    path = Path(logdir, FILE_NAME)
    if not logdir or "://" in logdir or not path.is_file():
        return LogThresholds(DEFAULT, "")
    return LogThresholds(load_thresholds(path), str(path))
