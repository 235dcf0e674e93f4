"""The event file of a training: one for each directory, whoever writes into it."""

from __future__ import annotations

import itertools
import os
import re
import socket
import time
import warnings
from collections import deque
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, Any

from tb_meanpixel.schema.metadata import RUN_NAME
from tb_meanpixel.tensorboard_private import event_pb2, gfile, record_writer, summary_pb2

if TYPE_CHECKING:
    from tb_meanpixel.tensorboard_private import Event, Summary

# Where TensorBoard has moved one of them a training should fail before it begins.
_Event, _Summary, _RecordWriter = event_pb2().Event, summary_pb2().Summary, record_writer()

# Events kept in memory while they cannot be written: hours of training, a few megabytes.
MOST_PENDING = 1000

_open_files: dict[str, EventFile] = {}
if hasattr(os, "register_at_fork"):  # what the parent has open is not the child's to write
    os.register_at_fork(after_in_child=_open_files.clear)
_numbers = itertools.count()


class EventFile:
    """Writes events into `<log_dir>/mean_pixel`, each of them on disk when `add` returns.

    Writers of one process and directory share one file: TensorBoard's Python
    loader loses data where two files of one run grow at the same time. For the
    same reason a second process that is told the same directory writes nothing.

    What cannot be written (disk full, directory removed) is kept and written
    later, in order, into a new file; the first failure is a warning.
    """

    def __init__(self, directory: str | None) -> None:
        """Use `EventFile.open`; without a directory nothing is written."""
        self._directory = directory
        self._users = 1
        self._lock = directory is not None and _lock(directory)
        self._path = ""
        self._records: Any | None = None
        self._pending: deque[Event] = deque(maxlen=MOST_PENDING)
        self._last: dict[str, tuple[int, bytes]] = {}  # step and value of each tag
        self._warned = False
        #: Counts the files that were opened: what each must hold is written again into the next.
        self.generation = 0

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
            file.refresh()
        else:
            file._users += 1
        return file

    def refresh(self) -> int:
        """Open a new file if there is none, or somebody has removed it; its `generation`."""
        if self._lock and (self._records is None or self._is_removed()):
            self._attempt(self._open_new)
        return self.generation

    def add(self, step: int, values: Iterable[Summary.Value]) -> None:
        """Write the values of a step in one event: a reader never sees half of it.

        What has been said of this step already is left out: two callbacks of one
        `fit` both know the loss.
        """
        if not self._lock:
            return
        by_tag = {value.tag: value for value in values}
        said = {tag: (step, value.SerializeToString()) for tag, value in by_tag.items()}
        new = [value for tag, value in by_tag.items() if self._last.get(tag) != said[tag]]
        self._last |= said
        summary = _Summary(value=new)
        event = _Event(step=step, wall_time=time.time(), summary=summary)
        self._pending.append(event)
        self.refresh()
        if self._records is not None:
            self._attempt(self._write_pending)

    def close(self) -> None:
        """Let go of the file; the last user to do so closes it."""
        self._users -= 1
        if self._users or self._directory is None:
            return
        _open_files.pop(self._directory, None)
        if self._pending:
            self.refresh()
            self._attempt(self._write_pending)
        self._let_go()
        if not isinstance(self._lock, bool):
            _unlock(self._lock)

    def _open_new(self) -> None:
        self._let_go()
        assert self._directory is not None
        _make_directory(self._directory)
        host, process, number = socket.gethostname(), os.getpid(), next(_numbers)
        # Loaders read the files in the order of their names: the microseconds keep it.
        name = f"events.out.tfevents.{time.time():.6f}.{host}.{process}.{number:06d}"
        self._path = f"{self._directory}/{name}"
        records = _RecordWriter(_open_for_writing(self._path))
        version = _Event(wall_time=time.time(), file_version="brain.Event:2")
        records.write(version.SerializeToString())
        records.flush()
        self._records = records
        self.generation += 1

    def _write_pending(self) -> None:
        assert self._records is not None
        for event in self._pending:
            self._records.write(event.SerializeToString())
        self._records.flush()
        self._pending.clear()

    def _is_removed(self) -> bool:
        # Asking a remote file system every epoch would cost more than it is worth.
        return not _is_remote(self._path) and not Path(self._path).exists()

    def _attempt(self, action: Any) -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001  each file system has errors of its own
            self._let_go()  # its end may be half a record: the next attempt takes a new file
            if not self._warned:
                self._warned = True
                warnings.warn(
                    f"Epochs cannot be written to {self._directory} ({type(error).__name__}: "
                    f"{error}). Up to {MOST_PENDING} are kept, and written when that is possible",
                    RuntimeWarning,
                    stacklevel=4,
                )

    def _let_go(self) -> None:
        records, self._records = self._records, None
        try:
            if records is not None:
                records.close()
        except Exception:  # noqa: BLE001  what could not be written is still pending
            pass


def prepare_directory(log_dir: str | os.PathLike[str]) -> str:
    """Make `<log_dir>/mean_pixel`, local or remote, and return it.

    Raises:
        TypeError: if `log_dir` is no path.
        OSError: if it cannot be made or written.
    """
    path = os.fspath(log_dir)
    if not path:
        raise ValueError("log_dir must name a directory, for instance 'logs/vae'; got ''")
    if isinstance(log_dir, PurePath):  # has made one slash of the two in gs://bucket
        path = re.sub(r"^([a-z][a-z0-9+.-]+):/(?!/)", r"\1://", path)
    if _is_remote(path):
        directory = f"{path.rstrip('/')}/{RUN_NAME}"
    else:  # resolved: of two spellings of a directory each would lock the other out
        directory = str(Path(path, RUN_NAME).resolve())
    try:
        _make_directory(directory)
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


# `gfile` imports TensorFlow wherever that is installed, which takes seconds: not for local files.


def _make_directory(path: str) -> None:
    if _is_remote(path):
        gfile().makedirs(path)
    else:
        Path(path).mkdir(parents=True, exist_ok=True)


def _open_for_writing(path: str) -> Any:
    return gfile().GFile(path, "wb") if _is_remote(path) else Path(path).open("wb")


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
    except BlockingIOError:
        file.close()
        warnings.warn(
            f"Another process writes to {directory}, so this one records nothing there. "
            "Give each training a log_dir of its own, for instance 'logs/vae-2'",
            RuntimeWarning,
            stacklevel=5,
        )
        return False
    except OSError:  # a file system without locks, as some of clusters are
        file.close()
        return True
    return file


def _unlock(file: IO[str]) -> None:
    import fcntl

    fcntl.flock(file, fcntl.LOCK_UN)  # closing would leave it to forked processes
    file.close()
