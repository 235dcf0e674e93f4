"""How histograms are read: many streams at once, in answers of a bounded size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from tb_meanpixel.schema.metadata import PLUGIN_NAME, HistogramTag
from tb_meanpixel.schema.summary import EXTRA_COLUMNS
from tb_meanpixel.serving.reading.cache import Cache
from tb_meanpixel.serving.reading.histogram_series import (
    HistogramSeries,
    decode_histograms,
    undecodable,
)
from tb_meanpixel.serving.reading.provider import ALL_STEPS, Experiment
from tb_meanpixel.serving.reading.raw_series import SeriesKey
from tb_meanpixel.serving.reading.runs import Run, Stream
from tb_meanpixel.statistics.histogram import EXTRA_CELLS

# Tensors in one answer. While one answer is decoded the data server makes the next.
_BATCH_BYTES = 16 << 20
_MAX_BYTES = 200 << 20  # the data server refuses answers of 256 MB

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class StreamRead:
    """Histograms of a stream that are to be read."""

    run: Run
    stream: Stream
    tags: Sequence[HistogramTag]

    @property
    def nbytes(self) -> int:
        """How many bytes TensorBoard sends."""
        channels = len(self.stream.info.channels)
        step = sum(
            channels * (tag.bins + EXTRA_CELLS + EXTRA_COLUMNS) * 8 + 64 for tag in self.tags
        )
        return self.stream.steps.loaded * step

    @property
    def limit(self) -> int:
        """How many steps fit into an answer of the data server."""
        if self.nbytes <= _MAX_BYTES:
            return ALL_STEPS
        return max(1, self.stream.steps.loaded * _MAX_BYTES // self.nbytes)


class HistogramReader:
    """Reads histograms of one experiment; those that were read before are in the cache."""

    def __init__(self, experiment: Experiment, cache: Cache, experiment_id: str) -> None:
        self._experiment = experiment
        self._cache = cache
        self._experiment_id = experiment_id

    def read(
        self, reads: Iterable[StreamRead]
    ) -> Iterator[tuple[Run, Stream, list[HistogramSeries]]]:
        """The series of each stream, in the order of its tags."""
        for batch, found in _prefetched(self._read_batch, list(_batches(reads))):
            for one in batch:
                series = [
                    found.get((one.run.event_directory, tag.tag)) or undecodable(tag)
                    for tag in one.tags
                ]
                # Steps that have arrived since the catalog was read belong to its next revision.
                last = one.stream.steps.last
                yield one.run, one.stream, [each.between(None, last) for each in series]

    def _read_batch(self, batch: Sequence[StreamRead]) -> dict[SeriesKey, HistogramSeries]:
        with self._cache.reading:
            found: dict[SeriesKey, HistogramSeries] = {}
            missing: dict[SeriesKey, tuple[Run, HistogramTag]] = {}
            for read in batch:
                for tag in read.tags:
                    key = (read.run.event_directory, tag.tag)
                    series = self._cache.get(self._cache_key(key), read.run.own_revision)
                    if series is None:
                        missing[key] = read.run, tag
                    else:
                        found[key] = series
            if not missing:
                return found
            limit = min(read.limit for read in batch)
            directories, tags = ({key[part] for key in missing} for part in (0, 1))
            raw = self._experiment.tensors(PLUGIN_NAME, directories, tags, "<f8", limit)
            for key, (run, tag) in missing.items():
                if key not in raw:
                    continue
                series = decode_histograms(tag, raw[key])
                if len(raw[key].steps) >= limit:
                    note = f"{tag.tag} is too long: {limit} random steps of it were read"
                    series = replace(series, notes=(*series.notes, note))
                found[key] = series
                self._cache.put(self._cache_key(key), run.own_revision, series, series.nbytes)
            return found

    def _cache_key(self, key: SeriesKey) -> tuple[str, ...]:
        return (self._experiment_id, "histograms", *key)


def _batches(reads: Iterable[StreamRead]) -> Iterator[list[StreamRead]]:
    """Streams in groups of at most `_BATCH_BYTES`, at least one each."""
    batch: list[StreamRead] = []
    total = 0
    for read in reads:
        if batch and total + read.nbytes > _BATCH_BYTES:
            yield batch
            batch, total = [], 0
        batch.append(read)
        total += read.nbytes
    if batch:
        yield batch


def _prefetched(
    function: Callable[[_Item], _Result], items: Sequence[_Item]
) -> Iterator[tuple[_Item, _Result]]:
    """Each item with the result of `function`, which works on the next item meanwhile."""
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
