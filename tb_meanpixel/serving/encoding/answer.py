"""An answer that is not computed yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tb_meanpixel.serving.reading.runs import Run

JSON, BINARY, PNG = "application/json", "application/octet-stream", "image/png"


@dataclass(frozen=True)
class Answer:
    """What a route answers; a client that has it already is spared the computing.

    Attributes:
        revision: another one whenever the content may be.
        content: computes it.
        content_type: JSON, binary, CSV or PNG.
        filename: to save it under; empty for what the page itself reads.
    """

    revision: str
    content: Callable[[], bytes]
    content_type: str = JSON
    filename: str = ""


def revision_of_all(runs: Sequence[Run]) -> str:
    """Another one whenever anything of some runs is."""
    return " ".join(f"{run.name} {run.revision}" for run in runs)
