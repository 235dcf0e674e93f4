"""A log directory, read by TensorBoard's own loader without TensorBoard's server."""

from __future__ import annotations

from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.context import RequestContext

from tb_meanpixel.schema.metadata import PLUGIN_NAME
from tb_meanpixel.serving.reading.curves import SCALARS_PLUGIN
from tb_meanpixel.serving.reading.reader import Reader

# Every step: the loader would keep 10 of ours and 1000 of others' scalars.
_ALL = {PLUGIN_NAME: 0, SCALARS_PLUGIN: 0}


class NoDataError(Exception):
    """There is nothing of ours to read; the text says what to type."""


def open_logdir(logdir: str) -> Reader:
    """Read all of a log directory, local or remote, into memory."""
    multiplexer = EventMultiplexer(tensor_size_guidance=_ALL)
    multiplexer.AddRunsFromDirectory(logdir)
    multiplexer.Reload()
    provider = MultiplexerDataProvider(multiplexer, logdir)
    return Reader(provider, RequestContext(), "")
