"""A finding: a named diagnosis with its steps, its evidence and its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from tb_meanpixel.findings import sentences
from tb_meanpixel.findings.episodes import Verdict
from tb_meanpixel.findings.history import History

Severity = Literal["error", "warning"]
State = Literal["found", "early"]


@dataclass(frozen=True)
class Finding:
    """A named diagnosis of one stream.

    Attributes:
        id: its name, one of `findings.IDS`.
        stream: the stream with the outputs.
        severity: "error" where the outputs are of no use, "warning" where they are
            worse than they need be.
        state: "found", or "early" where it is too early to tell: it would be a finding if it
            lasted.
        unit: what steps count: "epoch", "step" or "image".
        first_step, last_step: of its worst episode; both included.
        episodes: `(first step, last step)` of each, the worst first.
        evidence: the numbers that led to it, by the names of the scores.
        sentence: all of it in plain words.
        look_at: what to look at first.
    """

    id: str
    stream: str
    severity: Severity
    state: State
    unit: str
    first_step: int
    last_step: int
    episodes: tuple[tuple[int, int], ...]
    evidence: Mapping[str, float]
    sentence: str
    look_at: str

    @classmethod
    def of(
        cls,
        id: str,  # noqa: A002  the field's own name
        severity: Severity,
        history: History,
        verdict: Verdict,
        *,
        evidence: Mapping[str, float],
        title: str,
        body: str,
        look_at: str,
    ) -> Finding:
        """The finding of a verdict; evidence that is undefined is left out.

        `title` is a phrase, `body` whole sentences.
        """
        steps = history.steps
        episodes = tuple((int(steps[first]), int(steps[last])) for first, last in verdict.episodes)
        return cls(
            id,
            history.stream,
            severity,
            "early" if verdict.is_early else "found",
            history.unit,
            *episodes[0],
            episodes,
            {name: float(number) for name, number in evidence.items() if np.isfinite(number)},
            sentences.sentence(title, history, verdict, body),
            look_at,
        )

    @property
    def link(self) -> str:
        """The address of its page, below the plugin's own: how it is told, its false alarms."""
        return f"findings/{self.id}"

    def as_dict(self) -> dict[str, Any]:
        """The same as plain types, for JSON."""
        episodes = [list(episode) for episode in self.episodes]
        return asdict(self) | {"episodes": episodes, "link": self.link}
