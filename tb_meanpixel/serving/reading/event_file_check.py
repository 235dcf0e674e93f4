"""Whether an event file can be read to its end.

A record is its length (8 bytes), a checksum of that (4), its content, and a checksum of that (4).
"""

from __future__ import annotations

import io
import mmap
import os
from typing import IO, Any, Literal, NamedTuple

from google.protobuf.message import DecodeError

from tb_meanpixel.recording.checksum import masked_crc32c
from tb_meanpixel.tensorboard_private import MissingError, event_pb2, gfile

_HEAD_BYTES, _TAIL_BYTES = 12, 4

End = Literal["whole", "cut", "damaged"]


class FileCheck(NamedTuple):
    """What an event file holds.

    Attributes:
        readable: records before the damage, or in all of the file.
        end: "whole"; "cut" if it ends within a record, as while a run writes; or "damaged".
        foreign: how many of the records are whole, but no events.
    """

    readable: int
    end: End
    foreign: int


def check_event_file(path: str) -> FileCheck:
    """Read an event file to its end, local or remote; OSError if it cannot be opened.

    Without TensorBoard's message of an event nothing is known to be foreign.
    """
    if "://" in path:
        with gfile().GFile(path, "rb") as remote:
            return _check(io.BytesIO(remote.read()))
    with open(path, "rb") as file:  # noqa: PTH123  a path may be bytes that are no Unicode
        return _check(file)


def _check(file: IO[bytes]) -> FileCheck:
    try:
        event = event_pb2().Event
    except MissingError:
        event = None
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    records = foreign = 0
    end: End = "whole"
    while head := file.read(_HEAD_BYTES):
        length = int.from_bytes(head[:8], "little")
        if len(head) == _HEAD_BYTES and not _is_sound(head[:8], head[8:]):
            end = "damaged"
            break
        if len(head) < _HEAD_BYTES or length > size - file.tell() - _TAIL_BYTES:
            end = "cut"
            break
        content = file.read(length)
        if not _is_sound(content, file.read(_TAIL_BYTES)):
            end = "damaged"
            break
        records += 1
        foreign += event is not None and not _is_event(event, content)
    return FileCheck(records, end, foreign)


def ends_within_a_record(path: str) -> bool:
    """Whether a local file is cut, by the lengths of its records alone: 20 times as fast.

    What is damaged is not seen.
    """
    with open(path, "rb") as file:  # noqa: PTH123
        if not file.seek(0, os.SEEK_END):
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            place, size = 0, len(content)
            while place + _HEAD_BYTES <= size:
                place += int.from_bytes(content[place : place + 8], "little")
                place += _HEAD_BYTES + _TAIL_BYTES
            return place != size


def _is_sound(content: bytes, checksum: bytes) -> bool:
    return int.from_bytes(checksum, "little") == masked_crc32c(content)


def _is_event(event: Any, content: bytes) -> bool:
    try:
        event.FromString(content)
    except DecodeError:
        return False
    return True
