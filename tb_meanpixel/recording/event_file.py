"""The event file of a run: one for each directory, shared by all writers of a process."""

from __future__ import annotations

import itertools
import os
import socket
import time
import warnings
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tb_meanpixel.recording.event_directory import (
    is_remote,
    lock,
    make_directory,
    make_event_directory,
    open_for_writing,
    unlock,
)
from tb_meanpixel.recording.record_writer import RecordWriter
from tb_meanpixel.recording.recorded_steps import last_recorded_step, warn_of_replacement
from tb_meanpixel.tensorboard_private import event_pb2, summary_pb2

if TYPE_CHECKING:
    from tb_meanpixel.tensorboard_private import Event, Summary

# At import: where TensorBoard has moved one of them, training should not even begin.
_Event, _Summary = event_pb2().Event, summary_pb2().Summary

# Events kept in memory while they cannot be written: a few megabytes.
MAX_PENDING = 1000

_open_files: dict[str, EventFile] = {}
if hasattr(os, "register_at_fork"):  # what the parent has open is not the child's to write
    os.register_at_fork(after_in_child=_open_files.clear)
_numbers = itertools.count()


class EventFile:
    """Writes events into `<log_dir>/mean_pixel`, each of them on disk when `add` returns.

    Writers of one process and directory share one file: TensorBoard's Python
    loader loses data where two files of one run grow at the same time. For the
    same reason a second process writes nothing into a directory that the first one uses.

    What cannot be written (disk full, directory removed) is kept and written
    later, in order, into a new file; the first failure is a warning.
    """

    def __init__(self, directory: str | None) -> None:
        """Use `EventFile.open`; without a directory nothing is written."""
        self._directory = directory
        self._users = 1
        self._lock = directory is not None and lock(directory)
        self._path = ""
        self._records: RecordWriter | None = None
        self._pending: deque[Event] = deque(maxlen=MAX_PENDING)
        self._last: dict[str, tuple[int, bytes]] = {}  # step and value of each tag
        self._described: dict[str, bytes] = {}  # metadata of each tag in the open file
        self._warned = False
        #: Counts the files that were opened: what each must hold is written again into the next.
        self.generation = 0

    @classmethod
    def open(cls, log_dir: str | os.PathLike[str]) -> EventFile:
        """The file of a directory, opened if nobody has it open. Each user must close it.

        Raises:
            TypeError, ValueError: if `log_dir` is no path, or an empty one.
            OSError: if it cannot be written.
        """
        directory = make_event_directory(log_dir)
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

    def last_step(self, stream: str) -> int | None:
        """The step of a stream's last record in the directory; None if there is none."""
        if not self._lock or self._directory is None:
            return None
        return last_recorded_step(self._directory, stream)

    def warn_of_replacement(self, stream: str, step: int, last: int) -> None:
        """Say that a step replaces records, once for each stream."""
        if self._lock and self._directory is not None:
            warn_of_replacement(self._directory, stream, step, last)

    def add(self, step: int, values: Iterable[Summary.Value]) -> None:
        """Write the values of a step in one event: a reader never sees half of it.

        A value that the step has already is left out: two callbacks of one `fit` both
        write the loss.
        """
        if not self._lock:
            return
        by_tag = {value.tag: value for value in values}
        written = {tag: (step, value.SerializeToString()) for tag, value in by_tag.items()}
        new = [value for tag, value in by_tag.items() if self._last.get(tag) != written[tag]]
        if not new:
            return
        summary = _Summary(value=new)
        event = _Event(step=step, wall_time=time.time(), summary=summary)
        self._last |= written  # what is refused until here leaves no trace
        self._pending.append(event)
        self.flush()

    def flush(self) -> None:
        """Write the events that are kept, if that is possible now."""
        self.refresh()
        if self._pending and self._records is not None:
            self._attempt(self._write_pending)

    def close(self) -> None:
        """Let go of the file; the last user to do so closes it."""
        self._users -= 1
        if self._users or self._directory is None:
            return
        _open_files.pop(self._directory, None)
        if self._pending:
            self.flush()
        self._let_go()
        if not isinstance(self._lock, bool):
            unlock(self._lock)

    def _open_new(self) -> None:
        self._let_go()
        assert self._directory is not None
        make_directory(self._directory)
        host, process, number = socket.gethostname(), os.getpid(), next(_numbers)
        # Loaders read the files in the order of their names: the microseconds keep it.
        name = f"events.out.tfevents.{time.time():.6f}.{host}.{process}.{number:06d}"
        self._path = f"{self._directory}/{name}"
        records = RecordWriter(open_for_writing(self._path))
        version = _Event(wall_time=time.time(), file_version="brain.Event:2")
        records.write(version.SerializeToString())
        records.flush()
        self._records, self._described = records, {}
        self.generation += 1

    def _write_pending(self) -> None:
        assert self._records is not None
        for event in self._pending:
            self._records.write(self._without_known_metadata(event).SerializeToString())
        self._records.flush()
        self._pending.clear()

    def _without_known_metadata(self, event: Event) -> Event:
        """The event, but what a tag is stands once in each file: all loaders keep the first.

        In every event it would be a third of a record. Each file holds it, so that none is
        lost with a file before it.
        """
        short = _Event()
        short.CopyFrom(event)
        for value in short.summary.value:
            metadata = value.metadata.SerializeToString()
            if self._described.get(value.tag) == metadata:
                value.ClearField("metadata")
            self._described[value.tag] = metadata
        return short

    def _is_removed(self) -> bool:
        # Not of a remote file system: the question costs a request each step.
        return not is_remote(self._path) and not Path(self._path).exists()

    def _attempt(self, action: Any) -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001  each file system has errors of its own
            self._let_go()  # its end may be half a record: the next attempt takes a new file
            if not self._warned:
                self._warned = True
                warnings.warn(
                    f"Records cannot be written to {self._directory} ({type(error).__name__}: "
                    f"{error}). Up to {MAX_PENDING} are kept, and written when that is possible",
                    RuntimeWarning,
                    stacklevel=5,
                )

    def _let_go(self) -> None:
        records, self._records = self._records, None
        try:
            if records is not None:
                records.close()
        except Exception:  # noqa: BLE001  what could not be written is still pending
            pass
