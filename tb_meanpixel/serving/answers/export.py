"""The tables that can be exported: one value per row."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from tb_meanpixel.serving.answers import lookup
from tb_meanpixel.serving.answers.baselines import BaselineSelection
from tb_meanpixel.serving.answers.histogram_selection import HistogramSelection
from tb_meanpixel.serving.answers.query import Query
from tb_meanpixel.serving.answers.run_findings import levels, run_findings
from tb_meanpixel.serving.answers.scalar_selection import ScalarSelection
from tb_meanpixel.serving.encoding.tables import Row, Table
from tb_meanpixel.serving.reading.histogram_series import RunHistograms
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.serving.reading.runs import Run
from tb_meanpixel.serving.reading.scalar_series import ScalarSeries
from tb_meanpixel.statistics.histogram import EXTRA_CELLS

_SCORE = ("run", "stream", "score", "channel")
_POINT = ("step", "wall_time", "value")

# Of the requested runs and of all runs. Parameters are checked, nothing is read yet.
MakeTable = Callable[[Reader, Query, Sequence[Run], Sequence[Run]], Table]


def _scores(reader: Reader, query: Query, runs: Sequence[Run], _: Sequence[Run]) -> Table:
    selection = replace(ScalarSelection.from_query(query, runs), curves="none", tags=())

    def rows() -> Iterator[Row]:
        for run in selection.select(reader, runs):
            for tag, series in run.scores:
                yield from _by_step((run.name, tag.stream, tag.name, tag.channel), series)

    return Table((*_SCORE, *_POINT), rows)


def _curves(reader: Reader, query: Query, runs: Sequence[Run], _: Sequence[Run]) -> Table:
    selection = replace(ScalarSelection.from_query(query, runs), has_scores=False)

    def rows() -> Iterator[Row]:
        for run in selection.select(reader, runs):
            for curve, series in run.curves:
                name = (run.name, curve.event_directory, curve.tag, curve.name, curve.split)
                yield from _by_step(name, series)

    return Table(("run", "event_directory", "tag", "name", "split", *_POINT), rows)


def _baseline_scores(
    reader: Reader, query: Query, runs: Sequence[Run], all_runs: Sequence[Run]
) -> Table:
    selection = BaselineSelection.from_query(query, runs, all_runs)

    def rows() -> Iterator[Row]:
        for run, comparison in selection.select(reader):
            for tag, series in comparison.scores:
                name = (run.name, tag.stream, tag.name, tag.channel, selection.baseline.kind)
                yield from _by_step(name, series)

    return Table((*_SCORE, "baseline", *_POINT), rows)


def _histograms(reader: Reader, query: Query, runs: Sequence[Run], _: Sequence[Run]) -> Table:
    selection = HistogramSelection.from_query(query, runs)
    columns = (
        "run", "stream", "side", "quantity", "channel",
        "step", "last_step", "wall_time", "cell", "from", "to", "count",
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for run in selection.select(reader):
            yield from _histogram_rows(run)

    return Table(columns, rows)


def _histogram_rows(run: RunHistograms) -> Iterator[Row]:
    for series in run.series:
        tag = series.tag
        edges = np.linspace(tag.low, tag.high, tag.bins + 1).tolist()
        cells = [
            ("underflow", None, tag.low),
            *(("bin", low, high) for low, high in itertools.pairwise(edges)),
            ("overflow", tag.high, None),
            *((name, None, None) for name in ("nan", "+inf", "-inf")),
        ]
        assert len(cells) == tag.bins + EXTRA_CELLS
        columns = zip(
            series.steps.tolist(), series.last_steps.tolist(), series.wall_times.tolist(),
            strict=True,
        )  # fmt: skip
        for index, column in enumerate(columns):
            for number, channel in enumerate(run.channels):
                name = (run.name, run.stream, tag.side, tag.quantity, channel, *column)
                counts = series.cells[index, number].tolist()
                for cell, count in zip(cells, counts, strict=True):
                    yield (*name, *cell, count)


def _findings(reader: Reader, query: Query, runs: Sequence[Run], _: Sequence[Run]) -> Table:
    streams = lookup.stream_names(query, runs)
    columns = (
        "run", "stream", "id", "severity", "first_step", "last_step", "sentence", "evidence",
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for run, findings in run_findings(reader, runs, levels(reader)):
            for finding in findings:
                if not streams or finding.stream in streams:
                    fields = finding.as_dict()
                    yield (run.name, *(fields[name] for name in columns[1:]))

    return Table(columns, rows)


def _mean_images(reader: Reader, query: Query, runs: Sequence[Run], _: Sequence[Run]) -> Table:
    streams = lookup.find_streams(query, runs)[0]
    columns = ("run", "stream", "side", "step", "y", "x", "channel", "value")

    def rows() -> Iterator[Row]:
        for run, stream in streams:
            channels = stream.info.channels[1:] or stream.info.channels
            for side, series in reader.mean_images(run, stream).items():
                for index, step in enumerate(series.steps.tolist()):
                    [image] = series.images(np.array([index]))
                    name = (run.name, stream.info.name, side, step)
                    for (y, x, channel), value in np.ndenumerate(image):
                        yield (*name, y, x, channels[channel], float(value))

    return Table(columns, rows)


def _by_step(name: Row, series: ScalarSeries) -> Iterator[Row]:
    columns = (series.steps.tolist(), series.wall_times.tolist(), series.values.tolist())
    for place in zip(*columns, strict=True):
        yield (*name, *place)


#: By the parameter `what`.
TABLES: dict[str, MakeTable] = {
    "scores": _scores,
    "curves": _curves,
    "histograms": _histograms,
    "baseline_scores": _baseline_scores,
    "findings": _findings,
    "mean_images": _mean_images,
}
