"""The contract between writer and reader: plugin name, tags, metadata.

The writer puts a `plugin_data.proto` message into the metadata of each tag; the
reader goes by that message alone. Tags only have to be unique and readable:

    <stream>/<output|reference>/<mean_pixels|contrasts|pixels>   histograms
    <stream>/<output|reference>/mean_image                       mean images
    <stream>/<score>[/<channel>]                                 scores
    logs/<name>                                                  the loop's scalars
"""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass
from typing import Literal, cast

from google.protobuf.message import DecodeError

from tb_meanpixel.schema import plugin_data_pb2 as pb
from tb_meanpixel.statistics.value_range import RangeSource, ValueRange

PLUGIN_NAME = "mean_pixel"
# Below the run's directory. Our event files have a directory of their own: TensorBoard's
# Python loader loses data where two files of one directory grow at the same time.
EVENT_DIRECTORY_NAME = "mean_pixel"
VERSION = 1

Side = Literal["output", "reference"]
Quantity = Literal["mean_pixels", "contrasts", "pixels"]

QUANTITIES: tuple[Quantity, ...] = ("mean_pixels", "contrasts", "pixels")

# Not a score, but written like one: how many records of the stream this writer has written.
# It is the last value of its event. A step that lacks it is not complete yet; where the count
# jumps, TensorBoard has dropped steps.
EPOCHS_RECORDED = "epochs_recorded"

# No writer comes near these limits: a tag beyond them comes from a broken file.
MAX_BINS = 1 << 16
MAX_SIDE = 1 << 12  # pixels of a mean image's side

# Names of scores in files of the first version, which are still read.
_RENAMED_SCORES = {
    "pixel_ratio": "pixel_spread_ratio",
    "between_ratio": "brightness_spread_ratio",
    "within_ratio": "contrast_ratio",
}

_STREAM_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_LOGS = "logs"


@dataclass(frozen=True)
class StreamInfo:
    """How the images of a stream are to be read; the fields of proto `Stream`."""

    name: str
    paired: bool
    value_range: ValueRange
    channels: tuple[str, ...]
    height: int
    width: int
    reference_count: int
    reference_hash: str


@dataclass(frozen=True)
class HistogramTag:
    """A histogram of one side of a stream, with the edges of its bins."""

    stream: StreamInfo
    side: Side
    quantity: Quantity
    low: float
    high: float
    bins: int

    @property
    def tag(self) -> str:
        return f"{self.stream.name}/{self.side}/{self.quantity}"


@dataclass(frozen=True)
class MeanImageTag:
    """The mean over the images of one side, `(height, width)` after pooling."""

    stream: StreamInfo
    side: Side
    height: int
    width: int

    @property
    def tag(self) -> str:
        return f"{self.stream.name}/{self.side}/mean_image"


@dataclass(frozen=True)
class ScoreTag:
    """A score of a stream; `channel` is empty for the overall score.

    `recorded_name` is the name in a file of an older version, where it was another one.
    """

    stream: str
    name: str
    channel: str = ""
    recorded_name: str = ""

    @property
    def tag(self) -> str:
        name = self.recorded_name or self.name
        return "/".join(filter(None, (self.stream, name, self.channel)))


@dataclass(frozen=True)
class LogTag:
    """A scalar of the training loop."""

    name: str

    @property
    def tag(self) -> str:
        return f"{_LOGS}/{self.name}"


Tag = HistogramTag | MeanImageTag | ScoreTag | LogTag


class UnreadableMetadataError(ValueError):
    """The metadata of a tag is broken, or from a newer version of this package."""


def check_stream_name(name: object) -> str:
    """Return `name`, or raise ValueError if it cannot be part of a tag."""
    if not isinstance(name, str) or not _STREAM_NAME.fullmatch(name) or name == _LOGS:
        raise ValueError(
            "stream must be letters, digits, '_', '-' or '.', and not 'logs', "
            f"for instance 'validation'; got {name!r}"
        )
    return name


