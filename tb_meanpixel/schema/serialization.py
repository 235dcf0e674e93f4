"""Tags as the bytes in their metadata, and back; what is broken is refused with a sentence."""

from __future__ import annotations

import functools
import itertools
import math
import sys
from collections.abc import Callable, Sequence
from typing import Any, cast

from google.protobuf.message import DecodeError

from tb_meanpixel.schema import plugin_data_pb2 as pb
from tb_meanpixel.schema.metadata import (
    MAX_BINS,
    MAX_CELLS,
    MAX_NAMES,
    MAX_SCORES,
    MAX_SIDE,
    VERSION,
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
    Unit,
)
from tb_meanpixel.statistics.value_range import RangeSource, ValueRange

# Names of scores in files of the first version, which are still read.
_RENAMED_SCORES = {
    "pixel_ratio": "pixel_spread_ratio",
    "between_ratio": "brightness_spread_ratio",
    "within_ratio": "contrast_ratio",
}


class UnreadableMetadataError(ValueError):
    """The metadata of a tag is broken, or from a newer version of this package."""


def serialize(tag: Tag) -> bytes:
    """The metadata content of a tag."""
    data = pb.MeanPixelPluginData(version=VERSION)
    match tag:
        case HistogramTag():
            message = pb.Histogram(low=tag.low, high=tag.high, bins=tag.bins)
            data.histogram.CopyFrom(_with_side(message, tag))
        case QuantilesTag():
            quantiles = pb.Quantiles(probabilities=tag.probabilities)
            data.quantiles.CopyFrom(_with_side(quantiles, tag))
        case MeanImageTag():
            image = pb.MeanImage(side=tag.side.upper(), height=tag.height, width=tag.width)
            image.stream.CopyFrom(_serialize_stream(tag.stream))
            data.mean_image.CopyFrom(image)
        case ScoresTag():
            data.scores.stream.CopyFrom(_serialize_stream(tag.stream))
            data.scores.names.extend(tag.names)
            data.scores.overall_names.extend(tag.overall_names)
        case SumsTag():
            data.sums.stream.CopyFrom(_serialize_stream(tag.stream))
            data.sums.names.extend(tag.names)
        case SamplesTag():
            samples = pb.Samples(part=tag.part.upper())
            samples.stream.CopyFrom(_serialize_stream(tag.stream))
            data.samples.CopyFrom(samples)
        case ScoreTag():
            name = tag.recorded_name or tag.name
            data.score.CopyFrom(pb.Score(stream=tag.stream, name=name, channel=tag.channel))
        case LogTag():
            data.log.CopyFrom(pb.Log(name=tag.name))
    return data.SerializeToString()


def _with_side(message: Any, tag: HistogramTag | QuantilesTag) -> Any:
    message.stream.CopyFrom(_serialize_stream(tag.stream))
    message.side = pb.Histogram.Side.Value(tag.side.upper())
    message.quantity = pb.Histogram.Quantity.Value(tag.quantity.upper())
    return message


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
        unit=stream.unit.upper(),
        writer_version=stream.writer_version,
        samples=stream.samples,
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
    kind = data.WhichOneof("content")
    if kind is None:
        raise UnreadableMetadataError(
            "metadata holds nothing that this version of tb-meanpixel reads"
        )
    try:
        return _PARSERS[kind](getattr(data, kind))
    except ValueError as error:  # an enumeration's number without a name
        raise UnreadableMetadataError(f"metadata is broken: {error}") from error


def _parse_histogram(histogram: pb.Histogram) -> HistogramTag:
    cells = histogram.bins * len(histogram.stream.channels)
    fits = 1 <= histogram.bins <= MAX_BINS and cells <= MAX_CELLS
    if not fits or not _is_range(histogram.low, histogram.high):
        raise ValueError("a histogram without bins, or with too many")
    return HistogramTag(
        stream=_parse_stream(histogram.stream),
        side=_parse_side(histogram.side),
        quantity=_parse_quantity(histogram.quantity),
        low=histogram.low,
        high=histogram.high,
        bins=histogram.bins,
    )


