"""The event file of a run: one for each directory, shared by all writers of a process."""

from __future__ import annotations

import itertools
import os
import socket
import threading
import time
import warnings
import weakref
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from tb_meanpixel.recording.append_file import AppendFile, open_file
from tb_meanpixel.recording.event_directory import (
    Lock,
    later_name,
    make_directory,
    make_event_directory,
)
from tb_meanpixel.recording.event_records import EventRecords
from tb_meanpixel.recording.pending_events import MAX_PENDING, PendingEvents
from tb_meanpixel.recording.recorded_steps import last_recorded_step, warn_of_replacement
from tb_meanpixel.recording.warning_place import caller_level
from tb_meanpixel.tensorboard_private import event_pb2, summary_pb2

if TYPE_CHECKING:
    from tb_meanpixel.schema.metadata import Unit
    from tb_meanpixel.tensorboard_private import Summary

# At import: where TensorBoard has moved one of them, training should not even begin.
_Event, _Summary = event_pb2().Event, summary_pb2().Summary

_open_files: dict[str, EventFile] = {}
_opening = threading.RLock()
_all_files: weakref.WeakSet[EventFile] = weakref.WeakSet()
_numbers = itertools.count()


class EventFile:
    """Writes events into `<log_dir>/mean_pixel`, each of them on disk when `add` returns.

    Writers of one process and directory share one file, in any of its threads: TensorBoard's
    Python loader loses data where two files of one run grow at the same time. For the same
    reason a second process writes nothing into a directory while another one uses it.

    What cannot be written (disk full, directory removed, no permission) is kept and written
    later, in order, into a new file; the first failure is a warning. No error of a file system
    leaves `add`, `flush` or `close`.
    """

    def __init__(self, directory: str | None) -> None:
        """Use `EventFile.open`; without a directory nothing is written."""
        self._directory = directory
        self._users = 1
        self._guard = threading.RLock()
        self._lock = None if directory is None else Lock(directory)
        self._file: AppendFile | None = None
        self._is_empty = True  # no event is in the open file
        self._pending = PendingEvents()
        self._last: dict[str, tuple[int, bytes]] = {}  # step and value of each tag
        self._records = EventRecords()  # of the open file
        self._problem = ""
        self._said: set[str] = set()
        #: Counts the files that were opened: what each must hold is written again into the next.
        self.generation = 0
        _all_files.add(self)

    @property
    def is_recording(self) -> bool:
        """Whether this process writes here: another one may be the chief, or have the lock."""
        return self._lock is not None and self._lock.is_held

    @classmethod
    def open(cls, log_dir: str | os.PathLike[str]) -> EventFile:
        """The file of a directory, opened if nobody has it open. Each user must close it.

        Raises:
            TypeError, ValueError: if `log_dir` is no path, or an empty one.
            OSError: if it cannot be written.
        """
        directory = make_event_directory(log_dir)
        with _opening:
            file = _open_files.get(directory)
            if file is None:
                file = _open_files[directory] = cls(directory)
                file.refresh()
            else:
                file._users += 1
        return file

    def refresh(self) -> int:
        """Open a new file if there is none, or somebody has touched it; its `generation`."""
        with self._guard:
            if self._may_write() and (self._file is None or not self._file.is_whole()):
                self._attempt(self._open_new)
            return self.generation

    def last_step(self, stream: str) -> int | None:
        """The step of a stream's last record in the directory; None if there is none."""
        if self._directory is None or not self._may_write():
            return None
        return last_recorded_step(self._directory, stream)

    def warn_of_replacement(self, stream: str, step: int, last: int, unit: Unit) -> None:
        """Say that a step replaces records, once for each stream."""
        if self._directory is not None and self._may_write():
            warn_of_replacement(self._directory, stream, step, last, unit)

    def add(self, step: int, values: Iterable[Summary.Value]) -> None:
        """Write the values of a step in one event: a reader never sees half of it.

        A value that the step has already is left out: two callbacks of one `fit` both
        write the loss.
        """
        with self._guard:
            if not self._may_write():
                return
            by_tag = {value.tag: value for value in values}
            written = {tag: (step, value.SerializeToString()) for tag, value in by_tag.items()}
            new = [value for tag, value in by_tag.items() if self._last.get(tag) != written[tag]]
            if not new:
                return
            summary = _Summary(value=new)
            event = _Event(step=step, wall_time=time.time(), summary=summary)
            self._last |= written  # what is refused until here leaves no trace
            self._pending.add(event)
            self.flush()

    def flush(self) -> None:
        """Write the events that are kept, if that is possible now."""
        with self._guard:
            self.refresh()
            if self._pending and self._file is not None:
                self._attempt(self._write_pending)

    def close(self) -> None:
        """Let go of the file; the last user to do so closes it, and says what is lost."""
        with _opening, self._guard:
            self._users -= 1
            if self._users or self._directory is None:
                return
            if _open_files.get(self._directory) is self:
                del _open_files[self._directory]
            if self._pending:
                self.flush()
            if lost := self._pending.lost + self._pending.steps:
                self._say_once(
                    "lost",
                    f"{lost} steps could not be written to {self._directory} and are lost"
                    f" ({self._problem})",
                )
            self._let_go()
            if self._lock is not None:
                self._lock.give_back()

    def forget(self) -> None:
        """In a forked process: what the parent has open is not the child's to write."""
        self._guard = threading.RLock()  # a thread of the parent may hold the old one
        if self._lock is not None:
            self._lock.forget()
        self._lock, self._directory = None, None
        file, self._file = self._file, None
        if file is not None:
            file.forget()
        self._pending = PendingEvents()

    def _may_write(self) -> bool:
        """Whether the directory is this process's; asked again each time that it is not."""
        if self._lock is None:
            return False
        if not self._lock.take():
            self._say_once(
                "locked",
                f"Another process writes to {self._directory}, so this one records nothing there "
                "until that one has ended. Give each run a log_dir of its own, for instance "
                "'logs/vae-2'",
            )
        return self._lock.is_held

    def _open_new(self) -> None:
        self._let_go()
        assert self._directory is not None
        make_directory(self._directory)
        host, process, number = socket.gethostname(), os.getpid(), next(_numbers)
        # Loaders read the files in the order of their names: the microseconds keep it.
        begin = later_name(self._directory, time.time())
        self._file = open_file(f"{self._directory}/{begin}.{host}.{process}.{number:06d}")
        version = _Event(wall_time=time.time(), file_version="brain.Event:2")
        self._records = EventRecords()
        self._file.append(self._records.encode([version]))
        self.generation += 1

    def _write_pending(self) -> None:
        assert self._file is not None
        while self._pending:  # one by one: there may be room for some of them
            self._file.append(self._records.encode([self._pending.first]))
            self._is_empty = False
            self._pending.drop_first()

    def _attempt(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001  each file system has errors of its own
            self._let_go()  # a loader may have seen half a record: the next one is in a new file
            self._problem = f"{type(error).__name__}: {error}"
            self._say_once(
                "problem",
                f"Records cannot be written to {self._directory} ({self._problem}). The last "
                f"{MAX_PENDING} steps are kept, and written when that is possible",
            )

    def _let_go(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.remove() if self._is_empty else file.close()
        self._is_empty = True

    def _say_once(self, what: str, sentence: str) -> None:
        if what not in self._said:
            self._said.add(what)
            warnings.warn(sentence, RuntimeWarning, stacklevel=caller_level())


def _forget_all() -> None:
    global _opening  # noqa: PLW0603  a thread of the parent may hold it
    _opening = threading.RLock()
    _open_files.clear()
    for file in list(_all_files):
        file.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
