"""Event files of the first version, whose names for three scores were others, are still read.

`data/first_version` was written by that version: a `MeanPixelWriter` with 8 random images of
4 x 4 pixels as references, and as outputs the same at half their brightness, then at 3/4.
"""

from pathlib import Path

import pytest

LOGS = Path(__file__).parents[1] / "data" / "first_version"


@pytest.fixture(scope="module")
def scores(loader, serve):
    """`{name: {step: value}}` of the scores in the file."""
    reader = serve(LOGS, loader).reader
    [run] = reader.runs()
    tags = {run.score_key(tag): tag.name for tag in run.scores()}
    return {
        tags[key]: dict(zip(series.steps.tolist(), series.values.tolist(), strict=True))
        for key, series in reader.scalars(tags).items()
    }


@pytest.mark.parametrize(
    "name", ["pixel_spread_ratio", "brightness_spread_ratio", "contrast_ratio"]
)
def test_renamed_scores_have_their_values_under_the_new_names(scores, name):
    assert {0: 0.5, 1: 0.75} == scores[name]


def test_scores_that_kept_their_names_are_read_beside_them(scores):
    assert {0: -0.2683105766773224, 1: -0.1341552883386612} == scores["bias"]
    assert not {"pixel_ratio", "between_ratio", "within_ratio"} & set(scores)
