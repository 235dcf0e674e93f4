"""A log directory, read by TensorBoard's own loaders without TensorBoard."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Mapping
from contextlib import suppress
from os.path import normpath
from pathlib import Path
from typing import Any, NamedTuple

from tensorboard.context import RequestContext

from tb_meanpixel.findings.curves import SCALARS_PLUGIN
from tb_meanpixel.schema.metadata import PLUGIN_NAME
from tb_meanpixel.serving.reading.event_file_check import check_event_file, ends_within_a_record
from tb_meanpixel.serving.reading.local_data_server import load_with_data_server
from tb_meanpixel.serving.reading.log_files import (
    EventDirectory,
    LogFiles,
    list_log_files,
    readable,
)
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.tensorboard_private import MissingError, read_logdir

# The loader's defaults are 10 steps of ours and 1000 of other scalars.
_ALL_STEPS = {PLUGIN_NAME: 0, SCALARS_PLUGIN: 0}

_CUT = "{} ends within a record: it is being written, or was cut off"
_DAMAGED = "{} is damaged: what comes after the damage was not read"
_FOREIGN = "{} holds records that are no events, {} in number; they were left out"


class NoDataError(Exception):
    """A log directory without readable records of ours; the text says what to type."""


class NoRecordsError(NoDataError):
    """A log directory that can be read, and has no records of ours: not yet, perhaps."""


class OpenLogdir(NamedTuple):
    """A log directory that was read.

    Attributes:
        reader: of all that is in it.
        files: the event files that are in it.
        damage: by the path of an event file, normalized, a sentence: what of it was not read.
    """

    reader: Reader
    files: LogFiles
    damage: Mapping[str, str]

    def damage_within(self, event_directory: str) -> list[str]:
        """The sentences about the files of one event directory."""
        return [
            self.damage[normpath(path)]
            for directory in self.files.directories
            if directory.name == event_directory
            for path in directory.files
            if normpath(path) in self.damage
        ]

    @property
    def problems(self) -> list[str]:
        """A sentence for each file and directory that could not be read, in part or at all."""
        return [*self.files.problems, *self.damage.values()]


def open_logdir(logdir: str) -> OpenLogdir:
    """Read all of a log directory, local or remote.

    By a data server, where there is one and the directory is local, else into memory.

    Raises:
        NoDataError: if it is no directory, if it is remote and cannot be reached, or if this
            version of TensorBoard has no such loader.
    """
    try:
        files = list_log_files(logdir)
        loaded = load_with_data_server(logdir, _ALL_STEPS)
        if loaded is not None:
            damage = {normpath(path): _DAMAGED.format(readable(path)) for path in loaded.damaged}
            damage |= _cut(files, damage)  # the server waits for the rest, and says nothing
            provider = loaded.provider
        else:
            damage = _check(files)
            provider = _load(logdir, files)
    except (MissingError, NotADirectoryError) as error:
        raise NoDataError(str(error)) from error
    except Exception as error:
        if "://" not in logdir:
            raise
        raise NoDataError(
            f"{logdir!r} cannot be read ({type(error).__name__}: {error}). Does the address exist, "
            "and is the package for such addresses installed?"
        ) from error
    return OpenLogdir(Reader(provider, RequestContext(), ""), files, damage)


def _cut(files: LogFiles, damage: Mapping[str, str]) -> dict[str, str]:
    """The files that end within a record, but for those that are known to be damaged."""
    found = {}
    for directory in files.directories:
        for path in directory.files:
            with suppress(OSError, ValueError):  # removed, or emptied, since it was listed
                if normpath(path) not in damage and ends_within_a_record(path):
                    found[normpath(path)] = _CUT.format(readable(path))
    return found


def _check(files: LogFiles) -> dict[str, str]:
    found = {}
    for directory in files.directories:
        for path in directory.files:
            try:
                check = check_event_file(path)
            except FileNotFoundError:  # removed since it was listed
                continue
            if check.end != "whole":
                sentence = _CUT if check.end == "cut" else _DAMAGED
                found[normpath(path)] = sentence.format(readable(path))
            elif check.foreign:
                found[normpath(path)] = _FOREIGN.format(readable(path), check.foreign)
    return found


def _load(logdir: str, files: LogFiles) -> Any:
    """By the Python loader, which ends at the first file that it cannot open.

    So it is given links to those that can be opened, where they are not all.
    """
    if "://" in logdir:
        return read_logdir(logdir, _ALL_STEPS)
    links = tempfile.TemporaryDirectory(prefix="tb_meanpixel_")
    paths = {
        directory.name: directory.path
        if directory.is_plain
        else _linked(directory, Path(links.name, str(index)))
        for index, directory in enumerate(files.directories)
    }
    provider = read_logdir(logdir, _ALL_STEPS, paths)
    weakref.finalize(provider, links.cleanup)
    return provider


def _linked(directory: EventDirectory, folder: Path) -> str:
    folder.mkdir()
    for index, path in enumerate(directory.files):
        link = folder / f"{index:08d}.tfevents"
        try:
            link.symlink_to(Path(path).absolute())
        except OSError:  # Windows asks for a privilege
            shutil.copyfile(path, link)
    return str(folder)
