import contextlib
import fcntl
import io
import logging
import warnings

import keras
import numpy as np
import pytest
from support.constant_model import IMAGES, FailAt, Paint, constant

import tb_meanpixel
from tb_meanpixel import MeanPixel, MeanPixelCallback, MeanPixelWriter
from tb_meanpixel.findings import IDS
from tb_meanpixel.findings.thresholds import Thresholds
from tb_meanpixel.recording.live_findings import LiveFindings
from tb_meanpixel.schema.metadata import StreamInfo
from tb_meanpixel.statistics import scores
from tb_meanpixel.statistics.record import measure
from tb_meanpixel.statistics.value_range import ValueRange

RNG = np.random.default_rng(0)
MANY = RNG.random((128, 4, 4, 1), np.float32)
FLAT = np.full_like(MANY, 0.5)
# So many epochs until all outputs are one image for certain.
CERTAIN = 8


class Record(keras.callbacks.Callback):
    """The epochs that were begun."""

    def __init__(self):
        super().__init__()
        self.epochs = []

    def on_epoch_begin(self, epoch, logs=None):
        self.epochs.append(epoch)


def collapsed():
    """A model whose outputs are all the same image; it learns to be another one each time."""
    model = constant()
    model.compile(keras.optimizers.SGD(0.5), "mse", run_eagerly=True)
    return model


def fit(callbacks, epochs=CERTAIN + 2, model=None, **arguments):
    (model or collapsed()).fit(
        MANY,
        MANY,
        **{"epochs": epochs, "callbacks": callbacks, "verbose": 0, "batch_size": 128, **arguments},
    )


@pytest.fixture
def said(caplog):
    """What was said of findings: `said()`."""

    def lines():
        return [
            record.getMessage()
            for record in caplog.records
            if record.name == "tb_meanpixel" and record.levelno >= logging.WARNING
        ]

    return lines


def found(logdir):
    """The findings of all runs, as the file has them."""
    return [finding for run in tb_meanpixel.read(logdir) for finding in run.findings()]


def test_a_finding_is_one_warning_with_what_to_look_at(tmp_path, said):
    fit([MeanPixelCallback(tmp_path / "vae", reference=MANY)])

    [line] = [line for line in said() if "ollapse" in line]
    [finding] = [finding for finding in found(tmp_path) if finding.id == "collapse"]
    assert line.startswith(f"{tmp_path / 'vae'}: Collapse since epoch 0. All outputs look alike")
    assert line.endswith(f" Look first at: {finding.look_at}. More: tb-meanpixel explain collapse")


def test_what_is_too_early_to_tell_is_not_said(tmp_path, said):
    got = []
    with MeanPixelWriter(tmp_path, on_finding=got.append) as writer:
        for step in range(CERTAIN - 1):
            writer.write(step, output=FLAT + 0.01 * step, reference=MANY)
        early = writer.findings
        writer.write(CERTAIN - 1, output=FLAT, reference=MANY)

    assert [("collapse", "early")] == [(finding.id, finding.state) for finding in early]
    assert 1 == len(said())
    assert [("collapse", "found")] == [(finding.id, finding.state) for finding in got]


def test_a_fit_that_goes_on_says_nothing_again(tmp_path, said):
    got = []
    callback = MeanPixelCallback(tmp_path, reference=MANY, on_finding=got.append)
    model = collapsed()
    fit([callback], model=model)
    lines = said()
    fit([callback], model=model, epochs=2 * CERTAIN, initial_epoch=CERTAIN + 2)
    again = MeanPixelCallback(tmp_path, reference=MANY, on_finding=got.append)
    fit([again], model=model, epochs=3 * CERTAIN, initial_epoch=2 * CERTAIN)

    assert lines
    assert lines == said()
    assert len(lines) == len(got)


def test_a_fit_for_each_epoch_has_a_history(tmp_path, said):
    callback, model = MeanPixelCallback(tmp_path, reference=MANY), collapsed()
    for epoch in range(CERTAIN):
        assert [] == [line for line in said() if "ollapse" in line]
        fit([callback], model=model, epochs=epoch + 1, initial_epoch=epoch)

    assert 1 == len([line for line in said() if "ollapse" in line])


def test_records_that_are_replaced_do_not_count(tmp_path, said):
    with MeanPixelWriter(tmp_path) as writer, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the replacement
        for _ in range(3):
            for step in range(CERTAIN - 3):
                writer.write(step, output=FLAT + 0.01 * step, reference=MANY)

        assert ["early"] == [finding.state for finding in writer.findings]
    assert [] == said()


