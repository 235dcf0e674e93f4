import numpy as np
import pytest
from support.boards import write_scalars
from tensorboard.context import RequestContext

from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.serving.reading.provider import Bulk

GREY, BLACK = np.full((2, 2, 2), 0.5), np.zeros((2, 2, 2))
RUNS = ["a/mean_pixel", "b/mean_pixel", "not there"]
TENSORS = ["validation/output/pixels", "validation/output/mean_image", "not there"]
SCALARS = ["validation/bias", "validation/epochs_recorded", "logs/loss"]


class Public:
    """A provider without a data server behind it: only its public methods."""

    def __init__(self, provider):
        self.read_scalars, self.read_tensors = provider.read_scalars, provider.read_tensors


@pytest.fixture(scope="module")
def board(tmp_path_factory, serve):
    logs = tmp_path_factory.mktemp("logs")
    for name, epochs in [("a", 3), ("b", 5)]:
        with MeanPixelWriter(logs / name) as writer:
            for epoch in range(epochs):
                writer.write(
                    epoch,
                    output=GREY * epoch / 4,
                    reference=BLACK,
                    scalars={"loss": 1 / (epoch + 1)},
                )
    write_scalars(logs / "a" / "train", {"epoch_loss": [float("nan"), float("inf")]})
    return serve(logs, "fast")


@pytest.fixture(scope="module")
def both(board):
    """The way to the data server, and the public one."""
    return [
        Bulk(provider, RequestContext(), "")
        for provider in (board.provider, Public(board.provider))
    ]


def as_lists(found):
    return {
        key: (points.steps.tolist(), points.wall_times.tolist(), list(points.values))
        for key, points in found.items()
    }


def test_the_data_server_is_asked_where_there_is_one(both):
    asked = [b._data_server("ReadScalars", "mean_pixel", RUNS, SCALARS, 9) for b in both]

    assert [True, False] == [answer is not None for answer in asked]


def test_scalars_are_the_same_either_way(both):
    fast, public = (as_lists(bulk.scalars("mean_pixel", RUNS, SCALARS)) for bulk in both)

    assert 6 == len(fast)
    assert public == fast
    assert [1.0, 2.0, 3.0, 4.0, 5.0] == fast["b/mean_pixel", "validation/epochs_recorded"][2]


@pytest.mark.parametrize("dtype", ["<f8", "<f2"])
def test_tensors_are_the_same_either_way(both, dtype):
    fast, public = (as_lists(bulk.tensors("mean_pixel", RUNS, TENSORS, dtype)) for bulk in both)

    assert 4 == len(fast)
    assert public == fast
    [other] = {"<f8", "<f2"} - {dtype}
    empty = {"<f8": TENSORS[0], "<f2": TENSORS[1]}[other]
    assert [b""] * 3 == fast["a/mean_pixel", empty][2]


def test_numbers_that_are_not_finite_arrive(both):
    for bulk in both:
        [points] = bulk.scalars("scalars", ["a/train"], ["epoch_loss"]).values()
        np.testing.assert_array_equal([np.nan, np.inf], points.values)


def test_nothing_asked_is_nothing_found(both):
    for bulk in both:
        assert {} == bulk.scalars("mean_pixel", [], [])
        assert {} == bulk.tensors("mean_pixel", ["a/mean_pixel"], ["not there"], "<f8")
