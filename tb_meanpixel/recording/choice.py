"""A choice from a stream of images by their content, so that their order does not matter."""

from __future__ import annotations

import hashlib
import heapq
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from keras import tree

_SLOW = 2.0  # seconds of reading after which a progress bar appears


class Choice:
    """At most `limit` of the images offered: those with the smallest hashes.

    A hash is as good as a random number, but the same in each process. Images of one content
    have different hashes, or all of them would be chosen, or none.

    Example:
        >>> forth, back = Choice(2), Choice(2)
        >>> for number in range(5):
        ...     forth.offer(np.array(number)), back.offer(np.array(4 - number))
        (None, None)
        (None, None)
        (None, None)
        (None, None)
        (None, None)
        >>> forth.chosen() == back.chosen()
        True
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._seen: Counter[bytes] = Counter()
        self._heap: list[tuple[int, Any]] = []  # the greatest hash of the kept is its first

    def offer(self, image: Any) -> None:
        """An image, alone or with its inputs."""
        content = digest(image)
        self._seen[content] += 1
        numbered = content + self._seen[content].to_bytes(8, "little")
        rank = int.from_bytes(hashlib.blake2b(numbered, digest_size=16).digest(), "little")
        if len(self._heap) < self._limit:
            # A copy: a view would keep its batch in memory.
            heapq.heappush(self._heap, (-rank, tree.map_structure(np.copy, image)))
        elif rank < -self._heap[0][0]:
            heapq.heapreplace(self._heap, (-rank, tree.map_structure(np.copy, image)))

    def chosen(self) -> list[Any]:
        """The images kept, in the order of their hashes."""
        return [image for _, image in sorted(self._heap, key=lambda entry: -entry[0])]


def digest(arrays: Any) -> bytes:
    """A hash of the content of nested arrays."""
    total = hashlib.blake2b(digest_size=16)
    for array in tree.flatten(arrays):
        if array.dtype.kind == "O":
            total.update(repr(array.tolist()).encode())
        else:
            total.update(np.ascontiguousarray(array).tobytes())
    return total.digest()


@contextmanager
def reading_bar(most: int) -> Iterator[Callable[[int], None]]:
    """Keras's progress bar for reading at most so many images, if it takes seconds."""
    start, last = time.monotonic(), 0
    bar: Any = None

    def report(read: int) -> None:
        nonlocal bar, last
        last = read
        if bar is None and time.monotonic() - start > _SLOW:
            sys.stdout.write("MeanPixelCallback reads its reference\n")
            bar = keras.utils.Progbar(most, unit_name="image")
        if bar is not None:
            bar.update(read)

    yield report
    if bar is not None and last < most:
        bar.target = last
        bar.update(last, finalize=True)
