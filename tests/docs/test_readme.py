"""README.md and the guide, word by word: Python runs, commands exist, pictures are there."""

import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image
from tensorboard import default, program

import tb_meanpixel
from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.findings import IDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETUP = (ROOT / "setup.py").read_text(encoding="utf-8")
# Sphinx makes the others, which include what is tested where it is written.
DOCUMENTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md"))]
    if path.parent.name != "pages"
} | {"demo/README.md": (ROOT / "demo" / "README.md").read_text(encoding="utf-8")}
# What a user reads: all that is typed there is tested.
GUIDE = {
    name: text
    for name, text in DOCUMENTS.items()
    if name in ("README.md", "docs/comparison.md", "docs/findings/index.md", "docs/performance.md")
    or name.startswith("docs/guide/")
}


def blocks(language):
    """What stands in the fenced blocks of a language."""
    pattern = re.compile(rf"^```{language}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return [block for text in GUIDE.values() for block in pattern.findall(text)]


def source_files():
    """The files that a document may name; none of an installed environment."""
    folders = (".github", "demo", "docs", "frontend/src", "frontend/tests", "tb_meanpixel", "tests")
    for folder in folders:
        yield from (ROOT / folder).rglob("*.*")
    yield from ROOT.glob("*.*")


def commands():
    """Every line of the shell blocks, and every command within a sentence, as words."""
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    written = "\n".join(GUIDE.values())
    prose = re.sub(r"^```.*?^```$", "", written, flags=re.MULTILINE | re.DOTALL)
    lines += re.findall(
        r"`((?:python|make|pip|tensorboard|tb-meanpixel) [^`]+)`", " ".join(prose.split())
    )
    return [shlex.split(line, comments=True) for line in dict.fromkeys(lines)]


def starting(*words):
    found = [line[len(words) :] for line in commands() if line[: len(words)] == [*words]]
    assert found
    return pytest.mark.parametrize("arguments", found, ids=" ".join)


def run(*command, cwd):
    """As a shell does in which this Python's environment is active."""
    scripts = Path(sys.executable).parent
    path = f"{scripts}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


# Python.


class GAN(keras.Model):
    """A model without a `call`."""

    def __init__(self):
        super().__init__()
        self.generator = model((16,))

    def train_step(self, real):
        return {"g_loss": keras.ops.mean(real)}


def model(inputs):
    """The smallest that makes images."""
    layers = [keras.Input(inputs), keras.layers.Flatten(), keras.layers.Dense(16)]
    built = keras.Sequential([*layers, keras.layers.Reshape((4, 4, 1))])
    built.compile(optimizer="adam", loss="mse")
    return built


def what_a_reader_has():
    """The names that the examples take for granted."""
    images = np.random.default_rng(0).random((32, 4, 4, 1), dtype="float32")
    gan = GAN()
    gan.compile()
    return {
        "model": model((4, 4, 1)),
        "x_train": images[16:],
        "x_val": images[:16],
        "train_one_epoch": lambda: 0.5,
        "gan": gan,
        "noise": images[:16].reshape(16, 16),
    }


def example(code, directory, monkeypatch):
    """Run an example there."""
    monkeypatch.chdir(directory)
    path = directory / "example.py"
    path.write_text(code, encoding="utf-8")
    runpy.run_path(str(path), init_globals=what_a_reader_has())


RECORDS = re.compile(r"\bfit\(|\.write\(")
EXAMPLES = blocks("python")


@pytest.mark.parametrize("code", [code for code in EXAMPLES if RECORDS.search(code)])
def test_an_example_records_every_one_of_its_epochs(code, tmp_path, monkeypatch):
    example(code, tmp_path, monkeypatch)

    [run] = tb_meanpixel.read("logs")
    assert {30} == {len(history.steps) for history in run.histories}


@pytest.mark.parametrize("code", [code for code in EXAMPLES if not RECORDS.search(code)])
def test_an_example_that_records_nothing_runs(code, trained, monkeypatch, capsys):
    example(code, trained, monkeypatch)

    assert ("collapse" in capsys.readouterr().out) == ("read(" in code)


def test_what_to_type_for_a_case_are_arguments_of_the_callback():
    from inspect import signature

    from tb_meanpixel import MeanPixelCallback

    text = GUIDE["docs/guide/keras.md"]
    table = text[text.index("| your case |") : text.index("The `x` of `predict_fn`")]
    typed = set(re.findall(r"(\w+)=", " ".join(re.findall(r"\| `([^`]+)`", table))))

    arguments = set(signature(MeanPixelCallback).parameters)

    assert {
        *("reference", "predict_fn", "paired", "stream", "value_range", "data_format", "groups")
    } == typed & arguments
    assert {"training", "axis"} >= typed - arguments  # of Keras, inside of predict_fn


# Commands.


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A directory in which runs have left their logs: one is well, one has collapsed."""
    directory = tmp_path_factory.mktemp("trained")
    images = (
        np.random.default_rng(0).random((64, 8, 8, 1))
        * np.linspace(0.2, 1, 64)[:, None, None, None]
    )
    mean = np.broadcast_to(images.mean(axis=0), images.shape)
    for name, output in {"vae": images, "collapse": mean}.items():
        with MeanPixelWriter(directory / "logs" / name) as writer:
            for epoch in range(20):
                writer.write(
                    epoch, output=output, reference=images, scalars={"loss": 1 / (1 + epoch)}
                )
    for folder in ("images", "samples"):
        (directory / folder).mkdir()
    pictures = [Image.fromarray(image) for image in (images[..., 0] * 255).astype(np.uint8)]
    for index, picture in enumerate(pictures):
        picture.save(directory / "images" / f"{index}.png")
    for step in range(8):  # all outputs of a step are one image
        for index in range(16):
            pictures[40 + step].save(directory / "samples" / f"step_{step:06d}_{index}.png")
    return directory


def test_every_command_is_of_a_kind_that_is_tested():
    kinds = {"make", "pip", "python", "tb-meanpixel", "tensorboard"}

    assert kinds == {line[0] for line in commands()}
    for line in commands():
        if line[0] == "python":
            assert line[1] == "-m" or line[1].endswith(".py")


@starting("tb-meanpixel")
def test_the_command_line_does_what_is_typed(arguments, trained):
    more = ["--fail-on", "collapse"] if "watch" in arguments else []  # else it never ends
    done = run("tb-meanpixel", *arguments, *more, cwd=trained)

    fails = "--fail-on" in arguments + more
    assert fails == done.returncode, done.stdout + done.stderr
    if "--best" in arguments:
        assert done.stdout.strip().isdigit()
    else:
        assert ("plugin" if "doctor" in arguments else "collapse") in done.stdout.lower()


@starting("python", "-m", "tb_meanpixel")
def test_the_command_line_is_a_module_too(arguments, trained):
    assert [] == arguments
    assert 0 == run("python", "-m", "tb_meanpixel", "--help", cwd=trained).returncode


@starting("tensorboard")
def test_tensorboard_knows_the_flags(arguments):
    # What `tensorboard` does with them; a flag that it does not know ends it.
    program.TensorBoard(default.get_plugins()).configure(["tensorboard", *arguments])


def test_readme_is_read_in_a_minute():
    assert README.count("\n") <= 150


@starting("make")
def test_make_has_the_target_and_its_settings(arguments):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    target, *settings = arguments

    assert f"\n{target}:" in makefile
    for setting in settings:
        assert f"\n{setting.partition('=')[0]} ?=" in makefile


@starting("pip")
def test_pip_installs_this_with_extras_that_there_are(arguments):
    action, what = arguments
    extras = re.search(r"\[(.*)\]", what)

    assert ("install", ".") == (action, what[0])
    assert extras is None or f'"{extras[1]}": ' in SETUP


def test_the_checks_are_those_of_the_continuous_integration():
    steps = re.findall(r"^make [\w-]+$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)

    assert ["make test", "make test-slow"] == steps
    assert [step.split() for step in steps] == [
        line
        for line in commands()
        if line[0] == "make" and line[1].startswith("test") and len(line) == 2
    ]


SCRIPTS = [line[1:] for line in commands() if line[0] == "python" and line[1].endswith(".py")]


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=" ".join)
def test_a_script_takes_the_arguments_that_are_typed(script):
    path, *arguments = script

    done = run("python", path, "--help", cwd=ROOT)

    assert 0 == done.returncode, done.stderr
    for argument in arguments:
        assert argument.isdigit() or argument in done.stdout


def test_before_every_table_of_figures_stands_the_command_that_gives_them():
    written = "\n".join(GUIDE.values())
    text, *rest = re.split(r"((?:^\|.*\n)+)", written, flags=re.MULTILINE)
    figures = 0
    for table, following in zip(rest[::2], rest[1::2], strict=True):
        if re.search(r"\| [\d.]+[^|]*\|$", table, re.MULTILINE):
            figures += 1
            [script] = re.findall(r"`python (tests/benchmarks/\w+\.py)[^`]*`", text)
            assert (ROOT / script).is_file()
        text = following

    assert figures >= 4


# What is said of the package.


def test_every_finding_is_explained_and_those_of_the_demo_have_a_picture():
    explained = re.findall(r"^\| `(\w+)` \| \w", README, re.MULTILINE)
    index = GUIDE["docs/findings/index.md"]
    listed = re.findall(r"^\| \[`(\w+)`\]\(\S+/\1\.md\) \| \w", index, re.MULTILINE)
    pictured = re.findall(r"\[`(\w+)` on the page\]\(\S+/\1\.png\)", index)
    scenarios = (ROOT / "demo" / "scenarios.py").read_text(encoding="utf-8")

    assert sorted(IDS) == sorted(explained)
    assert explained == listed
    assert {finding for finding in IDS if f'"{finding}"' in scenarios} == set(pictured)


def test_each_picture_is_shown_and_small_and_each_that_is_shown_is_there():
    shown = {
        f"demo/pictures/{name}"
        for text in DOCUMENTS.values()
        for name in re.findall(r"demo/pictures/([\w-]+\.png)", text)
    }
    pictures = {path.relative_to(ROOT).as_posix(): path for path in ROOT.glob("demo/pictures/*")}

    assert set(pictures) == shown
    assert sum(path.stat().st_size for path in pictures.values()) < 1.5e6


def paths_in(text):
    """The paths from the root of the repository."""
    return set(re.findall(r"`((?:demo|docs|tests|tb_meanpixel|frontend)/[\w./]*)`", text))


def test_each_path_that_is_named_is_there():
    paths = paths_in(README)

    assert paths
    assert [] == sorted(path for path in paths if not (ROOT / path).exists())


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_each_file_that_a_document_names_is_there(document):
    text = DOCUMENTS[document]
    files = [f"/{path.relative_to(ROOT).as_posix()}" for path in source_files()]
    # Some are named by the end of their path: `encoding/wire.py`, or `wire.py` alone.
    named = set(re.findall(r"(?<![\w./])\w[\w/]*\.(?:py|ts|proto|ipynb|md)\b", text))

    assert [] == sorted(path for path in paths_in(text) if not (ROOT / path).exists())
    assert [] == sorted(name for name in named if not any(f.endswith(f"/{name}") for f in files))


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_each_link_of_a_document_leads_to_a_file(document):
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", DOCUMENTS[document])

    folder = (ROOT / document).parent
    assert [] == [link for link in links if ":" not in link and not (folder / link).is_file()]


@pytest.mark.parametrize(
    "package", ["tensorboard", "protobuf", "werkzeug", "numpy", "pillow", "keras", "tensorflow"]
)
def test_the_oldest_version_that_was_run_is_the_oldest_that_is_claimed(package):
    claimed = re.search(rf'"{package}>=([\d.]+)"', SETUP)[1]
    table = DOCUMENTS["docs/compatibility.md"]
    [oldest] = re.findall(rf"^\| {package} \| ([\d.]+) \|", table, re.MULTILINE | re.IGNORECASE)

    assert "| | `make test-oldest` | `make test` |" in table
    assert oldest.startswith(f"{claimed}.")


def test_all_tests_passed_with_the_versions_that_are_listed():
    table = DOCUMENTS["docs/compatibility.md"]

    assert "\n| tests failed | 0 | 0 |\n" in table
