import numpy as np
import pytest
from support.boards import write_scalars

import tb_meanpixel
from tb_meanpixel import MeanPixelWriter, measure
from tb_meanpixel.findings.thresholds import Thresholds
from tb_meanpixel.serving.reading.logdir import NoDataError
from tb_meanpixel.statistics.scores import overall, scores

REFERENCE = np.random.default_rng(0).random((32, 4, 4, 3))
STEPS = 20


def output(step):
    return REFERENCE * 0.9 if step >= 17 else REFERENCE * 0.99


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    logs = tmp_path_factory.mktemp("logs")
    with MeanPixelWriter(logs / "vae", value_range=(0, 1)) as writer:
        for step in range(STEPS):
            writer.write(
                step, output=output(step), reference=REFERENCE, scalars={"loss": 1 / (1 + step)}
            )
    write_scalars(logs / "vae" / "validation", {"epoch_loss": [0.5] * STEPS})
    with MeanPixelWriter(logs / "gan", stream="samples", paired=False, bins=8) as writer:
        writer.write(3, output=REFERENCE[:9], reference=REFERENCE)
    return tb_meanpixel.read(logs)


def test_runs_are_found_by_name_and_in_order(runs):
    assert ("gan", "vae") == runs.names == tuple(run.name for run in runs)
    assert (2, "gan", "vae") == (len(runs), runs[0].name, runs["vae"].name)
    assert (("samples",), ("validation",)) == (runs["gan"].streams, runs["vae"].streams)


def test_an_unknown_run_is_refused_with_those_that_there_are(runs):
    with pytest.raises(KeyError, match="there is no run 'vea'; there are 'gan', 'vae'"):
        runs["vea"]


def test_scores_are_those_of_the_images_that_were_written(runs):
    found = {(s.stream, s.name, s.channel): s for s in runs["vae"].scores()}
    by_name = scores(measure(output=output(STEPS - 1), reference=REFERENCE, value_range=(0, 1)))

    for name, number in overall(by_name).items():
        series = found["validation", name, ""]
        assert list(range(STEPS)) == series.steps.tolist()
        np.testing.assert_equal(float(np.float32(number)), float(series.values[-1]))
    assert np.float32(by_name["bias"][1]) == found["validation", "bias", "red"].values[-1]
    assert (np.diff(found["validation", "bias", ""].wall_times) >= 0).all()


def test_curves_are_those_of_all_writers(runs):
    curves = {(c.name, c.split): c for c in runs["vae"].curves()}

    assert {("loss", "train"), ("loss", "validation")} == set(curves)
    assert all(curve.primary for curve in curves.values())
    assert pytest.approx([1 / (1 + s) for s in range(STEPS)]) == curves["loss", "train"].values
    other = curves["loss", "validation"]
    assert ("vae/validation", "epoch_loss") == (other.event_directory, other.tag)
    assert [0.5] * STEPS == other.values.tolist()


@pytest.mark.parametrize("quantity, count", [("mean_pixels", 9), ("pixels", 9 * 4 * 4)])
def test_histograms_are_those_of_the_images_that_were_written(runs, quantity, count):
    by_side = {one.side: one for one in runs["gan"].histograms(quantity)}
    outputs = by_side["output"]

    assert ("samples", quantity, ("all", "red", "green", "blue")) == (
        outputs.stream,
        outputs.quantity,
        outputs.channels,
    )
    assert ([3], (1, 4, 8 + 5)) == (outputs.steps.tolist(), outputs.histogram.cells.shape)
    assert count == outputs.histogram.total[0, 1]
    assert pytest.approx(REFERENCE[:9, ..., 0].mean()) == outputs.histogram.mean[0, 1]
    assert pytest.approx(REFERENCE[..., 2].mean()) == by_side["reference"].histogram.mean[0, 3]


def test_an_unknown_quantity_is_refused(runs):
    with pytest.raises(ValueError, match="^quantity must be one of mean_pixels, contrasts, pixels"):
        runs["vae"].histograms("means")


def test_findings_follow_the_thresholds_that_are_given(runs):
    assert ["brightness_drift"] == [finding.id for finding in runs["vae"].findings()]
    assert [] == runs["vae"].findings(Thresholds(bias=0.5, drift=0.5))


@pytest.mark.parametrize("what", ["scores", "curves", "histograms", "findings"])
def test_of_all_runs_the_same_is_there_by_name(runs, what):
    everything = getattr(runs, what)()

    assert ["gan", "vae"] == list(everything)
    for name, found in everything.items():
        assert len(found) == len(getattr(runs[name], what)())


def test_a_directory_without_records_is_refused_with_what_to_type(tmp_path):
    with pytest.raises(NoDataError, match=r"^There are no mean-pixel records in .* doctor "):
        tb_meanpixel.read(tmp_path)
