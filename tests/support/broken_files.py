"""A grammar of event files: right in most things, and wrong in some that nobody foresees."""

import io
import math

import numpy as np
from hypothesis import strategies as st
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.util import tensor_util

from tb_meanpixel.recording.record_writer import RecordWriter
from tb_meanpixel.schema.metadata import (
    QUANTITIES,
    HistogramTag,
    LogTag,
    MeanImageTag,
    QuantilesTag,
    ScoresTag,
    ScoreTag,
    StreamInfo,
    SumsTag,
)
from tb_meanpixel.schema.serialization import serialize
from tb_meanpixel.statistics.value_range import ValueRange

STREAMS = ["validation", "samples", "", "logs", "a/b", "=1+1", "\u202e", "x" * 300]
CHANNELS = [
    ("all",), ("all", "red", "green", "blue"), ("all", "grey", "alpha"), ("all", "all"), ("",), (),
    tuple(map(str, range(70))),
]  # fmt: skip
RANGES = [
    (0.0, 1.0), (-1.0, 1.0), (0.0, 0.0), (1.0, 0.0), (0.0, math.inf), (math.nan, 1.0),
    (-1.7e308, 1.7e308), (0.0, 5e-324), (1e300, 1.1e300), (1e6, 1e6 + 1), (0.0, 1e-320),
]  # fmt: skip
SIZES = [1, 2, 3, 8, 0, 5000, (1 << 31) - 1]
BINS = [4, 64, 1, 0, 256, 1 << 16, (1 << 31) - 1]
STEPS = [0, 1, 2, 3, 4, 5, 1, 0, -1, -(2**63), 2**63 - 1, 2**53 + 1]
NUMBERS = [0.0, 1.0, 0.5, -1.0, 2.0**24, 2.0**53, 3e38, 1e300, math.nan, math.inf, -math.inf]
SCORES = ["drift", "bias", "output_mean", "epochs_recorded", "pixel_ratio", "x", ""]
TIMES = [100.0, 101.0, 50.0, 0.0, -1.0, math.nan, math.inf, 1e300]
COUNTED = [0, 2, 8, (1 << 31) - 1]


def usually(right, some):
    """The right one three times of four, else one of some."""
    return st.integers(0, 3).flatmap(lambda n: st.just(right) if n else st.sampled_from(some))


streams = st.builds(
    StreamInfo,
    name=usually("validation", STREAMS),
    paired=st.booleans(),
    value_range=usually((0.0, 1.0), RANGES).map(lambda pair: ValueRange(*pair, "declared")),
    channels=usually(("all",), CHANNELS),
    height=usually(2, SIZES),
    width=usually(2, SIZES),
    reference_count=usually(2, COUNTED),
    reference_hash=st.sampled_from(["0123456789abcdef", "", "<b>"]),
    unit=st.sampled_from(["epoch", "step", "image"]),
    writer_version=st.sampled_from(["", "1", "9" * 50]),
)


@st.composite
def histograms(draw, stream):
    low, high = draw(usually(stream.value_range[:2], RANGES))
    bins = draw(usually(4, BINS))
    tag = HistogramTag(
        stream,
        draw(st.sampled_from(["output", "reference"])),
        draw(st.sampled_from(QUANTITIES)),
        low,
        high,
        bins,
    )
    array = np.zeros((len(stream.channels), min(bins, 256) + 9), draw(usually("<f4", ["<f8"])))
    with np.errstate(over="ignore"):
        array[..., -2:] = low, high
    return tag, array


@st.composite
def tagged(draw):  # noqa: PLR0911  a kind of tag each
    """A tag, and the tensor that it should have."""
    stream = draw(streams)
    rows, side = len(stream.channels), draw(st.sampled_from(["output", "reference"]))
    kind = draw(st.sampled_from("hhhhmmqsuxxl"))
    if kind == "h":
        return draw(histograms(stream))
    if kind == "m":
        tag = MeanImageTag(stream, side, draw(usually(2, SIZES)), draw(usually(2, SIZES)))
        shape = (min(tag.height, 8), min(tag.width, 8), max(1, rows - 1))
        return tag, np.zeros(shape, "<f2")
    if kind == "q":
        places = draw(usually((0.0, 0.5, 1.0), [(), (0.5,), (1.0, 0.0), (math.nan,), (0.0, 0.0)]))
        quantity = draw(st.sampled_from(QUANTITIES))
        return QuantilesTag(stream, side, quantity, places), np.zeros((rows, len(places)), "<f4")
    if kind in "su":
        names = draw(usually(("drift", "bias"), [(), ("",), ("x", "x"), tuple(SCORES)]))
        if kind == "s":
            return ScoresTag(stream, names, names[:1]), np.zeros((len(names), rows), "<f4")
        return SumsTag(stream, names), np.zeros((len(names), rows), "<f8")
    if kind == "x":
        name = draw(usually("epochs_recorded", SCORES))
        return ScoreTag(stream.name, name, draw(usually("", ["red", "0"]))), np.zeros((), "<f4")
    return LogTag(draw(usually("loss", ["", "=1+1", "a/b", "val_loss"]))), np.zeros((), "<f4")