def serialize(tag: Tag) -> bytes:
    """The metadata content of a tag."""
    data = pb.MeanPixelPluginData(version=VERSION)
    if isinstance(tag, HistogramTag):
        data.histogram.CopyFrom(
            pb.Histogram(
                stream=_serialize_stream(tag.stream),
                side=tag.side.upper(),
                quantity=tag.quantity.upper(),
                low=tag.low,
                high=tag.high,
                bins=tag.bins,
            )
        )
    elif isinstance(tag, MeanImageTag):
        data.mean_image.CopyFrom(
            pb.MeanImage(
                stream=_serialize_stream(tag.stream),
                side=tag.side.upper(),
                height=tag.height,
                width=tag.width,
            )
        )
    elif isinstance(tag, ScoreTag):
        data.score.CopyFrom(
            pb.Score(stream=tag.stream, name=tag.recorded_name or tag.name, channel=tag.channel)
        )
    else:
        data.log.CopyFrom(pb.Log(name=tag.name))
    return data.SerializeToString()


def _serialize_stream(stream: StreamInfo) -> pb.Stream:
    return pb.Stream(
        name=stream.name,
        paired=stream.paired,
        low=stream.value_range.low,
        high=stream.value_range.high,
        range_source=stream.value_range.source.upper(),
        channels=stream.channels,
        height=stream.height,
        width=stream.width,
        reference_count=stream.reference_count,
        reference_hash=stream.reference_hash,
    )


@functools.lru_cache(maxsize=4096)  # a thousand runs say the same
def parse(content: bytes) -> Tag:
    """The tag that a metadata content describes.

    Raises:
        UnreadableMetadataError: if it is broken, of a newer version, or empty.
    """
    try:
        data = pb.MeanPixelPluginData.FromString(content)
    except DecodeError as error:
        raise UnreadableMetadataError(f"metadata is broken: {error}") from error
    if data.version > VERSION:
        raise UnreadableMetadataError(
            f"written in format version {data.version} by a newer tb-meanpixel; this one reads "
            f"up to {VERSION}. Type: pip install --upgrade tb-meanpixel"
        )
    try:
        match data.WhichOneof("content"):
            case "histogram":
                return _parse_histogram(data.histogram)
            case "mean_image":
                return _parse_mean_image(data.mean_image)
            case "score":
                return _parse_score(data.score)
            case "log":
                return LogTag(data.log.name)
    except ValueError as error:  # an enumeration's number without a name
        raise UnreadableMetadataError(f"metadata is broken: {error}") from error
    raise UnreadableMetadataError("metadata holds no histogram, mean image, score or log")


def _parse_histogram(histogram: pb.Histogram) -> HistogramTag:
    if not 1 <= histogram.bins <= MAX_BINS or not _is_range(histogram.low, histogram.high):
        raise ValueError("a histogram without bins, or with too many")
    return HistogramTag(
        stream=_parse_stream(histogram.stream),
        side=_parse_side(histogram.side),
        quantity=cast("Quantity", pb.Histogram.Quantity.Name(histogram.quantity).lower()),
        low=histogram.low,
        high=histogram.high,
        bins=histogram.bins,
    )


def _parse_mean_image(image: pb.MeanImage) -> MeanImageTag:
    if not (1 <= image.height <= MAX_SIDE and 1 <= image.width <= MAX_SIDE):
        raise ValueError("a mean image without pixels, or with too many")
    return MeanImageTag(
        _parse_stream(image.stream), _parse_side(image.side), image.height, image.width
    )


def _parse_score(score: pb.Score) -> ScoreTag:
    name = _RENAMED_SCORES.get(score.name)
    if name is None:
        return ScoreTag(score.stream, score.name, score.channel)
    return ScoreTag(score.stream, name, score.channel, recorded_name=score.name)


def _parse_side(side: pb.Histogram.Side) -> Side:
    return cast("Side", pb.Histogram.Side.Name(side).lower())


def _parse_stream(stream: pb.Stream) -> StreamInfo:
    source = cast("RangeSource", pb.Stream.RangeSource.Name(stream.range_source).lower())
    if not stream.channels or not _is_range(stream.low, stream.high):
        raise ValueError("a stream without channels or range")
    return StreamInfo(
        name=stream.name,
        paired=stream.paired,
        value_range=ValueRange(stream.low, stream.high, source),
        channels=tuple(stream.channels),
        height=stream.height,
        width=stream.width,
        reference_count=stream.reference_count,
        reference_hash=stream.reference_hash,
    )


def _is_range(low: float, high: float) -> bool:
    # JSON has no infinity: what cannot be sent is not read.
    return math.isfinite(low) and math.isfinite(high) and low < high
