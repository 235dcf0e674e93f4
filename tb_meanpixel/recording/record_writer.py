"""The form of an event file: records with their lengths and checksums, as TensorFlow has it."""

from __future__ import annotations

import struct
from typing import Any

from tb_meanpixel.recording.checksum import masked_crc32c


class RecordWriter:
    """Writes records into an open file, which has `write`, `flush` and `close`."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, data: bytes) -> None:
        """A record: its length as uint64, a checksum of this, the data, a checksum of them."""
        length = struct.pack("<Q", len(data))
        checksums = (struct.pack("<I", masked_crc32c(part)) for part in (length, data))
        self._file.write(length + next(checksums) + data + next(checksums))

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()
