import re
import warnings
from pathlib import Path

import numpy as np
import pytest

from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.serving.reading.reader import ScalarRead
from tb_meanpixel.statistics.images import as_images, fingerprint
from tb_meanpixel.statistics.measuring import measure_images
from tb_meanpixel.statistics.value_range import ValueRange

UNIT = ValueRange(0.0, 1.0, "declared")
RNG = np.random.default_rng(0)
COLOR = RNG.random((4, 3, 5, 3))
OUTPUTS = RNG.random((3, 4, 3, 5, 3)) * 1.2 - 0.1  # (steps, batch, height, width, channels)
OUTPUTS[2, 0, 0, 0] = [np.nan, np.inf, -np.inf]
BLACK, GREY, WHITE = (np.full((2, 2, 2), level) for level in (0.0, 0.5, 1.0))
STEPS = 300


@pytest.fixture(scope="module")
def returned():
    """What `write` returned, by run and step."""
    return {}


@pytest.fixture(scope="module")
def logdir(tmp_path_factory, returned):
    """A run for each of the tests below."""
    logs = tmp_path_factory.mktemp("logs")
    with MeanPixelWriter(logs / "color", value_range=(0, 1), bins=32) as writer:
        for step, output in zip([3, 5, 9], OUTPUTS, strict=True):
            returned["color", step] = writer.write(
                step, output=output, reference=COLOR, scalars={"loss": 1 / step}
            )
    with MeanPixelWriter(
        logs / "first", value_range=(0, 1), data_format="channels_first"
    ) as writer:
        writer.write(0, output=np.moveaxis(OUTPUTS[0], -1, 1), reference=np.moveaxis(COLOR, -1, 1))
    with MeanPixelWriter(logs / "fixed") as writer:
        writer.write(0, output=GREY, reference=BLACK)
        writer.write(1, output=GREY)
        writer.write(2, output=GREY, reference=BLACK.copy())
    with MeanPixelWriter(logs / "changing") as writer:
        for step, reference in enumerate([BLACK, BLACK, WHITE, WHITE, BLACK]):
            writer.write(step, output=GREY, reference=reference)
    with MeanPixelWriter(logs / "samples", stream="samples", paired=False) as writer:
        writer.write(0, output=GREY[:1], reference=BLACK)
        writer.write(1, output=np.concatenate([GREY] * 3), reference=BLACK)
    with MeanPixelWriter(logs / "long") as writer:
        for step in range(STEPS):
            output = np.full((2, 2, 2), step / STEPS)
            writer.write(step, output=output, reference=BLACK, scalars={"loss": float(step)})
    with MeanPixelWriter(logs / "scalars") as writer:
        writer.write_scalars(0, {"loss": 0.5, "kl": 2.0})
        writer.write(1, output=GREY, reference=BLACK, scalars={"loss": 0.25, "kl": float("nan")})
    with MeanPixelWriter(logs / "failing") as writer:
        writer.write(0, output=GREY, reference=BLACK)
        for output, scalars in [
            (np.zeros((3, 2, 2)), {"loss": 1.0}),
            (np.zeros(4), {"loss": 1.0}),
            ({"x": GREY}, {"loss": 1.0}),
            (WHITE, {"loss": "high"}),
        ]:
            with pytest.raises((TypeError, ValueError)):
                writer.write(1, output=output, reference=BLACK, scalars=scalars)
        writer.write(2, output=GREY, reference=BLACK)
    with MeanPixelWriter(logs / "two", stream="validation") as validation:
        with MeanPixelWriter(logs / "two", stream="train") as train:
            for step in range(3):
                train.write(step, output=GREY, reference=BLACK)
                validation.write(step, output=WHITE, reference=BLACK)
        validation.write(3, output=WHITE, reference=BLACK)
    return logs


@pytest.fixture(scope="module")
def board(logdir, loader, serve):
    return serve(logdir, loader)


def read(board, run, stream="validation", quantity="pixels"):
    """The series of the outputs and of the references."""
    [found] = [r for r in board.reader.runs() if r.name == run]
    series = board.reader.histograms(found, found.stream(stream), quantity)
    by_side = {one.tag.side: one for one in series}
    return by_side["output"], by_side["reference"]


def scores(board, run):
    """`{tag: {step: value}}` of the overall scores and logs."""
    [found] = [r for r in board.reader.runs() if r.name == run]
    [read] = board.reader.run_scalars([ScalarRead(found, found.scores(), found.curves)])
    return {
        one.tag: dict(zip(series.steps.tolist(), series.values.tolist(), strict=True))
        for one, series in (*read.scores, *read.curves)
    }


