"""Samples through both loaders: what was written is what the route serves."""

import io

import numpy as np
import pytest
from PIL import Image

from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.statistics.sample_images import ABOVE, BELOW, NOT_FINITE

IMAGES = 20
STEPS = 230  # more than TensorBoard keeps
STREAM = {"run": "run", "stream": "validation"}

REFERENCE = np.repeat(np.linspace(0, 1, IMAGES), 64).reshape(IMAGES, 8, 8)


@pytest.fixture(scope="session")
def logdir(tmp_path_factory):
    """Outputs that get brighter; image 3 is the worst one and has pixels that no picture shows."""
    logs = tmp_path_factory.mktemp("samples")
    with MeanPixelWriter(logs / "run", value_range=(0, 1)) as writer:
        for step in range(STEPS):
            output = REFERENCE * step / STEPS
            output[3, 0, :3] = np.nan, -2.0, 2.0
            writer.write(step, output=output, reference=REFERENCE)
    with MeanPixelWriter(logs / "changing", value_range=(0, 1)) as writer:
        for step in range(3):
            writer.write(step, output=REFERENCE, reference=REFERENCE[::-1] * (step + 1) / 3)
    with MeanPixelWriter(logs / "gan", stream="samples", paired=False) as writer:
        writer.write(5, output=REFERENCE[:9], reference=REFERENCE)
    with MeanPixelWriter(logs / "none", samples=0) as writer:
        writer.write(0, output=REFERENCE, reference=REFERENCE)
    return logs


@pytest.fixture(scope="module")
def board(logdir, loader, serve):
    return serve(logdir, loader)


def tiles(sheet):
    """The images of a sheet, grey or grey and alpha, by side and index."""
    picture = np.asarray(Image.open(io.BytesIO(sheet["png"].tobytes())))
    assert picture.shape[:2] == (sheet["height"], sheet["width"] * len(sheet["samples"]))
    parts = np.split(picture, len(sheet["samples"]), axis=1)
    return {
        (sample["side"], sample["index"]): part
        for sample, part in zip(sheet["samples"], parts, strict=True)
    }


def test_the_nearest_recorded_step_is_served(board):
    answer = board.binary("samples", **STREAM, step=[STEPS - 1, 10_000, -5])

    recorded = answer["recorded_steps"]
    assert len(recorded) == 200
    assert recorded[-1] == STEPS - 1
    assert [sheet["step"] for sheet in answer["sheets"]] == [recorded[0], STEPS - 1]
    between = board.binary("samples", **STREAM, step=[100])["sheets"]
    assert [sheet["step"] for sheet in between] == [min(recorded, key=lambda x: abs(x - 100))]


def test_outputs_and_references_are_those_that_were_written(board):
    answer = board.binary("samples", **STREAM)
    [sheet], [references] = answer["sheets"], answer["references"]

    shown, wanted = tiles(sheet), tiles(references)

    outputs = [sample for sample in sheet["samples"] if sample["side"] == "output"]
    assert len(outputs) == 8
    fixed = [sample["index"] for sample in outputs if not sample["is_worst"]]
    assert fixed == [1, 5, 8, 11, 15, 18]  # from dark to bright
    for index in fixed:
        bright = REFERENCE[index, 0, 0]
        assert (wanted["reference", index] == round(bright * 255)).all()
        level = round(bright * (STEPS - 1) / STEPS * 255)
        assert (shown["output", index][..., 0] == level).all()
    # The error of an output is its distance from its reference, in the units of the images.
    assert outputs[1]["error"] == pytest.approx(REFERENCE[5, 0, 0] / STEPS)


def test_the_worst_come_with_their_references_and_marks(board):
    [sheet] = board.binary("samples", **STREAM, step=[STEPS - 1])["sheets"]

    worst = [(one["side"], one["index"]) for one in sheet["samples"] if one["is_worst"]]

    assert worst[:2] == [("output", 3), ("reference", 3)]
    assert worst[2:] == [("output", 19), ("reference", 19)]
    marks = tiles(sheet)["output", 3][0, :4, 1]
    assert marks.tolist() == [NOT_FINITE, BELOW, ABOVE, 255]
    [first] = [one for one in sheet["samples"] if (one["side"], one["index"]) == ("output", 3)]
    assert first["error"] is None  # not finite


def test_references_that_change_are_each_with_their_step(board):
    answer = board.binary("samples", run="changing", stream="validation", step=[0, 1, 2])

    by_hash = {sheet["reference_hash"]: sheet for sheet in answer["references"]}

    assert len(by_hash) == 3
    for step, sheet in enumerate(answer["sheets"]):
        references = tiles(by_hash[sheet["reference_hash"]])
        brightest = max(part.max() for part in references.values())
        index = answer["references"][0]["samples"][0]["index"]
        assert ("reference", index) in references
        assert brightest == round(REFERENCE[18, 0, 0] * (step + 1) / 3 * 255)


def test_unpaired_outputs_stand_at_fixed_places_and_none_is_the_worst(board):
    answer = board.binary("samples", run="gan", stream="samples")

    [sheet], [references] = answer["sheets"], answer["references"]

    assert [(one["side"], one["error"], one["is_worst"]) for one in sheet["samples"]] == 8 * [
        ("output", None, False)
    ]
    assert len(references["samples"]) == 8


def test_a_stream_without_samples_has_none(board):
    answer = board.binary("samples", run="none", stream="validation")

    assert (answer["recorded_steps"], answer["sheets"], answer["references"]) == ([], [], [])
    runs = {run["name"]: run["streams"][0]["samples"] for run in board.json("runs")["runs"]}
    assert runs == {"changing": 8, "gan": 8, "none": 0, "run": 8}
