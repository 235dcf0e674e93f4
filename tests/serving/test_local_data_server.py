"""A log directory that is read with a data server of its own: as by the Python loader, faster."""

import gc
import os
import stat
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from support.boards import write_scalars

import tb_meanpixel
from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.serving.reading import local_data_server
from tb_meanpixel.serving.reading.local_data_server import load_with_data_server

REFERENCE = np.random.default_rng(0).random((8, 4, 4, 3))
KEPT = {"mean_pixel": 0, "scalars": 0}


@pytest.fixture
def logs(tmp_path):
    for name in ("a", "b"):
        with MeanPixelWriter(tmp_path / name, value_range=(0, 1)) as writer:
            for step in range(25):
                output = REFERENCE * (0.5 + step / 50)
                writer.write(step, output=output, reference=REFERENCE, scalars={"loss": 1.0})
    write_scalars(tmp_path / "a" / "train", {"epoch_loss": [0.5] * 25})
    return tmp_path


@pytest.fixture
def always(monkeypatch):
    """However small a directory is."""
    monkeypatch.setattr(local_data_server, "MIN_BYTES", 0)


def everything(runs):
    """All that `read` gives, as lists."""
    return {
        run.name: (
            run.streams,
            run.notes,
            [(s.name, s.channel, s.steps.tolist(), s.values.tolist()) for s in run.scores()],
            [(c.tag, c.primary, c.steps.tolist(), c.values.tolist()) for c in run.curves()],
            [(h.side, h.steps.tolist(), h.histogram.cells.tolist()) for h in run.histograms()],
            [finding.as_dict() for finding in run.findings()],
        )
        for run in runs
    }


def children():
    """The processes that this one has started."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            found.add(int(path.parent.name))
    return found


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")


def test_what_is_read_is_the_same(logs, monkeypatch):
    python = everything(tb_meanpixel.read(logs))
    assert load_with_data_server(str(logs), KEPT) is None  # too small to start a server for

    monkeypatch.setattr(local_data_server, "MIN_BYTES", 0)
    assert load_with_data_server(str(logs), KEPT) is not None
    assert repr(python) == repr(everything(tb_meanpixel.read(logs)))
    assert ["a", "b"] == list(python)


@needs_proc
def test_the_server_ends_when_nobody_needs_it(logs, always):
    before = children()
    runs = tb_meanpixel.read(logs)
    assert 1 == len(children() - before)

    del runs
    gc.collect()
    deadline = time.monotonic() + 10
    while children() - before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not children() - before


def test_a_damaged_file_is_named(logs, always):
    [path] = (logs / "b" / "mean_pixel").glob("*.tfevents.*")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    runs = tb_meanpixel.read(logs)

    assert () == runs["a"].notes
    [note] = runs["b"].notes
    assert note == f"{path} is damaged: what comes after the damage was not read"
    [history] = runs["b"].histories
    assert 5 < len(history.steps) < 20


SCRIPTS = {
    "it ends at once": "exit 3",
    "it says nothing": "sleep 60",
    "it never has all": "echo 'Starting load cycle' >&2; exec sleep 0.3",
    "it has no port": "echo 'Starting load cycle Finished load cycle' >&2; exec sleep 0.3",
}


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
@needs_proc
@pytest.mark.parametrize("script", SCRIPTS)
def test_where_the_server_is_another_one_the_python_loader_reads(
    logs, always, tmp_path, monkeypatch, script
):
    before = children()
    binary = tmp_path / "server"
    binary.write_text(f"#!/bin/sh\n{SCRIPTS[script]}\n")
    binary.chmod(binary.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("TENSORBOARD_DATA_SERVER_BINARY", str(binary))
    monkeypatch.setattr(local_data_server, "_START_SECONDS", 0.2)
    monkeypatch.setattr(local_data_server, "_END_SECONDS", 0.2)

    assert load_with_data_server(str(logs), KEPT) is None
    assert ("a", "b") == tb_meanpixel.read(logs).names
    assert not children() - before


@pytest.mark.parametrize("name", ["data.server_ingester", "util.grpc_util"])
def test_without_tensorboards_way_to_the_server_the_python_loader_reads(
    logs, always, monkeypatch, name
):
    package, _, module = f"tensorboard.{name}".rpartition(".")
    monkeypatch.delattr(sys.modules[package], module, raising=False)
    monkeypatch.setitem(sys.modules, f"{package}.{module}", None)

    assert load_with_data_server(str(logs), KEPT) is None
    assert ("a", "b") == tb_meanpixel.read(logs).names


def test_remote_directories_are_left_to_the_python_loader(always):
    assert load_with_data_server("gs://bucket/logs", KEPT) is None
