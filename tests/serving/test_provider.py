import logging
import threading

import numpy as np
import pytest
from support.boards import write_scalars
from tensorboard.context import RequestContext

from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.serving.reading import data_server
from tb_meanpixel.serving.reading.data_server import DataServer
from tb_meanpixel.serving.reading.provider import ALL_STEPS, Experiment

GREY, BLACK = np.full((2, 2, 2), 0.5), np.zeros((2, 2, 2))
DIRECTORIES = ["a/mean_pixel", "b/mean_pixel", "not there"]
TENSORS = ["validation/output/pixels", "validation/output/mean_image", "not there"]
SCALARS = ["validation/bias", "validation/epochs_recorded", "logs/loss"]


class Public:
    """A provider without a data server behind it: only its public methods."""

    def __init__(self, provider):
        self.read_scalars, self.read_tensors = provider.read_scalars, provider.read_tensors


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
    return serve(logs, "fast")


@pytest.fixture(scope="module")
def both(board):
    """The way to the data server, and the public one."""
    return [
        Experiment(provider, RequestContext(), "")
        for provider in (board.provider, Public(board.provider))
    ]


def as_lists(found):
    return {
        key: (series.steps.tolist(), series.wall_times.tolist(), list(series.values))
        for key, series in found.items()
    }


def test_the_data_server_is_read_where_there_is_one(board, both):
    fast, public = (
        DataServer(provider, "").scalars("mean_pixel", DIRECTORIES, SCALARS, ALL_STEPS)
        for provider in (board.provider, Public(board.provider))
    )

    assert public is None
    assert as_lists(both[0].scalars("mean_pixel", DIRECTORIES, SCALARS)) == as_lists(fast)


def test_scalars_are_the_same_either_way(both):
    fast, public = (as_lists(one.scalars("mean_pixel", DIRECTORIES, SCALARS)) for one in both)

    assert 6 == len(fast)
    assert public == fast
    assert [1.0, 2.0, 3.0, 4.0, 5.0] == fast["b/mean_pixel", "validation/epochs_recorded"][2]


@pytest.mark.parametrize("dtype", ["<f8", "<f2"])
def test_tensors_are_the_same_either_way(both, dtype):
    fast, public = (
        as_lists(one.tensors("mean_pixel", DIRECTORIES, TENSORS, dtype)) for one in both
    )

    assert 4 == len(fast)
    assert public == fast
    [other] = {"<f8", "<f2"} - {dtype}
    empty = {"<f8": TENSORS[0], "<f2": TENSORS[1]}[other]
    assert [b""] * 3 == fast["a/mean_pixel", empty][2]


def test_numbers_that_are_not_finite_arrive(both):
    for one in both:
        [series] = one.scalars("scalars", ["a/train"], ["epoch_loss"]).values()
        np.testing.assert_array_equal([np.nan, np.inf], series.values)


def test_without_names_nothing_is_found(both):
    for one in both:
        assert {} == one.scalars("mean_pixel", [], [])
        assert {} == one.tensors("mean_pixel", ["a/mean_pixel"], ["not there"], "<f8")


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
    board, both, caplog, monkeypatch, stub
):
    monkeypatch.setattr(data_server, "_warned", threading.Lock())
    changed = Experiment(Changed(board.provider, stub), RequestContext(), "")
    answers = [changed.scalars("mean_pixel", DIRECTORIES, SCALARS) for _ in range(2)]

    expected = as_lists(both[1].scalars("mean_pixel", DIRECTORIES, SCALARS))
    assert [expected] * 2 == [as_lists(answer) for answer in answers]
    [record] = caplog.records
    assert ("tb_meanpixel", logging.WARNING) == (record.name, record.levelno)
    assert "reads through TensorBoard's public data provider" in record.message
