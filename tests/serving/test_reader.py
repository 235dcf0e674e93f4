import re

import numpy as np
import pytest
from support.boards import write_scalars, write_simple_values, write_values
from tensorboard.compat.proto.summary_pb2 import DATA_CLASS_TENSOR, Summary, SummaryMetadata
from tensorboard.context import RequestContext
from tensorboard.util import tensor_util

from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.schema import metadata
from tb_meanpixel.schema import plugin_data_pb2 as pb
from tb_meanpixel.schema.metadata import HistogramTag, StreamInfo
from tb_meanpixel.schema.serialization import serialize
from tb_meanpixel.schema.summary import encode_histogram
from tb_meanpixel.serving.reading import batches
from tb_meanpixel.serving.reading.reader import Reader, ScalarRead
from tb_meanpixel.serving.reading.scalar_reads import read_scalars
from tb_meanpixel.statistics.histogram import count_values
from tb_meanpixel.statistics.value_range import ValueRange

EMPTY = encode_histogram(count_values(np.zeros((0, 1)), 0, 1, 4))
GREY, BLACK = np.full((2, 2, 2), 0.5), np.zeros((2, 2, 2))
STREAM = StreamInfo(
    "validation", True, ValueRange(0.0, 1.0, "declared"), ("all",), 2, 2, 2, "0123456789abcdef"
)


def write_run(directory, steps=2, name="validation", logs=()):
    with MeanPixelWriter(directory, stream=name) as writer:
        for step in range(steps):
            writer.write(
                step, output=GREY, reference=BLACK, scalars=dict.fromkeys(logs, float(step))
            )


def value(content, array, tag="validation/output/pixels"):
    """A value of ours with a content and a tensor as they are."""
    plugin_data = SummaryMetadata.PluginData(plugin_name="mean_pixel", content=content)
    return Summary.Value(
        tag=tag,
        tensor=tensor_util.make_tensor_proto(array),
        metadata=SummaryMetadata(plugin_data=plugin_data, data_class=DATA_CLASS_TENSOR),
    )


@pytest.fixture(scope="module")
def logdir(tmp_path_factory):
    logs = tmp_path_factory.mktemp("logs")

    keras = logs / "keras"  # Keras's own callback next to ours
    write_run(keras, logs=["loss", "val_loss", "kl_loss"])
    write_scalars(
        keras / "train", {"epoch_loss": [1.0, 0.5], "epoch_learning_rate": [0.1, 0.1, 0.1]}
    )
    write_scalars(
        keras / "validation",
        {"epoch_loss": [1.0, 0.5], "epoch_mean_pixel_bias": [0.0, 0.5], "epoch_mae": [2.0]},
    )

    alone = logs / "alone"  # our writer in a loop that gave it no scalars
    write_run(alone)
    write_scalars(alone / "train", {"epoch_loss": [1.0, 0.5]})
    write_scalars(alone / "validation", {"epoch_loss": [3.0, 2.0]})

    torch = logs / "torch_test"
    write_run(torch)
    write_simple_values(torch, {"loss/train": [1.0, 0.5], "loss/val": [2.0, 1.5], "lr": [0.1]})

    write_run(logs / "nest")
    write_scalars(logs / "nest" / "train", {"epoch_loss": [1.0]})
    write_run(logs / "nest" / "ed")
    write_scalars(logs / "nest" / "ed" / "train", {"epoch_loss": [2.0, 3.0]})

    write_scalars(logs / "stranger" / "train", {"epoch_loss": [9.0]})

    newer = pb.MeanPixelPluginData.FromString(
        serialize(HistogramTag(STREAM, "reference", "pixels", 0.0, 1.0, 4))
    )
    newer.version = metadata.VERSION + 1
    good = serialize(HistogramTag(STREAM, "output", "pixels", 0.0, 1.0, 4))
    write_values(
        logs / "newer" / "mean_pixel",
        value(good, EMPTY),
        value(newer.SerializeToString(), EMPTY, "validation/reference/pixels"),
        value(b"\xff\xff", EMPTY, "broken"),
    )
    write_values(logs / "unfit" / "mean_pixel", value(good, np.zeros((1, 10))))
    write_values(logs / "moved", value(good, EMPTY))
    return logs


