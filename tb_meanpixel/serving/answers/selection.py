"""Which series a request asks for, and what is left of them: parameters become arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

from tensorboard import errors
from werkzeug.datastructures import MultiDict

from tb_meanpixel.schema.metadata import ScoreTag, Side
from tb_meanpixel.serving.answers.query import Query
from tb_meanpixel.serving.encoding.wire import RunHistograms, RunScalars
from tb_meanpixel.serving.reading.curves import Curve
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.serving.reading.runs import Run, Stream
from tb_meanpixel.serving.reading.series import HistogramSeries, ScalarSeries

_SIDES: tuple[Literal["both"] | Side, ...] = ("both", "output", "reference")
_OVERVIEW_POINTS = "64"  # a line as long as a word has no more pixels
_CURVES = ("all", "primary", "none")


class ScalarSelection:
    """The parameters `stream`, `score`, `channel`, `curves`, `tag`, `after` and `points`."""

    def __init__(self, query: Query, runs: Sequence[Run]) -> None:
        self._runs = runs
        self._statistics, self._streams = query.many("score"), query.some_streams(runs)
        self._channels, self._tags = query.many("channel"), query.many("tag")
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
    ) -> list[RunScalars]:
        """The series of some runs; without scores or without curves, if so told."""
        if not (self._is_small() and scores and curves):
            return self._read(reader, self._runs, scores, curves)
        found = {one.name: one for one in self.known(reader)}
        missing = [one for one in self._runs if one.name not in found]
        for run, read in zip(missing, self._read(reader, missing), strict=True):
            found[run.name] = read
            reader.keep(self._what, run, read, read.nbytes)
        return [found[run.name] for run in self._runs]

    def known(self, reader: Reader) -> list[RunScalars]:
        """The same of those runs alone of which it is here: nothing is read."""
        found = [reader.recall(self._what, one) for one in self._runs]
        return [one for one in found if one is not None]

    @property
    def _what(self) -> str:
        """All that tells one selection of a run from another."""
        asked = (self._statistics, self._streams, self._channels, self._tags)
        return repr(("scalars", *asked, self._curves, self._points))

    def _is_small(self) -> bool:
        """All of one run, or a few points of many: what is asked for with each opening."""
        return self._after is None and (self._points is not None or len(self._runs) == 1)

    def _read(
        self,
        reader: Reader,
        runs: Sequence[Run],
        scores: bool = True,
        curves: bool = True,
    ) -> list[RunScalars]:
        wanted = [
            (one, self._scores(one) if scores else [], self._shown_curves(one) if curves else [])
            for one in runs
        ]
        return [
            RunScalars(
                run.name,
                [(tag, self._part(series)) for tag, series in of_scores],
                [(curve, self._part(series)) for curve, series in of_curves],
            )
            for run, of_scores, of_curves in reader.scores_and_curves(wanted)
        ]

    def _part(self, series: ScalarSeries) -> ScalarSeries:
        return series.since(self._after).thinned(self._points)

    def _scores(self, run: Run) -> list[ScoreTag]:
        tags = run.scores(self._statistics, self._streams)
        return [tag for tag in tags if not self._channels or tag.channel in self._channels]

    def _shown_curves(self, run: Run) -> list[Curve]:
        return [
            curve
            for curve in run.curves
            if curve.tag in self._tags
            or self._curves == "all"
            or (self._curves == "primary" and curve.primary)
        ]


def overview_selection(runs: Sequence[Run]) -> ScalarSelection:
    """What a list of many runs says of each: headline drift and spread, and the loss."""
    asked = MultiDict(
        [
            *(("score", one) for one in ("drift", "pixel_spread_ratio", "brightness_spread_ratio")),
            ("channel", ""),
            ("curves", "primary"),
            ("points", _OVERVIEW_POINTS),
        ]
    )
    return ScalarSelection(Query(asked), runs)


class HistogramSelection:
    """The parameters of `histograms`.

    Attributes:
        notes: sentences about runs that lack the stream or the row.
    """

    def __init__(self, query: Query, runs: Sequence[Run]) -> None:
        self.quantity = query.quantity()
        side = query.choice("side", _SIDES)
        self._side: Side | None = None if side == "both" else side
        self._first, self._last = query.integer("first"), query.integer("last")
        self._columns = query.integer("columns", least=1)
        streams, self.notes = query.streams(runs)
        self._streams, more = query.rows(streams)
        self.notes += more
        self._known = self._known_steps(query, runs)

    def select(self, reader: Reader) -> list[RunHistograms]:
        """What is left of the streams' histograms."""
        rows = {run.name: row for run, _, row in self._streams}
        found = reader.histograms_of(
            [(run, stream) for run, stream, _ in self._streams],
            self.quantity,
            self._side,
        )
        return [self._of_run(*one, rows[one[0].name]) for one in found]

    def _of_run(
        self, run: Run, stream: Stream, found: list[HistogramSeries], row: int | None
    ) -> RunHistograms:
        series = [
            one.between(self._first, self._last, standing=one.tag.side == "reference")
            for one in found
        ]
        digest, after = _digest(series), None
        if run.name in self._known:
            last, known = self._known[run.name]
            if _digest([one.between(None, last) for one in series]) == known:
                after = last
                series = [one.between(last + 1, None) for one in series]
        channels = stream.info.channels
        if row is not None:
            channels = channels[row : row + 1]
            series = [one.row(row) for one in series]
        if self._columns is not None:
            series = [one.summed(self._columns) for one in series]
        return RunHistograms(run.name, stream.info.name, channels, series, digest, after)

    def _known_steps(self, query: Query, runs: Sequence[Run]) -> dict[str, tuple[int, str]]:
        """What the client says it has: `{run: (last step, digest)}`."""
        after, digests = query.integers("after"), query.each("digest")
        if len(after) != len(digests) or (after and len(after) != len(runs)):
            raise errors.InvalidArgumentError(
                "parameters 'after' and 'digest' must be given together, once for each run"
            )
        if after and self._columns is not None:
            raise errors.InvalidArgumentError(
                "parameter 'after' does not go with 'columns': sums of epochs cannot be continued"
            )
        names = [run.name for run in runs]
        return dict(zip(names, zip(after, digests, strict=True), strict=False))


def _digest(series: Sequence[HistogramSeries]) -> str:
    """Of the steps and wall times of all sides: whoever has the same has the same counts."""
    told = repr([one.identity for one in series])
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
