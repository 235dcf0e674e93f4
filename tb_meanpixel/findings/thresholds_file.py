"""Thresholds from a TOML file: a level for each line, those of the band in a table."""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from tb_meanpixel.findings.onset import Band
from tb_meanpixel.findings.thresholds import DEFAULT, Thresholds

#: The name of the file in a log directory.
FILE_NAME = "mean_pixel.toml"
_BAND = "band"


def load_thresholds(path: str | os.PathLike[str]) -> Thresholds:
    """The thresholds of a TOML file; what it leaves out has its default.

    Example:
        bias = 0.05
        lasting = 5

        [band]
        alarm = 10

    Raises:
        OSError: if the file cannot be read.
        ValueError: if it is no TOML, or has an unknown name, or a value that is no number.
    """
    place = os.fspath(path)
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:  # of TOML, and of UTF-8
        raise ValueError(f"{place} is no TOML file: {error}") from error
    band = content.pop(_BAND, {})
    if not isinstance(band, dict):
        raise ValueError(  # noqa: TRY004  one kind of error for what stands in a file
            f"{place}: {_BAND} must be a table, [{_BAND}]; got {band!r}"
        )
    return replace(
        DEFAULT,
        **_numbers(content, DEFAULT, place, ""),
        band=replace(DEFAULT.band, **_numbers(band, DEFAULT.band, place, f"{_BAND}.")),
    )


def _numbers(
    content: Mapping[str, Any], defaults: Thresholds | Band, place: str, prefix: str
) -> dict[str, Any]:
    """The numbers by name, whole where their defaults are."""
    known = {field.name: getattr(defaults, field.name) for field in fields(defaults)}
    known.pop(_BAND, None)
    for name, value in content.items():
        if name not in known:
            valid = ", ".join(prefix + other for other in known)
            more = "" if prefix else f", and the table [{_BAND}]"
            raise ValueError(
                f"{place}: there is no threshold {prefix + name!r}; there are {valid}{more}"
            )
        kind = "a whole number" if isinstance(known[name], int) else "a number"
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or (kind != "a number" and value % 1):
            raise ValueError(f"{place}: {prefix + name} must be {kind}; got {value!r}")
    return {name: type(known[name])(value) for name, value in content.items()}
