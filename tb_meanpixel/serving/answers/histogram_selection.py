"""Which histograms an answer holds, and which steps and channels of each."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from tensorboard import errors

from tb_meanpixel.schema.metadata import QUANTITIES, Quantity, Side
from tb_meanpixel.serving.answers import lookup
from tb_meanpixel.serving.answers.query import Query
from tb_meanpixel.serving.reading.histogram_series import HistogramSeries, RunHistograms
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.serving.reading.runs import Run, Stream

_SIDES: tuple[Literal["both"] | Side, ...] = ("both", "output", "reference")


@dataclass(frozen=True)
class HistogramSelection:
    """Histograms of streams, each of another run.

    Attributes:
        streams: the streams, each with the index of the channel or None for all channels.
        quantity, side: which series; without a side both.
        first, last: the first and the last step.
        columns: maximum number of columns: neighbouring steps are summed.
        known: the steps that the client has already, `{run: (last step, digest)}`.
        notes: sentences about runs that lack the stream or the channel.
    """

    streams: Sequence[tuple[Run, Stream, int | None]]
    quantity: Quantity = QUANTITIES[0]
    side: Side | None = None
    first: int | None = None
    last: int | None = None
    columns: int | None = None
    known: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    notes: Sequence[str] = ()

    @classmethod
    def from_query(cls, query: Query, runs: Sequence[Run]) -> HistogramSelection:
        """The parameters of `histograms`."""
        quantity, side = query.choice("quantity", QUANTITIES), query.choice("side", _SIDES)
        first, last = query.integer("first"), query.integer("last")
        columns = query.integer("columns", minimum=1)
        streams, missing_streams = lookup.find_streams(query, runs)
        channels, missing_channels = lookup.find_channels(query, streams)
        return cls(
            streams=channels,
            quantity=quantity,
            side=None if side == "both" else side,
            first=first,
            last=last,
            columns=columns,
            known=_known_steps(query, runs, columns),
            notes=[*missing_streams, *missing_channels],
        )

    def select(self, reader: Reader) -> list[RunHistograms]:
        """The selected part of each stream's histograms."""
        channels = {run.name: channel for run, _, channel in self.streams}
        found = reader.stream_histograms(
            [(run, stream) for run, stream, _ in self.streams], self.quantity, self.side
        )
        return [
            self._part(run, stream, series, channels[run.name]) for run, stream, series in found
        ]

    def _part(
        self, run: Run, stream: Stream, series: Sequence[HistogramSeries], channel: int | None
    ) -> RunHistograms:
        series = [
            one.between(self.first, self.last, carry_forward=one.tag.side == "reference")
            for one in series
        ]
        answer = RunHistograms(
            run.name, stream.info.name, stream.info.channels, series, _digest(series)
        )
        if run.name in self.known:
            last, digest = self.known[run.name]
            if _digest([one.between(None, last) for one in series]) == digest:
                later = [one.between(last + 1, None) for one in series]
                answer = replace(answer, series=later, after=last)
        if channel is not None:
            answer = replace(
                answer,
                channels=answer.channels[channel : channel + 1],
                series=[one.channel(channel) for one in answer.series],
            )
        if self.columns is not None:
            summed = [one.summed(self.columns) for one in answer.series]
            answer = replace(answer, series=summed)
        return answer


def _known_steps(
    query: Query, runs: Sequence[Run], columns: int | None
) -> dict[str, tuple[int, str]]:
    """The parameters `after` and `digest`: `{run: (last step, digest)}`."""
    after, digests = query.integers("after"), query.all_values("digest")
    if len(after) != len(digests) or (after and len(after) != len(runs)):
        raise errors.InvalidArgumentError(
            "parameters 'after' and 'digest' must be given together, once for each run"
        )
    if after and columns is not None:
        raise errors.InvalidArgumentError(
            "parameter 'after' cannot be combined with 'columns': sums of steps cannot be continued"
        )
    names = [run.name for run in runs]
    return dict(zip(names, zip(after, digests, strict=True), strict=False))


def _digest(series: Sequence[HistogramSeries]) -> str:
    """Of the steps and wall times of all sides: with the same digest the counts are the same."""
    identity = repr([one.identity for one in series])
    return hashlib.blake2b(identity.encode(), digest_size=8).hexdigest()