def test_on_finding_gets_the_finding_in_its_epoch(tmp_path):
    got, epochs = [], Record()
    callback = MeanPixelCallback(
        tmp_path,
        reference=MANY,
        on_finding=lambda finding: got.append((finding, epochs.epochs[-1])),
    )
    fit([epochs, callback])

    by_id = {finding.id: (finding, epoch) for finding, epoch in got}
    assert len(got) == len(by_id)
    finding, epoch = by_id["collapse"]
    assert ("validation", "found", 0, CERTAIN - 1) == (
        finding.stream,
        finding.state,
        finding.first_step,
        epoch,
    )


def test_a_failure_of_on_finding_is_one_warning_and_training_goes_on(tmp_path, said):
    def fail(finding):
        raise KeyError(finding.id)

    epochs = Record()
    callback = MeanPixelCallback(tmp_path, reference=MANY, on_finding=fail)
    with pytest.warns(RuntimeWarning, match="on_finding raised KeyError") as caught:
        fit([callback, epochs, Paint(np.nan)], model=constant())

    assert 1 == len([one for one in caught if "on_finding" in str(one.message)])
    assert CERTAIN + 2 == len(epochs.epochs)
    assert said()


def test_stop_on_ends_fit_and_says_why(tmp_path, said):
    epochs, got = Record(), []
    callback = MeanPixelCallback(
        tmp_path / "a", reference=MANY, stop_on=["collapse", "non_finite"], on_finding=got.append
    )
    fit([callback, epochs], epochs=50)

    assert list(range(CERTAIN)) == epochs.epochs
    assert f"{tmp_path / 'a'}: training stopped: stop_on has collapse" == said()[-1]
    # What was said at the last epoch is what everybody reads afterwards.
    by_id = {finding.id: finding for finding in found(tmp_path)}
    assert by_id.keys() == {finding.id for finding in got}
    assert by_id["collapse"] == got[-1]


def test_stop_on_ends_fit_at_the_first_nan(tmp_path, said):
    epochs = Record()
    callback = MeanPixelCallback(tmp_path, reference=MANY, stop_on={"non_finite"})
    fit([callback, Paint(np.nan), epochs], model=constant())

    assert [0] == epochs.epochs
    assert f"{tmp_path}: training stopped: stop_on has non_finite" == said()[-1]


def test_a_cured_training_goes_on(tmp_path, said):
    callback = MeanPixelCallback(tmp_path, reference=MANY, stop_on=("non_finite",))
    model, epochs = constant(), Record()
    fit([Paint(np.nan), callback], model=model, epochs=9)
    fit([Paint(0.5), callback, epochs], model=model, initial_epoch=1, epochs=4)

    assert [1, 2, 3] == epochs.epochs
    assert 1 == len([line for line in said() if "stop_on" in line])


def test_a_state_that_lasts_ends_the_next_fit_too(tmp_path, said):
    callback = MeanPixelCallback(tmp_path, reference=MANY, stop_on=("non_finite",))
    model, epochs = constant(), Record()
    fit([Paint(np.nan), callback], model=model, epochs=9)
    fit([Paint(np.nan), callback, epochs], model=model, initial_epoch=1, epochs=9)

    assert [1] == epochs.epochs
    assert 2 == len([line for line in said() if "stop_on" in line])
    assert 1 == len([line for line in said() if "not finite" in line])


def test_a_loop_of_ones_own_is_told_to_stop(tmp_path, said):
    steps = []
    with MeanPixelWriter(tmp_path, stop_on=("collapse",)) as writer:
        for step in range(50):
            assert not writer.should_stop
            writer.write(step, output=FLAT + 0.001 * step, reference=MANY)
            steps.append(step)
            if writer.should_stop:
                break

    assert CERTAIN == len(steps)
    assert f"{tmp_path}: training should stop: stop_on has collapse" == said()[-1]


@pytest.mark.parametrize("make", [MeanPixelCallback, MeanPixelWriter])
@pytest.mark.parametrize(
    "arguments, error, words",
    [
        ({"stop_on": "collapse"}, TypeError, r"Type: stop_on=\('collapse',\)"),
        ({"stop_on": 3}, TypeError, "stop_on must be ids of findings"),
        ({"stop_on": ["colapse"]}, ValueError, f"no finding 'colapse'. There are {', '.join(IDS)}"),
        ({"stop_on": [3]}, ValueError, "no finding 3"),
        ({"stop_on": [["collapse"]]}, ValueError, "no finding"),
        ({"on_finding": "print"}, TypeError, "on_finding must be a function"),
        ({"thresholds": {"bias": 0.1}}, TypeError, "thresholds must be a Thresholds or the path"),
        ({"thresholds": "missing.toml"}, OSError, "missing.toml"),
    ],
)
def test_arguments_are_checked_at_once(make, arguments, error, words, tmp_path):
    with pytest.raises(error, match=words):
        make(tmp_path / "run", **arguments)

    assert [] == list(tmp_path.iterdir())


