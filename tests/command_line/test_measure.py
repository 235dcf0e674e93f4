"""`tb-meanpixel measure`: folders of real pictures in, records that `read` finds out."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
from PIL import Image
from support.command_runs import program

import tb_meanpixel
from tb_meanpixel.command_line.cli import main
from tb_meanpixel.command_line.image_files import by_step, find_files
from tb_meanpixel.command_line.preparation import Grid

REFERENCE = np.random.default_rng(0).integers(0, 256, (32, 8, 8), np.uint8)
GREY = np.full((8, 8), 200, np.uint8)


def save(path, image):
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npy":
        np.save(path, image)
    else:
        Image.fromarray(image).save(path)


def save_all(folder, images):
    for index, image in enumerate(images):
        save(folder / f"{index}.png", image)


def grid(images, rows, padding):
    """As torchvision's make_grid and save_image: in colours, with a black padding."""
    padded = np.pad(images, ((0, 0), (padding, 0), (padding, 0)))
    tiles = padded.reshape(rows, -1, *padded.shape[1:])
    whole = np.concatenate([np.concatenate(list(row), axis=1) for row in tiles])
    whole = np.pad(whole, ((0, padding), (0, padding)))
    return np.stack([whole] * 3, axis=-1)


@pytest.fixture
def images(tmp_path, monkeypatch):
    """The working directory, with 32 references in `images`."""
    monkeypatch.chdir(tmp_path)
    save_all(tmp_path / "images", REFERENCE)
    return tmp_path


def measure(capsys, *arguments):
    """Exit code, what was printed, and what was complained of; a warning would be an error."""
    words = ["measure", "--reference", "images", "--log-dir", "logs/run", *arguments]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            code = main(words)
        except SystemExit as exit_:  # argparse
            code = exit_.code
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def history(stream="samples"):
    [run] = tb_meanpixel.read("logs/run")
    return next(one for one in run.histories if one.stream == stream)


def bias(one):
    return one.score("bias").tolist()


def test_a_gan_that_darkens_is_found_from_its_folder_alone(images):
    for step in range(0, 1000, 100):
        factor = 1 if step < 500 else 0.6
        pictures = (REFERENCE * factor).astype(np.uint8)
        save(images / f"samples/step_{step:06d}.png", grid(pictures, 4, padding=2))

    arguments = ["samples/step_*.png", "--reference", "images", "--log-dir", "logs/run"]
    done = program("measure", *arguments, "--grid", "4x8", "--padding", "2", cwd=images)

    assert (0, "32 of 42 files are grey, and converted to RGB.\n") == (done.returncode, done.stderr)
    assert program("report", "logs/run", cwd=images).stdout == done.stdout
    assert "brightness_drift" in done.stdout
    assert "since step 500" in done.stdout
    found = history()
    assert ("step", False, 32, (0, 255)) == (
        found.unit,
        found.paired,
        found.image_count,
        found.value_range[:2],
    )
    assert [0, 100, 200] == found.steps.tolist()[:3]
    assert [0] * 5 == bias(found)[:5]
    assert pytest.approx(-0.4 * REFERENCE.mean(), abs=1) == bias(found)[-1]


def test_files_of_one_step_are_one_batch_in_the_order_of_the_numbers(images, capsys):
    for step in (10, 9):
        save_all(images / f"samples/at_{step}", REFERENCE[:step])

    code, out, err = measure(
        capsys, "samples", "--step-pattern", r"at_(\d+)", "--unit", "epoch", "--stream", "x"
    )

    few = "There are steps of 9 images: of fewer than 16 some findings, such as a collapse, "
    assert (0, f"{few}cannot be told.\n") == (code, err), out
    assert [9, 10] == history("x").steps.tolist()
    assert "epoch" == history("x").unit


@pytest.mark.parametrize(
    "name, step, rest",
    [
        ("step_001000", 1000, ""),
        ("epoch12_sample3", 12, "sample3"),
        ("cat-7_iteration=40", 40, "cat_7"),
        ("2024_Global_Step_5", 5, "2024_Global"),
        ("fake_samples-0004", 4, "fake_samples"),
        ("literature_3_8", 8, "literature_3"),
    ],
)
def test_the_step_is_the_number_after_its_word_or_else_the_last(tmp_path, name, step, rest):
    save(tmp_path / f"{name}.png", GREY)

    [(found, [source])] = by_step(find_files([str(tmp_path)]), None).items()

    assert (step, rest) == (found, source.name)


def test_pairs_go_by_name_and_what_has_no_partner_is_listed(images, capsys):
    for step in (1, 2):
        for index in (3, 5):
            output = np.maximum(REFERENCE[index], 10)
            save(images / f"samples/epoch{step}_{index}.png", output)
    save(images / "samples/epoch2_cat.png", GREY)

    code, _, err = measure(capsys, "samples", "--paired")

    assert 0 == code
    outputs, references = err.splitlines()
    assert "Left out, without a reference: samples/epoch2_cat.png." == outputs
    assert references.startswith("Left out, without an output: images/0.png, images/1.png, ")
    assert references.endswith("and 20 more.")
    found = history()
    assert (True, 2) == (found.paired, found.image_count)
    kept = REFERENCE[[3, 5]].astype(float)
    assert pytest.approx([(np.maximum(kept, 10) - kept).mean()] * 2) == bias(found)


