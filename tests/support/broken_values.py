"""Summary values as they are, right or wrong: what a writer of ours would never write."""

import numpy as np
from tensorboard.compat.proto.summary_pb2 import DATA_CLASS_TENSOR, Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.util import tensor_util

from tb_meanpixel.schema.metadata import HistogramTag, StreamInfo
from tb_meanpixel.schema.serialization import serialize
from tb_meanpixel.schema.summary import encode_histogram
from tb_meanpixel.statistics.histogram import count_values
from tb_meanpixel.statistics.value_range import ValueRange

STREAM = StreamInfo(
    "validation", True, ValueRange(0.0, 1.0, "declared"), ("all",), 2, 2, 2, "0123456789abcdef"
)
OUTPUT = HistogramTag(STREAM, "output", "mean_pixels", 0.0, 1.0, 4)
EMPTY = encode_histogram(count_values(np.zeros((0, 1)), 0, 1, 4))


def value(tag, tensor, data_class=DATA_CLASS_TENSOR, name=None, content=None):
    content = serialize(tag) if content is None else content
    plugin_data = SummaryMetadata.PluginData(plugin_name="mean_pixel", content=content)
    if not isinstance(tensor, TensorProto):
        tensor = tensor_util.make_tensor_proto(np.asarray(tensor))
    return Summary.Value(
        tag=name or tag.tag,
        tensor=tensor,
        metadata=SummaryMetadata(plugin_data=plugin_data, data_class=data_class),
    )