@pytest.fixture(scope="module")
def board(logdir, loader, serve):
    return serve(logdir, loader)


@pytest.fixture
def runs(board):
    return {run.name: run for run in board.reader.runs()}


def test_a_run_is_a_directory_with_records_of_ours(runs):
    assert ["alone", "keras", "moved", "nest", "nest/ed", "newer", "torch_test", "unfit"] == list(
        runs
    )
    assert "keras/mean_pixel" == runs["keras"].event_directory
    assert "moved" == runs["moved"].event_directory


@pytest.mark.parametrize(
    "run, curves",
    [
        # Our own logs, then what Keras wrote but for the same loss and our own scores.
        (
            "keras",
            [
                ("keras/mean_pixel", "logs/loss", "loss", "train", True),
                ("keras/mean_pixel", "logs/val_loss", "loss", "validation", True),
                ("keras/mean_pixel", "logs/kl_loss", "kl_loss", "train", False),
                ("keras/train", "epoch_learning_rate", "learning_rate", "train", False),
                ("keras/validation", "epoch_mae", "mae", "validation", False),
            ],
        ),
        (
            "alone",
            [
                ("alone/train", "epoch_loss", "loss", "train", True),
                ("alone/validation", "epoch_loss", "loss", "validation", True),
            ],
        ),
        (
            "torch_test",
            [
                ("torch_test", "loss/train", "loss", "train", True),
                ("torch_test", "loss/val", "loss", "validation", True),
                ("torch_test", "lr", "lr", "train", False),
            ],
        ),
        ("nest", [("nest/train", "epoch_loss", "loss", "train", True)]),
        ("nest/ed", [("nest/ed/train", "epoch_loss", "loss", "train", True)]),
        ("newer", []),
    ],
)
def test_the_curves_of_a_run_are_those_written_under_it(runs, run, curves):
    found = runs[run].curves

    assert curves == [(c.event_directory, c.tag, c.name, c.split, c.primary) for c in found]


def test_curves_are_read_from_any_number_of_runs_and_writers(board, runs):
    keys = {
        (run, curve.tag): curve.key
        for run in ("keras", "alone", "torch_test", "nest", "nest/ed")
        for curve in runs[run].curves
    }
    series = read_scalars(board.reader._experiment, keys.values())
    values = {name: series[key].values.tolist() for name, key in keys.items()}

    assert [0.0, 1.0] == values["keras", "logs/loss"]
    assert [np.float32(0.1)] * 3 == values["keras", "epoch_learning_rate"]
    assert [3.0, 2.0] == values["alone", "epoch_loss"]  # of the two the last: validation
    assert [2.0, 1.5] == values["torch_test", "loss/val"]
    assert [1.0] == values["nest", "epoch_loss"]
    assert [2.0, 3.0] == values["nest/ed", "epoch_loss"]
    [key] = [key for key in series if key.event_directory == "nest/ed/train"]
    assert [0, 1] == series[key].steps.tolist()
    assert [100.0, 101.0] == series[key].wall_times.tolist()


def test_the_last_steps_are_listed(runs):
    assert 1 == runs["keras"].stream("validation").steps.last
    assert {"logs/loss": 1, "epoch_learning_rate": 2, "epoch_mae": 0} == {
        curve.tag: curve.last_step
        for curve in runs["keras"].curves
        if curve.tag in ("logs/loss", "epoch_learning_rate", "epoch_mae")
    }


def test_a_stream_that_is_not_there_is_none(runs):
    assert runs["keras"].stream("train") is None


def test_scores_can_be_chosen_by_name(runs):
    run = runs["keras"]

    assert ["bias"] == [tag.name for tag in run.scores(["bias"])]
    assert {"bias", "drift", "paired_t"} <= {tag.name for tag in run.scores()}


def test_what_cannot_be_read_is_noted_and_the_rest_is_read(board, runs):
    run = runs["newer"]
    [stream] = run.streams
    [series] = board.reader.histograms(run, stream, "pixels")

    assert ("output", [0], ()) == (series.tag.side, series.steps.tolist(), series.notes)
    assert [
        "broken was left out: metadata is broken",
        (
            "validation/reference/pixels was left out: written in format version 2 by a newer "
            "tb-meanpixel; this one reads up to 1. Type: pip install --upgrade tb-meanpixel"
        ),
    ] == [re.sub(r"broken: .*", "broken", note) for note in sorted(run.notes)]


