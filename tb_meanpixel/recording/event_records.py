"""From events to the bytes of an event file, without what the file has said already."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tb_meanpixel.recording.record_writer import RecordWriter
from tb_meanpixel.tensorboard_private import event_pb2

if TYPE_CHECKING:
    from tb_meanpixel.tensorboard_private import Event


class EventRecords:
    """The records of one file.

    What a tag is stands once in each file: all loaders keep the first. In every event it would
    be a third of a record. Each file holds it, so that none is lost with a file before it.
    """

    def __init__(self) -> None:
        self._described: dict[str, bytes] = {}  # metadata of each tag

    def encode(self, events: Iterable[Event]) -> bytes:
        """The next records of the file."""
        file = io.BytesIO()
        records = RecordWriter(file)
        for event in events:
            records.write(self._without_known_metadata(event).SerializeToString())
        return file.getvalue()

    def _without_known_metadata(self, event: Event) -> Event:
        short = event_pb2().Event()
        short.CopyFrom(event)
        for value in short.summary.value:
            metadata = value.metadata.SerializeToString()
            if self._described.get(value.tag) == metadata:
                value.ClearField("metadata")
            self._described[value.tag] = metadata
        return short
