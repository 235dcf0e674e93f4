import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.strategies import tags

import tb_meanpixel
from tb_meanpixel.schema import plugin_data_pb2 as pb
from tb_meanpixel.schema.metadata import (
    VERSION,
    HistogramTag,
    LogTag,
    MeanImageTag,
    QuantilesTag,
    ScoresTag,
    ScoreTag,
    StreamInfo,
    SumsTag,
    Tag,
    check_stream_name,
    check_unit,
)
from tb_meanpixel.schema.serialization import UnreadableMetadataError, parse, serialize
from tb_meanpixel.statistics.value_range import ValueRange

PROTO = (Path(tb_meanpixel.__file__).parent / "schema" / "plugin_data.proto").read_text(
    encoding="utf-8"
)

STREAM = StreamInfo(
    name="validation",
    paired=True,
    value_range=ValueRange(-1.0, 1.0, "data"),
    channels=("all", "red", "green", "blue"),
    height=28,
    width=30,
    reference_count=256,
    reference_hash="0123456789abcdef",
)
HISTOGRAM = HistogramTag(STREAM, "output", "contrasts", 0.0, 1.0, 64)


@given(tags)
def test_parsing_is_the_inverse_of_serializing(tag):
    assert tag == parse(serialize(tag))


@pytest.mark.parametrize(
    "tag, text",
    [
        (HISTOGRAM, "validation/output/contrasts"),
        (MeanImageTag(STREAM, "reference", 28, 30), "validation/reference/mean_image"),
        (ScoreTag("validation", "bias"), "validation/bias"),
        (ScoreTag("validation", "bias", "red"), "validation/bias/red"),
        (LogTag("val_loss"), "logs/val_loss"),
        (ScoresTag(STREAM, ("bias",)), "validation/scores"),
        (SumsTag(STREAM, ("products",)), "validation/sums"),
        (
            QuantilesTag(STREAM, "output", "mean_pixels", (0.5,)),
            "validation/output/mean_pixels_quantiles",
        ),
    ],
)
def test_tags_are_readable(tag, text):
    assert text == tag.tag


@pytest.mark.parametrize(
    "recorded_name, name",
    [
        ("pixel_ratio", "pixel_spread_ratio"),
        ("between_ratio", "brightness_spread_ratio"),
        ("within_ratio", "contrast_ratio"),
    ],
)
def test_scores_of_old_files_have_the_new_name_and_the_recorded_tag(recorded_name, name):
    tag = parse(serialize(ScoreTag("validation", recorded_name, "red")))

    assert (name, f"validation/{recorded_name}/red") == (tag.name, tag.tag)
    assert tag == parse(serialize(tag))


def test_files_that_say_no_unit_count_epochs():
    old = replace(STREAM, unit="epoch", writer_version="")
    tag = HistogramTag(old, "output", "contrasts", 0.0, 1.0, 64)
    fields = {
        field.name
        for field, _ in pb.MeanPixelPluginData.FromString(
            serialize(tag)
        ).histogram.stream.ListFields()
    }

    assert not {"unit", "writer_version"} & fields
    assert ("epoch", "") == (
        parse(serialize(tag)).stream.unit,
        parse(serialize(tag)).stream.writer_version,
    )


def changed(tag=HISTOGRAM, **histogram):
    """A content with other fields than ours."""
    data = pb.MeanPixelPluginData.FromString(serialize(tag))
    data.version = histogram.pop("version", VERSION)
    data.histogram.MergeFrom(pb.Histogram(**histogram))
    return data.SerializeToString()


def test_a_newer_version_is_refused_with_what_to_type():
    with pytest.raises(
        UnreadableMetadataError,
        match=rf"^written in format version {VERSION + 1} by a newer tb-meanpixel; this one reads "
        rf"up to {VERSION}\. Type: pip install --upgrade tb-meanpixel$",
    ):
        parse(changed(version=VERSION + 1))


@pytest.mark.parametrize("version", range(VERSION + 1))
def test_older_versions_are_read(version):
    assert HISTOGRAM == parse(changed(version=version))


