"""Recording must not end a training: what fails is told once, and training goes on."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from tb_meanpixel.recording.warning_place import caller_level


class Guard:
    """Runs what may fail, and warns of the first failure alone.

    Args:
        owner: who records, for the warning.
    """

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._has_warned = False

    def run(self, what: str, action: Callable[..., None], *arguments: Any) -> None:
        """Call `action`; where it fails `what` is not recorded."""
        try:
            action(*arguments)
        except Exception as error:  # noqa: BLE001  training is worth more than any record
            if not self._has_warned:
                self._has_warned = True
                warnings.warn(
                    f"{self._owner} could not record {what}: {type(error).__name__}: {error}. "
                    "Training goes on; further failures are not reported",
                    RuntimeWarning,
                    stacklevel=caller_level(),
                )