def test_depths_and_arrays_keep_their_values(images, capsys):
    deep = REFERENCE.astype(np.uint16) * 257
    save_all(images / "deep", deep)
    save(images / "samples/step_0.png", deep[0])
    code, _, err = measure(capsys, "samples", "--reference", "deep")
    assert 0 == code, err
    assert (0, 65535) == history().value_range[:2]
    code, _, err = measure(capsys, "samples")
    assert 2 == code
    assert " has 8 bits and samples/step_0.png has 16: save all images in one of the two" in err

    save(images / "arrays/step_3.npy", REFERENCE[:, None] / np.float32(255))
    save(images / "all/reference.npy", REFERENCE / np.float32(255))
    words = ["arrays/*.npy", "--range", "-1", "1", "--paired", "--stream", "arrays"]
    assert 0 == measure(capsys, *words, "--reference", "all/*")[0]
    found = history("arrays")
    assert ((-1, 1), 32, [0]) == (found.value_range[:2], found.image_count, bias(found))


def test_sizes_that_differ_are_resized_if_that_is_typed(images, capsys):
    large = REFERENCE[0].repeat(2, axis=0).repeat(3, axis=1)
    save(images / "samples/step_0.png", large)

    code, out, err = measure(capsys, "samples")
    assert (2, "") == (code, out)
    assert "16x24 (1 files, for instance samples/step_0.png)" in err
    assert err.endswith("Type: --resize 8x8\n")

    assert 0 == measure(capsys, "samples", "--resize", "8x8")[0]
    assert pytest.approx([REFERENCE[0].mean() - REFERENCE.mean()]) == bias(history())


def test_steps_that_are_there_already_are_replaced_and_a_line_says_so(images, capsys):
    for step in (4, 5):
        save(images / f"samples/{step}.png", REFERENCE[step])
    assert "replaces" not in measure(capsys, "samples")[2]

    code, _, err = measure(capsys, "samples/4.png", "--range", "0", "256")

    assert 0 == code
    line, _ = err.splitlines()
    assert line.startswith("Step 4 of the stream 'samples' comes after step 5 in ")
    assert line.endswith(": it replaces what is recorded from step 4 on")
    assert [4] == history().steps.tolist()


@pytest.mark.parametrize(
    "arguments, expected",
    [
        (["none/*.png"], "There are no images at 'none/*.png'"),
        (["images/a.png"], "The step of images/a.png cannot be told: the first number after"),
        (["images/a.png", "--step-pattern", "a()"], "--step-pattern 'a()' has none in it"),
        (["images/1.png", "--step-pattern", "a"], "must have one group, the step"),
        (["images/1.png", "--grid", "8"], "must be two whole numbers such as 8x8"),
        (["images/grid_1.png", "--grid", "3x3"], "Type: --padding 2\n"),
        (["images/broken_1.png"], "images/broken_1.png cannot be read (UnidentifiedImageError"),
        (["images/step1_x.png", "--paired"], "images/step1_x.png looks for 'x'"),
        (["images/1.png", "--range", "2", "1"], "value_range must be two finite numbers"),
        (["logs", "--tag", "x"], "There is no log directory 'logs'"),
    ],
)
def test_what_cannot_be_measured_is_a_2_and_a_sentence(images, capsys, arguments, expected):
    if "a.png" in arguments[0]:
        save(images / "images/a.png", GREY)
    if "grid" in arguments[0]:
        save(images / arguments[0], GREY.repeat(2, axis=0).repeat(2, axis=1)[:14, :14])
    if "broken" in arguments[0]:
        (images / arguments[0]).write_text("no picture")
    if "step1" in arguments[0]:
        save(images / "samples/step1_x.png", GREY)
        arguments = ["samples/step1_x.png", *arguments[1:]]
        expected = expected.replace("images/", "samples/")

    code, out, err = measure(capsys, *arguments)

    assert (2, "") == (code, out)
    assert expected in err
    assert "Traceback" not in err
    assert not (images / "logs").exists()


def test_a_file_that_is_cut_ends_it_and_the_steps_before_are_written(images, capsys):
    for step in (1, 2, 3):
        save(images / f"samples/{step}.png", REFERENCE[step])
    cut = images / "samples/2.png"
    cut.write_bytes(cut.read_bytes()[:60])

    code, out, err = measure(capsys, "samples")

    assert (2, "") == (code, out)
    assert err.startswith("samples/2.png cannot be read (")
    assert err.endswith("; the steps before 2 are written\n")
    assert [1] == history().steps.tolist()


def test_tiles_come_row_by_row_and_only_the_first_if_the_last_row_is_not_full():
    whole = grid(REFERENCE[:6], 2, padding=1)[None]

    tiles = Grid(rows=2, columns=3, padding=1, tiles=5).cut(whole)

    assert np.array_equal(REFERENCE[:5], tiles[..., 0])


def test_image_summaries_of_a_run_are_measured_too(images, capsys):
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter("logs/gan") as writer:
        for step in range(12):
            writer.add_image("generated", grid(REFERENCE // 4 * 2, 4, 2), step, dataformats="HWC")

    words = ["logs/gan", "--tag", "generated", "--grid", "4x8", "--padding", "2"]
    code, out, _ = measure(capsys, *words)

    assert 0 == code
    assert "brightness_drift" in out
    assert 12 == len(history().steps)
    assert pytest.approx([(REFERENCE // 4 * 2).mean() - REFERENCE.mean()] * 12) == bias(history())
    assert "; there are generated\n" in measure(capsys, "logs/gan", "--tag", "x")[2]


def test_the_help_says_how_steps_are_told_and_imports_nothing_heavy():
    code = (
        "import sys; from tb_meanpixel.command_line import cli\n"
        "try: cli.parse(['measure', '--help'], 'tb-meanpixel')\n"
        "except SystemExit: print({'PIL', 'tensorflow', 'torch', 'tensorboard'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.endswith("set()\n")
    assert "first number after the word step, epoch" in " ".join(done.stdout.split())
