"""How histograms are read: many streams at once, in answers of a bounded size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tb_meanpixel.schema.metadata import PLUGIN_NAME, HistogramTag, QuantilesTag
from tb_meanpixel.schema.summary import EXTRA_COLUMNS
from tb_meanpixel.serving.reading.batches import (
    POINT_BYTES,
    batches,
    prefetched,
    steps_within_limit,
)
from tb_meanpixel.serving.reading.cache import Cache
from tb_meanpixel.serving.reading.histogram_series import (
    HISTOGRAM_TYPES,
    HistogramSeries,
    decode_histograms,
    undecodable,
)
from tb_meanpixel.serving.reading.provider import DTypes, Experiment
from tb_meanpixel.serving.reading.quantile_series import decode_quantiles
from tb_meanpixel.serving.reading.raw_series import RawSeries, SeriesKey
from tb_meanpixel.serving.reading.runs import Run, Stream
from tb_meanpixel.statistics.histogram import EXTRA_CELLS


@dataclass(frozen=True)
class StreamRead:
    """Histograms of a stream that are to be read."""

    run: Run
    stream: Stream
    tags: Sequence[HistogramTag]

    @property
    def nbytes(self) -> int:
        """How many bytes TensorBoard sends."""
        rows = len(self.stream.info.channels)
        step = sum(
            rows * (tag.bins + EXTRA_CELLS + EXTRA_COLUMNS) * 4 + POINT_BYTES for tag in self.tags
        )
        step += sum(
            rows * len(quantiles.probabilities) * 4 + POINT_BYTES
            for tag in self.tags
            if (quantiles := self.stream.quantiles_of(tag)) is not None
        )
        return self.stream.steps.loaded * step


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
        for batch, found in prefetched(self._read_batch, list(batches(reads))):
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
            missing: dict[SeriesKey, tuple[StreamRead, HistogramTag]] = {}
            for read in batch:
                for tag in read.tags:
                    key = (read.run.event_directory, tag.tag)
                    series = self._cache.get(self._cache_key(key), read.run.own_revision)
                    if series is None:
                        missing[key] = read, tag
                    else:
                        found[key] = series
            if not missing:
                return found
            quantiles = {key: read.stream.quantiles_of(tag) for key, (read, tag) in missing.items()}
            limit = min(steps_within_limit(read.stream.steps.loaded, read.nbytes) for read in batch)
            dtypes: dict[str, DTypes] = {tag: HISTOGRAM_TYPES for _, tag in missing}
            dtypes |= {tag.tag: ("<f4",) for tag in quantiles.values() if tag is not None}
            raw = self._experiment.tensors(
                PLUGIN_NAME, {directory for directory, _ in missing}, dtypes, limit
            )
            for key, (read, tag) in missing.items():
                if key not in raw:
                    continue
                series = decode_histograms(tag, raw[key])
                if len(raw[key].steps) == limit:
                    note = f"{tag.tag} is too long: {limit} random steps of it were read"
                    series = replace(series, notes=(*series.notes, note))
                series = _with_quantiles(series, quantiles[key], raw, key)
                found[key] = series
                revision = read.run.own_revision
                self._cache.put(self._cache_key(key), revision, series, series.nbytes)
            return found

    def _cache_key(self, key: SeriesKey) -> tuple[str, ...]:
        return (self._experiment_id, "histograms", *key)


def _with_quantiles(
    series: HistogramSeries,
    tag: QuantilesTag | None,
    raw: Mapping[SeriesKey, RawSeries],
    key: SeriesKey,
) -> HistogramSeries:
    """The series with its recorded quantiles, if there are any."""
    if tag is None or (key[0], tag.tag) not in raw:
        return series
    quantiles, notes = decode_quantiles(tag, raw[key[0], tag.tag], series.steps)
    return replace(series, quantiles=quantiles, notes=(*series.notes, *notes))