def test_thresholds_may_be_in_a_file(tmp_path, said):
    path = tmp_path / "levels.toml"
    path.write_text("early = 3\nsettled = 3\nfrozen = 100\n")
    for name, thresholds in [("file", path), ("text", str(path))]:
        with MeanPixelWriter(tmp_path / name, thresholds=thresholds) as writer:
            for step in range(3):
                writer.write(step, output=FLAT, reference=MANY)
    path.write_text("colapse = 3\n")

    assert 2 == len(said())
    with pytest.raises(ValueError, match=r"no threshold 'colapse'.*collapse"):
        MeanPixelCallback(tmp_path / "bad", reference=MANY, thresholds=path)


def test_the_engine_is_off_where_the_environment_says_so(tmp_path, said, monkeypatch):
    monkeypatch.setenv("TB_MEANPIXEL_FINDINGS", "0")
    got = []
    with MeanPixelWriter(tmp_path, on_finding=got.append, stop_on=("collapse", "frozen")) as writer:
        for step in range(CERTAIN):
            writer.write(step, output=FLAT, reference=MANY)

        assert not writer.should_stop
        assert [] == writer.findings
    assert [] == said() == got
    assert found(tmp_path)


def test_the_level_of_the_logger_silences(tmp_path, caplog):
    got = []
    with (
        caplog.at_level(logging.ERROR, "tb_meanpixel"),
        MeanPixelWriter(tmp_path, on_finding=got.append) as writer,
    ):
        for step in range(CERTAIN):
            writer.write(step, output=FLAT, reference=MANY)

    assert [] == caplog.records
    assert got


def color_runs():
    """Outputs `(steps, batch, height, width, channels)` that go wrong, and their references."""
    rng = np.random.default_rng(1)
    references = rng.random((96, 6, 6, 3))
    learned = references * 0.9 + rng.normal(0, 0.02, (60, *references.shape))
    ramp = np.linspace(0, 1, 60)[:, None, None, None, None]
    return references, {
        "too_bright": learned + 0.2 * ramp,
        "tinted": learned + np.array([0.3, 0.0, 0.0]) * (ramp > 0.5),
        "range": learned * 2 - 1,
        "fading": 0.5 + (learned - 0.5) * (1 - ramp),
        "nan": np.where(ramp == ramp[30], np.nan, learned),
        "swapped": learned[..., ::-1],
    }


COLORS, COLOR_RUNS = color_runs()


@pytest.mark.parametrize("name", COLOR_RUNS)
def test_a_writer_says_what_is_read_from_its_file(name, tmp_path):
    rng = np.random.default_rng(2)
    with MeanPixelWriter(tmp_path, unit="epoch", value_range=(0, 1)) as writer:
        for step, output in enumerate(COLOR_RUNS[name]):
            scalars = {"loss": 1 / (step + 1) + 0.01 * rng.random(), "train/kl": 1.0}
            if step % 2:
                scalars["val_loss"] = 2 / (step + 1)
            writer.write(2 * step, output=output, reference=COLORS, scalars=scalars)
        live = writer.findings

    assert live
    assert found(tmp_path) == live


def test_streams_of_metrics_are_told_apart(tmp_path, said):
    model = collapsed()
    model.compile(keras.optimizers.SGD(0.5), "mse", metrics=[MeanPixel()], run_eagerly=True)
    got = []
    callback = MeanPixelCallback(tmp_path, on_finding=got.append)
    fit([callback], model=model, validation_data=(MANY, MANY), epochs=CERTAIN + 8)

    on_disk = {(finding.stream, finding.id) for finding in found(tmp_path)}
    assert {("train", "collapse"), ("validation", "collapse")} <= on_disk
    assert on_disk == {(finding.stream, finding.id) for finding in got}
    assert 1 == len([line for line in said() if f"{tmp_path}: Collapse" in line])
    assert 1 == len([line for line in said() if f"{tmp_path}, stream train: Collapse" in line])


def test_writers_of_one_directory_share_the_losses(tmp_path):
    with (
        MeanPixelWriter(tmp_path, stream="train") as train,
        MeanPixelWriter(tmp_path, stream="validation") as validation,
    ):
        for step in range(20):
            train.write(
                step, output=FLAT, reference=MANY, scalars={"loss": 1 / (step + 1), "kl": 3.0}
            )
            validation.write(step, output=FLAT, reference=MANY)
        live = [*validation.findings, *train.findings]

    assert any(f.sentence.startswith("Posterior collapse") and "loss" in f.sentence for f in live)
    assert found(tmp_path) == live


