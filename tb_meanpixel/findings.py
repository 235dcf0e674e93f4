"""STUB: replaced by the real findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tb_meanpixel.histogram import FloatArray, IntArray
from tb_meanpixel.images import ValueRange


@dataclass(frozen=True)
class Finding:
    """A named diagnosis."""

    id: str
    stream: str
    severity: Literal["error", "warning"]
    first_epoch: int
    last_epoch: int
    evidence: Mapping[str, float | str]
    sentence: str


@dataclass(frozen=True)
class History:
    """One stream over its epochs."""

    stream: str
    paired: bool
    value_range: ValueRange
    channels: tuple[str, ...]
    image_count: int
    epochs: IntArray
    scores: Mapping[tuple[str, str], FloatArray]
    losses: Mapping[str, FloatArray]


@dataclass(frozen=True)
class Thresholds:
    """When a score is a finding."""


def find(history: History, thresholds: Thresholds = Thresholds()) -> list[Finding]:  # noqa: ARG001
    """The findings of a history."""
    return []
