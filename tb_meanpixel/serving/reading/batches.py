"""What is read in one answer of TensorBoard's data server, and what in the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from tb_meanpixel.schema.metadata import HistogramTag
from tb_meanpixel.schema.summary import BEHIND
from tb_meanpixel.serving.reading.provider import ALL_STEPS
from tb_meanpixel.serving.reading.runs import Run, Stream
from tb_meanpixel.statistics.histogram import EXTRA_CELLS

# Tensors in one answer. The data server's must stay below 256 MB, and while one is decoded
# it makes the next.
_MOST_BYTES = 16 << 20
_GREATEST = 200 << 20

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Wanted(NamedTuple):
    """Histograms of a stream that are to be read."""

    run: Run
    stream: Stream
    tags: Sequence[HistogramTag]

    @property
    def nbytes(self) -> int:
        """What TensorBoard sends of them."""
        rows = len(self.stream.info.channels)
        each = sum(rows * (tag.bins + EXTRA_CELLS + BEHIND) * 8 + 64 for tag in self.tags)
        return self.stream.steps.loaded * each

    @property
    def limit(self) -> int:
        """How many epochs an answer of the data server holds."""
        if self.nbytes <= _GREATEST:
            return ALL_STEPS
        return max(1, self.stream.steps.loaded * _GREATEST // self.nbytes)


def in_batches(wanted: Sequence[Wanted]) -> Iterator[list[Wanted]]:
    """Runs in groups of which one read brings at most `_MOST_BYTES`, one at least."""
    batch: list[Wanted] = []
    total = 0
    for one in wanted:
        if batch and total + one.nbytes > _MOST_BYTES:
            yield batch
            batch, total = [], 0
        batch.append(one)
        total += one.nbytes
    if batch:
        yield batch


def ahead(
    function: Callable[[_Item], _Result], items: Sequence[_Item]
) -> Iterator[tuple[_Item, _Result]]:
    """Each item with what `function` makes of it, while it makes the next one."""
    if len(items) < 2:
        yield from ((item, function(item)) for item in items)
        return
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(function, items[0])
        for item, following in zip(items, [*items[1:], None], strict=True):
            result = future.result()
            if following is not None:
                future = pool.submit(function, following)
            yield item, result
