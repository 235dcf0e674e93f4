"""What the doctor says: a fact, and what to type where it is not as it should be."""

from __future__ import annotations

from typing import NamedTuple


class Check(NamedTuple):
    """A fact, whether it is as it should be, and what to type if not."""

    ok: bool
    text: str
    fix: str = ""
