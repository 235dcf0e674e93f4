from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MeanPixelPluginData(_message.Message):
    __slots__ = ("version", "histogram", "score", "log", "mean_image", "scores", "quantiles", "sums", "samples")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    HISTOGRAM_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    LOG_FIELD_NUMBER: _ClassVar[int]
    MEAN_IMAGE_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    QUANTILES_FIELD_NUMBER: _ClassVar[int]
    SUMS_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    version: int
    histogram: Histogram
    score: Score
    log: Log
    mean_image: MeanImage
    scores: Scores
    quantiles: Quantiles
    sums: Sums
    samples: Samples
    def __init__(self, version: _Optional[int] = ..., histogram: _Optional[_Union[Histogram, _Mapping]] = ..., score: _Optional[_Union[Score, _Mapping]] = ..., log: _Optional[_Union[Log, _Mapping]] = ..., mean_image: _Optional[_Union[MeanImage, _Mapping]] = ..., scores: _Optional[_Union[Scores, _Mapping]] = ..., quantiles: _Optional[_Union[Quantiles, _Mapping]] = ..., sums: _Optional[_Union[Sums, _Mapping]] = ..., samples: _Optional[_Union[Samples, _Mapping]] = ...) -> None: ...

class Stream(_message.Message):
    __slots__ = ("name", "paired", "low", "high", "range_source", "channels", "height", "width", "reference_count", "reference_hash", "unit", "writer_version", "samples")
    class RangeSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        DECLARED: _ClassVar[Stream.RangeSource]
        DTYPE: _ClassVar[Stream.RangeSource]
        DATA: _ClassVar[Stream.RangeSource]
    DECLARED: Stream.RangeSource
    DTYPE: Stream.RangeSource
    DATA: Stream.RangeSource
    class Unit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        EPOCH: _ClassVar[Stream.Unit]
        STEP: _ClassVar[Stream.Unit]
        IMAGE: _ClassVar[Stream.Unit]
    EPOCH: Stream.Unit
    STEP: Stream.Unit
    IMAGE: Stream.Unit
    NAME_FIELD_NUMBER: _ClassVar[int]
    PAIRED_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    RANGE_SOURCE_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_COUNT_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_HASH_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    WRITER_VERSION_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    name: str
    paired: bool
    low: float
    high: float
    range_source: Stream.RangeSource
    channels: _containers.RepeatedScalarFieldContainer[str]
    height: int
    width: int
    reference_count: int
    reference_hash: str
    unit: Stream.Unit
    writer_version: str
    samples: int
    def __init__(self, name: _Optional[str] = ..., paired: bool = ..., low: _Optional[float] = ..., high: _Optional[float] = ..., range_source: _Optional[_Union[Stream.RangeSource, str]] = ..., channels: _Optional[_Iterable[str]] = ..., height: _Optional[int] = ..., width: _Optional[int] = ..., reference_count: _Optional[int] = ..., reference_hash: _Optional[str] = ..., unit: _Optional[_Union[Stream.Unit, str]] = ..., writer_version: _Optional[str] = ..., samples: _Optional[int] = ...) -> None: ...

class Histogram(_message.Message):
    __slots__ = ("stream", "side", "quantity", "low", "high", "bins")
    class Side(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        OUTPUT: _ClassVar[Histogram.Side]
        REFERENCE: _ClassVar[Histogram.Side]
    OUTPUT: Histogram.Side
    REFERENCE: Histogram.Side
    class Quantity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        MEAN_PIXELS: _ClassVar[Histogram.Quantity]
        CONTRASTS: _ClassVar[Histogram.Quantity]
        PIXELS: _ClassVar[Histogram.Quantity]
    MEAN_PIXELS: Histogram.Quantity
    CONTRASTS: Histogram.Quantity
    PIXELS: Histogram.Quantity
    STREAM_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    BINS_FIELD_NUMBER: _ClassVar[int]
    stream: Stream
    side: Histogram.Side
    quantity: Histogram.Quantity
    low: float
    high: float
    bins: int
    def __init__(self, stream: _Optional[_Union[Stream, _Mapping]] = ..., side: _Optional[_Union[Histogram.Side, str]] = ..., quantity: _Optional[_Union[Histogram.Quantity, str]] = ..., low: _Optional[float] = ..., high: _Optional[float] = ..., bins: _Optional[int] = ...) -> None: ...

class MeanImage(_message.Message):
    __slots__ = ("stream", "side", "height", "width")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    stream: Stream
    side: Histogram.Side
    height: int
    width: int
    def __init__(self, stream: _Optional[_Union[Stream, _Mapping]] = ..., side: _Optional[_Union[Histogram.Side, str]] = ..., height: _Optional[int] = ..., width: _Optional[int] = ...) -> None: ...

class Scores(_message.Message):
    __slots__ = ("stream", "names", "overall_names")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    OVERALL_NAMES_FIELD_NUMBER: _ClassVar[int]
    stream: Stream
    names: _containers.RepeatedScalarFieldContainer[str]
    overall_names: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, stream: _Optional[_Union[Stream, _Mapping]] = ..., names: _Optional[_Iterable[str]] = ..., overall_names: _Optional[_Iterable[str]] = ...) -> None: ...

class Quantiles(_message.Message):
    __slots__ = ("stream", "side", "quantity", "probabilities")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PROBABILITIES_FIELD_NUMBER: _ClassVar[int]
    stream: Stream
    side: Histogram.Side
    quantity: Histogram.Quantity
    probabilities: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, stream: _Optional[_Union[Stream, _Mapping]] = ..., side: _Optional[_Union[Histogram.Side, str]] = ..., quantity: _Optional[_Union[Histogram.Quantity, str]] = ..., probabilities: _Optional[_Iterable[float]] = ...) -> None: ...

class Sums(_message.Message):
    __slots__ = ("stream", "names")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    stream: Stream
    names: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, stream: _Optional[_Union[Stream, _Mapping]] = ..., names: _Optional[_Iterable[str]] = ...) -> None: ...

class Samples(_message.Message):
    __slots__ = ("stream", "part")
    class Part(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STEP: _ClassVar[Samples.Part]
        REFERENCE: _ClassVar[Samples.Part]
    STEP: Samples.Part
    REFERENCE: Samples.Part
    STREAM_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    stream: Stream
    part: Samples.Part
    def __init__(self, stream: _Optional[_Union[Stream, _Mapping]] = ..., part: _Optional[_Union[Samples.Part, str]] = ...) -> None: ...

class Score(_message.Message):
    __slots__ = ("stream", "name", "channel")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    stream: str
    name: str
    channel: str
    def __init__(self, stream: _Optional[str] = ..., name: _Optional[str] = ..., channel: _Optional[str] = ...) -> None: ...

class Log(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...
