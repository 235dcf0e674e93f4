"""Event files of the first version, whose names for three scores were others, are still read.

`data/first_version` was written by that version: a `MeanPixelWriter` with 8 random images of
4 x 4 pixels as references, and as outputs the same at half their brightness, then at 3/4.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.serving.reading.reader import ScalarRead

LOGS = Path(__file__).parents[1] / "data" / "first_version"


@pytest.fixture(scope="module")
def scores(loader, serve):
    """`{name: {step: value}}` of the scores in the file."""
    reader = serve(LOGS, loader).reader
    [run] = reader.runs()
    [found] = reader.run_scalars([ScalarRead(run, run.scores(), ())])
    return {
        tag.name: dict(zip(series.steps.tolist(), series.values.tolist(), strict=True))
        for tag, series in found.scores
    }


@pytest.mark.parametrize(
    "name", ["pixel_spread_ratio", "brightness_spread_ratio", "contrast_ratio"]
)
def test_renamed_scores_have_their_values_under_the_new_names(scores, name):
    assert {0: 0.5, 1: 0.75} == scores[name]


def test_scores_that_kept_their_names_are_read_beside_them(scores):
    assert {0: -0.2683105766773224, 1: -0.1341552883386612} == scores["bias"]
    assert not {"pixel_ratio", "between_ratio", "within_ratio"} & set(scores)


@pytest.mark.parametrize("first, last", [(2, 4), (1, 3), (0, 0)], ids=["after", "within", "again"])
def test_a_run_resumed_by_this_version_is_one_series(tmp_path, loader, serve, first, last):
    shutil.copytree(LOGS / "vae", tmp_path / "vae")
    reference = np.random.default_rng(0).random((8, 4, 4, 1))
    with MeanPixelWriter(tmp_path / "vae", value_range=(0, 1)) as writer:
        for step in range(first, last + 1):
            writer.write(step, output=reference, reference=reference)
    board = serve(tmp_path, loader)
    [run] = board.json("runs")["runs"]
    [scalars] = board.json("scalars", channel="")["runs"]
    series = {score["name"]: score for score in scalars["scores"]}
    old = {0: 0.5, 1: 0.75}

    names = run["streams"][0]["scores"]
    assert len(set(names)) == len(names) == len(scalars["scores"])
    for name in ("pixel_spread_ratio", "brightness_spread_ratio", "contrast_ratio"):
        expected = [old[step] if step < first else 1.0 for step in range(last + 1)]
        assert list(range(last + 1)) == series[name]["steps"]
        assert pytest.approx(expected) == series[name]["values"]
