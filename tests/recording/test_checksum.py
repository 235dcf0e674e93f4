"""The checksums and the form of event files: TensorBoard's own functions are the measure."""

import io
import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tensorboard.compat.tensorflow_stub import pywrap_tensorflow
from tensorboard.summary.writer import record_writer

from tb_meanpixel.recording.checksum import crc32c, masked_crc32c
from tb_meanpixel.recording.record_writer import RecordWriter

LENGTHS = [*range(600), *(1 << power for power in range(10, 18)), 4097, 23_456, 100_003]


@pytest.mark.parametrize(
    "data, expected",
    [  # RFC 3720, appendix B.4
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
    ],
)
def test_the_standards_examples_are_met(data, expected):
    assert expected == crc32c(data)


def test_texts_of_every_length_have_tensorboards_checksum():
    source = random.Random(0)
    for length in LENGTHS:
        data = source.randbytes(length)
        assert pywrap_tensorflow.masked_crc32c(data) == masked_crc32c(data), length


@given(st.binary(max_size=2000), st.integers(0, 5000))
@example(b"", 0)
@example(b"", 4096)
def test_zeros_before_a_text_count(data, zeros):
    padded = bytes(zeros) + data
    assert pywrap_tensorflow.masked_crc32c(padded) == masked_crc32c(padded)


@given(st.lists(st.binary(max_size=1000), max_size=5))
def test_records_are_byte_for_byte_those_of_tensorboard(records):
    ours, theirs = io.BytesIO(), io.BytesIO()
    for writer in (RecordWriter(ours), record_writer.RecordWriter(theirs)):
        for record in records:
            writer.write(record)
        writer.flush()

    assert theirs.getvalue() == ours.getvalue()
