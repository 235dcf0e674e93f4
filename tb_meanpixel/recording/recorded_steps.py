"""What a directory holds already of a stream: a step that comes again replaces records."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tb_meanpixel.recording.event_directory import is_remote
from tb_meanpixel.recording.warning_place import caller_level
from tb_meanpixel.schema.metadata import EPOCHS_RECORDED, ScoreTag, Unit
from tb_meanpixel.tensorboard_private import event_pb2

_LENGTH = struct.Struct("<Q")
_CHECKSUM = 4  # bytes, after the length and after the event

_said: set[tuple[str, str]] = set()


def last_recorded_step(directory: str, stream: str) -> int | None:
    """The step of a stream's last record in the event files of a local directory.

    None if there is none, or the directory is remote, where reading would cost a request.
    """
    if is_remote(directory):
        return None
    tag = ScoreTag(stream, EPOCHS_RECORDED).tag
    for path in _event_files(directory):
        for event in _events_backwards(path, tag.encode()):
            if any(value.tag == tag for value in event.summary.value):
                return int(event.step)
    return None


def warn_of_replacement(directory: str, stream: str, step: int, last: int, unit: Unit) -> None:
    """Say once for each stream what happens to records, and what to pass instead."""
    if (directory, stream) in _said:
        return
    _said.add((directory, stream))
    fit = (
        f"type model.fit(..., initial_epoch={last + 1}, epochs={last + 2})"
        if unit == "epoch"
        else "load the whole model, with its optimizer, which counts the batches of fit"
    )
    warnings.warn(
        f"Step {step} of the stream {stream!r} comes after step {last} in {directory}: it replaces "
        f"what is recorded from step {step} on. To go on, {fit}, or write step {last + 1} in a "
        "loop of your own; for another run give a log_dir of its own, for instance 'logs/vae-2'",
        RuntimeWarning,
        stacklevel=caller_level(),
    )


def _event_files(directory: str) -> list[Path]:
    """The event files, the last one first; none if nobody can look."""
    try:
        return sorted(Path(directory).glob("events.out.tfevents.*"), reverse=True)
    except OSError:
        return []


def _events_backwards(path: Path, text: bytes) -> Iterator[Any]:
    """The events of a file that hold a text, the last one first; as far as the file is whole."""
    try:
        data = path.read_bytes()
    except OSError:
        return
    starts, position = [], 0
    while position + _LENGTH.size + _CHECKSUM <= len(data):
        start = position + _LENGTH.size + _CHECKSUM
        end = start + _LENGTH.unpack_from(data, position)[0]
        if end + _CHECKSUM > len(data):
            break
        starts.append((start, end))
        position = end + _CHECKSUM
    for start, end in reversed(starts):
        if data.find(text, start, end) >= 0:
            try:
                yield event_pb2().Event.FromString(data[start:end])
            except Exception:  # noqa: BLE001  a broken event holds no step
                continue
