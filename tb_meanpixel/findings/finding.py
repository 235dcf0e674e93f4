"""A finding: a named diagnosis with its steps, its evidence and its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from tb_meanpixel.findings import sentences
from tb_meanpixel.findings.episodes import Episode
from tb_meanpixel.findings.history import History

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """A named diagnosis of one stream.

    Attributes:
        id: its name, one of `findings.IDS`.
        stream: the stream with the outputs.
        severity: "error" where the outputs are of no use, "warning" where they are
            worse than they need be.
        first_step, last_step: when; both included.
        evidence: the numbers that led to it, by the names of the scores.
        sentence: all of it in plain words.
    """

    id: str
    stream: str
    severity: Severity
    first_step: int
    last_step: int
    evidence: Mapping[str, float]
    sentence: str

    @classmethod
    def of(
        cls,
        id: str,  # noqa: A002  the field's own name
        severity: Severity,
        history: History,
        episode: Episode,
        *,
        evidence: Mapping[str, float],
        title: str,
        body: str,
    ) -> Finding:
        """The finding of an episode; evidence that is undefined is left out.

        `title` is a phrase, `body` whole sentences.
        """
        return cls(
            id,
            history.stream,
            severity,
            int(history.steps[episode.first]),
            int(history.steps[episode.last]),
            {name: float(number) for name, number in evidence.items() if np.isfinite(number)},
            sentences.sentence(title, history, episode, body),
        )

    def as_dict(self) -> dict[str, Any]:
        """The same as plain types, for JSON."""
        return asdict(self)
