"""Files that only grow: each piece is in them as a whole, or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from tb_meanpixel.recording.event_directory import is_remote
from tb_meanpixel.tensorboard_private import gfile

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)


class LocalFile:
    """A new file of this machine, or of a file system that is mounted here."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._descriptor = os.open(path, _FLAGS, 0o666)
        self._size = 0

    def append(self, data: bytes) -> None:
        """Write all of it. If that fails the file is as it was before, and an OSError says why."""
        rest = memoryview(data)
        try:
            while rest:  # of a nearly full disk only a part may be accepted
                rest = rest[os.write(self._descriptor, rest) :]
        except BaseException:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(data)

    def is_whole(self) -> bool:
        """Whether it is still there under its name, with all that was written.

        Where nobody can look for a while, or the file system does not answer, it is taken to
        be: what is open can often be written still, and else `append` fails.
        """
        try:
            there = Path(self._path).stat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True
        try:
            own = os.fstat(self._descriptor)
        except OSError:
            return False
        return os.path.samestat(there, own) and there.st_size == self._size

    def remove(self) -> None:
        """Take it away, if that is possible."""
        self.close()
        with contextlib.suppress(OSError):
            Path(self._path).unlink()

    def close(self) -> None:
        """Let go of it. It is harmless to do so twice."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def forget(self) -> None:
        """In a forked process: the file is the parent's."""
        self.close()


class RemoteFile:
    """A new file at an address such as gs://.

    Whether it is still there is not asked: that costs a request each step.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: Any = gfile().GFile(path, "wb")

    def append(self, data: bytes) -> None:
        """Write all of it, or raise what the file system raises."""
        self._file.write(data)
        self._file.flush()

    def is_whole(self) -> bool:
        """True."""
        return True

    def remove(self) -> None:
        """Take it away, if that is possible."""
        self.close()
        with contextlib.suppress(Exception):
            gfile().remove(self._path)

    def close(self) -> None:
        """Let go of it."""
        with contextlib.suppress(Exception):
            self._file.close()

    def forget(self) -> None:
        """In a forked process: closing it would write what the parent has not written yet."""


AppendFile = LocalFile | RemoteFile


def open_file(path: str) -> AppendFile:
    """A new file that has no bytes yet."""
    return RemoteFile(path) if is_remote(path) else LocalFile(path)