@pytest.mark.parametrize("quantity", ["mean_pixels", "contrasts", "pixels"])
def test_what_is_read_is_what_was_measured(board, quantity):
    output, reference = read(board, "color", quantity=quantity)
    expected = [getattr(measure_images(images, UNIT), quantity).rebin(32) for images in OUTPUTS]
    [known] = [getattr(measure_images(COLOR, UNIT), quantity).rebin(32)]

    assert [3, 5, 9] == output.steps.tolist()
    assert [h.cells.tolist() for h in expected] == output.histogram.cells.tolist()
    for name in ("mean", "std"):
        np.testing.assert_allclose(
            [getattr(h, name) for h in expected], getattr(output.histogram, name), rtol=2e-7
        )
    assert (known.low, known.high, 32) == (output.tag.low, output.tag.high, output.tag.bins)
    assert [3] == reference.steps.tolist()
    assert [known.cells.tolist()] == reference.histogram.cells.tolist()
    np.testing.assert_allclose([known.mean], reference.histogram.mean, rtol=2e-7)


def test_the_scores_that_are_read_are_those_that_write_returned(board, returned):
    read_scores = scores(board, "color")

    for step in (3, 5, 9):
        for name, number in returned["color", step].items():
            np.testing.assert_equal(
                read_scores[f"validation/{name}"][step], float(np.float32(number))
            )


def test_the_stream_is_described(board):
    [found] = [r for r in board.reader.runs() if r.name == "color"]
    [stream] = found.streams

    assert ("all", "red", "green", "blue") == stream.info.channels
    assert (3, 5, 4) == (stream.info.height, stream.info.width, stream.info.reference_count)
    assert (0.0, 1.0, "declared") == stream.info.value_range
    assert fingerprint(COLOR) == stream.info.reference_hash
    assert (True, 32, 9) == (stream.info.paired, stream.bins, stream.steps.last)


def test_channels_first_images_are_the_same_images(board):
    first, last = read(board, "first")[0], read(board, "color")[0]

    assert last.histogram.rebin(32).cells[0].tolist() == first.histogram.rebin(32).cells[0].tolist()


@pytest.mark.parametrize(
    "run, steps, brightness",
    [("fixed", [0], [0.0]), ("changing", [0, 2, 4], [0.0, 1.0, 0.0])],
)
def test_a_reference_is_written_when_it_changes(board, run, steps, brightness):
    _, reference = read(board, run)

    assert steps == reference.steps.tolist()
    assert brightness == reference.histogram.mean[:, 0].tolist()


def test_scores_follow_the_reference_of_their_step(board):
    assert {0: 0.5, 1: 0.5, 2: -0.5, 3: -0.5, 4: 0.5} == scores(board, "changing")[
        "validation/bias"
    ]


def test_samples_need_not_be_as_many_as_references(board):
    output, reference = read(board, "samples", "samples")

    assert [[4], [24]] == output.histogram.total.tolist()
    assert [[8]] == reference.histogram.total.tolist()
    written = set(scores(board, "samples"))
    assert not {"samples/correlation", "samples/paired_t"} & written
    assert {"samples/bias_p", "samples/drift_p"} <= written


def test_no_step_is_lost(board):
    output, reference = read(board, "long")
    by_tag = scores(board, "long")

    assert list(range(STEPS)) == output.steps.tolist()
    assert [step / STEPS for step in range(STEPS)] == pytest.approx(output.histogram.mean[:, 0])
    assert [0] == reference.steps.tolist()
    assert {step: float(step) for step in range(STEPS)} == by_tag["logs/loss"]
    assert set(range(STEPS)) == set(by_tag["validation/bias"])


def test_the_loops_scalars_are_written_with_and_without_images(board):
    by_tag = scores(board, "scalars")

    assert {0: 0.5, 1: 0.25} == by_tag["logs/loss"]
    np.testing.assert_equal(by_tag["logs/kl"], {0: 2.0, 1: np.nan})
    assert {1: 0.5} == by_tag["validation/bias"]


def test_a_step_that_is_refused_leaves_nothing(board):
    output, _ = read(board, "failing")

    assert [0, 2] == output.steps.tolist()
    assert {0: 0.5, 2: 0.5} == scores(board, "failing")["validation/bias"]
    assert "logs/loss" not in scores(board, "failing")


