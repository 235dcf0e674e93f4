"""What Hypothesis draws: values, image batches, value ranges, tags."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tb_meanpixel.schema.metadata import (
    MAX_BINS,
    MAX_SIDE,
    QUANTITIES,
    UNITS,
    HistogramTag,
    LogTag,
    MeanImageTag,
    QuantilesTag,
    ScoresTag,
    ScoreTag,
    StreamInfo,
    SumsTag,
)
from tb_meanpixel.statistics.value_range import ValueRange

FLOATS = (np.float16, np.float32, np.float64)
INTEGERS = (np.bool_, np.uint8, np.int8, np.uint16, np.int32, np.int64)

RANGES = [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0), (-0.3, 0.7), (10.0, 10.5)]

ranges = st.sampled_from(RANGES)
powers_of_two = st.sampled_from([1, 2, 4, 8, 16, 32, 64, 128, 256])
probabilities = st.lists(st.integers(0, 64).map(lambda k: k / 64), min_size=1, max_size=8)

_SPECIAL = [np.nan, np.inf, -np.inf, -0.0, 0.0, 1.0, -1.0, 255.0, -0.3, 0.7, 10.5]


def elements(dtype):
    """Numbers of one type: any at all, and often those that lie on an edge."""
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        return hnp.from_dtype(dtype)
    usual = st.floats(-300, 300, width=dtype.itemsize * 8, allow_subnormal=False)
    special = st.sampled_from(_SPECIAL).map(dtype.type)
    return st.one_of(usual, special, hnp.from_dtype(dtype))


def finite_elements(dtype):
    """Finite numbers of a size that images have: their squares are neither 0 nor infinite."""
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        return hnp.from_dtype(dtype)
    floats = st.floats(-300, 300, width=dtype.itemsize * 8, allow_subnormal=False)
    return floats.map(lambda number: number if abs(number) > 1e-3 else 0.0)


@st.composite
def values(draw, dtypes=(*FLOATS, *INTEGERS), min_size=0, max_size=60, of=elements):
    """A flat array `(n,)`."""
    dtype = draw(st.sampled_from(dtypes))
    return draw(hnp.arrays(dtype, st.integers(min_size, max_size), elements=of(dtype)))


def finite_values(dtypes=(*FLOATS, np.uint8, np.int8), **sizes):
    return values(dtypes, of=finite_elements, **sizes)


@st.composite
def image_batches(draw, dtypes=(np.float32, np.float64, np.uint8), of=elements, **fixed):
    """An image batch `(batch, height, width, channels)`; `batch=3`, say, fixes a length."""
    limits = {"batch": 6, "height": 4, "width": 4, "channels": 3}
    shape = [
        fixed[axis] if axis in fixed else draw(st.integers(1, limit))
        for axis, limit in limits.items()
    ]
    dtype = draw(st.sampled_from(dtypes))
    return draw(hnp.arrays(dtype, tuple(shape), elements=of(dtype)))


def finite_image_batches(**fixed):
    return image_batches(of=finite_elements, **fixed)


@st.composite
def image_pairs(draw):
    """Outputs and references of one shape; values 0..1."""
    shape = draw(hnp.array_shapes(min_dims=4, max_dims=4, max_side=4))
    units = st.integers(0, 255).map(lambda level: level / 255)
    batches = hnp.arrays(np.float64, shape, elements=units)
    return draw(batches), draw(batches)


# Protocol buffers hold any text but lone surrogates.
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_reals = st.floats(allow_nan=False, allow_infinity=False)
_int32 = st.integers(0, 2**31 - 1)


@st.composite
def value_ranges(draw):
    low, high = sorted(draw(st.lists(_reals, min_size=2, max_size=2, unique=True)))
    return ValueRange(low, high, draw(st.sampled_from(["declared", "dtype", "data"])))


streams = st.builds(
    StreamInfo,
    name=_texts,
    paired=st.booleans(),
    value_range=value_ranges(),
    channels=st.lists(_texts, min_size=1, max_size=5).map(tuple),
    height=_int32,
    width=_int32,
    reference_count=st.integers(0, 2**63 - 1),
    reference_hash=_texts,
    unit=st.sampled_from(UNITS),
    writer_version=_texts,
)

_names = st.lists(_texts, min_size=1, max_size=5, unique=True).map(tuple)


@st.composite
def histogram_tags(draw):
    low, high, _ = draw(value_ranges())
    return HistogramTag(
        stream=draw(streams),
        side=draw(st.sampled_from(["output", "reference"])),
        quantity=draw(st.sampled_from(QUANTITIES)),
        low=low,
        high=high,
        bins=draw(st.integers(1, MAX_BINS)),
    )


tags = st.one_of(
    histogram_tags(),
    st.builds(
        MeanImageTag,
        stream=streams,
        side=st.sampled_from(["output", "reference"]),
        height=st.integers(1, MAX_SIDE),
        width=st.integers(1, MAX_SIDE),
    ),
    st.builds(
        QuantilesTag,
        stream=streams,
        side=st.sampled_from(["output", "reference"]),
        quantity=st.sampled_from(QUANTITIES),
        probabilities=st.lists(st.floats(0, 1), min_size=1, max_size=5, unique=True).map(
            lambda found: tuple(sorted(found))
        ),
    ),
    st.builds(ScoresTag, stream=streams, names=_names, overall_names=_names),
    st.builds(SumsTag, stream=streams, names=_names),
    st.builds(ScoreTag, stream=_texts, name=_texts, channel=_texts),
    st.builds(LogTag, name=_texts),
)
