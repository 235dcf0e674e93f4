"""How scores are read: as tables, one a stream, or as scalars from files of the first version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tb_meanpixel.findings.curves import ScalarKey
from tb_meanpixel.schema.metadata import PLUGIN_NAME, ScoresTag, ScoreTag
from tb_meanpixel.serving.reading.batches import (
    POINT_BYTES,
    batches,
    prefetched,
    steps_within_limit,
)
from tb_meanpixel.serving.reading.cache import Cache
from tb_meanpixel.serving.reading.provider import Experiment
from tb_meanpixel.serving.reading.raw_series import RawSeries, SeriesKey
from tb_meanpixel.serving.reading.runs import Run, Stream
from tb_meanpixel.serving.reading.scalar_series import ScalarSeries
from tb_meanpixel.serving.reading.score_table import ScoreTable, decode_scores


@dataclass(frozen=True)
class TableRead:
    """The scores of a stream that are to be read."""

    run: Run
    stream: Stream
    tag: ScoresTag

    @property
    def key(self) -> SeriesKey:
        return self.run.event_directory, self.tag.tag

    @property
    def nbytes(self) -> int:
        """How many bytes TensorBoard sends."""
        rows = len(self.tag.stream.channels)
        return self.stream.steps.loaded * (len(self.tag.names) * rows * 4 + POINT_BYTES)


class ScoreReader:
    """Reads the tables of scores of one experiment; those read before are in the cache."""

    def __init__(self, experiment: Experiment, cache: Cache, experiment_id: str) -> None:
        self._experiment = experiment
        self._cache = cache
        self._experiment_id = experiment_id

    def tables(self, streams: Sequence[tuple[Run, Stream]]) -> dict[SeriesKey, ScoreTable]:
        """The tables of some streams, by event directory and tag; old files have none."""
        reads = [
            TableRead(run, stream, stream.table)
            for run, stream in dict.fromkeys(streams)
            if stream.table is not None
        ]
        found: dict[SeriesKey, ScoreTable] = {}
        for _, tables in prefetched(self._read_batch, list(batches(reads))):
            found |= tables
        return found

    def _read_batch(self, batch: Sequence[TableRead]) -> dict[SeriesKey, ScoreTable]:
        subject = tuple((*read.key, read.run.own_revision) for read in batch)
        key = (self._experiment_id, "scores", subject)
        return self._cache.share(key, lambda: self._found(batch))

    def _found(self, batch: Sequence[TableRead]) -> dict[SeriesKey, ScoreTable]:
        """The tables of a batch, those of them that are not in the cache with one read."""
        kept = {
            read: self._cache.get(self._cache_key(read), read.run.own_revision) for read in batch
        }
        found = {read.key: table for read, table in kept.items() if table is not None}
        missing = [read for read, table in kept.items() if table is None]
        raw = self._experiment.tensors(
            PLUGIN_NAME,
            {read.run.event_directory for read in missing},
            {read.tag.tag: ("<f4",) for read in missing},
            min(steps_within_limit(read.stream.steps.loaded, read.nbytes) for read in batch),
            with_shapes=True,
        )
        for read in missing:
            if read.key in raw:
                table = decode_scores(read.tag, raw[read.key])
                found[read.key] = table
                revision = read.run.own_revision
                self._cache.put(self._cache_key(read), revision, table, table.nbytes)
        return found

    def _cache_key(self, read: TableRead) -> tuple[str, ...]:
        return (self._experiment_id, "scores", *read.key)


def joined_scores(
    run: Run,
    stream: Stream,
    tags: Sequence[ScoreTag],
    tables: Mapping[SeriesKey, ScoreTable],
    scalars: Mapping[ScalarKey, RawSeries],
) -> list[tuple[ScoreTag, ScalarSeries]]:
    """The series of some scores of a stream, up to its last complete step.

    A score has parts where a run of one version was resumed by another.
    """
    key = (run.event_directory, "" if stream.table is None else stream.table.tag)
    table = tables.get(key)
    last = stream.steps.last
    answer = []
    for tag in tags:
        parts = [
            ScalarSeries(found.steps, found.wall_times, found.values)
            for one in stream.recorded_as(tag)
            if (found := scalars.get(run.scalar_key(one))) is not None
        ]
        if table is not None and (series := table.series(tag)) is not None:
            parts.append(series)
        if parts:
            answer.append((tag, ScalarSeries.joined(parts).until(last)))
    return answer
