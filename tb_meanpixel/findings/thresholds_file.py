"""Thresholds from a TOML file: a level that is not named there keeps its default.

bias = 0.05
collapse = 0.25

[band]
alarm = 10.0
"""

from __future__ import annotations

import dataclasses
import math
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tb_meanpixel.findings.onset import DEFAULT_BAND, Band
from tb_meanpixel.findings.thresholds import DEFAULT, Thresholds

_BAND = "band"


def load_thresholds(path: str | os.PathLike[str]) -> Thresholds:
    """The thresholds of a TOML file.

    Args:
        path: of the file. Its keys are the attributes of `Thresholds`; those of `Band` are in
            the table `[band]`. A count of records or images is a whole number of at least 1,
            every other level a finite number.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if it is no TOML, or has another key, or a value that is no such number.
            It names the key, and lists those that there are.
    """
    name = os.fspath(path)
    try:
        table = tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except ValueError as error:  # of TOML, or of an encoding that is not UTF-8
        raise ValueError(f"{name} is no TOML file: {error}") from error
    levels = dict(table)
    band = levels.pop(_BAND, {})
    if not isinstance(band, Mapping):
        raise ValueError(  # noqa: TRY004  the file is wrong, not the argument
            f"{name}: band must be a table, with a line [band] and levels below it; got {band!r}. "
            f"There are {_names(DEFAULT_BAND)}"
        )
    checked = {key: _number(name, key, key, value, DEFAULT) for key, value in levels.items()}
    of_band = {
        key: _number(name, f"{_BAND}.{key}", key, value, DEFAULT_BAND)
        for key, value in band.items()
    }
    return Thresholds(**checked, band=Band(**of_band))


def _names(defaults: Thresholds | Band) -> str:
    """The keys of a table, for an error."""
    names = [field.name for field in dataclasses.fields(defaults)]
    return ", ".join("[band]" if name == _BAND else name for name in names)


def _number(path: str, shown: str, key: str, value: object, defaults: Thresholds | Band) -> Any:
    """A level of the kind that its default has: a whole number where that is one."""
    if key not in {field.name for field in dataclasses.fields(defaults)}:
        raise ValueError(f"{path} has no threshold {shown!r}. There are {_names(defaults)}")
    default = getattr(defaults, key)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):  # type: ignore[arg-type]
        raise ValueError(
            f"{path}: {shown} must be a number, for instance {default!r}; got {value!r}. "
            f"There are {_names(defaults)}"
        )
    if isinstance(default, int) and not (isinstance(value, int) and value >= 1):
        raise ValueError(
            f"{path}: {shown} must be a whole number of at least 1, for instance {default!r}; "
            f"got {value!r}"
        )
    return value
