"""A log directory, read by TensorBoard's own loader without TensorBoard's server."""

from __future__ import annotations

from tensorboard.context import RequestContext

from tb_meanpixel.schema.metadata import PLUGIN_NAME
from tb_meanpixel.serving.reading.curves import SCALARS_PLUGIN
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.tensorboard_private import MissingError, read_logdir

# The loader's defaults are 10 steps of ours and 1000 of other scalars.
_ALL_STEPS = {PLUGIN_NAME: 0, SCALARS_PLUGIN: 0}


class NoDataError(Exception):
    """A log directory without readable records of ours; the text says what to type."""


def open_logdir(logdir: str) -> Reader:
    """Read all of a log directory, local or remote, into memory.

    Raises:
        NoDataError: if this version of TensorBoard has no such loader.
    """
    try:
        provider = read_logdir(logdir, _ALL_STEPS)
    except MissingError as error:
        raise NoDataError(str(error)) from error
    return Reader(provider, RequestContext(), "")