def test_a_field_that_is_not_known_is_passed_over():
    # Field 1000, a varint: what a newer writer of the same version may add.
    assert HISTOGRAM == parse(serialize(HISTOGRAM) + b"\xc0\x3e\x01")


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"", "metadata holds nothing that this version of tb-meanpixel reads"),
        (b"\xff\xff\xff", "metadata is broken"),
        (serialize(HISTOGRAM)[:-3], "metadata is broken"),
        (changed(side=7), "metadata is broken"),
        (changed(quantity=7), "metadata is broken"),
        (changed(stream=pb.Stream(range_source=7)), "metadata is broken"),
        (changed(bins=-1), "metadata is broken: a histogram without bins, or with too many"),
        (changed(bins=1 << 20), "metadata is broken: a histogram without bins, or with too many"),
        (changed(stream=pb.Stream(high=np.inf)), "metadata is broken: a stream without"),
        (changed(low=2.0), "metadata is broken: a histogram without bins, or with too many"),
        (
            changed(high=float("nan")),
            "metadata is broken: a histogram without bins, or with too many",
        ),
        (
            pb.MeanPixelPluginData(histogram=pb.Histogram(bins=4, high=1.0)).SerializeToString(),
            "metadata is broken: a stream without channels or range",
        ),
        (changed(stream=pb.Stream(unit=7)), "metadata is broken"),
        *(
            (
                serialize(QuantilesTag(STREAM, "output", "contrasts", probabilities)),
                "metadata is broken: quantiles without probabilities that rise from 0 to 1",
            )
            for probabilities in [
                (),
                (0.5, 0.5),
                (0.5, 0.25),
                (-0.5, 0.5),
                (0.5, 1.5),
                (float("nan"),),
            ]
        ),
        *(
            (serialize(kind(STREAM, names)), "metadata is broken: a tensor without names")
            for kind in (ScoresTag, SumsTag)
            for names in [(), ("a", "a"), tuple(map(str, range(5000)))]
        ),
    ],
)
def test_broken_contents_are_refused_with_a_sentence(content, sentence):
    with pytest.raises(UnreadableMetadataError, match="^" + sentence):
        parse(content)


@given(st.binary(max_size=60))
@example(b"\x12\x00")
@example(b"\x1a\x02\x0a\xff")
@example(b"\x1a\x03\x0a\x01\xff")  # a text that is no UTF-8
def test_garbage_is_a_tag_or_refused(content):
    try:
        tag = parse(content)
    except UnreadableMetadataError:
        return
    assert isinstance(tag, Tag)


@pytest.mark.parametrize("name", ["validation", "train", "samples_2", "a-b", "v1.5"])
def test_names_that_fit_into_a_tag_are_taken(name):
    assert name == check_stream_name(name)


@pytest.mark.parametrize("name", ["", "a/b", "a b", "logs", "é", None, 3, "a\n"])
def test_names_that_do_not_fit_into_a_tag_are_refused(name):
    with pytest.raises(ValueError, match="^stream must be letters"):
        check_stream_name(name)


@pytest.mark.parametrize("unit", ["epochs", "", None, 1, ["step"]])
def test_a_unit_that_is_none_is_refused_with_those_that_there_are(unit):
    assert "image" == check_unit("image")
    with pytest.raises(ValueError, match="^unit must be one of 'epoch', 'step', 'image'; got "):
        check_unit(unit)


def proto_fields(proto):
    """The fields and enum values of a .proto file: `{"Stream.low": ("double", 3)}`."""
    fields, blocks = {}, []
    for line in proto.splitlines():
        if opened := re.match(r" *(message|enum|oneof) (\w+) \{", line):
            blocks.append("" if opened[1] == "oneof" else f"{opened[2]}.")
        elif field := re.match(r" *(?:repeated )?(?:\w+\.)?(\w*?) ?(\w+) = (\d+);", line):
            fields["".join(blocks) + field[2]] = (field[1], int(field[3]))
        elif re.match(r" *\}", line):
            blocks.pop()
    return fields


def generated_fields(messages):
    """The same of generated code."""
    types = {1: "double", 3: "int64", 5: "int32", 8: "bool", 9: "string"}
    fields = {}
    for message in messages:
        for field in message.fields:
            named = field.message_type or field.enum_type
            kind = named.name if named else types[field.type]
            fields[f"{message.name}.{field.name}"] = (kind, field.number)
        for enum in message.enum_types:
            for value in enum.values:
                fields[f"{message.name}.{enum.name}.{value.name}"] = ("", value.number)
    return fields


def test_the_generated_code_is_that_of_the_proto_file():
    messages = pb.DESCRIPTOR.message_types_by_name.values()

    assert ("double", 3) == proto_fields(PROTO)["Stream.low"]
    assert proto_fields(PROTO) == generated_fields(messages)