def test_two_streams_share_a_run(board):
    train, validation = (read(board, "two", name)[0] for name in ("train", "validation"))

    assert [[0.5]] * 3 == train.histogram.mean.tolist()
    assert [[1.0]] * 4 == validation.histogram.mean.tolist()


def test_two_streams_keep_arriving_while_tensorboard_runs(tmp_path, serve):
    with (
        MeanPixelWriter(tmp_path, stream="train") as train,
        MeanPixelWriter(tmp_path, stream="validation") as validation,
    ):
        train.write(0, output=GREY, reference=BLACK)
        validation.write(0, output=GREY, reference=BLACK)
        board = serve(tmp_path, "python")  # the loader that never goes back to an older file
        train.write(1, output=GREY, reference=BLACK)
        validation.write(1, output=GREY, reference=BLACK)
        board.reload()

    assert [0, 1] == read(board, ".", "train")[0].steps.tolist()
    assert [0, 1] == read(board, ".", "validation")[0].steps.tolist()


def test_a_step_is_on_disk_when_write_returns(tmp_path, serve):
    writer = MeanPixelWriter(tmp_path)
    writer.write(0, output=GREY, reference=BLACK)
    board = serve(tmp_path, "python")

    assert [0] == read(board, ".")[0].steps.tolist()
    writer.close()


def test_events_go_to_a_directory_of_their_own(tmp_path):
    with MeanPixelWriter(tmp_path / "vae") as writer:
        writer.write_scalars(0, {"loss": 0.5})

    assert ["mean_pixel"] == [path.name for path in (tmp_path / "vae").iterdir()]
    assert 1 == len(list((tmp_path / "vae" / "mean_pixel").glob("events.out.tfevents.*")))


def test_references_may_have_another_layout(tmp_path):
    outputs = np.moveaxis(OUTPUTS[0], -1, 1)
    with MeanPixelWriter(
        tmp_path, value_range=(0, 1), data_format="NCHW", reference_data_format="NHWC"
    ) as writer:
        scores = writer.write(0, output=outputs, reference=COLOR)

    assert pytest.approx(OUTPUTS[0].mean() - COLOR.mean()) == scores["bias"]


def test_images_by_position_are_a_type_error(tmp_path):
    images = (GREY, BLACK)
    with (
        MeanPixelWriter(tmp_path) as writer,
        pytest.raises(TypeError, match="takes 2 positional arguments but 4 were given"),
    ):
        writer.write(0, *images)


def test_closing_twice_is_harmless(tmp_path):
    with MeanPixelWriter(tmp_path) as writer:
        writer.close()


def test_a_closed_writer_writes_no_more(tmp_path):
    with MeanPixelWriter(tmp_path) as writer:
        pass

    with pytest.raises(ValueError, match="^the writer is closed"):
        writer.write(0, output=GREY, reference=BLACK)


def test_write_returns_the_scores(tmp_path):
    with MeanPixelWriter(tmp_path) as writer:
        numbers = writer.write(0, output=GREY, reference=BLACK)

    assert (0.5, 0.0, 0.5, 0.5) == tuple(
        numbers[name] for name in ("output_mean", "reference_mean", "bias", "drift")
    )


def test_the_range_of_the_first_reference_is_kept(tmp_path):
    with MeanPixelWriter(tmp_path) as writer:
        writer.write(0, output=GREY, reference=BLACK)  # 0..1
        numbers = writer.write(1, output=3 * WHITE, reference=2 * WHITE)

    assert 1.0 == numbers["above_range"]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16", "uint8"])
def test_tensorflow_tensors_are_written_as_numpy_arrays_are(tmp_path, dtype):
    tf = pytest.importorskip("tensorflow")
    outputs, references = (tf.cast(images * 4, dtype) for images in (GREY, BLACK))
    with MeanPixelWriter(tmp_path, value_range=(0, 4)) as writer:
        from_tensors = writer.write(0, output=outputs, reference=references)
        from_arrays = writer.write(1, output=as_images(outputs), reference=as_images(references))

    np.testing.assert_equal(from_tensors, from_arrays)
    assert 2.0 == from_tensors["bias"]


def test_the_first_step_needs_a_reference(tmp_path):
    with (
        MeanPixelWriter(tmp_path) as writer,
        pytest.raises(ValueError, match=r"^reference must be given with the first step.*Type: "),
    ):
        writer.write(0, output=GREY)