@st.composite
def tensors(draw, array):
    """The array as a message; or another shape, type, size, or content."""
    if array.size and draw(st.booleans()):
        array = array.copy()
        places = st.tuples(*(st.integers(0, size - 1) for size in array.shape))
        with np.errstate(over="ignore"):
            array[draw(places)] = draw(st.sampled_from(NUMBERS))
    fault = draw(usually("", ["size", "shape", "huge", "dtype", "text", "list", "none"]))
    if fault == "size" and array.ndim:
        array = np.resize(array, (draw(st.sampled_from([0, 1, 2, 9])), *array.shape[1:]))
    elif fault == "shape":
        array = array.T.reshape(-1)
    elif fault == "dtype":
        with np.errstate(all="ignore"):
            array = array.astype(draw(st.sampled_from(["<f2", "<f8", "<i8", "bool", "complex64"])))
    message = TensorProto(dtype=1, tensor_content=array.tobytes())
    if fault == "list":
        message = tensor_util.make_tensor_proto(array)
    elif fault == "text":
        message = TensorProto(dtype=7, string_val=[b"<script>", b"\xff"])
    else:
        message.dtype = {"f4": 1, "f8": 2, "f2": 19, "i8": 9, "b1": 10, "c8": 8}[
            array.dtype.str[1:]
        ]
        for size in array.shape:
            message.tensor_shape.dim.add(size=size)
    if fault == "huge":
        message.tensor_shape.dim.add(size=1 << 40)
    elif fault == "none":
        message.dtype = draw(st.sampled_from([0, 20, 21, 99, 101]))
    return message


@st.composite
def values(draw):
    tag, array = draw(tagged())
    content = serialize(tag)
    fault = draw(usually("", ["content", "empty", "tag", "class", "simple", "nothing"]))
    if fault == "content":
        place = draw(st.integers(0, len(content) - 1))
        content = content[:place] + bytes([draw(st.integers(0, 255))]) + content[place + 1 :]
    kind = 2 if array.ndim else 1  # DATA_CLASS_TENSOR, DATA_CLASS_SCALAR
    metadata = SummaryMetadata(data_class=3 - kind if fault == "class" else kind)
    metadata.plugin_data.plugin_name = "mean_pixel"
    metadata.plugin_data.content = b"" if fault == "empty" else content
    value = Summary.Value(tag="elsewhere" if fault == "tag" else tag.tag, metadata=metadata)
    if fault == "simple":
        value.simple_value = draw(st.sampled_from(NUMBERS[:8]))
    elif fault != "nothing":
        value.tensor.CopyFrom(draw(tensors(array)))
    return value


@st.composite
def files(draw):
    """The bytes of an event file."""
    stored = draw(st.lists(values(), min_size=1, max_size=6))
    file = io.BytesIO()
    records = RecordWriter(file)
    records.write(Event(wall_time=100.0, file_version="brain.Event:2").SerializeToString())
    for step in draw(st.lists(usually(0, STEPS), min_size=1, max_size=4)):
        chosen = stored if draw(st.integers(0, 3)) else stored[::-1][:2]
        event = Event(step=step, wall_time=draw(usually(100.0, TIMES)))
        event.summary.value.extend(chosen)
        records.write(event.SerializeToString())
    records.flush()
    content = file.getvalue()
    damage = draw(usually("", ["cut", "flipped", "garbage", "twice", "length"]))
    place = draw(st.integers(0, len(content) - 1))
    return {
        "": content,
        "cut": content[:place],
        "flipped": content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :],
        "garbage": content + b"\xff" * 40,
        "twice": content + content,
        "length": content + b"\xff" * 7 + b"\x3f" + b"\0" * 12,
    }[damage]
