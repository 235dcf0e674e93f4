"""Whether an event file can be read to its end.

A record is its length (8 bytes), a checksum of that (4), its content, and a checksum of that (4).
"""

from __future__ import annotations

import io
import os
from typing import IO, Any, NamedTuple

from google.protobuf.message import DecodeError

from tb_meanpixel.recording.checksum import masked_crc32c
from tb_meanpixel.tensorboard_private import MissingError, event_pb2, gfile


class FileCheck(NamedTuple):
    """What an event file holds.

    Attributes:
        readable: records before the damage, or in all of the file.
        complete: whether these are all of it.
        foreign: how many of them are whole, but no events.
    """

    readable: int
    complete: bool
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
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    records = foreign = 0
    while head := file.read(12):
        length = int.from_bytes(head[:8], "little")
        if not _is_sound(head[:8], head[8:]) or length > end - file.tell() - 4:
            return FileCheck(records, False, foreign)
        content = file.read(length)
        if not _is_sound(content, file.read(4)):
            return FileCheck(records, False, foreign)
        records += 1
        foreign += event is not None and not _is_event(event, content)
    return FileCheck(records, True, foreign)


def _is_sound(content: bytes, checksum: bytes) -> bool:
    return len(checksum) == 4 and int.from_bytes(checksum, "little") == masked_crc32c(content)


def _is_event(event: Any, content: bytes) -> bool:
    try:
        event.FromString(content)
    except DecodeError:
        return False
    return True
