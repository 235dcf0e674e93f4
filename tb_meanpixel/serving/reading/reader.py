"""From TensorBoard's data provider to trainings and their series; knows no HTTP.

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
from tb_meanpixel.serving.reading.catalog import Contents, list_contents
from tb_meanpixel.serving.reading.curves import Curve, ScalarKey
from tb_meanpixel.serving.reading.provider import Bulk
from tb_meanpixel.serving.reading.runs import Stream, Training
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

    def trainings(self) -> list[Training]:
        """Every training that has records, by name."""
        return list(self.contents().trainings)

    def contents(self) -> Contents:
        """Every training that has records, and what is to be said of the other runs of ours."""
        return self._cache.share(self._key("contents"), self._list_contents)

    def recent_contents(self) -> Contents:
        """The same as it was at some time of the last minute, if somebody has asked then."""
        listed = self._cache.get(self._key("contents"), "")
        if listed is not None and time.monotonic() - listed[0] < _RECENT:
            contents: Contents = listed[1]
            return contents
        return self.contents()

    def _list_contents(self) -> Contents:
        now = time.monotonic()
        contents = list_contents(self._bulk, self._cache, self._experiment_id)
        self._cache.put(self._key("contents"), "", (now, contents), _SMALL)
        return contents

    def scalars(self, keys: Iterable[ScalarKey]) -> dict[ScalarKey, ScalarSeries]:
        """Series of any number of runs and writers, with one read for each plugin."""
        found: dict[ScalarKey, ScalarSeries] = {}
        wanted = sorted(set(keys))
        for start in range(0, len(wanted), _MOST_SERIES):
            batch = wanted[start : start + _MOST_SERIES]
            for plugin in {key.plugin for key in batch}:
                of_plugin = [key for key in batch if key.plugin == plugin]
                runs, tags = {key.run for key in of_plugin}, {key.tag for key in of_plugin}
                read = self._bulk.scalars(plugin, runs, tags)
                for key in of_plugin:
                    if (points := read.get((key.run, key.tag))) is not None:
                        found[key] = ScalarSeries(points.steps, points.wall_times, points.values)
        return found

    def scores_and_curves(
        self, wanted: Sequence[tuple[Training, Sequence[ScoreTag], Sequence[Curve]]]
    ) -> list[
        tuple[Training, list[tuple[ScoreTag, ScalarSeries]], list[tuple[Curve, ScalarSeries]]]
    ]:
        """Scores up to the last complete epoch, and curves, of any number of trainings."""
        read = self.scalars(
            [training.score_key(tag) for training, tags, _ in wanted for tag in tags]
            + [curve.key for _, _, curves in wanted for curve in curves]
        )
        found = []
        for training, tags, curves in wanted:
            last = {stream.info.name: stream.steps.last for stream in training.streams}
            found.append(
                (
                    training,
                    [
                        (tag, series.upto(last[tag.stream]))
                        for tag in tags
                        if (series := read.get(training.score_key(tag))) is not None
                    ],
                    [
                        (curve, series)
                        for curve in curves
                        if (series := read.get(curve.key)) is not None
                    ],
                )
            )
        return found

    def histograms(
        self, training: Training, stream: Stream, quantity: Quantity
    ) -> list[HistogramSeries]:
        """The outputs' and the references' histograms of one quantity."""
        [(_, _, series)] = self.histograms_of([(training, stream)], quantity)
        return series

    def histograms_of(
        self,
        streams: Iterable[tuple[Training, Stream]],
        quantity: Quantity,
        side: Side | None = None,
    ) -> Iterator[tuple[Training, Stream, list[HistogramSeries]]]:
        """The same of many trainings, outputs first; one side only, if it is named."""
        wanted = [
            Wanted(
                training,
                stream,
                [
                    tag
                    for tag in stream.histograms
                    if tag.quantity == quantity and side in (None, tag.side)
                ],
            )
            for training, stream in streams
        ]
        for batch, read in ahead(self._read_histograms, list(in_batches(wanted))):
            for training, stream, tags in batch:
                # What has arrived since the trainings were listed comes with their next revision.
                found = [read.get((training.run, tag.tag)) or undecodable(tag) for tag in tags]
                yield training, stream, [one.between(None, stream.steps.last) for one in found]

    def mean_images(self, training: Training, stream: Stream) -> dict[Side, MeanImageSeries]:
        """The mean images of each side that has any."""
        tags = [tag.tag for tag in stream.mean_images]
        read = self._bulk.tensors(_OURS, [training.run], tags, "<f2")
        return {
            tag.side: mean_image_series(tag, points)
            for tag in stream.mean_images
            if (points := read.get((training.run, tag.tag))) is not None
        }

    def recall(self, what: str, training: Training) -> Any:
        """What was made of a training before, None if anything of it has changed since."""
        return self._cache.get(self._key(what, training.name), training.revision)

    def keep(self, what: str, training: Training, value: object, nbytes: int = _SMALL) -> None:
        """Keep what was made of a training, about `nbytes` of it."""
        self._cache.put(self._key(what, training.name), training.revision, value, nbytes)

    def _read_histograms(self, wanted: Sequence[Wanted]) -> dict[tuple[str, str], HistogramSeries]:
        """The series by run and tag, from the cache where it has them."""
        with self._cache.reading:
            found: dict[tuple[str, str], HistogramSeries] = {}
            missing: dict[tuple[str, str], tuple[Training, HistogramTag]] = {}
            for training, _, tags in wanted:
                for tag in tags:
                    key = (training.run, tag.tag)
                    series = self._cache.get(self._key("histograms", *key), training.own_revision)
                    if series is None:
                        missing[key] = training, tag
                    else:
                        found[key] = series
            runs, names = {run for run, _ in missing}, {name for _, name in missing}
            limit = min(one.limit for one in wanted)
            read = self._bulk.tensors(_OURS, runs, names, "<f8", limit) if missing else {}
            for key, (training, tag) in missing.items():
                if (points := read.get(key)) is not None:
                    series = histogram_series(tag, points)
                    if len(points.steps) >= limit:
                        note = f"{tag.tag} is too long: {limit} epochs were read, at random"
                        series = replace(series, notes=(*series.notes, note))
                    found[key] = series
                    cached = self._key("histograms", *key)
                    self._cache.put(cached, training.own_revision, series, series.nbytes)
            return found

    def _key(self, *names: str) -> tuple[str, ...]:
        return (self._experiment_id, *names)
