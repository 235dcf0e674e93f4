"""The event files below a log directory: those that can be opened, and why others cannot."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tb_meanpixel.tensorboard_private import list_files

# Links may lead to a directory in so many ways; those that cross each other make any number.
_MOST_WAYS = 8


class EventDirectory(NamedTuple):
    """A directory with event files.

    Attributes:
        path: of the directory.
        name: its path below the log directory, as TensorBoard names it; "." for that itself.
        files: paths of the event files that can be opened, by name.
        is_plain: whether TensorBoard's Python loader can be given the directory as it is: all of
            its event files can be opened, and its path is Unicode.
    """

    path: str
    name: str
    files: tuple[str, ...]
    is_plain: bool


class LogFiles(NamedTuple):
    """What is below a log directory.

    Attributes:
        directories: those with event files, by name.
        nbytes: the size of all event files that can be opened; 0 of remote ones.
        problems: a sentence for each file and directory that cannot be read.
    """

    directories: tuple[EventDirectory, ...]
    nbytes: int
    problems: tuple[str, ...]


def list_log_files(logdir: str) -> LogFiles:
    """All event files below a log directory, local or remote.

    Links are followed; one that leads back to a directory that it is in is left out.

    Raises:
        NotADirectoryError: if it is a file.
        Exception: of any kind, if it is remote and cannot be listed.
    """
    if "://" in logdir:
        return LogFiles(tuple(_remote(logdir)), 0, ())
    if Path(logdir).is_file():
        raise NotADirectoryError(f"{logdir!r} is a file; give the directory that it is in")
    directories: list[EventDirectory] = []
    problems: list[str] = []
    nbytes = 0
    for folder, folders, names in _walk(logdir, problems):
        found = sorted(filter(is_event_file, names))
        sizes = {}
        for name in found:
            path = os.path.join(folder, name)  # noqa: PTH118  Path would lose "./"
            try:
                sizes[path] = _size(path)
            except OSError as error:
                problems.append(_problem(path, error))
        if found:
            name = readable(os.path.relpath(folder, logdir))
            is_plain = (
                len(sizes) == len(found)
                and not any(map(is_event_file, folders))
                and all(readable(path) == path for path in sizes)
            )
            directories.append(EventDirectory(folder, name, tuple(sizes), is_plain))
            nbytes += sum(sizes.values())
    return LogFiles(tuple(sorted(directories, key=lambda d: d.name)), nbytes, tuple(problems))


def is_event_file(name: str) -> bool:
    """Whether TensorBoard takes a file of this name for an event file."""
    return "tfevents" in name and not name.endswith(".profile-empty")


def readable(path: str) -> str:
    """A path with a mark in place of each byte that is not UTF-8, as the data server has it."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _walk(logdir: str, problems: list[str]) -> Iterator[tuple[str, list[str], list[str]]]:
    """As `os.walk` with `followlinks`, which would follow a link to its own directory for ever."""

    def note(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # deleted meanwhile, or not there yet
            problems.append(_problem(str(error.filename), error))

    above: dict[str, frozenset[str]] = {}
    ways: dict[str, int] = {}  # by real directory how often it was entered
    told: set[str] = set()
    for folder, folders, names in os.walk(logdir, followlinks=True, onerror=note):
        real = os.path.realpath(folder)
        way = above.pop(folder, frozenset()) | {real}
        kept = []
        for name in sorted(folders):
            path = os.path.join(folder, name)  # noqa: PTH118
            target = os.path.realpath(path)
            ways[target] = ways.get(target, 0) + 1
            link = os.path.join(real, name)  # noqa: PTH118
            if target not in way and ways[target] <= _MOST_WAYS:
                above[path] = way
                kept.append(name)
            elif link not in told:
                told.add(link)
                problems.append(f"{readable(path)} leads back to a directory that is read already")
        folders[:] = kept
        yield folder, folders, names


def _size(path: str) -> int:
    """The size of a file that can be opened; OSError if it cannot."""
    found = os.stat(path)  # noqa: PTH116
    if not stat.S_ISREG(found.st_mode):
        raise OSError(None, "it is no regular file")
    with open(path, "rb"):  # noqa: PTH123
        return found.st_size


def _problem(path: str, error: OSError) -> str:
    with suppress(OSError):
        if Path(path).is_symlink() and isinstance(error, FileNotFoundError):
            return f"{readable(path)} cannot be read: it is a link to a file that does not exist"
    return f"{readable(path)} cannot be read: {error.strerror or error}"


def _remote(logdir: str) -> Iterator[EventDirectory]:
    folders: dict[str, list[str]] = {}
    for path in list_files(logdir):
        folder, _, name = path.replace("\\", "/").rpartition("/")
        if is_event_file(name):
            folders.setdefault(folder, []).append(path)
    for folder, paths in sorted(folders.items()):
        name = folder.removeprefix(logdir.rstrip("/")).strip("/") or "."
        yield EventDirectory(folder, name, tuple(sorted(paths)), True)
