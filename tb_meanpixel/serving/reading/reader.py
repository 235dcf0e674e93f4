"""From TensorBoard's data provider to runs and their series; knows no HTTP.

All data comes through `context.data_provider`: it is the one way that works
with the fast data server and with the Python loader alike.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tb_meanpixel.schema import metadata
from tb_meanpixel.schema.metadata import HistogramTag, Quantity, ScoreTag, Side
from tb_meanpixel.serving.reading.batches import Wanted, ahead, in_batches
from tb_meanpixel.serving.reading.cache import Cache
from tb_meanpixel.serving.reading.catalog import Catalog, read_catalog
from tb_meanpixel.serving.reading.curves import Curve, ScalarKey
from tb_meanpixel.serving.reading.provider import Bulk
from tb_meanpixel.serving.reading.runs import Run, Stream
from tb_meanpixel.serving.reading.series import (
    HistogramSeries,
    MeanImageSeries,
    ScalarSeries,
    histogram_series,
    mean_image_series,
    undecodable,
)

if TYPE_CHECKING:
    from tensorboard.context import RequestContext
    from tensorboard.data.provider import DataProvider

_OURS = metadata.PLUGIN_NAME

_SMALL = 4096  # bytes
_RECENT = 60.0  # seconds
_MOST_SERIES = 500  # of scalars, in one answer


class Reader:
    """Reads one experiment on behalf of one request; what was read before is in the cache."""

    def __init__(
        self,
        provider: DataProvider,
        context: RequestContext,
        experiment_id: str,
        cache: Cache | None = None,
    ):
        self._bulk = Bulk(provider, context, experiment_id)
        self._experiment_id = experiment_id
        self._cache = Cache() if cache is None else cache

    def runs(self) -> list[Run]:
        """Every run that has records, by name."""
        return list(self.catalog().runs)

    def catalog(self) -> Catalog:
        """Every run that has records, and what is to be said of the other event_directories of ours."""
        return self._cache.share(self._key("catalog"), self._read_catalog)

    def recent_catalog(self) -> Catalog:
        """The same as it was at some time of the last minute, if somebody has asked then."""
        listed = self._cache.get(self._key("catalog"), "")
        if listed is not None and time.monotonic() - listed[0] < _RECENT:
            catalog: Catalog = listed[1]
            return catalog
        return self.catalog()

    def _read_catalog(self) -> Catalog:
        now = time.monotonic()
        catalog = read_catalog(self._bulk, self._cache, self._experiment_id)
        self._cache.put(self._key("catalog"), "", (now, catalog), _SMALL)
        return catalog

    def scalars(self, keys: Iterable[ScalarKey]) -> dict[ScalarKey, ScalarSeries]:
        """Series of any number of event_directories and writers, with one read for each plugin."""
        found: dict[ScalarKey, ScalarSeries] = {}
        wanted = sorted(set(keys))
        for start in range(0, len(wanted), _MOST_SERIES):
            batch = wanted[start : start + _MOST_SERIES]
            for plugin in {key.plugin for key in batch}:
                of_plugin = [key for key in batch if key.plugin == plugin]
                event_directories, tags = (
                    {key.event_directory for key in of_plugin},
                    {key.tag for key in of_plugin},
                )
                read = self._bulk.scalars(plugin, event_directories, tags)
                for key in of_plugin:
                    if (points := read.get((key.event_directory, key.tag))) is not None:
                        found[key] = ScalarSeries(points.steps, points.wall_times, points.values)
        return found

    def scores_and_curves(
        self, wanted: Sequence[tuple[Run, Sequence[ScoreTag], Sequence[Curve]]]
    ) -> list[tuple[Run, list[tuple[ScoreTag, ScalarSeries]], list[tuple[Curve, ScalarSeries]]]]:
        """Scores up to the last complete epoch, and curves, of any number of runs."""
        read = self.scalars(
            [run.score_key(tag) for run, tags, _ in wanted for tag in tags]
            + [curve.key for _, _, curves in wanted for curve in curves]
        )
        found = []
        for run, tags, curves in wanted:
            last = {stream.info.name: stream.steps.last for stream in run.streams}
            found.append(
                (
                    run,
                    [
                        (tag, series.upto(last[tag.stream]))
                        for tag in tags
                        if (series := read.get(run.score_key(tag))) is not None
                    ],
                    [
                        (curve, series)
                        for curve in curves
                        if (series := read.get(curve.key)) is not None
                    ],
                )
            )
        return found

    def histograms(self, run: Run, stream: Stream, quantity: Quantity) -> list[HistogramSeries]:
        """The outputs' and the references' histograms of one quantity."""
        [(_, _, series)] = self.histograms_of([(run, stream)], quantity)
        return series

    def histograms_of(
        self,
        streams: Iterable[tuple[Run, Stream]],
        quantity: Quantity,
        side: Side | None = None,
    ) -> Iterator[tuple[Run, Stream, list[HistogramSeries]]]:
        """The same of many runs, outputs first; one side only, if it is named."""
        wanted = [
            Wanted(
                run,
                stream,
                [
                    tag
                    for tag in stream.histograms
                    if tag.quantity == quantity and side in (None, tag.side)
                ],
            )
            for run, stream in streams
        ]
        for batch, read in ahead(self._read_histograms, list(in_batches(wanted))):
            for run, stream, tags in batch:
                # What has arrived since the runs were listed comes with their next revision.
                found = [
                    read.get((run.event_directory, tag.tag)) or undecodable(tag) for tag in tags
                ]
                yield run, stream, [one.between(None, stream.steps.last) for one in found]

    def mean_images(self, run: Run, stream: Stream) -> dict[Side, MeanImageSeries]:
        """The mean images of each side that has any."""
        tags = [tag.tag for tag in stream.mean_images]
        read = self._bulk.tensors(_OURS, [run.event_directory], tags, "<f2")
        return {
            tag.side: mean_image_series(tag, points)
            for tag in stream.mean_images
            if (points := read.get((run.event_directory, tag.tag))) is not None
        }

    def recall(self, what: str, run: Run) -> Any:
        """What was made of a run before, None if anything of it has changed since."""
        return self._cache.get(self._key(what, run.name), run.revision)

    def keep(self, what: str, run: Run, value: object, nbytes: int = _SMALL) -> None:
        """Keep what was made of a run, about `nbytes` of it."""
        self._cache.put(self._key(what, run.name), run.revision, value, nbytes)

    def _read_histograms(self, wanted: Sequence[Wanted]) -> dict[tuple[str, str], HistogramSeries]:
        """The series by event_directory and tag, from the cache where it has them."""
        with self._cache.reading:
            found: dict[tuple[str, str], HistogramSeries] = {}
            missing: dict[tuple[str, str], tuple[Run, HistogramTag]] = {}
            for run, _, tags in wanted:
                for tag in tags:
                    key = (run.event_directory, tag.tag)
                    series = self._cache.get(self._key("histograms", *key), run.own_revision)
                    if series is None:
                        missing[key] = run, tag
                    else:
                        found[key] = series
            event_directories, names = (
                {event_directory for event_directory, _ in missing},
                {name for _, name in missing},
            )
            limit = min(one.limit for one in wanted)
            read = (
                self._bulk.tensors(_OURS, event_directories, names, "<f8", limit) if missing else {}
            )
            for key, (run, tag) in missing.items():
                if (points := read.get(key)) is not None:
                    series = histogram_series(tag, points)
                    if len(points.steps) >= limit:
                        note = f"{tag.tag} is too long: {limit} epochs were read, at random"
                        series = replace(series, notes=(*series.notes, note))
                    found[key] = series
                    cached = self._key("histograms", *key)
                    self._cache.put(cached, run.own_revision, series, series.nbytes)
            return found

    def _key(self, *names: str) -> tuple[str, ...]:
        return (self._experiment_id, *names)
