"""What was read before, as long as it is still what TensorBoard has."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeVar

# 100 runs of 1000 epochs and 64 bins take 20 MB, see tests/benchmarks/serving.py.
MOST_BYTES = 256 << 20

_Made = TypeVar("_Made")


class _Entry(NamedTuple):
    revision: str
    value: Any
    size: int


class Cache:
    """Keeps values by key, each of one revision; the longest unused go when it is full.

    A value of another revision than the one asked for is never given: whoever
    asks takes the revision from TensorBoard's listing first, and reads after.

    Attributes:
        reading: held while data is read that many requests may be waiting for: one
            of them reads, the others find it here.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.reading = threading.RLock()
        self._most_bytes = most_bytes
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._making: dict[Hashable, Future[Any]] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes of all values kept."""
        return self._bytes

    def share(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """What `make` gives: who asks while it is being made for another waits for the same."""
        with self._lock:
            future = self._making.get(key)
            first = future is None
            if future is None:
                future = self._making[key] = Future()
        if first:
            try:
                future.set_result(make())
            except BaseException as error:
                future.set_exception(error)
                raise
            finally:
                with self._lock:
                    del self._making[key]
        made: _Made = future.result()
        return made

    def get(self, key: Hashable, revision: str) -> Any:
        """The value, or None if it is not there in this revision."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry.revision != revision:
                return None
            self._entries.move_to_end(key)
            return entry.value

    def put(self, key: Hashable, revision: str, value: Any, size: int) -> None:
        """Keep a value of `size` bytes in the place of the key's earlier one."""
        with self._lock:
            earlier = self._entries.pop(key, None)
            self._bytes -= earlier.size if earlier else 0
            self._entries[key] = _Entry(revision, value, size)
            self._bytes += size
            while self._bytes > self._most_bytes and len(self._entries) > 1:
                _, dropped = self._entries.popitem(last=False)
                self._bytes -= dropped.size
