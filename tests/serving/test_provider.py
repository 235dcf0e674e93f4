import logging
import math
import threading

import numpy as np
import pytest
from support.boards import write_scalars, write_values
from tensorboard.compat.proto.summary_pb2 import DATA_CLASS_SCALAR, Summary, SummaryMetadata
from tensorboard.context import RequestContext
from tensorboard.util.tensor_util import make_tensor_proto

from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.serving.reading import data_server, python_loader
from tb_meanpixel.serving.reading.data_server import DataServer
from tb_meanpixel.serving.reading.provider import ALL_STEPS, Experiment
from tb_meanpixel.serving.reading.python_loader import PythonLoader

GREY, BLACK = np.full((2, 2, 2), 0.5), np.zeros((2, 2, 2))
DIRECTORIES = ["a/mean_pixel", "b/mean_pixel", "not there"]
# By tag: its type, and a shape for each of its tensors.
TENSORS = {"validation/output/pixels": ("<f4", "<f8"), "validation/output/mean_image": ("<f2",)}
SHAPES = {"validation/output/pixels": (1, 73), "validation/output/mean_image": (2, 2, 1)}
SCALARS = ["validation/bias", "validation/epochs_recorded", "logs/loss"]


class Public:
    """A provider without a data server behind it: only its public methods."""

    def __init__(self, provider):
        self.read_scalars, self.read_tensors = provider.read_scalars, provider.read_tensors


class Kept(Public):
    """The provider of the Python loader, which keeps the tensors' messages."""

    def __init__(self, provider):
        super().__init__(provider)
        self._multiplexer = provider._multiplexer


class Changed(Public):
    """A provider whose data server answers otherwise than we know it."""

    def __init__(self, provider, stub):
        super().__init__(provider)
        self._stub = stub


@pytest.fixture(scope="module")
def board(tmp_path_factory, serve):
    logs = tmp_path_factory.mktemp("logs")
    for name, steps in [("a", 3), ("b", 5)]:
        with MeanPixelWriter(logs / name) as writer:
            for step in range(steps):
                writer.write(
                    step, output=GREY * step / 4, reference=BLACK, scalars={"loss": 1 / (step + 1)}
                )
    write_scalars(logs / "a" / "train", {"epoch_loss": [float("nan"), float("inf")]})
    board = serve(logs, "fast")
    board.logdir = logs
    return board


@pytest.fixture(scope="module")
def ways(board, serve):
    """The way to the data server, the one to the Python loader, and the public one."""
    python = serve(board.logdir, "python").provider
    return [
        Experiment(provider, RequestContext(), "")
        for provider in (board.provider, Kept(python), Public(python))
    ]


def as_lists(found):
    return {
        key: (series.steps.tolist(), series.wall_times.tolist(), list(series.values))
        for key, series in found.items()
    }


def test_the_data_server_is_read_where_there_is_one(board, ways):
    fast, public = (
        DataServer(provider, "").scalars("mean_pixel", DIRECTORIES, SCALARS, ALL_STEPS)
        for provider in (board.provider, Public(board.provider))
    )

    assert public is None
    assert as_lists(ways[0].scalars("mean_pixel", DIRECTORIES, SCALARS)) == as_lists(fast)


def test_the_python_loader_is_read_where_there_is_one(board, serve):
    kept, public = (
        PythonLoader(provider).scalars("mean_pixel", DIRECTORIES, SCALARS)
        for provider in (serve(board.logdir, "python").provider, Public(board.provider))
    )

    assert public is None
    assert 6 == len(kept)


def test_scalars_are_the_same_in_all_ways(ways):
    fast, kept, public = (as_lists(one.scalars("mean_pixel", DIRECTORIES, SCALARS)) for one in ways)

    assert 6 == len(fast)
    assert public == kept == fast
    assert [1.0, 2.0, 3.0, 4.0, 5.0] == fast["b/mean_pixel", "validation/epochs_recorded"][2]


def test_tensors_are_the_same_in_all_ways(ways):
    dtypes = {**TENSORS, "not there": ("<f8",)}
    found = [one.tensors("mean_pixel", DIRECTORIES, dtypes, with_shapes=True) for one in ways]
    fast, kept, public = map(as_lists, found)

    assert 4 == len(fast)
    assert public == kept == fast
    for series in found:
        for (_, tag), one in series.items():
            assert [SHAPES[tag]] * len(one.steps) == list(one.shapes)
            assert (
                len(b"".join(one.values))
                == len(one.steps) * math.prod(SHAPES[tag]) * np.dtype(TENSORS[tag][0]).itemsize
            )


