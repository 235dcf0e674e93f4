"""The directory of a run's event files: checked, made and locked; local or remote."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path, PurePath
from typing import IO

from tb_meanpixel.schema.metadata import EVENT_DIRECTORY_NAME
from tb_meanpixel.tensorboard_private import gfile

try:
    import fcntl as _fcntl
except ImportError:  # Windows
    _HAS_LOCKS = False
else:
    _HAS_LOCKS = hasattr(_fcntl, "flock")

_EVENT_FILE = re.compile(r"events\.out\.tfevents\.(\d{1,12}(?:\.\d{1,9})?)\.")


def check_log_dir(log_dir: object) -> str:
    """The path of a log directory, local or remote.

    Raises:
        TypeError: if `log_dir` is no path.
        ValueError: if it is empty.
    """
    if hasattr(log_dir, "__array__") or hasattr(log_dir, "element_spec"):
        raise TypeError(
            "log_dir must be the path of a directory, and the images come after it; got "
            f"{type(log_dir).__name__}. Type: MeanPixelCallback('logs/my-model', reference=x_val)"
        )
    if not isinstance(log_dir, str | os.PathLike):
        raise TypeError(
            "log_dir must be the path of a directory, for instance 'logs/vae'; "
            f"got {type(log_dir).__name__}"
        )
    path = os.fspath(log_dir)
    if not path:
        raise ValueError("log_dir must name a directory, for instance 'logs/vae'; got ''")
    if isinstance(log_dir, PurePath):  # has made one slash of the two in gs://bucket
        path = re.sub(r"^([a-z][a-z0-9+.-]+):/(?!/)", r"\1://", path)
    return path


def make_event_directory(log_dir: object) -> str:
    """Make `<log_dir>/mean_pixel` and return it; OSError if it cannot be made or written."""
    path = check_log_dir(log_dir)
    try:
        if is_remote(path):
            directory = f"{path.rstrip('/')}/{EVENT_DIRECTORY_NAME}"
        else:  # resolved: of two spellings of a directory each would lock the other out
            directory = str(Path(path, EVENT_DIRECTORY_NAME).resolve())
        make_directory(directory)
        problem = "" if can_be_written(directory) else "it is read-only"
    except Exception as error:  # noqa: BLE001  each file system has errors of its own
        problem = f"{type(error).__name__}: {error}"
    if problem:
        raise OSError(
            f"log_dir {path!r} cannot be written ({problem}). "
            "Choose a directory that you may write to, for instance log_dir='logs'"
        )
    return directory


def can_be_written(directory: str) -> bool:
    """Whether files can be made in it, as far as its permissions say; of a remote one unknown."""
    return is_remote(directory) or os.access(directory, os.W_OK | os.X_OK)


def is_remote(path: str) -> bool:
    """Whether a path is an address such as gs://bucket/logs."""
    return "://" in path


# `gfile` imports TensorFlow wherever that is installed, which takes seconds: not for local files.


def make_directory(path: str) -> None:
    """Make a directory and those above it, where they do not exist."""
    if is_remote(path):
        gfile().makedirs(path)
    else:
        Path(path).mkdir(parents=True, exist_ok=True)


def later_name(directory: str, seconds: float) -> str:
    """The first part of a file name that comes after those of all event files in a directory.

    Loaders read files in the order of their names, and a clock may have been set back.

    Example:
        >>> later_name("gs://bucket/run", 5.25)
        'events.out.tfevents.5.250000'
    """
    newest = 0.0
    if not is_remote(directory):
        with contextlib.suppress(OSError):
            names = [path.name for path in Path(directory).iterdir()]
            found = [match for name in names if (match := _EVENT_FILE.match(name))]
            newest = max((float(match[1]) for match in found), default=0.0)
    if seconds <= newest:
        seconds = newest + 1e-5
    return f"events.out.tfevents.{seconds:.6f}"


class Lock:
    """The right to write into a directory: of one process at a time, and it ends with it.

    Where a file system has no locks, on Windows, and where the lock's file cannot be opened
    (it is a colleague's), everybody has the right.
    """

    def __init__(self, directory: str) -> None:
        self._path = Path(directory, ".lock")
        self._file: IO[str] | None = None
        self.is_held = is_remote(directory) or not _HAS_LOCKS

    def take(self) -> bool:
        """Take the right, if nobody else has it; whether it is held now."""
        if self.is_held:
            return True
        import fcntl

        try:
            file = self._path.open("w")
        except OSError:
            self.is_held = True
            return True
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        except OSError:  # some file systems of clusters have no locks
            file.close()
            self.is_held = True
        else:
            self._file, self.is_held = file, True
        return self.is_held

    def give_back(self) -> None:
        """Let another process have the directory."""
        self.is_held = False
        file, self._file = self._file, None
        if file is None:
            return
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_UN)  # closing would leave it to forked processes
        with contextlib.suppress(OSError):
            file.close()

    def forget(self) -> None:
        """In a forked process: the right is the parent's, and does not outlive it here."""
        self.is_held = False
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):
                file.close()
