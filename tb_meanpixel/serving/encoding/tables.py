"""Tidy tables as files: one value per row, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tensorboard import errors

from tb_meanpixel.serving.encoding.wire import VERSION

MAX_ROWS = 1_000_000  # 100 MB of CSV, and the limit of a spreadsheet

Row = tuple[Any, ...]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]+)?|inf)")


@dataclass(frozen=True)
class Table:
    """Names of the columns, and a function that reads the rows."""

    columns: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]


def encode(table: Table, what: str, form: str) -> bytes:
    """The table as CSV with a header line, or as JSON with a list of objects.

    Raises:
        errors.InvalidArgumentError: if there are more than `MAX_ROWS`.
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
        if number == MAX_ROWS:
            raise errors.InvalidArgumentError(
                f"more than {MAX_ROWS} rows: request fewer runs, steps or channels"
            )
        yield row


def filename(runs: Sequence[str], streams: Sequence[str], what: str, form: str) -> str:
    """A name for the file, of characters that every file system accepts.

    Example:
        >>> filename(["vae/digits"], ["validation"], "scores", "csv")
        'vae-digits_validation_scores.csv'
    """
    some = runs if len(runs) <= 2 else [f"{len(runs)}-runs"]
    parts = ["-".join(some) or "all-runs", "-".join(streams), what]
    safe = [re.sub(r"[^A-Za-z0-9.-]+", "-", part).strip("-.")[:80] for part in parts]
    return "_".join(part for part in safe if part) + f".{form}"


def _for_csv(value: Any) -> Any:
    """Text of a cell. A spreadsheet takes no name of somebody's for a formula.

    Example:
        >>> _for_csv("=1+1"), _for_csv("-0.5"), _for_csv("-x"), _for_csv("a=b")
        ("'=1+1", '-0.5', "'-x", 'a=b')
    """
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, str) and value[:1] in _FORMULA and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def _for_json(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value