def test_a_tensor_of_another_type_is_empty(ways):
    tag = "validation/output/pixels"
    for one in ways:
        [series] = one.tensors("mean_pixel", ["a/mean_pixel"], {tag: ("<f2", "<f8")}).values()
        assert [b""] * 3 == series.values
        assert series.shapes is None


def test_numbers_that_are_not_finite_arrive(ways):
    for one in ways:
        [series] = one.scalars("scalars", ["a/train"], ["epoch_loss"]).values()
        np.testing.assert_array_equal([np.nan, np.inf], series.values)


def test_without_names_nothing_is_found(ways):
    for one in ways:
        assert {} == one.scalars("mean_pixel", [], [])
        assert {} == one.tensors("mean_pixel", ["a/mean_pixel"], {"not there": ("<f8",)})


def test_scalars_that_are_no_float32_are_read_too(tmp_path, serve, loader):
    values = [
        Summary.Value(tag="double", tensor=make_tensor_proto(np.float64(0.1))),
        Summary.Value(tag="bytes", tensor=make_tensor_proto(np.float32(0.5))),
        Summary.Value(tag="text", tensor=make_tensor_proto("no number")),
    ]
    values[1].tensor.ClearField("float_val")
    values[1].tensor.tensor_content = np.float32(0.5).tobytes()
    for value in values:
        value.metadata.plugin_data.plugin_name = "scalars"
        value.metadata.data_class = DATA_CLASS_SCALAR
    write_values(tmp_path / "run", *values)
    one = Experiment(serve(tmp_path, loader).provider, RequestContext(), "")
    found = one.scalars("scalars", ["run"], ["double", "bytes", "text"])

    assert {"bytes": [0.5]} == {
        tag: list(s.values) for (_, tag), s in found.items() if tag == "bytes"
    }
    assert {tag for _, tag in found} <= {"double", "bytes"}


@pytest.mark.parametrize(
    "stub",
    [
        object(),  # its methods have other names
        type("Stub", (), {"ReadScalars": lambda self: None})(),  # they take something else
        type("Stub", (), {"ReadScalars": lambda self, request: {}["runs"]})(),
        type("Stub", (), {"ReadScalars": lambda self, request: object()})(),  # other fields
    ],
    ids=["AttributeError", "TypeError", "KeyError", "fields"],
)
def test_whatever_fails_at_the_data_server_is_read_the_public_way_and_said_once(
    board, ways, caplog, monkeypatch, stub
):
    monkeypatch.setattr(data_server, "_warned", threading.Lock())
    changed = Experiment(Changed(board.provider, stub), RequestContext(), "")
    answers = [changed.scalars("mean_pixel", DIRECTORIES, SCALARS) for _ in range(2)]

    expected = as_lists(ways[2].scalars("mean_pixel", DIRECTORIES, SCALARS))
    assert [expected] * 2 == [as_lists(answer) for answer in answers]
    [record] = caplog.records
    assert ("tb_meanpixel", logging.WARNING) == (record.name, record.levelno)
    assert "reads through TensorBoard's public data provider" in record.message


@pytest.mark.parametrize("method", ["SummaryMetadata", "Tensors"])
def test_whatever_fails_at_the_python_loader_is_read_the_public_way_and_said_once(
    board, ways, caplog, monkeypatch, method
):
    class Multiplexer:
        def SummaryMetadata(self, run, tag):  # noqa: N802
            return SummaryMetadata()

        def Tensors(self, run, tag):  # noqa: N802
            return [object()]

    monkeypatch.setattr(python_loader, "_warned", threading.Lock())
    monkeypatch.delattr(Multiplexer, method)
    changed = Public(board.provider)
    changed._multiplexer = Multiplexer()
    one = Experiment(changed, RequestContext(), "")
    answers = [one.scalars("mean_pixel", DIRECTORIES, SCALARS) for _ in range(2)]

    expected = as_lists(ways[2].scalars("mean_pixel", DIRECTORIES, SCALARS))
    assert [expected] * 2 == [as_lists(answer) for answer in answers]
    [record] = caplog.records
    assert "TensorBoard's Python loader could not be read directly (AttributeError" in (
        record.message
    )