@pytest.mark.parametrize(
    "paired, output, sentence",
    [
        (True, np.zeros((3, 2, 2)), "output must have the reference's shape (2, 2, 2, 1); got (3"),
        (True, np.zeros((2, 2, 3)), "output must have the reference's shape (2, 2, 2, 1); got (2"),
        (False, np.zeros((2, 2, 2, 3)), "output must have the reference's 1 channels ('grey',)"),
        (False, np.zeros((2, 2)), "output must be (batch, height, width, channels)"),
    ],
)
def test_outputs_that_do_not_fit_are_refused(tmp_path, paired, output, sentence):
    with (
        MeanPixelWriter(tmp_path, paired=paired) as writer,
        pytest.raises(ValueError, match="^" + re.escape(sentence)),
    ):
        writer.write(0, output=output, reference=BLACK)


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ({"stream": "a/b"}, "stream must be letters"),
        ({"stream": "logs"}, "stream must be letters"),
        ({"value_range": (1, 0)}, "value_range must be two finite numbers"),
        ({"bins": 0}, "bins must be a power of two from 2 to 256; got 0"),
        ({"bins": 48}, "bins must be a power of two from 2 to 256; got 48"),
        ({"bins": 512}, "bins must be a power of two from 2 to 256; got 512"),
        ({"bins": 64.0}, "bins must be a power of two from 2 to 256; got 64.0"),
        ({"data_format": "channels_frist"}, "data_format must be 'channels_last', 'channels_f"),
        ({"data_format": ""}, "data_format must be 'channels_last', 'channels_f"),
        ({"reference_data_format": "NHW"}, "reference_data_format must be 'channels_last', 'ch"),
        ({"log_dir": ""}, "log_dir must name a directory"),
    ],
)
def test_arguments_are_checked_at_construction(tmp_path, arguments, sentence):
    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        MeanPixelWriter(**{"log_dir": tmp_path / "logs", **arguments})

    assert not (tmp_path / "logs").exists()


def test_a_log_dir_that_is_no_path_is_refused():
    with pytest.raises(TypeError, match="^log_dir must be the path of a directory.*got NoneType"):
        MeanPixelWriter(None)


def test_a_directory_that_cannot_be_made_is_said_at_construction(tmp_path):
    (tmp_path / "file").write_text("not a directory")

    with pytest.raises(OSError, match=r"^log_dir '.*file/logs' cannot be written .*Choose a dir"):
        MeanPixelWriter(tmp_path / "file" / "logs")


def test_relative_directories_are_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    MeanPixelWriter("logs/vae").close()

    assert Path("logs/vae/mean_pixel").is_dir()


def test_an_inferred_range_is_said_once_with_what_to_type(tmp_path, caplog):
    caplog.set_level("INFO", "tb_meanpixel")
    levels = np.arange(17).reshape(1, 17, 1)  # 0..16
    with MeanPixelWriter(tmp_path) as writer:
        for step in range(2):
            writer.write(step, output=levels, reference=levels + step / 10)

    [said] = caplog.messages
    assert "validation: value range 0..18, from the reference" in said
    assert said.endswith(" type: value_range=(0, 16)")


def test_groups_are_the_independent_images(tmp_path):
    clips = np.repeat(np.arange(4), 8)
    with MeanPixelWriter(tmp_path) as writer:
        alone = writer.write(
            0,
            output=np.random.default_rng(0).random((32, 4, 4, 1)),
            reference=np.random.default_rng(0).random((32, 4, 4, 1)),
        )
        grouped = writer.write(
            1,
            output=np.random.default_rng(0).random((32, 4, 4, 1)),
            reference=np.random.default_rng(0).random((32, 4, 4, 1)),
            groups=clips,
        )

    assert (32, 4) == (alone["independent_count"], grouped["independent_count"])


def test_groups_without_their_reference_are_refused(tmp_path):
    images = np.random.default_rng(0).random((32, 4, 4, 1))
    with MeanPixelWriter(tmp_path) as writer:
        writer.write(0, output=images, reference=images)
        with pytest.raises(ValueError, match="^groups must come"):
            writer.write(1, output=images, groups=np.zeros(32, int))


def test_references_that_leave_the_range_of_the_first_ones_are_told_once(tmp_path):
    images = np.random.default_rng(0).random((8, 4, 4, 1))
    with MeanPixelWriter(tmp_path) as writer:
        writer.write(0, output=images, reference=images)
        with pytest.warns(RuntimeWarning, match=r"outside of 0..1.*Type: value_range=\(-1, 1\)"):
            writer.write(1, output=images, reference=images * 2 - 1)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            writer.write(2, output=images, reference=images * 2 - 1.01)
