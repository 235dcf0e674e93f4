"""What changes in the midst of a run and cannot be shown as it is: said once for each stream."""

from __future__ import annotations

import warnings

from tb_meanpixel.recording.warning_place import caller_level
from tb_meanpixel.statistics.images import Array
from tb_meanpixel.statistics.record import MeasuredReference
from tb_meanpixel.statistics.value_range import declaration, ends, infer_range

# Later references leave the range that was inferred if so many of their pixels do.
_LEFT = 0.01


class StreamChanges:
    """Sees references and outputs of a stream, and warns."""

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._size: tuple[int, int] | None = None
        self._said: set[str] = set()

    def say_if_left(self, images: Array, reference: MeasuredReference) -> None:
        """Say that later references leave the range that the first ones had."""
        pixels = reference.statistics.pixels
        share = float((pixels.underflow[0] + pixels.overflow[0]) / max(1, pixels.finite[0]))
        if share <= _LEFT:
            return
        low, high = ends(*reference.value_range[:2])
        self._say_once(
            "range",
            f"{share:.0%} of the reference pixels of the stream {self._stream!r} lie outside of "
            f"{low}..{high}, the range that its first reference had; the range of a run must "
            f"not change. Type: {declaration(images, infer_range(images))}",
        )

    def say_if_resized(self, step: int, size: tuple[int, int]) -> None:
        """Say that outputs `(height, width)` are no longer as the first: loaders keep its size."""
        first, self._size = self._size or size, self._size or size
        if size == first:
            return
        self._say_once(
            "size",
            f"The outputs of the stream {self._stream!r} have {size[1]} x {size[0]} pixels from "
            f"step {step} on, and had {first[1]} x {first[0]}: all of them is recorded, but mean "
            "images are shown of the first size only. To see the others, give them a stream of "
            "their own",
        )

    def _say_once(self, what: str, sentence: str) -> None:
        if what not in self._said:
            self._said.add(what)
            warnings.warn(sentence, RuntimeWarning, stacklevel=caller_level())