def test_a_process_that_may_not_write_is_silent_but_stops(tmp_path, said):
    (tmp_path / "mean_pixel").mkdir()
    got = []
    with (tmp_path / "mean_pixel" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with pytest.warns(RuntimeWarning, match="Another process writes"):
            writer = MeanPixelWriter(tmp_path, stop_on=("collapse",), on_finding=got.append)
        for step in range(CERTAIN):
            writer.write(step, output=FLAT, reference=MANY)
        writer.close()

    assert writer.should_stop
    assert [] == said() == got


def test_an_error_of_the_engine_is_one_warning(tmp_path):
    epochs = Record()
    broken = Thresholds(lasting="three")
    with pytest.warns(RuntimeWarning, match="findings failed with TypeError") as caught:
        fit([MeanPixelCallback(tmp_path, reference=MANY, thresholds=broken), epochs])

    assert 1 == len([one for one in caught if "findings failed" in str(one.message)])
    assert CERTAIN + 2 == len(epochs.epochs)
    assert CERTAIN + 2 == len(tb_meanpixel.read(tmp_path)[0].histories[0].steps)


def test_what_was_found_before_a_crash_is_said_by_the_next_fit(tmp_path, said):
    callback, model = MeanPixelCallback(tmp_path, reference=IMAGES), constant()
    with pytest.raises(InterruptedError):
        fit([callback, Paint(np.nan), FailAt(0)], model=model)
    assert [] == said()
    fit([callback, Paint(0.5)], model=model, initial_epoch=1, epochs=2)

    assert ["not finite in epoch 0" in line for line in said()] == [True]


def test_in_a_long_training_the_engine_runs_after_some_records_only(tmp_path):
    even, odd, bad = (
        scores.scores(measure(output=output, reference=MANY, value_range=(0, 1)))
        for output in (MANY, MANY * 0.999, MANY * np.nan)
    )
    stream = StreamInfo("validation", True, ValueRange(0, 1, "declared"), ("all",), 4, 4, 128, "0")
    got = []
    live = LiveFindings(str(tmp_path), on_finding=got.append)
    for step in range(1500):
        live.take_scores(step, stream, odd if step % 2 else even)
    live.judge()
    live.take_scores(1500, stream, bad)
    live.judge()
    after_one = list(got)
    live.take_scores(1501, stream, bad)
    live.judge()
    live.take_scores(1502, stream, bad)

    assert [] == after_one
    assert [("non_finite", 1500, 1501)] == [(f.id, f.first_step, f.last_step) for f in got]
    assert [1502] == [finding.last_step for finding in live.findings]  # at once where it is asked


@contextlib.contextmanager
def terminal():
    """All that a terminal would get, from the log and from progress bars."""
    screen = io.StringIO()
    handler, logger = logging.StreamHandler(screen), logging.getLogger("tb_meanpixel")
    logger.addHandler(handler)
    try:
        with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(screen):
            yield screen
    finally:
        logger.removeHandler(handler)


@pytest.mark.parametrize("verbose", [1, 2])
@pytest.mark.parametrize("epochs", [CERTAIN, CERTAIN + 2])
def test_a_line_is_not_written_into_kerass_progress_bar(verbose, epochs, tmp_path):
    with terminal() as screen:
        fit([MeanPixelCallback(tmp_path, reference=MANY)], verbose=verbose, epochs=epochs)

    lines = screen.getvalue().split("\n")
    told = [line for line in lines if "Look first at" in line]
    assert told
    assert all(line.startswith(f"{tmp_path}: ") for line in told)
    # The bar of the epoch is above it, whole.
    assert "val_mean_pixel_drift: 0." in lines[lines.index(told[-1]) - 1]
    assert epochs == sum("val_mean_pixel_drift: 0." in line for line in lines)


def test_a_line_is_not_written_into_tqdms_progress_bar(tmp_path):
    tqdm = pytest.importorskip("tqdm")
    with terminal() as screen, MeanPixelWriter(tmp_path) as writer:
        for step in tqdm.tqdm(range(CERTAIN), mininterval=0, ncols=60):
            writer.write(step, output=FLAT, reference=MANY)

    shown = [line.rpartition("\r")[2] for line in screen.getvalue().split("\n")]
    told = [line for line in shown if "Look first at" in line]
    assert told
    assert all(line.startswith(f"{tmp_path}: ") for line in told)
