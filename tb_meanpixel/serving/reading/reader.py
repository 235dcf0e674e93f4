"""From TensorBoard's data provider to runs and their series; knows no HTTP.

All data comes through `context.data_provider`: only that works with the data server and with
the Python loader alike.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from tb_meanpixel.schema.metadata import PLUGIN_NAME, Quantity, ScoreTag, Side
from tb_meanpixel.serving.reading.cache import Cache
from tb_meanpixel.serving.reading.catalog import read_catalog
from tb_meanpixel.serving.reading.curves import Curve, ScalarKey
from tb_meanpixel.serving.reading.histogram_reads import HistogramReader, StreamRead
from tb_meanpixel.serving.reading.histogram_series import HistogramSeries
from tb_meanpixel.serving.reading.mean_image_series import MeanImageSeries, decode_mean_images
from tb_meanpixel.serving.reading.provider import Experiment
from tb_meanpixel.serving.reading.runs import Catalog, Run, Stream
from tb_meanpixel.serving.reading.scalar_reads import read_scalars
from tb_meanpixel.serving.reading.scalar_series import RunScalars, ScalarSeries

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
    """Reads one experiment on behalf of one request; the cache keeps what was read before."""

    def __init__(
        self,
        provider: DataProvider,
        context: RequestContext,
        experiment_id: str,
        cache: Cache | None = None,
    ) -> None:
        self._experiment = Experiment(provider, context, experiment_id)
        self._experiment_id = experiment_id
        self._cache = Cache() if cache is None else cache
        self._histograms = HistogramReader(self._experiment, self._cache, experiment_id)

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

    def scalars(self, keys: Iterable[ScalarKey]) -> dict[ScalarKey, ScalarSeries]:
        """Series of any event directories and writers, with one read for each plugin."""
        return {
            key: ScalarSeries(series.steps, series.wall_times, series.values)
            for key, series in read_scalars(self._experiment, keys).items()
        }

    def run_scalars(self, reads: Sequence[ScalarRead]) -> list[RunScalars]:
        """Scores up to the last complete step, and curves, of each run."""
        former = {
            read.run.score_key(tag): key
            for read in reads
            for tag in read.scores
            if (key := read.run.former_score_key(tag))
        }
        found = self.scalars(
            [read.run.score_key(tag) for read in reads for tag in read.scores]
            + [curve.key for read in reads for curve in read.curves]
            + list(former.values())
        )
        for key, older in former.items():
            if key in found and older in found:
                found[key] = found[key].continuing(found[older])
        answer = []
        for run, scores, curves in reads:
            last = {stream.info.name: stream.steps.last for stream in run.streams}
            keys = {tag: run.score_key(tag) for tag in scores}
            answer.append(
                RunScalars(
                    run.name,
                    [
                        (tag, found[key].until(last[tag.stream]))
                        for tag, key in keys.items()
                        if key in found
                    ],
                    [
                        (curve, found[curve.key].without(run.leftovers.get(curve.key)))
                        for curve in curves
                        if curve.key in found
                    ],
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

    def mean_images(self, run: Run, stream: Stream) -> dict[Side, MeanImageSeries]:
        """The mean images of each side that has any."""
        tags = [tag.tag for tag in stream.mean_images]
        raw = self._experiment.tensors(PLUGIN_NAME, [run.event_directory], tags, "<f2")
        return {
            tag.side: decode_mean_images(tag, series)
            for tag in stream.mean_images
            if (series := raw.get((run.event_directory, tag.tag))) is not None
        }

    def recall(self, what: str, run: Run) -> Any:
        """What was computed for a run before; None if anything of it has changed since."""
        return self._cache.get(self._key(what, run.name), run.revision)

    def keep(self, what: str, run: Run, value: object, nbytes: int = _SMALL_BYTES) -> None:
        """Keep what was computed for a run, about `nbytes` of it."""
        self._cache.put(self._key(what, run.name), run.revision, value, nbytes)

    def _key(self, *names: str) -> tuple[str, ...]:
        return (self._experiment_id, *names)
