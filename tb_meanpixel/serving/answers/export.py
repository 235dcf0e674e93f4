"""Any of the data as a tidy table: a row a value, CSV or JSON, under a name that says what."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tensorboard import errors

from tb_meanpixel.serving.answers.baselines import baseline_from_query, compare_all
from tb_meanpixel.serving.answers.histories import findings_of
from tb_meanpixel.serving.answers.query import Query
from tb_meanpixel.serving.answers.selection import HistogramSelection, ScalarSelection
from tb_meanpixel.serving.encoding.wire import VERSION, RunHistograms
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.serving.reading.runs import Run
from tb_meanpixel.serving.reading.series import ScalarSeries
from tb_meanpixel.statistics.histogram import EXTRA_CELLS

# 100 MB of CSV, and what a spreadsheet holds.
MOST_ROWS = 1_000_000

Row = tuple[Any, ...]

_SCORE = ("run", "stream", "score", "channel")


@dataclass(frozen=True)
class Table:
    """Names of the columns, and what reads the rows."""

    columns: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]


# Of all runs and those asked for; parameters are checked, nothing is read yet.
MakeTable = Callable[[Reader, Query, Sequence[Run], Sequence[Run]], Table]


def _scores(reader: Reader, query: Query, _: Sequence[Run], chosen: Sequence[Run]) -> Table:
    selection = ScalarSelection(query, chosen)

    def rows() -> Iterator[Row]:
        for run in selection.select(reader, curves=False):
            for tag, series in run.scores:
                name = (run.name, tag.stream, tag.name, tag.channel)
                yield from _by_step(name, series)

    return Table((*_SCORE, "step", "wall_time", "value"), rows)


def _curves(reader: Reader, query: Query, _: Sequence[Run], chosen: Sequence[Run]) -> Table:
    selection = ScalarSelection(query, chosen)

    def rows() -> Iterator[Row]:
        for run in selection.select(reader, scores=False):
            for curve, series in run.curves:
                name = (run.name, curve.event_directory, curve.tag, curve.name, curve.split)
                yield from _by_step(name, series)

    return Table(
        ("run", "event_directory", "tag", "name", "split", "step", "wall_time", "value"), rows
    )


def _baseline_scores(
    reader: Reader, query: Query, every: Sequence[Run], chosen: Sequence[Run]
) -> Table:
    streams = query.streams(chosen)[0]
    baseline = baseline_from_query(query, every)
    statistics, channels = query.many("score"), query.many("channel")

    def rows() -> Iterator[Row]:
        for run, compared in compare_all(reader, streams, baseline, statistics, channels):
            for tag, series in compared.scores:
                name = (run.name, tag.stream, tag.name, tag.channel)
                yield from _by_step((*name, baseline.kind), series)

    return Table((*_SCORE, "baseline", "step", "wall_time", "value"), rows)


def _histograms(reader: Reader, query: Query, _: Sequence[Run], chosen: Sequence[Run]) -> Table:
    selection = HistogramSelection(query, chosen)
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
        limits = [
            ("underflow", None, tag.low),
            *(("bin", low, high) for low, high in itertools.pairwise(edges)),
            ("overflow", tag.high, None),
            *((name, None, None) for name in ("nan", "+inf", "-inf")),
        ]
        assert len(limits) == tag.bins + EXTRA_CELLS
        places = zip(
            series.steps.tolist(), series.last_steps.tolist(), series.wall_times.tolist(),
            strict=True,
        )  # fmt: skip
        for column, place in enumerate(places):
            for row, channel in enumerate(run.channels):
                name = (run.run, run.stream, tag.side, tag.quantity, channel, *place)
                counts = series.cells[column, row].tolist()
                for limit, count in zip(limits, counts, strict=True):
                    yield (*name, *limit, count)


def _findings(reader: Reader, query: Query, _: Sequence[Run], chosen: Sequence[Run]) -> Table:
    streams = query.some_streams(chosen)
    columns = (
        "run", "stream", "id", "severity", "first_step", "last_step", "sentence", "evidence",
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for run, found in findings_of(reader, chosen):
            for finding in found:
                if not streams or finding.stream in streams:
                    told = finding.as_dict()
                    yield (run.name, *(told[name] for name in columns[1:]))

    return Table(columns, rows)


def _mean_images(reader: Reader, query: Query, _: Sequence[Run], chosen: Sequence[Run]) -> Table:
    streams = query.streams(chosen)[0]
    columns = ("run", "stream", "side", "step", "y", "x", "channel", "value")

    def rows() -> Iterator[Row]:
        for run, stream in streams:
            channels = stream.info.channels[1:] or stream.info.channels
            for side, series in reader.mean_images(run, stream).items():
                for step, image in zip(series.steps.tolist(), series.images, strict=True):
                    name = (run.name, stream.info.name, side, step)
                    for (y, x, channel), value in np.ndenumerate(image):
                        yield (*name, y, x, channels[channel], float(value))

    return Table(columns, rows)


#: What can be exported, by the parameter `what`.
TABLES: dict[str, MakeTable] = {
    "scores": _scores,
    "curves": _curves,
    "histograms": _histograms,
    "baseline_scores": _baseline_scores,
    "findings": _findings,
    "mean_images": _mean_images,
}


def encode(table: Table, what: str, form: str) -> bytes:
    """The table as CSV with a head line, or as JSON with a list of objects.

    Raises:
        errors.InvalidArgumentError: if there are more than `MOST_ROWS`.
    """
    text = io.StringIO()
    if form == "csv":
        writer = csv.writer(text)
        writer.writerow(table.columns)
        for row in _bounded(table.rows()):
            writer.writerow([_for_csv(value) for value in row])
    else:
        text.write(json.dumps({"version": VERSION, "what": what})[:-1] + ', "rows": [')
        for number, row in enumerate(_bounded(table.rows())):
            named = zip(table.columns, map(_for_json, row), strict=True)
            text.write((",\n" if number else "\n") + json.dumps(dict(named), allow_nan=False))
        text.write("\n]}")
    return text.getvalue().encode()


def _bounded(rows: Iterator[Row]) -> Iterator[Row]:
    for number, row in enumerate(rows):
        if number == MOST_ROWS:
            raise errors.InvalidArgumentError(
                f"more than {MOST_ROWS} rows: ask for fewer runs, epochs or rows"
            )
        yield row


def filename(runs: Sequence[str], streams: Sequence[str], what: str, form: str) -> str:
    """A name for the file, of letters that every file system takes.

    Example:
        >>> filename(["vae/digits"], ["validation"], "scores", "csv")
        'vae-digits_validation_scores.csv'
    """
    some = runs if len(runs) <= 2 else [f"{len(runs)}-runs"]
    parts = ["-".join(some) or "all-runs", "-".join(streams), what]
    safe = [re.sub(r"[^A-Za-z0-9.-]+", "-", part).strip("-.")[:80] for part in parts]
    return "_".join(part for part in safe if part) + f".{form}"


def _by_step(name: Row, series: ScalarSeries) -> Iterator[Row]:
    columns = (series.steps.tolist(), series.wall_times.tolist(), series.values.tolist())
    for place in zip(*columns, strict=True):
        yield (*name, *place)


def _for_csv(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value


def _for_json(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value
