"""A log directory, read by TensorBoard's own loaders without TensorBoard."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tensorboard.context import RequestContext

from tb_meanpixel.findings.curves import SCALARS_PLUGIN
from tb_meanpixel.schema.metadata import PLUGIN_NAME
from tb_meanpixel.serving.reading.local_data_server import Loaded, load_with_data_server
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.tensorboard_private import MissingError, read_logdir

# The loader's defaults are 10 steps of ours and 1000 of other scalars.
_ALL_STEPS = {PLUGIN_NAME: 0, SCALARS_PLUGIN: 0}


class NoDataError(Exception):
    """A log directory without readable records of ours; the text says what to type."""


class OpenLogdir(NamedTuple):
    """A log directory that was read.

    Attributes:
        reader: of all that is in it.
        damaged: paths of event files that could not be read to their end.
    """

    reader: Reader
    damaged: tuple[str, ...]

    def damaged_within(self, directory: Path) -> tuple[str, ...]:
        """The damaged files of one directory."""
        return tuple(path for path in self.damaged if Path(path).parent == directory)


def open_logdir(logdir: str) -> OpenLogdir:
    """Read all of a log directory, local or remote.

    By a data server, where there is one and the directory is local, else into memory.

    Raises:
        NoDataError: if this version of TensorBoard has no such loader.
    """
    loaded = load_with_data_server(logdir, _ALL_STEPS)
    if loaded is None:
        try:
            loaded = Loaded(read_logdir(logdir, _ALL_STEPS))
        except MissingError as error:
            raise NoDataError(str(error)) from error
    return OpenLogdir(Reader(loaded.provider, RequestContext(), ""), loaded.damaged)
