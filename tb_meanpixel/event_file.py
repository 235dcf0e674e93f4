"""The event file of a training: one for each directory, whoever writes into it."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from tensorboard.compat import tf
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from tb_meanpixel.metadata import RUN_NAME

_open_files: dict[str, EventFile] = {}


class EventFile:
    """Writes events into `<log_dir>/mean_pixel`.

    Writers of one process and directory share one file: TensorBoard's Python
    loader loses data where two files of one run grow at the same time. For the
    same reason a second process that is told the same directory writes nothing.
    """

    def __init__(self, directory: str | None) -> None:
        """Use `EventFile.open`; without a directory nothing is written."""
        self._directory = directory
        self._users = 1
        self._lock = directory is not None and _lock(directory)
        self._events = EventFileWriter(directory) if self._lock else None
        self._last_steps: dict[str, int] = {}

    @classmethod
    def open(cls, log_dir: str | os.PathLike[str]) -> EventFile:
        """The file of a directory, opened if nobody has it open. Each user must close it.

        Raises:
            OSError: if `log_dir` cannot be written.
        """
        directory = prepare_directory(log_dir)
        file = _open_files.get(directory)
        if file is None:
            file = _open_files[directory] = cls(directory)
        else:
            file._users += 1
        return file

    def add(self, step: int, values: Iterable[Summary.Value]) -> None:
        """Write the values of a step in one event: a reader never sees half of it.

        A tag that has this step already is left out: two callbacks of one `fit`
        both know the loss.
        """
        if self._events is None:
            return
        new = [value for value in values if self._last_steps.get(value.tag) != step]
        if not self._last_steps:
            # A training that begins again at an earlier step takes the place of its later ones.
            start = SessionLog(status=SessionLog.START)
            self._events.add_event(Event(step=step, wall_time=time.time(), session_log=start))
        self._last_steps.update((value.tag, step) for value in new)
        event = Event(step=step, wall_time=time.time(), summary=Summary(value=new))
        self._events.add_event(event)
        self._events.flush()

    def close(self) -> None:
        """Let go of the file; the last user to do so closes it."""
        self._users -= 1
        if self._users or self._directory is None:
            return
        del _open_files[self._directory]
        if self._events is not None:
            self._events.close()
        if not isinstance(self._lock, bool):
            self._lock.close()


def prepare_directory(log_dir: str | os.PathLike[str]) -> str:
    """Make `<log_dir>/mean_pixel`, local or remote, and return it.

    Raises:
        TypeError: if `log_dir` is no path.
        OSError: if it cannot be made or written.
    """
    path = os.fspath(log_dir)
    if not path:
        raise ValueError("log_dir must name a directory, for instance 'logs/vae'; got ''")
    directory = f"{path.rstrip('/')}/{RUN_NAME}" if _is_remote(path) else str(Path(path, RUN_NAME))
    try:
        tf.io.gfile.makedirs(directory)
        problem = None
    except Exception as error:  # noqa: BLE001  each file system has errors of its own
        problem = f"{type(error).__name__}: {error}"
    if problem is None and not _is_remote(path) and not os.access(directory, os.W_OK):
        problem = "it is read-only"
    if problem is not None:
        raise OSError(
            f"log_dir {path!r} cannot be written ({problem}). "
            "Choose a directory that you may write to, for instance log_dir='logs'"
        )
    return directory


def _is_remote(path: str) -> bool:
    return "://" in path


def _lock(directory: str) -> IO[str] | bool:
    """A lock that ends with the process; False if another process has it, True if there is none."""
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    if _is_remote(directory):
        return True
    file = Path(directory, ".lock").open("w")  # noqa: SIM115  open as long as the lock is held
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        warnings.warn(
            f"Another process writes to {directory}, so this one records nothing there. "
            "Give each training a log_dir of its own, for instance 'logs/vae-2'",
            RuntimeWarning,
            stacklevel=5,
        )
        return False
    return file
