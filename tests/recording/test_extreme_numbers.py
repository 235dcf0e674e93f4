"""Images of any numbers: no warning of NumPy reaches the user, and sentences can be read."""

import logging
import warnings

import numpy as np
import pytest

from tb_meanpixel import MeanPixel, MeanPixelWriter
from tb_meanpixel.statistics import scores
from tb_meanpixel.statistics.value_range import declaration, ends, infer_range

UNIT = np.random.default_rng(0).random((8, 6, 6, 3))


def holed(images):
    images = images.copy()
    images[0, 0, 0], images[1, 1], images[2, 2] = np.inf, -np.inf, np.nan
    return images


EXTREMES = {
    "3e38": (UNIT * 3e38, UNIT, (0, 1)),
    "float32": ((UNIT * np.finfo("f").max).astype("f"), UNIT.astype("f"), (0, 1)),
    "1e300": (UNIT * 1e300, UNIT, (0, 1)),
    "both 1e300": (UNIT * 1e300, UNIT * 1e300, (0, 1)),
    "infinite neighbours": (holed(UNIT), UNIT, None),
    "infinite references": (holed(UNIT), holed(UNIT)[::-1], None),
    "all infinite": (np.full_like(UNIT, -np.inf), UNIT, None),
    "all NaN": (np.full_like(UNIT, np.nan), UNIT, None),
    "half precision": ((UNIT * 65504).astype("f2"), UNIT.astype("f2"), (0, 1)),
    "hardly anything": (UNIT * 1e-300 * 1e-20, UNIT, None),
    "1e-30": (UNIT * 2e-30, UNIT * 1e-30, (0, 1e-30)),
    "1e36": (UNIT * 9e36, UNIT * 9e36, None),
}


@pytest.fixture(scope="module")
def extremes(tmp_path_factory):
    """A run of each, of pairs and of samples; written without a warning."""
    logs = tmp_path_factory.mktemp("logs")
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error", RuntimeWarning)
        for name, (output, reference, value_range) in EXTREMES.items():
            for kind in ("pairs", "samples"):
                with MeanPixelWriter(
                    logs / name / kind, value_range=value_range, paired=kind == "pairs"
                ) as writer:
                    for step in range(6):
                        writer.write(step, output=output, reference=reference)
    return logs


@pytest.fixture(scope="module")
def board(extremes, serve, loader):
    return serve(extremes, loader)


@pytest.mark.parametrize("kind", ["pairs", "samples"])
@pytest.mark.parametrize("name", EXTREMES)
def test_extreme_images_are_recorded_and_answered_without_a_warning(board, name, kind):
    run = f"{name}/{kind}"
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error", RuntimeWarning)
        for route in ("findings", "opening", "scalars", "overview"):
            assert board.get(route, run=run).status_code == 200
        for query in ({"baseline": "first"}, {}):
            board.json("baseline_scores", run=run, stream="validation", **query)
        picture = board.get("mean_image.png", run=run, stream="validation", side="difference")
        assert picture.status_code == 200
        [found] = board.histograms(run=run, stream="validation", quantity="pixels")["runs"]

    # Of pairs what is finite on one side only is not counted.
    counted, all_pixels = found["series"][0]["cells"].sum(), 6 * 2 * UNIT.size
    assert counted == all_pixels or (kind == "pairs" and 0 < counted < all_pixels)


@pytest.mark.parametrize("low", [0, 100, 300, 1000])
def test_a_metric_of_a_range_far_from_zero_has_the_right_spreads(low):
    random = np.random.default_rng(0)
    level = random.uniform(0.3, 0.7, (64, 1, 1, 1))
    reference = low + level + 0.2 * (random.random((64, 16, 16, 1)) - 0.5)
    output = low + 0.1 + 0.8 * (reference - low)
    metric = MeanPixel(value_range=(low, low + 1))
    metric.update_state(reference, output)
    found = scores.overall(scores.scores(metric.record()))

    for name in ("brightness_spread_ratio", "contrast_ratio", "pixel_spread_ratio"):
        assert found[name] == pytest.approx(0.8, abs=0.01)
    assert found["correlation"] == pytest.approx(1, abs=0.001)


FAR = 1e6 + 2 * UNIT


def test_the_ends_of_a_range_far_from_zero_can_be_told_apart(tmp_path, serve, loader):
    with MeanPixelWriter(tmp_path / "run", value_range=(1e6, 1e6 + 2)) as writer:
        for step in range(6):
            writer.write(step, output=FAR + 1, reference=FAR)
    [run] = serve(tmp_path, loader).json("findings")["runs"]
    told = next(one["sentence"] for one in run["findings"] if one["id"] == "wrong_range")

    assert "above 1000002 (range 1000000 to 1000002)." in told


def test_what_is_to_be_typed_is_the_range(tmp_path, caplog):
    with caplog.at_level(logging.INFO, "tb_meanpixel"), MeanPixelWriter(tmp_path) as writer:
        writer.write(0, output=FAR, reference=FAR)
    low, high = FAR.min(), FAR.max()
    typed = declaration(FAR, infer_range(FAR))

    assert typed in caplog.text
    assert "1e+06" not in caplog.text
    found = eval(typed.partition("=")[2])  # as a user types it
    np.testing.assert_allclose(found, (low, high), atol=0.01)


@pytest.mark.parametrize("low", [0.0, -1.0, 1e6, -1e6, 123456.5, 1e-30, 1e12])
@pytest.mark.parametrize("width", [1e-32, 1e-3, 1.0, 2.0, 255.0, 1e5, 1e20])
def test_ends_are_told_apart_where_numbers_are(low, width):
    high = low + width
    if high == low:
        return
    first, last = ends(low, high)

    assert float(first) < float(last)
    assert float(last) - float(first) == pytest.approx(width, rel=0.3)
