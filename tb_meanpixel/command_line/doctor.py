"""Why the tab is missing or empty: checks of the installation and of a log directory."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from collections.abc import Iterator
from importlib import metadata as installed
from pathlib import Path
from typing import NamedTuple

import tb_meanpixel
from tb_meanpixel.schema.metadata import EVENT_DIRECTORY_NAME, PLUGIN_NAME
from tb_meanpixel.serving.reading.logdir import NoDataError, open_logdir
from tb_meanpixel.tensorboard_private import (
    OLDEST_TENSORBOARD,
    MissingError,
    count_records,
    gfile,
    list_files,
)

_INSTALL = f"{sys.executable} -m pip install"


class Check(NamedTuple):
    """A fact, whether it is as it should be, and what to type if not."""

    ok: bool
    text: str
    fix: str = ""


def installation() -> Iterator[Check]:
    """Whether this Python's TensorBoard has the tab; nothing heavy is imported."""
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


def logs(logdir: str) -> Iterator[Check]:
    """Whether a log directory holds records, complete and readable."""
    if not (Path(logdir).is_dir() or ("://" in logdir and gfile().isdir(logdir))):
        yield Check(False, f"{logdir!r} is no directory", "Give the directory that log_dir names")
        return
    files = sorted(
        path
        for path in list_files(logdir)
        if Path(path).parent.name == EVENT_DIRECTORY_NAME and "tfevents" in Path(path).name
    )
    if not files:
        yield Check(
            False,
            f"no event files below a directory {EVENT_DIRECTORY_NAME}/ in {logdir!r}",
            f'Type: callbacks=[MeanPixelCallback("{logdir}/my-model", reference=x_val)]',
        )
        return
    yield Check(True, f"event files of tb-meanpixel in {logdir!r}: {len(files)}")
    for path in files:
        yield from _event_file(path)
    try:
        catalog = open_logdir(logdir).reader.catalog()
    except NoDataError as error:
        yield Check(False, str(error))
        return
    for run in catalog.runs:
        for stream in run.streams:
            name = f"{run.name}/{stream.info.name}"
            loaded, recorded = stream.steps.loaded, stream.steps.recorded
            low, high, source = stream.info.value_range
            known = (
                "declared" if source == "declared" else f"inferred from the reference's {source}"
            )
            yield Check(
                loaded >= recorded,
                f"{name}: {loaded} of {recorded} records, value range {low:g} to {high:g} "
                f"({known}), {stream.info.reference_count} reference images",
                "" if loaded >= recorded else "Some were lost on disk; the others are shown",
            )
        if not run.curves:
            yield Check(True, f"{run.name}: no loss curve; the scores are shown without one")
        for note in run.notes:
            yield Check(False, f"{run.name}: {note}")
    for note in catalog.notes:
        yield Check(False, note)


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

    pip notes where it puts a package's scripts: beside Python, in /usr/local/bin,
    ~/.local/bin or Scripts. conda notes nothing, and has one directory for all scripts.
    """
    try:
        files = installed.files("tensorboard") or []
    except installed.PackageNotFoundError:
        files = []
    scripts = [Path(str(file.locate())) for file in files if file.stem == "tensorboard"]
    if scripts:
        return command.resolve() in {script.resolve() for script in scripts}
    folders = {Path(sysconfig.get_path("scripts")), Path(sys.executable).parent}
    return command.parent in folders


def _event_file(path: str) -> Iterator[Check]:
    """Whether a file can be read to its end."""
    try:
        count = count_records(path)
    except MissingError as error:
        yield Check(True, str(error))
        return
    if not count.complete:
        yield Check(
            False,
            f"{path} cannot be read beyond its {count.readable} first records",
            "That is harmless while the run still writes, and where it was killed as it wrote. "
            "Otherwise the file is damaged, and later records in it are lost",
        )
    elif count.readable < 2:
        yield Check(True, f"{path} is empty: nothing was recorded into it")


def _version(package: str) -> str:
    try:
        return installed.version(package)
    except installed.PackageNotFoundError:
        return ""
