"""Whether this Python's TensorBoard has the tab; nothing heavy is imported."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from collections.abc import Iterator
from importlib import metadata as installed
from pathlib import Path

import tb_meanpixel
from tb_meanpixel.command_line.check import Check
from tb_meanpixel.schema.metadata import PLUGIN_NAME
from tb_meanpixel.tensorboard_private import OLDEST_TENSORBOARD

_INSTALL = f"{sys.executable} -m pip install"


def installation() -> Iterator[Check]:
    """The versions, the registration of the plugin, and the command `tensorboard`."""
    version, place = sys.version.split()[0], Path(tb_meanpixel.__file__).parent
    yield Check(True, f"tb-meanpixel {tb_meanpixel.__version__} in {place}, Python {version}")
    yield _tensorboard()
    yield _entry_point()
    yield _command()
    for package, without in (
        ("tensorboard-data-server", "TensorBoard reads in Python, which is slower"),
        ("protobuf", ""),
        ("numpy", ""),
        ("keras", "MeanPixelWriter works without; for MeanPixelCallback install it"),
        ("tensorflow", "needed by Keras on this backend only, not by TensorBoard"),
    ):
        found = _version(package) or (_version("tensorflow-cpu") if package == "tensorflow" else "")
        yield Check(True, f"{package} {found}" if found else f"no {package}: {without}")


def _tensorboard() -> Check:
    version = _version("tensorboard")
    oldest = ".".join(map(str, OLDEST_TENSORBOARD))
    found = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if found < OLDEST_TENSORBOARD:
        return Check(
            False,
            f"tensorboard {version or 'is not installed'}; {oldest} or newer is needed",
            f"Type: {_INSTALL} --upgrade tensorboard",
        )
    return Check(True, f"tensorboard {version}")


def _entry_point() -> Check:
    points = installed.entry_points(group="tensorboard_plugins")
    if PLUGIN_NAME in points.names:
        return Check(True, "the plugin is registered")
    return Check(
        False,
        "the plugin is not registered: TensorBoard does not know of the tab",
        f"Type: {_INSTALL} --force-reinstall --no-deps tb-meanpixel",
    )


def _command() -> Check:
    """`tensorboard` may be that of another environment, which does not have the plugin."""
    command = shutil.which("tensorboard")
    if command and _is_ours(Path(command)):
        return Check(True, f"`tensorboard` is {command}")
    return Check(
        False,
        f"`tensorboard` is {command}, of another Python" if command else "no `tensorboard` on PATH",
        f"Type: {sys.executable} -m tensorboard.main --logdir ...",
    )


def _is_ours(command: Path) -> bool:
    """Whether a script belongs to this Python's TensorBoard.

    Its first line names the Python that runs it. On Windows it is a program; pip notes where it
    puts those of a package. conda notes nothing, and has one directory for all scripts.
    """
    if _runs_this_python(command):
        return True
    try:
        files = installed.files("tensorboard") or []
    except installed.PackageNotFoundError:
        files = []
    scripts = [Path(str(file.locate())) for file in files if file.stem == "tensorboard"]
    if scripts:
        return command.resolve() in {script.resolve() for script in scripts}
    folders = {Path(sysconfig.get_path("scripts")), Path(sys.executable).parent}
    return command.parent in folders


def _runs_this_python(command: Path) -> bool:
    """Whether the first line of a script is `#!` and this Python, by this or another name."""
    try:
        with command.open("rb") as file:
            first = file.readline(1000).decode("utf-8", "surrogateescape")
    except OSError:
        return False
    if not first.startswith("#!"):
        return False
    python, ours = Path(first[2:].strip()), Path(sys.executable)
    # A virtual environment's Python is a link to another one: the folder makes the difference.
    return python.parent.resolve() == ours.parent.resolve() and python.resolve() == ours.resolve()


def _version(package: str) -> str:
    try:
        return installed.version(package)
    except installed.PackageNotFoundError:
        return ""