def test_tensors_of_another_shape_are_left_out_and_noted(board, runs):
    run = runs["unfit"]
    [series] = board.reader.histograms(run, run.streams[0], "pixels")

    assert [] == series.steps.tolist()
    assert (0, 1, 9) == series.histogram.cells.shape
    [note] = series.notes
    assert note == (
        "1 steps of validation/output/pixels were left out: they do not have the 4 bins from 0 "
        "to 1 that the first one has. Give a run with other settings a log_dir of its own"
    )


def test_a_run_begun_again_with_another_range_is_not_read_with_the_old_edges(
    tmp_path, serve, loader
):
    for value_range in ((0, 1), (-1, 1)):
        with MeanPixelWriter(tmp_path / "run", value_range=value_range) as writer:
            writer.write(0, output=GREY, reference=BLACK)
    board = serve(tmp_path, loader)
    [run] = board.reader.runs()

    series = board.reader.histograms(run, run.streams[0], "pixels")

    assert all(one.steps.tolist() in ([], [0]) for one in series)
    assert all(one.histogram.high == one.tag.high for one in series)
    assert any("other settings" in note for one in series for note in one.notes)


def test_a_series_that_is_too_long_for_an_answer_is_downsampled_and_noted(
    board, loader, monkeypatch
):
    monkeypatch.setattr(batches, "_MAX_BYTES", 1000)
    fresh = Reader(board.provider, RequestContext(), "")
    [run] = [one for one in fresh.runs() if one.name == "keras"]

    output, _ = fresh.histograms(run, run.streams[0], "contrasts")
    note = "validation/output/contrasts is too long: 1 random steps of it were read"

    # The Python loader sends no answers: what it keeps can be as long as it likes.
    expected = ([1], (note,)) if loader == "fast" else ([0, 1], ())
    assert expected == (output.steps.tolist(), output.notes)


def test_a_quantity_that_was_not_written_has_no_series(board, runs):
    run = runs["moved"]

    assert [] == board.reader.histograms(run, run.streams[0], "contrasts")


def test_the_log_directory_itself_can_be_a_run(tmp_path, serve, loader):
    write_run(tmp_path)
    write_scalars(tmp_path / "train", {"epoch_loss": [1.0, 0.5]})
    [run] = serve(tmp_path, loader).reader.runs()

    assert (".", "mean_pixel") == (run.name, run.event_directory)
    assert [("train", "epoch_loss")] == [(curve.event_directory, curve.tag) for curve in run.curves]


def test_an_empty_log_directory_has_no_runs(tmp_path, serve, loader):
    assert [] == serve(tmp_path, loader).reader.runs()


def test_a_resumed_run_continues(tmp_path, serve, loader):
    for steps in (range(3), range(3, 5)):
        with MeanPixelWriter(tmp_path) as writer:
            for step in steps:
                writer.write(step, output=GREY, reference=BLACK)
    reader = serve(tmp_path, loader).reader
    [run] = reader.runs()
    reference, output = sorted(
        reader.histograms(run, run.streams[0], "pixels"),
        key=lambda series: series.tag.side,
        reverse=True,
    )

    assert [0, 1, 2, 3, 4] == output.steps.tolist()
    assert [0, 3] == reference.steps.tolist()


@pytest.mark.parametrize("repeated", [1, 3, 4])
def test_a_repeated_run_replaces_the_one_before(tmp_path, serve, loader, repeated):
    for brightness, steps in [(0.25, 3), (0.75, repeated)]:
        with MeanPixelWriter(tmp_path) as writer:
            for step in range(steps):
                writer.write(step, output=np.full((2, 2, 2), brightness), reference=BLACK)
    reader = serve(tmp_path, loader).reader
    [run] = reader.runs()
    [read] = reader.run_scalars([ScalarRead(run, run.scores(["bias"]), ())])
    [(_, series)] = read.scores

    assert list(range(repeated)) == series.steps.tolist()
    assert [0.75] * repeated == series.values.tolist()