def _parse_mean_image(image: pb.MeanImage) -> MeanImageTag:
    cells = image.height * image.width * len(image.stream.channels)
    fits = 1 <= image.height <= MAX_SIDE and 1 <= image.width <= MAX_SIDE and cells <= MAX_CELLS
    if not fits:
        raise ValueError("a mean image without pixels, or with too many")
    return MeanImageTag(
        _parse_stream(image.stream), _parse_side(image.side), image.height, image.width
    )


def _parse_quantiles(quantiles: pb.Quantiles) -> QuantilesTag:
    probabilities = tuple(quantiles.probabilities)
    rising = all(low < high for low, high in itertools.pairwise((-1.0, *probabilities, 2.0)))
    within = all(0 <= probability <= 1 for probability in probabilities)
    cells = len(probabilities) * len(quantiles.stream.channels)
    if not (1 <= len(probabilities) <= MAX_NAMES and cells <= MAX_CELLS and rising and within):
        raise ValueError("quantiles without probabilities that rise from 0 to 1")
    return QuantilesTag(
        _parse_stream(quantiles.stream),
        _parse_side(quantiles.side),
        _parse_quantity(quantiles.quantity),
        probabilities,
    )


def _parse_scores(scores: pb.Scores) -> ScoresTag:
    return ScoresTag(
        _parse_stream(scores.stream),
        _parse_names(scores.names, scores.stream),
        tuple(scores.overall_names),
    )


def _parse_sums(sums: pb.Sums) -> SumsTag:
    return SumsTag(_parse_stream(sums.stream), _parse_names(sums.names, sums.stream))


def _parse_samples(samples: pb.Samples) -> SamplesTag:
    part = cast("SamplesPart", pb.Samples.Part.Name(samples.part).lower())
    return SamplesTag(_parse_stream(samples.stream), part)


def _parse_log(log: pb.Log) -> LogTag:
    return LogTag(log.name)


def _parse_names(names: Sequence[str], stream: pb.Stream) -> tuple[str, ...]:
    there = [name for name in names if name]
    if not 1 <= len(names) <= MAX_NAMES or len(set(there)) < len(there):
        raise ValueError("a tensor without names, with too many, or with one of them twice")
    if len(names) * len(stream.channels) > MAX_SCORES:
        raise ValueError("a tensor of too many names and channels")
    return tuple(names)


def _parse_score(score: pb.Score) -> ScoreTag:
    name = _RENAMED_SCORES.get(score.name)
    if name is None:
        return ScoreTag(score.stream, score.name, score.channel)
    return ScoreTag(score.stream, name, score.channel, recorded_name=score.name)


def _parse_side(side: pb.Histogram.Side) -> Side:
    return cast("Side", pb.Histogram.Side.Name(side).lower())


def _parse_quantity(quantity: pb.Histogram.Quantity) -> Quantity:
    return cast("Quantity", pb.Histogram.Quantity.Name(quantity).lower())


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
        unit=cast("Unit", pb.Stream.Unit.Name(stream.unit).lower()),
        writer_version=stream.writer_version,
        samples=max(0, stream.samples),
    )


def _is_range(low: float, high: float) -> bool:
    # JSON has no infinity: what cannot be sent is not read.
    # A width that overflows, or that nothing can be divided by, counts nothing.
    width = high - low
    return math.isfinite(low) and math.isfinite(width) and width >= sys.float_info.min


_PARSERS: dict[str, Callable[[Any], Tag]] = {
    "histogram": _parse_histogram,
    "mean_image": _parse_mean_image,
    "quantiles": _parse_quantiles,
    "scores": _parse_scores,
    "sums": _parse_sums,
    "samples": _parse_samples,
    "score": _parse_score,
    "log": _parse_log,
}
