"""docs/schema.md describes every tag of a real file: its type, its shape, every score."""

import re
from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.util import tensor_util

from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.schema import plugin_data_pb2 as pb
from tb_meanpixel.schema.score_order import SCORE_ORDER
from tb_meanpixel.schema.serialization import parse

SCHEMA = (Path(__file__).parents[2] / "docs" / "schema.md").read_text(encoding="utf-8")


def section(title):
    """The lines of a section, without those of the next one."""
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", SCHEMA, re.MULTILINE | re.DOTALL)[1]


def rows(title):
    """The cells of the rows of a section's table, without its head."""
    lines = re.findall(r"^\|(.+)\|$", section(title), re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")] for line in lines[2:]]


TAGS = {
    tag.strip("`"): (types.split(" or "), shape.split(", ") if shape else [])
    for tag, types, shape, _ in rows("Tags")
}


def pattern(tag):
    """What fits a documented tag."""
    parts = {"stream": r"[\w.-]+", "side": "(output|reference)", "name": r".+"}
    return re.sub(r"<(\w+)>", lambda found: parts[found[1]], tag)


@pytest.fixture(scope="module", params=["grey", "colour", "unpaired", "with alpha"])
def values(request, tmp_path_factory):
    """The values of an event file, by tag."""
    channels = {"colour": 3, "with alpha": 4}.get(request.param, 1)
    images = np.random.default_rng(0).random((40, 5, 6, channels))
    log_dir = tmp_path_factory.mktemp("run")
    with MeanPixelWriter(
        log_dir, paired=request.param != "unpaired", bins=16, unit="image"
    ) as writer:
        for step in range(2):
            writer.write(step, output=images * 0.9, reference=images, scalars={"loss": 0.5})
    [path] = (log_dir / "mean_pixel").glob("*.tfevents.*")
    return [v for event in EventFileLoader(str(path)).Load() for v in event.summary.value]


def test_every_tag_is_described_with_its_type_and_shape(values):
    described = set()
    stream = next(
        parse(value.metadata.plugin_data.content).stream
        for value in values
        if value.tag == "validation/scores" and value.metadata.plugin_data.content
    )
    sizes = {"rows": len(stream.channels), "colors": max(1, len(stream.channels) - 1)}
    sizes |= {"height": 5, "width": 6, "bins + 9": 16 + 9}
    for value in values:
        [tag] = [tag for tag in TAGS if re.fullmatch(pattern(tag), value.tag)]
        described.add(tag)
        types, shape = TAGS[tag]
        array = tensor_util.make_ndarray(value.tensor)
        assert array.dtype.name in types, tag
        assert len(shape) == array.ndim, tag
        for name, size in zip(shape, array.shape, strict=True):
            assert sizes.get(name, size) == size, tag

    assert set(TAGS) == described


def test_every_score_is_described_in_the_order_of_the_tensor():
    described = re.findall(r"`(\w+)`", " ".join(names for names, _ in rows("Scores")))

    assert list(SCORE_ORDER) == described


def test_every_field_of_a_stream_is_described():
    described = re.findall(r"`(\w+)`", " ".join(names for names, _ in rows("What describes a tag")))

    assert {field.name for field in pb.Stream.DESCRIPTOR.fields} == {*described}


def test_the_probabilities_are_those_that_are_described(values):
    [tag] = {
        parse(value.metadata.plugin_data.content)
        for value in values
        if value.tag == "validation/output/contrasts_quantiles"
        and value.metadata.plugin_data.content
    }
    [listed] = re.findall(
        r"`probabilities` are in the metadata: ([\d., ]+) %", section("Tags").replace("\n  ", " ")
    )
    half = [float(number) / 100 for number in listed.split(", ")]

    assert pytest.approx([*half, *(1 - number for number in half[-2::-1])]) == tag.probabilities


def test_architecture_leads_there():
    text = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert "`docs/schema.md`" in text
