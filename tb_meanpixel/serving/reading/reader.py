"""From TensorBoard's data provider to runs and their series; knows no HTTP.

All data comes through `context.data_provider`: only that works with the data server and with
the Python loader alike.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from tb_meanpixel.findings.curves import Curve
from tb_meanpixel.schema.metadata import Quantity, ScoreTag, Side
from tb_meanpixel.serving.reading.cache import Cache
from tb_meanpixel.serving.reading.catalog import read_catalog
from tb_meanpixel.serving.reading.histogram_reads import HistogramReader, StreamRead
from tb_meanpixel.serving.reading.histogram_series import HistogramSeries
from tb_meanpixel.serving.reading.mean_image_reads import MeanImageReader
from tb_meanpixel.serving.reading.mean_image_series import MeanImageSeries
from tb_meanpixel.serving.reading.provider import Experiment
from tb_meanpixel.serving.reading.raw_series import RawSeries, SeriesKey
from tb_meanpixel.serving.reading.runs import Catalog, Run, Stream
from tb_meanpixel.serving.reading.sample_series import SampleSeries, read_samples
from tb_meanpixel.serving.reading.scalar_reads import read_scalars
from tb_meanpixel.serving.reading.scalar_series import RunScalars, ScalarSeries
from tb_meanpixel.serving.reading.score_reads import ScoreReader, joined_scores
from tb_meanpixel.serving.reading.score_table import ScoreTable

if TYPE_CHECKING:
    from tensorboard.context import RequestContext
    from tensorboard.data.provider import DataProvider

_SMALL_BYTES = 4096
_RECENT_SECONDS = 60.0


class ScalarRead(NamedTuple):
    """Scores and curves of a run that are to be read."""

    run: Run
    scores: Sequence[ScoreTag]
    curves: Sequence[Curve]


class Reader:
    """Reads one experiment on behalf of one request; the cache keeps what was read before.

    Attributes:
        logdir: the log directory, if there is one only; empty if it is not known.
    """

    def __init__(
        self,
        provider: DataProvider,
        context: RequestContext,
        experiment_id: str,
        cache: Cache | None = None,
        logdir: str = "",
    ) -> None:
        self._experiment = Experiment(provider, context, experiment_id)
        self._experiment_id = experiment_id
        self.logdir = logdir
        self._cache = Cache() if cache is None else cache
        self._scores = ScoreReader(self._experiment, self._cache, experiment_id)
        self._histograms = HistogramReader(self._experiment, self._cache, experiment_id)
        self._images = MeanImageReader(self._experiment, self._cache, experiment_id)

    def runs(self) -> list[Run]:
        """Every run that has records, by name."""
        return list(self.catalog().runs)

    def catalog(self) -> Catalog:
        """Every run that has records, every event directory, and notes on unreadable ones."""
        return self._cache.share(self._key("catalog"), self._read_catalog)

    def recent_catalog(self) -> Catalog:
        """A catalog that was read within the last minute, if there is one."""
        entry = self._cache.get(self._key("catalog"), "")
        if entry is not None and time.monotonic() - entry[0] < _RECENT_SECONDS:
            catalog: Catalog = entry[1]
            return catalog
        return self.catalog()

    def _read_catalog(self) -> Catalog:
        now = time.monotonic()
        catalog = read_catalog(self._experiment, self._cache, self._experiment_id)
        self._cache.put(self._key("catalog"), "", (now, catalog), _SMALL_BYTES)
        return catalog

    def run_scalars(self, reads: Sequence[ScalarRead]) -> list[RunScalars]:
        """Scores up to the last complete step, and curves, of each run."""
        streams = {
            (run, stream): [tag for tag in scores if tag.stream == stream.info.name]
            for run, scores, _ in reads
            for stream in run.streams
        }
        tables = self._scores.tables([key for key, tags in streams.items() if tags])
        scalars = read_scalars(
            self._experiment,
            [
                run.scalar_key(one)
                for (run, stream), tags in streams.items()
                for tag in tags
                for one in stream.recorded_as(tag)
            ]
            + [curve.key for read in reads for curve in read.curves],
        )
        answer = []
        for run, _, curves in reads:
            scores: list[tuple[ScoreTag, ScalarSeries]] = []
            notes: list[str] = []
            for stream in run.streams:
                scores += joined_scores(run, stream, streams[run, stream], tables, scalars)
                notes += _notes_of(run, stream, tables)
            answer.append(
                RunScalars(
                    run.name,
                    scores,
                    [
                        (curve, _series(scalars[curve.key]).without(run.leftovers.get(curve.key)))
                        for curve in curves
                        if curve.key in scalars
                    ],
                    tuple(notes),
                )
            )
        return answer

    def histograms(self, run: Run, stream: Stream, quantity: Quantity) -> list[HistogramSeries]:
        """The histograms of one quantity: outputs, then references."""
        [(_, _, series)] = self.stream_histograms([(run, stream)], quantity)
        return series

    def stream_histograms(
        self,
        streams: Iterable[tuple[Run, Stream]],
        quantity: Quantity,
        side: Side | None = None,
    ) -> Iterator[tuple[Run, Stream, list[HistogramSeries]]]:
        """The same of many streams; only one side, if it is given."""
        return self._histograms.read(
            StreamRead(
                run,
                stream,
                [
                    tag
                    for tag in stream.histograms
                    if tag.quantity == quantity and side in (None, tag.side)
                ],
            )
            for run, stream in streams
        )

    def mean_images(
        self, run: Run, stream: Stream, sides: Collection[Side] = ("output", "reference")
    ) -> dict[Side, MeanImageSeries]:
        """The mean images of some sides, of each that has any."""
        found = {}
        for tag in stream.mean_images:
            if tag.side in sides and (series := self._images.read(run, stream, tag)) is not None:
                found[tag.side] = series
        return found

    def samples(self, run: Run, stream: Stream) -> SampleSeries:
        """Which steps of a stream have samples; a sheet is read when it is asked for."""
        return read_samples(self._experiment, run, stream)

    def recall(self, what: str, run: Run) -> Any:
        """What was computed for a run before; None if anything of it has changed since."""
        return self._cache.get(self._key(what, run.name), run.revision)

    def keep(self, what: str, run: Run, value: object, nbytes: int = _SMALL_BYTES) -> None:
        """Keep what was computed for a run, about `nbytes` of it."""
        self._cache.put(self._key(what, run.name), run.revision, value, nbytes)

    def _key(self, *names: str) -> tuple[str, ...]:
        return (self._experiment_id, *names)


def _series(raw: RawSeries) -> ScalarSeries:
    return ScalarSeries(raw.steps, raw.wall_times, raw.values)


def _notes_of(run: Run, stream: Stream, tables: Mapping[SeriesKey, ScoreTable]) -> tuple[str, ...]:
    tag = stream.table
    table = None if tag is None else tables.get((run.event_directory, tag.tag))
    return () if table is None else table.notes
