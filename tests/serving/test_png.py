import struct
import zlib

import numpy as np
import pytest

from tb_meanpixel.serving.encoding.png import difference, encode_png, intensities
from tb_meanpixel.statistics.value_range import ValueRange

UNIT = ValueRange(0.0, 1.0, "declared")


def decode(content):
    """The pixels of an unfiltered PNG, by the specification."""
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + body) == struct.unpack_from(">I", content, at + 8 + length)[0]
        chunks[kind] = body
        at += 12 + length
    width, height, depth, colour, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (8, [0, 0, 0]) == (depth, rest)
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, -1)
    assert (rows[:, 0] == 0).all()
    return rows[:, 1:].reshape((height, width) if colour == 0 else (height, width, 3))


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (2, 4, 3)])
def test_decoding_is_the_inverse_of_encoding(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)

    np.testing.assert_array_equal(pixels, decode(encode_png(pixels)))


@pytest.mark.parametrize(
    "value, level",
    [(0.0, 0), (1.0, 255), (0.2, 51), (-3.0, 0), (7.0, 255), (np.nan, 0), (np.inf, 255)],
)
def test_low_is_black_and_high_is_white(value, level):
    assert level == intensities(np.full((1, 1, 1), value), UNIT)[0, 0]


@pytest.mark.parametrize(
    "channels, shape", [(1, (2, 2)), (2, (2, 2)), (3, (2, 2, 3)), (4, (2, 2, 3))]
)
def test_three_channels_are_colours_and_others_grey(channels, shape):
    assert shape == intensities(np.zeros((2, 2, channels)), UNIT).shape


def test_differences_are_symmetric_about_white():
    brighter, none, darker = difference(np.array([[[0.2], [0.0], [-0.2]]]))[0].tolist()

    assert [255, 255, 255] == none
    assert brighter[0] > brighter[2]
    assert darker[2] > darker[0]


def test_no_difference_at_all_is_white():
    assert (difference(np.zeros((2, 2, 1))) == 255).all()
    assert (difference(np.full((2, 2, 1), np.nan)) == 255).all()
