"""Runs for the benchmarks: the same records in every run, in the form of today or the first one."""

import shutil

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import DATA_CLASS_SCALAR, Summary
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.util.tensor_util import make_ndarray, make_tensor_proto

from tb_meanpixel.recording.record_writer import RecordWriter
from tb_meanpixel.recording.stream_writer import StreamWriter
from tb_meanpixel.schema.metadata import (
    EPOCHS_RECORDED,
    PLUGIN_NAME,
    HistogramTag,
    LogTag,
    MeanImageTag,
    ScoresTag,
    ScoreTag,
)
from tb_meanpixel.schema.serialization import parse, serialize
from tb_meanpixel.statistics.value_range import ValueRange


class Collected:
    """In place of an event file: keeps the values."""

    generation = 1

    def __init__(self):
        self.values = []

    def last_step(self, stream):
        return None

    def refresh(self):
        return 1

    def add(self, step, values):
        self.values.append(list(values))


def records(epochs, size=4, channels=1, images=64):
    """The values of each epoch, and those of TensorBoard's histogram of the same pixels."""
    random, collected = np.random.default_rng(0), Collected()
    stream = StreamWriter(collected, "validation", ValueRange(0.0, 1.0, "declared"), 64, True)
    reference = random.random((images, size, size, channels))
    stream.take_reference(reference)
    theirs = []
    for step in range(epochs):
        output = reference * random.random() + random.normal(0, 0.1, reference.shape)
        stream.write_images(step, output)
        theirs.append(histogram_pb("pixels", output.ravel(), buckets=30).value)
    return collected.values, theirs


def first_version(values):
    """The values of a record as the first version wrote them.

    Each score is a scalar, histograms are float64, and there are no quantiles and sums.
    """
    kept, scalars = [], []
    for value in values:
        content = value.metadata.plugin_data.content
        tag = parse(content)
        if isinstance(tag, ScoresTag):
            table = make_ndarray(value.tensor)
            for row, channel in enumerate(("", *tag.stream.channels[1:])):
                scalars += [
                    _scalar(ScoreTag(tag.stream.name, name, channel), table[place, row])
                    for place, name in enumerate(tag.names)
                    if name and not (row and name in tag.overall_names)
                ]
        elif isinstance(tag, HistogramTag):  # the moments are other numbers then
            array = make_ndarray(value.tensor).astype(np.float64)
            kept.append(Summary.Value(tag=value.tag, metadata=value.metadata))
            kept[-1].tensor.CopyFrom(make_tensor_proto(array))
        elif isinstance(tag, LogTag | MeanImageTag) or tag == ScoreTag(tag.stream, EPOCHS_RECORDED):
            kept.append(value)
    *tensors, count = kept
    return [*tensors, *scalars, count]


def _scalar(tag, number):
    value = Summary.Value(tag=tag.tag, tensor=make_tensor_proto(number))
    value.metadata.plugin_data.plugin_name = PLUGIN_NAME
    value.metadata.plugin_data.content = serialize(tag)
    value.metadata.data_class = DATA_CLASS_SCALAR
    return value


def write_events(directory, values_by_step, mode="wb", every_metadata=False):
    """An event file of a run; without `every_metadata` each tag has it once, as we write it."""
    directory.mkdir(parents=True, exist_ok=True)
    described = set()
    with (directory / "events.out.tfevents.100.host").open(mode) as file:
        writer = RecordWriter(file)
        if mode == "wb":
            version = Event(wall_time=99.0, file_version="brain.Event:2")
            writer.write(version.SerializeToString())
        for step, values in values_by_step:
            event = Event(step=step, wall_time=100.0 + step, summary=Summary(value=values))
            for value in event.summary.value:
                if value.tag in described and not every_metadata:
                    value.ClearField("metadata")
                described.add(value.tag)
            writer.write(event.SerializeToString())


def copy_runs(logdir, runs):
    """Copies of `run0000`."""
    for run in range(1, runs):
        shutil.copytree(logdir / "run0000", logdir / f"run{run:04d}")
