"""JSON with arrays behind it: the binary form of an answer, see docs/http_api.md."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tb_meanpixel.statistics.images import Array

# Typed arrays in the browser must begin at a multiple of their item size.
_ALIGNMENT = 8

_DTYPES = {
    "|u1": "uint8",
    "<u2": "uint16",
    "<u4": "uint32",
    "<i4": "int32",
    "<f4": "float32",
    "<f8": "float64",
}


class Container:
    """Collects arrays one after another, each at an aligned offset."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._shared: dict[tuple[str, bytes], dict[str, Any]] = {}
        # By identity; the array is kept, so that no other one gets its identity.
        self._places: dict[int, tuple[Array, dict[str, Any]]] = {}

    def add(self, array: Array) -> dict[str, Any]:
        """Append `array` and return where it lies, counted from the end of the header."""
        if array.dtype == np.uint64:  # JavaScript's numbers are float64
            array = array.astype("<f8")
        content = array.tobytes()
        place = {"dtype": _DTYPES[array.dtype.str], "shape": array.shape, "offset": self._size}
        content += b"\0" * (-len(content) % _ALIGNMENT)
        self._parts.append(content)
        self._size += len(content)
        return place

    def share(
        self, array: Array, convert: Callable[[Array], Array] = lambda array: array
    ) -> dict[str, Any]:
        """The same, as `convert` gives it, but equal arrays are stored once."""
        if id(array) not in self._places:  # the series of a stream have the very same steps
            converted = convert(array)
            key = (converted.dtype.str, converted.tobytes())
            if key not in self._shared:
                self._shared[key] = self.add(converted)
            self._places[id(array)] = array, self._shared[key]
        return self._places[id(array)][1]

    def encode(self, header: Mapping[str, Any]) -> bytes:
        """uint32 length of the header, the header as JSON, then the arrays it describes."""
        text = encode_json(header)
        text += b" " * (-(len(text) + 4) % _ALIGNMENT)
        return b"".join([struct.pack("<I", len(text)), text, *self._parts])


def encode_json(content: Mapping[str, Any]) -> bytes:
    """Compact JSON; NaN and infinities are refused, JSON has none."""
    return json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
