"""Which series a request asks for, and what is left of them: parameters become arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

from tensorboard import errors
from werkzeug.datastructures import MultiDict

from tb_meanpixel.schema.metadata import ScoreTag, Side
from tb_meanpixel.serving.answers.query import Query
from tb_meanpixel.serving.encoding.wire import TrainingHistograms, TrainingScalars
from tb_meanpixel.serving.reading.curves import Curve
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.serving.reading.runs import Stream, Training
from tb_meanpixel.serving.reading.series import HistogramSeries, ScalarSeries

_SIDES: tuple[Literal["both"] | Side, ...] = ("both", "output", "reference")
_OVERVIEW_POINTS = "64"  # a line as long as a word has no more pixels
_CURVES = ("all", "primary", "none")


class ScalarSelection:
    """The parameters `stream`, `statistic`, `channel`, `curves`, `curve`, `after` and `points`."""

    def __init__(self, query: Query, trainings: Sequence[Training]) -> None:
        self._trainings = trainings
        self._statistics, self._streams = query.many("statistic"), query.some_streams(trainings)
        self._channels, self._tags = query.many("channel"), query.many("curve")
        # Tags that are picked stand alone, unless others are asked for too.
        picked = self._tags and not query.has("curves")
        self._curves = "none" if picked else query.choice("curves", _CURVES)
        self._after = query.integer("after")
        self._points = query.integer("points", least=2)

    def select(
        self,
        reader: Reader,
        scores: bool = True,
        curves: bool = True,
    ) -> list[TrainingScalars]:
        """The series of some trainings; without scores or without curves, if so told."""
        if not (self._is_small() and scores and curves):
            return self._read(reader, self._trainings, scores, curves)
        found = {one.name: one for one in self.known(reader)}
        missing = [one for one in self._trainings if one.name not in found]
        for training, read in zip(missing, self._read(reader, missing), strict=True):
            found[training.name] = read
            reader.keep(self._what, training, read, read.nbytes)
        return [found[training.name] for training in self._trainings]

    def known(self, reader: Reader) -> list[TrainingScalars]:
        """The same of those trainings alone of which it is here: nothing is read."""
        found = [reader.recall(self._what, one) for one in self._trainings]
        return [one for one in found if one is not None]

    @property
    def _what(self) -> str:
        """All that tells one selection of a training from another."""
        asked = (self._statistics, self._streams, self._channels, self._tags)
        return repr(("scalars", *asked, self._curves, self._points))

    def _is_small(self) -> bool:
        """All of one training, or a few points of many: what is asked for with each opening."""
        return self._after is None and (self._points is not None or len(self._trainings) == 1)

    def _read(
        self,
        reader: Reader,
        trainings: Sequence[Training],
        scores: bool = True,
        curves: bool = True,
    ) -> list[TrainingScalars]:
        wanted = [
            (one, self._scores(one) if scores else [], self._shown_curves(one) if curves else [])
            for one in trainings
        ]
        return [
            TrainingScalars(
                training.name,
                [(tag, self._part(series)) for tag, series in of_scores],
                [(curve, self._part(series)) for curve, series in of_curves],
            )
            for training, of_scores, of_curves in reader.scores_and_curves(wanted)
        ]

    def _part(self, series: ScalarSeries) -> ScalarSeries:
        return series.since(self._after).thinned(self._points)

    def _scores(self, training: Training) -> list[ScoreTag]:
        tags = training.scores(self._statistics, self._streams)
        return [tag for tag in tags if not self._channels or tag.channel in self._channels]

    def _shown_curves(self, training: Training) -> list[Curve]:
        return [
            curve
            for curve in training.curves
            if curve.tag in self._tags
            or self._curves == "all"
            or (self._curves == "primary" and curve.primary)
        ]


def overview_selection(trainings: Sequence[Training]) -> ScalarSelection:
    """What a list of many trainings says of each: headline drift and spread, and the loss."""
    asked = MultiDict(
        [
            *(
                ("statistic", one)
                for one in ("drift", "pixel_spread_ratio", "brightness_spread_ratio")
            ),
            ("channel", ""),
            ("curves", "primary"),
            ("points", _OVERVIEW_POINTS),
        ]
    )
    return ScalarSelection(Query(asked), trainings)


class HistogramSelection:
    """The parameters of `histograms`.

    Attributes:
        notes: sentences about trainings that lack the stream or the row.
    """

    def __init__(self, query: Query, trainings: Sequence[Training]) -> None:
        self.quantity = query.quantity()
        side = query.choice("side", _SIDES)
        self._side: Side | None = None if side == "both" else side
        self._first, self._last = query.integer("first"), query.integer("last")
        self._columns = query.integer("columns", least=1)
        streams, self.notes = query.streams(trainings)
        self._streams, more = query.rows(streams)
        self.notes += more
        self._known = self._known_steps(query, trainings)

    def select(self, reader: Reader) -> list[TrainingHistograms]:
        """What is left of the streams' histograms."""
        rows = {training.name: row for training, _, row in self._streams}
        found = reader.histograms_of(
            [(training, stream) for training, stream, _ in self._streams],
            self.quantity,
            self._side,
        )
        return [self._of_training(*one, rows[one[0].name]) for one in found]

    def _of_training(
        self, training: Training, stream: Stream, found: list[HistogramSeries], row: int | None
    ) -> TrainingHistograms:
        series = [
            one.between(self._first, self._last, standing=one.tag.side == "reference")
            for one in found
        ]
        digest, after = _digest(series), None
        if training.name in self._known:
            last, known = self._known[training.name]
            if _digest([one.between(None, last) for one in series]) == known:
                after = last
                series = [one.between(last + 1, None) for one in series]
        channels = stream.info.channels
        if row is not None:
            channels = channels[row : row + 1]
            series = [one.row(row) for one in series]
        if self._columns is not None:
            series = [one.summed(self._columns) for one in series]
        return TrainingHistograms(training.name, stream.info.name, channels, series, digest, after)

    def _known_steps(
        self, query: Query, trainings: Sequence[Training]
    ) -> dict[str, tuple[int, str]]:
        """What the client says it has: `{training: (last step, digest)}`."""
        after, digests = query.integers("after"), query.each("digest")
        if len(after) != len(digests) or (after and len(after) != len(trainings)):
            raise errors.InvalidArgumentError(
                "parameters 'after' and 'digest' must be given together, once for each training"
            )
        if after and self._columns is not None:
            raise errors.InvalidArgumentError(
                "parameter 'after' does not go with 'columns': sums of epochs cannot be continued"
            )
        names = [training.name for training in trainings]
        return dict(zip(names, zip(after, digests, strict=True), strict=False))


def _digest(series: Sequence[HistogramSeries]) -> str:
    """Of the steps and wall times of all sides: whoever has the same has the same counts."""
    told = repr([one.identity for one in series])
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
