from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Histogram(_message.Message):
    __slots__ = ["bins", "high", "low", "quantity", "side", "stream"]
    class Quantity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = []
    class Side(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = []
    BINS_FIELD_NUMBER: _ClassVar[int]
    CONTRASTS: Histogram.Quantity
    HIGH_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    MEAN_PIXELS: Histogram.Quantity
    OUTPUT: Histogram.Side
    PIXELS: Histogram.Quantity
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    REFERENCE: Histogram.Side
    SIDE_FIELD_NUMBER: _ClassVar[int]
    STREAM_FIELD_NUMBER: _ClassVar[int]
    bins: int
    high: float
    low: float
    quantity: Histogram.Quantity
    side: Histogram.Side
    stream: Stream
    def __init__(self, stream: _Optional[_Union[Stream, _Mapping]] = ..., side: _Optional[_Union[Histogram.Side, str]] = ..., quantity: _Optional[_Union[Histogram.Quantity, str]] = ..., low: _Optional[float] = ..., high: _Optional[float] = ..., bins: _Optional[int] = ...) -> None: ...

class Log(_message.Message):
    __slots__ = ["name"]
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class MeanPixelPluginData(_message.Message):
    __slots__ = ["histogram", "log", "score", "version"]
    HISTOGRAM_FIELD_NUMBER: _ClassVar[int]
    LOG_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    histogram: Histogram
    log: Log
    score: Score
    version: int
    def __init__(self, version: _Optional[int] = ..., histogram: _Optional[_Union[Histogram, _Mapping]] = ..., score: _Optional[_Union[Score, _Mapping]] = ..., log: _Optional[_Union[Log, _Mapping]] = ...) -> None: ...

class Score(_message.Message):
    __slots__ = ["channel", "statistic", "stream"]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    STATISTIC_FIELD_NUMBER: _ClassVar[int]
    STREAM_FIELD_NUMBER: _ClassVar[int]
    channel: str
    statistic: str
    stream: str
    def __init__(self, stream: _Optional[str] = ..., statistic: _Optional[str] = ..., channel: _Optional[str] = ...) -> None: ...

class Stream(_message.Message):
    __slots__ = ["channels", "height", "high", "low", "name", "paired", "range_source", "reference_count", "reference_hash", "width"]
    class RangeSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = []
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    DATA: Stream.RangeSource
    DECLARED: Stream.RangeSource
    DTYPE: Stream.RangeSource
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PAIRED_FIELD_NUMBER: _ClassVar[int]
    RANGE_SOURCE_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_COUNT_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_HASH_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    channels: _containers.RepeatedScalarFieldContainer[str]
    height: int
    high: float
    low: float
    name: str
    paired: bool
    range_source: Stream.RangeSource
    reference_count: int
    reference_hash: str
    width: int
    def __init__(self, name: _Optional[str] = ..., paired: bool = ..., low: _Optional[float] = ..., high: _Optional[float] = ..., range_source: _Optional[_Union[Stream.RangeSource, str]] = ..., channels: _Optional[_Iterable[str]] = ..., height: _Optional[int] = ..., width: _Optional[int] = ..., reference_count: _Optional[int] = ..., reference_hash: _Optional[str] = ...) -> None: ...
