"""One event file, read by TensorBoard's own loaders alone: all that is recorded is there."""

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.context import RequestContext
from tensorboard.data.provider import RunTagFilter
from tensorboard.util import tensor_util

from tb_meanpixel import MeanPixelWriter, measure
from tb_meanpixel.schema.sample_sheet import describe_sheet
from tb_meanpixel.schema.serialization import parse
from tb_meanpixel.statistics.scores import overall, scores

REFERENCE = np.random.default_rng(0).random((40, 6, 6, 3))
STEPS = 3
SIDES = [
    f"validation/{side}/{name}"
    for side in ("output", "reference")
    for name in (
        *("mean_pixels", "contrasts", "pixels", "mean_image"),
        *("mean_pixels_quantiles", "contrasts_quantiles"),
    )
]
TENSORS = {*SIDES, "validation/scores", "validation/sums"}
SAMPLES = {"validation/samples", "validation/samples_reference"}
SCALARS = {"validation/output_mean", "validation/bias", "validation/drift", "logs/loss"}


def output(step):
    return REFERENCE * (0.5 + step / 10)


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    logs = tmp_path_factory.mktemp("logs")
    with MeanPixelWriter(logs / "vae", value_range=(0, 1), unit="image") as writer:
        for step in range(STEPS):
            writer.write(step, output=output(step), reference=REFERENCE, scalars={"loss": 0.5})
    return logs


@pytest.fixture(scope="module", params=["EventAccumulator", "data server"])
def found(request, logs, serve):
    """`{tag: ([(step, array), ...], metadata content)}` of all tensors, scalars and blobs."""
    if request.param == "EventAccumulator":
        accumulator = EventAccumulator(str(logs / "vae" / "mean_pixel"), {"tensors": 0})
        accumulator.Reload()
        return {
            tag: (
                [(one.step, tensor_util.make_ndarray(one.tensor_proto)) for one in
                 accumulator.Tensors(tag)],
                accumulator.SummaryMetadata(tag).plugin_data.content,
            )
            for tag in accumulator.Tags()["tensors"]
        }  # fmt: skip
    provider = serve(logs, "fast").provider
    named = {"experiment_id": "", "plugin_name": "mean_pixel"}
    everything = {"downsample": 100, "run_tag_filter": RunTagFilter()}
    answer = {}
    for listing, read, value in [
        (provider.list_tensors, provider.read_tensors, "numpy"),
        (provider.list_scalars, provider.read_scalars, "value"),
    ]:
        listed = listing(RequestContext(), **named)["vae/mean_pixel"]
        data = read(RequestContext(), **named, **everything)["vae/mean_pixel"]
        for tag, points in data.items():
            series = [(point.step, np.asarray(getattr(point, value))) for point in points]
            answer[tag] = series, listed[tag].plugin_content
    context, named["plugin_name"] = RequestContext(), "mean_pixel_samples"
    listed = provider.list_blob_sequences(context, **named)["vae/mean_pixel"]
    data = provider.read_blob_sequences(context, **named, **everything)["vae/mean_pixel"]
    for tag, points in data.items():
        series = [
            (one.step, [provider.read_blob(context, blob_key=each.blob_key) for each in one.values])
            for one in points
        ]
        answer[tag] = series, listed[tag].plugin_content
    return answer


def test_every_tag_is_there_at_every_step(found):
    assert {*TENSORS, *SCALARS, *SAMPLES, "validation/epochs_recorded"} == set(found)
    for tag, (points, content) in found.items():
        steps = 1 if "reference" in tag else STEPS
        assert list(range(steps)) == [step for step, _ in points], tag
        assert tag == parse(content).tag
    assert [1.0, 2.0, 3.0] == [value for _, value in found["validation/epochs_recorded"][0]]


def test_samples_are_pictures_of_eight_images(found):
    for tag in SAMPLES:
        for _, [sheet] in found[tag][0]:
            samples, _, height, width = describe_sheet(bytes(sheet))
            sides = [one.side for one in samples if not one.is_worst]
            assert sides == 6 * [tag.replace("validation/samples", "")[1:] or "output"]
            assert (height, width) == (6, 6)


def test_scores_and_sums_are_those_of_the_record(found):
    record = measure(output=output(2), reference=REFERENCE, value_range=(0, 1))
    by_name = scores(record)
    points, content = found["validation/scores"]
    names, table = parse(content).names, points[2][1]
    for name, number in overall(by_name).items():
        np.testing.assert_allclose(np.float32(number), table[names.index(name), 0], rtol=1e-6)
    np.testing.assert_allclose(
        np.float32(by_name["bias"][1:]), table[names.index("bias"), 1:], rtol=1e-6
    )
    points, content = found["validation/sums"]
    sums = record.sums()
    assert tuple(sums) == parse(content).names
    np.testing.assert_allclose(np.stack(list(sums.values())), points[2][1], rtol=1e-12)


def test_quantiles_are_those_of_the_images_means(found):
    points, content = found["validation/output/mean_pixels_quantiles"]
    means = output(1).mean(axis=(1, 2))
    expected = np.quantile(means, parse(content).probabilities, axis=0).T

    np.testing.assert_allclose(expected, points[1][1][1:], rtol=1e-6)


def test_the_unit_and_the_writer_are_named(found):
    stream = parse(found["validation/scores"][1]).stream

    assert ("image", "validation") == (stream.unit, stream.name)
    assert stream.writer_version
