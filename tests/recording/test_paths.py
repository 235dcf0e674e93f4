"""Where records go: paths of all kinds, and remote file systems."""

import warnings
from pathlib import Path

import pytest
from support.constant_model import EARLY, IMAGES, LATE, fit
from support.processes import WITHOUT_TENSORFLOW, output_of, python
from support.records import Remote, event_files, outputs, scalars

from tb_meanpixel import MeanPixelCallback


@pytest.mark.parametrize("kind", [str, Path], ids=["str", "Path"])
@pytest.mark.parametrize("place", ["logs/vae", "logs/with space/ü"])
def test_the_log_dir_is_a_string_or_a_path(tmp_path, monkeypatch, serve, kind, place):
    monkeypatch.chdir(tmp_path)
    fit([EARLY, MeanPixelCallback(kind(place), IMAGES)], 2)

    assert 1 == len(event_files(tmp_path / place))
    board = serve(tmp_path / "logs", "python")
    assert [(0, 0.25), (1, 0.25)] == outputs(board, Path(place).relative_to("logs").as_posix())


def test_two_spellings_of_a_directory_are_one_directory(tmp_path, monkeypatch, serve):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "logs")
    spellings = ["logs/vae", Path("logs", "..", "logs", "vae"), tmp_path / "link" / "vae/"]
    names = ["first", "second", "third"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        callbacks = [
            MeanPixelCallback(log_dir, IMAGES, stream=name)
            for log_dir, name in zip(spellings, names, strict=True)
        ]
        fit([EARLY, *callbacks], 2)

    board = serve(tmp_path / "logs", "python")
    assert 1 == len(event_files(tmp_path / "logs" / "vae"))
    assert [[(0, 0.25), (1, 0.25)]] * 3 == [outputs(board, "vae", name) for name in names]


# Remote file systems, as TensorBoard has them.


@pytest.mark.parametrize(
    "place, address",
    [
        ("string", "ram://string/vae"),
        ("slash", "ram://slash/vae/"),
        ("path", Path("ram://path/vae")),  # which makes one slash of two
    ],
)
def test_the_callback_writes_where_tensorflow_can(tmp_path, monkeypatch, place, address):
    """TensorFlow has a file system in memory; buckets are addressed in the same way."""
    monkeypatch.chdir(tmp_path)
    fit([EARLY, MeanPixelCallback(address, IMAGES)], 3)
    fit([LATE, MeanPixelCallback(address, IMAGES)], 5, initial_epoch=3)

    board = Remote(f"ram://{place}")
    assert [0.25] * 3 + [0.75] * 2 == [mean for _, mean in outputs(board, "vae")]
    assert [0, 1, 2, 3, 4] == list(scalars(board, "vae")["logs/loss"])
    assert [] == list(tmp_path.iterdir())


def test_a_remote_file_system_that_nobody_knows_is_refused_with_its_name():
    callback = MeanPixelCallback("nowhere://bucket", IMAGES)

    with pytest.raises(OSError, match=r"^log_dir 'nowhere://bucket' cannot be written"):
        fit([EARLY, callback], 1)


def test_without_tensorflow_the_writer_writes_to_any_file_system_of_fsspec():
    pytest.importorskip("fsspec")
    # The file system is the process's memory, so that is where it must be read again.
    code = """
sys.path.append(sys.argv[1])
from support.records import Remote, outputs, scalars

def write(steps, level):
    with MeanPixelWriter("memory://bucket/vae") as writer:
        for step in steps:
            output, reference = np.full((2, 2, 2), level), np.zeros((2, 2, 2))
            writer.write(step, output=output, reference=reference, scalars={"loss": step})

write(range(3), 0.25)
write(range(3, 5), 0.75)
board = Remote("memory://bucket")
print([outputs(board, "vae"), scalars(board, "vae")["logs/loss"]])
"""
    expected = [
        [(0, 0.25), (1, 0.25), (2, 0.25), (3, 0.75), (4, 0.75)],
        {step: float(step) for step in range(5)},
    ]
    process = python(WITHOUT_TENSORFLOW + code, Path(__file__).parents[1])
    assert f"{expected}\n" == output_of(process)
