"""What was written to a log directory, as TensorBoard's loaders and the files themselves give it.

A board is `boards.Board`, or `Remote` for an address that is no local directory.
"""

import collections

from tensorboard.backend.event_processing import event_file_loader
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.context import RequestContext

from tb_meanpixel.schema.metadata import PLUGIN_NAME
from tb_meanpixel.serving.reading.reader import Reader, ScalarRead


class Remote:
    """What TensorBoard's Python loader finds at an address."""

    def __init__(self, address):
        multiplexer = EventMultiplexer(tensor_size_guidance={PLUGIN_NAME: 0})
        multiplexer.AddRunsFromDirectory(address)
        multiplexer.Reload()
        provider = MultiplexerDataProvider(multiplexer, address)
        self.reader = Reader(provider, RequestContext(), "")


def outputs(board, run, stream="validation"):
    """`[(step, mean of the outputs), ...]` of the histograms, in the order of the steps."""
    [found] = [r for r in board.reader.runs() if r.name == run]
    series = board.reader.histograms(found, found.stream(stream), "pixels")
    [output] = [one for one in series if one.tag.side == "output"]
    return list(zip(output.steps.tolist(), output.histogram.mean[:, 0].tolist(), strict=True))


def scalars(board, run):
    """`{tag: {step: value}}` of the scores and of the loop's own scalars."""
    [found] = [r for r in board.reader.runs() if r.name == run]
    [read] = board.reader.run_scalars([ScalarRead(found, found.scores(), found.curves)])
    return {
        one.tag: dict(zip(series.steps.tolist(), series.values.tolist(), strict=True))
        for one, series in (*read.scores, *read.curves)
    }


def event_files(directory):
    return sorted(directory.glob("mean_pixel/*.tfevents.*"))


def written(directory):
    """How often each tag was written at each step, by the event files themselves."""
    counts = collections.Counter()
    for path in event_files(directory):
        for event in event_file_loader.EventFileLoader(str(path)).Load():
            counts.update((value.tag, event.step) for value in event.summary.value)
    return counts
