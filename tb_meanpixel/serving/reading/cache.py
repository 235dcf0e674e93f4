"""Keeps what was read, for as long as TensorBoard has nothing newer."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeVar

# 100 runs of 1000 epochs and 64 bins take 20 MB, see tests/benchmarks/serving.py.
MAX_BYTES = 256 << 20

_Made = TypeVar("_Made")


class _Entry(NamedTuple):
    revision: str
    value: Any
    size: int


class Cache:
    """Keeps values by key, each of one revision; the least recently used go when it is full.

    `get` gives no value of another revision. Callers take the revision from TensorBoard's
    listing first, and read the data afterwards.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._making: dict[Hashable, Future[Any]] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes of all values kept."""
        return self._bytes

    def share(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """The result of `make`; callers at the same time share one call of it."""
        with self._lock:
            future = self._making.get(key)
            is_first = future is None
            if future is None:
                future = self._making[key] = Future()
        if is_first:
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
        """The value; None if the cache does not have it in this revision."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry.revision != revision:
                return None
            self._entries.move_to_end(key)
            return entry.value

    def put(self, key: Hashable, revision: str, value: Any, size: int) -> None:
        """Keep a value of `size` bytes; it replaces the value that the key had."""
        with self._lock:
            earlier = self._entries.pop(key, None)
            self._bytes -= earlier.size if earlier else 0
            self._entries[key] = _Entry(revision, value, size)
            self._bytes += size
            while self._bytes > self._max_bytes and len(self._entries) > 1:
                _, dropped = self._entries.popitem(last=False)
                self._bytes -= dropped.size
