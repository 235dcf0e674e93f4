import ast
import functools
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest
from support.boards import decode

import tb_meanpixel

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "tb_meanpixel"
HEAVY = ["tensorflow", "keras", "torch", "jax"]

WRITE = """
import numpy as np
from tb_meanpixel import MeanPixelWriter

with MeanPixelWriter("logs/vae", bins=4) as writer:
    for step in range(20):
        output, reference = np.full((2, 2, 2), 0.25), np.zeros((2, 2, 2))
        writer.write(step, output=output, reference=reference, scalars={"loss": 0.5})
"""


def python(code, directory, *, interpreter=sys.executable):
    """Run code in a new interpreter, away from the source tree, and return what it prints."""
    ran = subprocess.run(
        [interpreter, "-c", code],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


# What is imported.


def test_what_is_listed_of_ours_are_the_public_names_and_each_is_there():
    listed = {name: getattr(tb_meanpixel, name) for name in dir(tb_meanpixel) if name[0] != "_"}
    ours = [
        name
        for name, what in listed.items()
        if callable(what) and what.__module__.startswith("tb_meanpixel.")
    ]

    assert tb_meanpixel.__all__ == ours


def test_type_checkers_see_the_public_names_and_no_others():
    tree = ast.parse(Path(tb_meanpixel.__file__).read_text(encoding="utf-8"))
    [block] = [node for node in tree.body if isinstance(node, ast.If)]
    seen = [alias.asname for node in block.body for alias in node.names]

    assert sorted(tb_meanpixel.__all__) == sorted(seen)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'tb_meanpixel' has no attribute 'Nothing'"):
        tb_meanpixel.Nothing  # noqa: B018


def test_the_version_is_that_of_the_installed_package():
    assert importlib.metadata.version("tb-meanpixel") == tb_meanpixel.__version__


@pytest.mark.parametrize(
    "module",
    [
        "tb_meanpixel",
        "tb_meanpixel.plugin",
        "tb_meanpixel.findings",
        "tb_meanpixel.serving.answers.routes",
        "tb_meanpixel.recording.writer",
    ],
)
def test_tensorboard_loads_no_training_framework_with_us(tmp_path, module):
    code = f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"

    assert "[]" == python(code, tmp_path)


def test_writing_needs_neither_tensorflow_nor_keras(tmp_path):
    block = f"import sys\nfor name in {HEAVY}: sys.modules[name] = None\n"
    read = """
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
[path] = __import__("pathlib").Path("logs/vae/mean_pixel").glob("*.tfevents.*")
print(sorted({e.step for e in EventFileLoader(str(path)).Load() if e.summary.value}))
"""

    assert str(list(range(20))) == python(block + WRITE + read, tmp_path)


# What is in the wheel.


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The package as `pip wheel` makes it where there is no Node, or any other program."""
    copy, wheels, nowhere = (tmp_path_factory.mktemp(n) for n in ("source", "wheels", "nowhere"))
    # pip builds in the source folder, and would leave its traces there.
    skipped = shutil.ignore_patterns(
        ".*", "node_modules", "build", "dist", "logs", "*.egg-info", "__pycache__"
    )
    shutil.copytree(ROOT, copy, ignore=skipped, dirs_exist_ok=True)
    pip_wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
    subprocess.run([*pip_wheel, wheels, copy], env={**os.environ, "PATH": str(nowhere)}, check=True)
    [path] = wheels.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def content(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def in_info(content, name):
    [path] = [path for path in content if path.endswith(f".dist-info/{name}")]
    return content[path].decode()


def test_the_wheel_is_for_every_platform(wheel):
    assert f"tb_meanpixel-{tb_meanpixel.__version__}-py3-none-any.whl" == wheel.name


@pytest.mark.parametrize(
    "name",
    ["__init__.py", "static/index.js", "py.typed", "schema/plugin_data.proto"],
)
def test_the_wheel_holds_what_is_no_code_too(content, name):
    assert (SOURCE / name).read_bytes() == content[f"tb_meanpixel/{name}"]


def test_the_wheel_holds_the_package_and_nothing_else(content):
    files = {
        path.relative_to(ROOT).as_posix()
        for path in SOURCE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert files == {name for name in content if ".dist-info/" not in name}


def test_the_wheel_holds_the_licence(content):
    assert (ROOT / "LICENSE").read_text(encoding="utf-8") == in_info(content, "licenses/LICENSE")
    assert "License-Expression: Apache-2.0\n" in in_info(content, "METADATA")


def test_the_wheel_names_the_plugin_and_the_command(content):
    points = in_info(content, "entry_points.txt")

    assert "[tensorboard_plugins]\nmean_pixel = tb_meanpixel.plugin:MeanPixelLoader" in points
    assert "[console_scripts]\ntb-meanpixel = tb_meanpixel.__main__:script" in points


def requirements(content):
    """`{"numpy": "1.26"}`: the oldest version of each package that is always needed."""
    return dict(
        re.findall(
            r"^Requires-Dist: ([\w-]+)>=([\d.]+)$", in_info(content, "METADATA"), re.MULTILINE
        )
    )


def test_no_training_framework_is_required(content):
    assert {"numpy", "pillow", "protobuf", "tensorboard", "werkzeug"} == set(requirements(content))


# What is in the sdist.


@pytest.fixture(scope="module")
def sdist(copy_of_git, tmp_path_factory):
    """The sdist of a folder in which has been worked."""
    copy, sdists = copy_of_git(tmp_path_factory.mktemp("worked")), tmp_path_factory.mktemp("sdists")
    for left in [
        "build/lib/tb_meanpixel/old.py",
        "frontend/node_modules/a.js",
        "tests/.hypothesis/a",
    ]:
        (copy / left).parent.mkdir(parents=True)
        (copy / left).touch()
    for folder in ["tb_meanpixel", "demo/loops", "tests", "tests/e2e"]:
        (copy / folder / "__pycache__").mkdir()
        (copy / folder / "__pycache__" / "old.cpython-311.pyc").touch()
    command = [sys.executable, "-m", "build", "--sdist", "--outdir", sdists, copy]
    subprocess.run(command, capture_output=True, check=True)
    [path] = sdists.glob("*.tar.gz")
    return path


def test_the_sdist_holds_the_repository_and_nothing_else(sdist, in_git):
    folder = f"tb_meanpixel-{tb_meanpixel.__version__}/"
    with tarfile.open(sdist) as archive:
        files = {member.name.removeprefix(folder) for member in archive if member.isfile()}
    made = {name for name in files if ".egg-info/" in name} | {"PKG-INFO", "setup.cfg"}
    of_git_and_ci = {name for name in in_git if name.startswith((".ci/", ".git"))}

    assert files - made == in_git - of_git_and_ci


def test_the_sdist_gives_the_same_wheel(sdist, content, tmp_path):
    pip_wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
    subprocess.run([*pip_wheel, tmp_path, sdist], check=True)
    [path] = tmp_path.glob("*.whl")

    with zipfile.ZipFile(path) as archive:
        assert content == {name: archive.read(name) for name in archive.namelist()}


# What a user gets: the wheel in an environment without TensorFlow.


_SCRIPTS = "Scripts" if os.name == "nt" else "bin"


@pytest.fixture(scope="module")
def make_environment(wheel, content, tmp_path_factory):
    """A virtual environment with the wheel, and event files that its writer wrote."""

    @functools.cache
    def make(versions):
        directory = tmp_path_factory.mktemp(versions)
        venv.create(directory / "venv", with_pip=True)
        interpreter = program(directory, "python")
        oldest = [f"{name}=={version}.*" for name, version in requirements(content).items()]
        pip_install = [interpreter, "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip_install, wheel, *(oldest if versions == "oldest" else [])], check=True)
        python(WRITE, directory, interpreter=interpreter)
        return directory

    return make


def program(environment, name):
    return shutil.which(name, path=environment / "venv" / _SCRIPTS)


@pytest.fixture(scope="module", params=["newest", "oldest"])
def environment(request, make_environment):
    if request.param == "oldest" and sys.version_info >= (3, 13):
        pytest.skip("the oldest NumPy that we claim is not published for this Python")
    return make_environment(request.param)


@pytest.fixture(scope="module", params=[[], ["--load_fast=false"]], ids=["default", "python"])
def url(request, environment):
    """Where a `tensorboard --logdir logs` of that environment answers."""
    command = [program(environment, "tensorboard")]
    command += ["--logdir=logs", "--port=0", "--reload_interval=1", *request.param]
    said = environment / "stderr"
    with said.open("w+") as stderr:
        process = subprocess.Popen(command, cwd=environment, stderr=stderr)
        try:
            address = wait_for(
                lambda: re.search(r"at (http://\S+/) \(Press", said.read_text()), process, said
            )[1]
            wait_for(lambda: get_json(address, "runs")["runs"], process, said)
            yield address
        finally:
            process.terminate()
            process.wait()
    assert "Traceback" not in said.read_text()


def wait_for(condition, process, said):
    deadline = time.monotonic() + 60
    while not (value := condition()):
        assert process.poll() is None, said.read_text()
        assert time.monotonic() < deadline, said.read_text()
        time.sleep(0.1)
    return value


def get(url, route):
    with urllib.request.urlopen(f"{url}data/{route}") as response:
        return response.read()


def get_json(url, route):
    return json.loads(get(url, f"plugin/mean_pixel/{route}"))


@pytest.mark.slow
def test_the_environment_has_no_training_framework(environment):
    code = f"from importlib.util import find_spec; print([n for n in {HEAVY} if find_spec(n)])"

    assert "[]" == python(code, environment, interpreter=program(environment, "python"))


@pytest.mark.slow
def test_an_installed_tensorboard_offers_the_tab(url):
    listing = json.loads(get(url, "plugins_listing"))["mean_pixel"]

    assert (True, "Mean Pixel") == (listing["enabled"], listing["tab_name"])


@pytest.mark.slow
def test_an_installed_tensorboard_serves_the_records(url):
    [run] = get_json(url, "runs")["runs"]
    answer = decode(get(url, "plugin/mean_pixel/histograms?stream=validation&side=output"))
    [output] = answer["runs"][0]["series"]
    [scalars] = get_json(url, "scalars?score=bias")["runs"]

    assert "vae" == run["name"]
    assert list(range(20)) == output["steps"]
    assert [0, 0, 2, 0, 0, 0, 0, 0, 0] == output["cells"][0, 0].tolist()
    assert [0.25] * 20 == scalars["scores"][0]["values"]
    assert [0.5] * 20 == scalars["curves"][0]["values"]


@pytest.mark.slow
def test_an_installed_tensorboard_serves_the_page(url):
    assert (SOURCE / "static" / "index.js").read_bytes() == (
        get(url, "plugin/mean_pixel/static/index.js")
    )
