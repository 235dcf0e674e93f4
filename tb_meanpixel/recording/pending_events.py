"""Events that wait until they can be written: of a bounded number of steps."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tb_meanpixel.tensorboard_private import Event

#: Steps kept in memory while they cannot be written: some 14 MB of a colour run.
MAX_PENDING = 1000


class PendingEvents:
    """Events in the order in which they came; of more steps than `MAX_PENDING` the first go.

    Attributes:
        lost: how many steps went.
    """

    def __init__(self) -> None:
        self._steps: deque[tuple[int, list[Event]]] = deque()
        self.lost = 0

    def __bool__(self) -> bool:
        return bool(self._steps)

    @property
    def steps(self) -> int:
        """How many steps wait."""
        return len(self._steps)

    def add(self, event: Event) -> None:
        """Take one more; the events of a step stay together."""
        if self._steps and self._steps[-1][0] == event.step:
            self._steps[-1][1].append(event)
            return
        self._steps.append((event.step, [event]))
        if len(self._steps) > MAX_PENDING:
            self._steps.popleft()
            self.lost += 1

    @property
    def first(self) -> Event:
        """The one that waits longest."""
        return self._steps[0][1][0]

    def drop_first(self) -> None:
        """It is written."""
        events = self._steps[0][1]
        del events[0]
        if not events:
            self._steps.popleft()
