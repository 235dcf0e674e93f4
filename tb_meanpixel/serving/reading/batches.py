"""Reads in batches: answers of a bounded size, the next one made while one is decoded."""

from __future__ import annotations

import contextvars
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from tb_meanpixel.serving.reading.provider import ALL_STEPS

# Tensors in one answer.
_BATCH_BYTES = 16 << 20
_MAX_BYTES = 200 << 20  # the data server refuses answers of 256 MB
# While one answer is decoded, the data server makes the next one.
_AHEAD = 2
#: What a point costs in an answer beside its values.
POINT_BYTES = 64


class Read(Protocol):
    """Something that is read from TensorBoard, as so many bytes."""

    @property
    def nbytes(self) -> int: ...


_Read = TypeVar("_Read", bound=Read)
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def steps_within_limit(loaded: int, nbytes: int) -> int:
    """How many of `loaded` steps of `nbytes` in all fit into an answer of the data server."""
    return ALL_STEPS if nbytes <= _MAX_BYTES else max(1, loaded * _MAX_BYTES // nbytes)


def batches(reads: Iterable[_Read]) -> Iterator[list[_Read]]:
    """Reads in groups of at most `_BATCH_BYTES`, at least one each."""
    batch: list[_Read] = []
    total = 0
    for read in reads:
        if batch and total + read.nbytes > _BATCH_BYTES:
            yield batch
            batch, total = [], 0
        batch.append(read)
        total += read.nbytes
    if batch:
        yield batch


def prefetched(
    function: Callable[[_Item], _Result], items: Sequence[_Item]
) -> Iterator[tuple[_Item, _Result]]:
    """Each item with the result of `function`, which works on the next items meanwhile."""
    if len(items) < 2:
        yield from ((item, function(item)) for item in items)
        return
    with ThreadPoolExecutor(_AHEAD) as pool:
        # In the caller's context: NumPy's warnings are off there.
        contexts = (contextvars.copy_context() for _ in items)
        futures = deque(pool.submit(next(contexts).run, function, item) for item in items[:_AHEAD])
        for place, item in enumerate(items, start=_AHEAD):
            result = futures.popleft().result()
            if place < len(items):
                futures.append(pool.submit(next(contexts).run, function, items[place]))
            yield item, result
