"""From a record to TensorBoard summaries, and from a tensor back to a histogram.

A histogram becomes one tensor `(channels, bins + 9)`: its cells, two moments, and the limits
of its range. One tensor cannot arrive by halves, nor without its edges.
A mean image becomes one float16 tensor `(height, width, channels)`. Scores, quantiles
and sums become one tensor each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tb_meanpixel.schema import metadata
from tb_meanpixel.schema.metadata import (
    HistogramTag,
    LogTag,
    MeanImageTag,
    QuantilesTag,
    Quantity,
    SamplesPart,
    SamplesTag,
    ScoresTag,
    ScoreTag,
    Side,
    StreamInfo,
    SumsTag,
    Tag,
)
from tb_meanpixel.schema.score_order import ordered
from tb_meanpixel.schema.serialization import serialize
from tb_meanpixel.statistics import mean_image, scores
from tb_meanpixel.statistics.histogram import FloatArray, Histogram
from tb_meanpixel.statistics.image_statistics import ImageStatistics
from tb_meanpixel.statistics.images import Array
from tb_meanpixel.tensorboard_private import set_strings, set_tensor, summary_pb2

if TYPE_CHECKING:
    from tb_meanpixel.tensorboard_private import Summary

EXTRA_COLUMNS = 4  # after the cells: two moments, low, high
MAX_FLOAT32_COUNT = 1 << 24  # float32 holds whole numbers up to here


def histogram_values(
    statistics: ImageStatistics, stream: StreamInfo, side: Side, bins: int
) -> Iterator[Summary.Value]:
    """The histograms of one side in `bins` bins."""
    for quantity in metadata.QUANTITIES:
        histogram: Histogram = getattr(statistics, quantity)
        tag = HistogramTag(stream, side, quantity, histogram.low, histogram.high, bins)
        yield _value(tag, encode_histogram(histogram.rebin(bins)), "DATA_CLASS_TENSOR")


def mean_image_values(
    statistics: ImageStatistics, stream: StreamInfo, side: Side
) -> Iterator[Summary.Value]:
    """The mean image of one side; none for a metric, which keeps no images."""
    if statistics.spatial is None or statistics.spatial.is_of_blocks:
        return
    image = mean_image.shrink(statistics.spatial.mean_image)
    share = mean_image.to_share(image, stream.value_range).astype("<f2")
    tag = MeanImageTag(stream, side, *share.shape[:2])
    yield _value(tag, share, "DATA_CLASS_TENSOR")


def quantile_values(
    quantiles: Mapping[Quantity, FloatArray],
    probabilities: Sequence[float],
    stream: StreamInfo,
    side: Side,
) -> Iterator[Summary.Value]:
    """Quantiles `(channels, probabilities)` of the quantities that have one value an image."""
    for quantity, values in quantiles.items():
        tag = QuantilesTag(stream, side, quantity, tuple(probabilities))
        with np.errstate(over="ignore"):
            yield _value(tag, values.astype("<f4"), "DATA_CLASS_TENSOR")


def score_table(
    by_name: Mapping[str, FloatArray], stream: StreamInfo
) -> tuple[ScoresTag, npt.NDArray[np.float32]]:
    """All scores of a record in one tensor `(places, rows)`, and the names of its places.

    `by_name` is `scores.scores(record)`. The first row holds the overall scores.
    """
    overall = scores.overall(by_name)
    names = ordered(overall)
    rows = len(stream.channels)
    table = np.full((len(names), rows), np.nan, "<f4")
    overall_names = []
    with np.errstate(over="ignore"):
        for place, name in enumerate(names):
            if not name:
                continue
            table[place, 0] = overall[name]
            if name in by_name and len(by_name[name]) == rows:
                table[place, 1:] = by_name[name][1:]
            else:
                overall_names.append(name)
    return ScoresTag(stream, names, tuple(overall_names)), table


def score_values(by_name: Mapping[str, FloatArray], stream: StreamInfo) -> Iterator[Summary.Value]:
    """The scores of a record in one tensor, and the few that are scalars as well.

    `by_name` is `scores.scores(record)`.
    """
    tag, table = score_table(by_name, stream)
    yield _value(tag, table, "DATA_CLASS_TENSOR")
    overall = scores.overall(by_name)
    for name in metadata.SCALAR_SCORES:
        yield _scalar(ScoreTag(stream.name, name), overall[name])


def sums_value(sums: Mapping[str, FloatArray], stream: StreamInfo) -> Summary.Value:
    """The raw sums of a record, each `(channels,)`, in one tensor."""
    table = np.stack([np.broadcast_to(each, len(stream.channels)) for each in sums.values()])
    return _value(SumsTag(stream, tuple(sums)), table.astype("<f8"), "DATA_CLASS_TENSOR")


def samples_value(sheet: bytes, stream: StreamInfo, part: SamplesPart) -> Summary.Value:
    """A sheet of samples, see `schema/sample_sheet.py`, as a blob of its own."""
    tag = SamplesTag(stream, part)
    value = _described(tag, "DATA_CLASS_BLOB_SEQUENCE", metadata.SAMPLES_PLUGIN_NAME)
    set_strings(value.tensor, [sheet])
    return value


def count_value(stream: str, recorded: int) -> Summary.Value:
    """The count of a stream's records: the last value of each of its events."""
    return _scalar(ScoreTag(stream, metadata.EPOCHS_RECORDED), recorded)


def log_values(logs: Mapping[str, float]) -> Iterator[Summary.Value]:
    """The training loop's own scalars."""
    for name, number in logs.items():
        yield _scalar(LogTag(name), number)


def encode_histogram(histogram: Histogram) -> Array:
    """float32 `(..., bins + 9)`: cells, mean, standard deviation, low, high.

    Where a count is too great for float32 it is float64, with the sum and the sum of squares
    in place of mean and standard deviation.
    """
    is_exact = histogram.cells.max(initial=0) < MAX_FLOAT32_COUNT
    moments = [histogram.mean, histogram.std] if is_exact else [histogram.sums, histogram.squares]
    limits = [np.full_like(histogram.sums, limit) for limit in (histogram.low, histogram.high)]
    columns = np.stack([*moments, *limits], axis=-1)
    dtype = np.dtype("<f4" if is_exact else "<f8")
    with np.errstate(over="ignore"):
        return np.concatenate([histogram.cells, columns], axis=-1).astype(dtype)


def _scalar(tag: Tag, number: float) -> Summary.Value:
    with np.errstate(over="ignore"):
        return _value(tag, np.float32(number), "DATA_CLASS_SCALAR")


def _value(tag: Tag, array: Array | np.float32, data_class: str) -> Summary.Value:
    value = _described(tag, data_class)
    set_tensor(value.tensor, array)
    return value


def _described(tag: Tag, data_class: str, plugin_name: str = metadata.PLUGIN_NAME) -> Summary.Value:
    # Without `data_class` TensorBoard's data provider does not list the tag at all.
    pb = summary_pb2()
    plugin_data = pb.SummaryMetadata.PluginData(plugin_name=plugin_name, content=serialize(tag))
    return pb.Summary.Value(
        tag=tag.tag,
        metadata=pb.SummaryMetadata(plugin_data=plugin_data, data_class=getattr(pb, data_class)),
    )
