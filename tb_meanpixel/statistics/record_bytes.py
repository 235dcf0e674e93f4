"""Records as bytes: the arrays of a record in NumPy's own format, by their names.

Nothing in them is code: bytes that somebody else sent can be read.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from tb_meanpixel.statistics.details import ImageDetails
from tb_meanpixel.statistics.histogram import Histogram
from tb_meanpixel.statistics.image_statistics import ImageStatistics, LimitSums
from tb_meanpixel.statistics.image_values import ImageValues
from tb_meanpixel.statistics.pairs import PairSums, PixelProducts
from tb_meanpixel.statistics.spatial import SpatialSums
from tb_meanpixel.statistics.structure import StructureSums

_VERSION = 1

# The classes of what is no array, by their owner and name.
_CLASSES: dict[tuple[str, str], type] = {
    ("Record", "output"): ImageStatistics,
    ("Record", "reference"): ImageStatistics,
    ("Record", "pairs"): PairSums,
    ("PairSums", "pixels"): PixelProducts,
    ("ImageStatistics", "mean_pixels"): Histogram,
    ("ImageStatistics", "contrasts"): Histogram,
    ("ImageStatistics", "pixels"): Histogram,
    ("ImageStatistics", "spatial"): SpatialSums,
    ("ImageStatistics", "values"): ImageValues,
    ("ImageStatistics", "limits"): LimitSums,
    ("ImageStatistics", "structure"): StructureSums,
    ("ImageStatistics", "details"): ImageDetails,
}


def to_bytes(record: Any) -> bytes:
    """The bytes of a record."""
    arrays = {"version": np.array(_VERSION), **_arrays(record, "")}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def from_bytes(record_class: type, data: bytes) -> Any:
    """The record whose bytes these are.

    Raises:
        TypeError, ValueError: if they are none.
    """
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"data must be the bytes of a record; got {type(data).__name__}")
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            by_name = {name: arrays[name] for name in arrays.files}
        version = int(by_name.pop("version"))
        record = _object(record_class, by_name, "") if version == _VERSION else None
    except (ValueError, TypeError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            "data must be what to_bytes of a record returned; these bytes are none, or part of "
            f"them is missing ({type(error).__name__})"
        ) from None
    if record is None:
        raise ValueError(
            f"data is a record of version {version}; this tb-meanpixel reads version {_VERSION}. "
            "Install the same version of tb-meanpixel on both sides"
        )
    return record


def _arrays(value: Any, path: str) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for field in fields(value):
        part, name = getattr(value, field.name), path + field.name
        if is_dataclass(part):
            found |= _arrays(part, f"{name}/")
        elif part is not None:
            found[name] = np.asarray(part)
    return found


def _object(kind: type, by_name: dict[str, np.ndarray], path: str) -> Any:
    values: dict[str, Any] = {}
    for field in fields(kind):
        name = path + field.name
        part = _CLASSES.get((kind.__name__, field.name))
        if part is not None:
            is_there = any(other.startswith(f"{name}/") for other in by_name)
            values[field.name] = _object(part, by_name, f"{name}/") if is_there else None
        elif name in by_name:
            array = by_name[name]
            values[field.name] = array if array.ndim else array.item()
    return kind(**values)
