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

from tb_meanpixel.histogram import EXTRA_CELLS
from tb_meanpixel.histories import findings_of
from tb_meanpixel.query import Query
from tb_meanpixel.reader import Reader
from tb_meanpixel.selection import HistogramSelection, ScalarSelection
from tb_meanpixel.trainings import Training
from tb_meanpixel.wire import TrainingHistograms

# 200 MB of CSV; more does not fit into a spreadsheet, and hardly into a browser.
MOST_ROWS = 2_000_000

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """Names of the columns, and the rows."""

    columns: tuple[str, ...]
    rows: Iterator[Row]


# Parameters are checked when it is called, data is read when the result is.
MakeTable = Callable[[Reader, Query, Sequence[Training]], Callable[[], Table]]


def _scores(reader: Reader, query: Query, trainings: Sequence[Training]) -> Callable[[], Table]:
    selection = ScalarSelection(query)
    columns = ("training", "stream", "statistic", "channel", "step", "wall_time", "value")

    def rows() -> Iterator[Row]:
        for training in selection.select(reader, trainings):
            for tag, series in training.scores:
                name = (training.name, tag.stream, tag.statistic, tag.channel)
                yield from _with(name, series.steps, series.wall_times, series.values)

    return lambda: Table(columns, rows())


def _curves(reader: Reader, query: Query, trainings: Sequence[Training]) -> Callable[[], Table]:
    selection = ScalarSelection(query)
    columns = ("training", "run", "tag", "name", "split", "step", "wall_time", "value")

    def rows() -> Iterator[Row]:
        for training in selection.select(reader, trainings):
            for curve, series in training.curves:
                name = (training.name, curve.run, curve.tag, curve.name, curve.split)
                yield from _with(name, series.steps, series.wall_times, series.values)

    return lambda: Table(columns, rows())


def _histograms(reader: Reader, query: Query, trainings: Sequence[Training]) -> Callable[[], Table]:
    selection = HistogramSelection(query, trainings)
    columns = (
        "training", "stream", "side", "quantity", "channel",
        "step", "last_step", "wall_time", "cell", "from", "to", "count",
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for training in selection.select(reader):
            yield from _histogram_rows(training)

    return lambda: Table(columns, rows())


def _histogram_rows(training: TrainingHistograms) -> Iterator[Row]:
    for series in training.series:
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
            for row, channel in enumerate(training.channels):
                name = (training.training, training.stream, tag.side, tag.quantity, channel, *place)
                counts = series.cells[column, row].tolist()
                for limit, count in zip(limits, counts, strict=True):
                    yield (*name, *limit, count)


def _findings(reader: Reader, query: Query, trainings: Sequence[Training]) -> Callable[[], Table]:
    columns = (
        "training", "stream", "id", "severity", "first_epoch", "last_epoch", "sentence", "evidence",
    )  # fmt: skip
    streams = query.many("stream")

    def rows() -> Iterator[Row]:
        for training, found in findings_of(reader, trainings):
            for finding in found:
                if not streams or finding.stream in streams:
                    told = finding.as_dict()
                    yield (training.name, *(told[name] for name in columns[1:]))

    return lambda: Table(columns, rows())


#: What can be exported, by the parameter `what`.
TABLES: dict[str, MakeTable] = {
    "scores": _scores,
    "curves": _curves,
    "histograms": _histograms,
    "findings": _findings,
}


def encode(table: Table, what: str, form: str) -> bytes:
    """The table as CSV with a head line, or as JSON with a list of objects.

    Raises:
        errors.InvalidArgumentError: if there are more than `MOST_ROWS`.
    """
    rows = list(itertools.islice(table.rows, MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        raise errors.InvalidArgumentError(
            f"more than {MOST_ROWS} rows: ask for fewer trainings, steps or rows"
        )
    if form == "csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(table.columns)
        writer.writerows([_for_csv(value) for value in row] for row in rows)
        return text.getvalue().encode()
    objects = [
        {name: _for_json(value) for name, value in zip(table.columns, row, strict=True)}
        for row in rows
    ]
    return json.dumps({"version": 1, "what": what, "rows": objects}, allow_nan=False).encode()


def filename(trainings: Sequence[str], streams: Sequence[str], what: str, form: str) -> str:
    """A name for the file, of letters that every file system takes.

    Example:
        >>> filename(["vae/digits"], ["validation"], "scores", "csv")
        'vae-digits_validation_scores.csv'
    """
    some = trainings if len(trainings) <= 2 else [f"{len(trainings)}-trainings"]
    parts = ["-".join(some) or "all-trainings", "-".join(streams), what]
    safe = [re.sub(r"[^A-Za-z0-9.-]+", "-", part).strip("-.")[:80] for part in parts]
    return "_".join(part for part in safe if part) + f".{form}"


def _with(name: Row, steps: Any, wall_times: Any, values: Any) -> Iterator[Row]:
    for step, wall_time, value in zip(
        steps.tolist(), wall_times.tolist(), values.tolist(), strict=True
    ):
        yield (*name, step, wall_time, value)


def _for_csv(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value


def _for_json(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value
