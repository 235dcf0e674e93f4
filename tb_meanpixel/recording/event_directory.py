"""The directory of a run's event files: checked, made and locked; local or remote."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path, PurePath
from typing import IO, Any

from tb_meanpixel.schema.metadata import EVENT_DIRECTORY_NAME
from tb_meanpixel.tensorboard_private import gfile


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
    if is_remote(path):
        directory = f"{path.rstrip('/')}/{EVENT_DIRECTORY_NAME}"
    else:  # resolved: of two spellings of a directory each would lock the other out
        directory = str(Path(path, EVENT_DIRECTORY_NAME).resolve())
    try:
        make_directory(directory)
        problem = None
    except Exception as error:  # noqa: BLE001  each file system has errors of its own
        problem = f"{type(error).__name__}: {error}"
    if problem is None and not is_remote(path) and not os.access(directory, os.W_OK):
        problem = "it is read-only"
    if problem is not None:
        raise OSError(
            f"log_dir {path!r} cannot be written ({problem}). "
            "Choose a directory that you may write to, for instance log_dir='logs'"
        )
    return directory


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


def open_for_writing(path: str) -> Any:
    """A new binary file."""
    return gfile().GFile(path, "wb") if is_remote(path) else Path(path).open("wb")


def lock(directory: str) -> IO[str] | bool:
    """A lock that ends with the process; False if another process has it, True if there is none."""
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    if is_remote(directory):
        return True
    file = Path(directory, ".lock").open("w")  # noqa: SIM115  open as long as the lock is held
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        warnings.warn(
            f"Another process writes to {directory}, so this one records nothing there. "
            "Give each run a log_dir of its own, for instance 'logs/vae-2'",
            RuntimeWarning,
            stacklevel=5,
        )
        return False
    except OSError:  # some file systems of clusters have no locks
        file.close()
        return True
    return file


def unlock(file: IO[str]) -> None:
    """Let another process have the directory."""
    import fcntl

    fcntl.flock(file, fcntl.LOCK_UN)  # closing would leave it to forked processes
    file.close()
