import argparse
import json
import logging
from pathlib import Path

import numpy as np
import pytest
import tensorboard.version
from support.boards import write_scalars
from tensorboard.plugins import base_plugin

import tb_meanpixel
from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.plugin import MeanPixelLoader, MeanPixelPlugin
from tb_meanpixel.serving.answers.routes import ROUTES
from tb_meanpixel.serving.encoding.responses import content_hash

BUNDLE = Path(tb_meanpixel.__file__).parent / "static" / "index.js"
BLACK, GREY = np.zeros((2, 2, 2)), np.full((2, 2, 2), 0.25)
STEPS = 20


@pytest.fixture(scope="module")
def logdir(tmp_path_factory):
    logs = tmp_path_factory.mktemp("logs")
    with MeanPixelWriter(logs / "vae") as writer:
        for step in range(STEPS):
            writer.write(step, output=GREY, reference=BLACK)
    with MeanPixelWriter(logs / "gan", stream="samples", paired=False) as writer:
        writer.write(0, output=GREY, reference=BLACK)
    write_scalars(logs / "gan" / "train", {"epoch_loss": [1.0, 0.5]})
    write_scalars(logs / "gan" / "validation", {"epoch_loss": [2.0, 1.5]})
    return logs


@pytest.fixture(scope="module")
def board(logdir, loader, serve):
    return serve(logdir, loader)


def names(board):
    return [run["name"] for run in board.json("runs")["runs"]]


def test_every_route_is_in_the_table_of_the_plugin(board):
    table = MeanPixelPlugin(board.context).get_plugin_apps()

    assert {"/static/index.js", "/findings/*", *(f"/{name}" for name in ROUTES)} == set(table)


def test_the_tab_is_offered_where_there_are_records(board, serve, loader, tmp_path):
    listings = [
        json.loads(b.client.get("/data/plugins_listing").data)["mean_pixel"]
        for b in (board, serve(tmp_path, loader))
    ]

    assert [True, False] == [listing["enabled"] for listing in listings]
    assert ["Mean Pixel"] * 2 == [listing["tab_name"] for listing in listings]
    page = f"/static/index.js?{content_hash(BUNDLE.read_bytes())}"
    assert {
        "type": "IFRAME",
        "module_path": f"/data/plugin/mean_pixel{page}",
    } == listings[0]["loading_mechanism"]


def test_the_page_is_served(board):
    response = board.get("static/index.js")

    assert (200, "text/javascript") == (response.status_code, response.mimetype)
    assert BUNDLE.read_bytes() == response.data
    assert b"render" in response.data  # the function that TensorBoard calls


def test_samples_per_plugin_takes_precedence(logdir, serve, loader):
    board = serve(logdir, loader, "--samples_per_plugin=mean_pixel=5")

    assert 5 == len(board.side("output", run="vae", stream="validation")["steps"])


def test_the_routes_work_below_a_path_prefix(logdir, serve, loader):
    board = serve(logdir, loader, "--path_prefix=/some/prefix/")

    assert "/some/prefix/data/plugin/mean_pixel/runs" == board.url("runs")
    assert ["gan", "vae"] == names(board)
    assert 404 == board.client.get("/data/plugin/mean_pixel/runs").status_code


@pytest.mark.parametrize("route", ["runs", "scalars", "static/index.js"])
def test_the_routes_work_for_an_experiment(board, route):
    response = board.client.get("/experiment/foo" + board.url(route))

    assert board.get(route).data == response.data


def test_runs_named_by_logdir_spec_are_runs_too(logdir, serve):
    spec = f"--logdir_spec=one:{logdir / 'vae'},two:{logdir / 'gan'}"
    board = serve("", "python", spec)

    assert ["one", "two"] == names(board)
    [run] = board.json("scalars", run="two", curves="primary")["runs"]
    assert {"two/train", "two/validation"} == {curve["event_directory"] for curve in run["curves"]}
    assert list(range(STEPS)) == board.side("output", run="one", stream="validation")["steps"]


def test_the_plugin_leaves_it_to_tensorboard_whether_it_is_active(board):
    assert not MeanPixelPlugin(board.context).is_active()


@pytest.mark.parametrize("version", ["2.15.2", "2.9.1", "1.15.0"])
def test_a_tensorboard_that_is_too_old_gets_no_tab_but_what_to_type(
    board, monkeypatch, caplog, version
):
    monkeypatch.setattr(tensorboard.version, "VERSION", version)

    assert MeanPixelLoader().load(board.context) is None
    assert [
        (
            "tb_meanpixel",
            logging.WARNING,
            (
                f"Mean Pixel needs TensorBoard 2.16 or newer and is not shown; this is {version}. "
                "Type: pip install --upgrade tensorboard"
            ),
        )
    ] == caplog.record_tuples


@pytest.mark.parametrize("version", ["2.16.0", "2.21.0", "2.100.0a20300101", "3.0.0"])
def test_newer_tensorboards_get_the_tab(board, monkeypatch, caplog, version):
    monkeypatch.setattr(tensorboard.version, "VERSION", version)

    assert isinstance(MeanPixelLoader().load(board.context), MeanPixelPlugin)
    assert [] == caplog.record_tuples


def test_without_a_data_provider_there_is_no_tab(caplog):
    assert MeanPixelLoader().load(base_plugin.TBContext()) is None
    assert 1 == len(caplog.records)


@pytest.mark.parametrize(
    "given, adjusted",
    [
        ({}, {"mean_pixel": 0, "mean_pixel_samples": 200}),
        (
            {"mean_pixel": 5, "mean_pixel_samples": 7, "x": 1},
            {"mean_pixel": 5, "mean_pixel_samples": 7, "x": 1},
        ),
    ],
)
def test_all_steps_are_kept_unless_the_user_says_otherwise(given, adjusted, caplog):
    flags = argparse.Namespace(samples_per_plugin=given)
    MeanPixelLoader().fix_flags(flags)

    assert adjusted == flags.samples_per_plugin
    assert [] == caplog.records


@pytest.mark.parametrize(
    "flags",
    [
        argparse.Namespace(),
        argparse.Namespace(samples_per_plugin=None),
        argparse.Namespace(samples_per_plugin="mean_pixel=5"),
    ],
    ids=["missing", "None", "text"],
)
def test_flags_that_nobody_knows_do_not_stop_tensorboard(flags, caplog):
    before = vars(flags).copy()
    MeanPixelLoader().fix_flags(flags)

    assert before == vars(flags)
    [record] = caplog.records
    assert ("tb_meanpixel", logging.WARNING) == (record.name, record.levelno)
    assert record.message.startswith("Mean Pixel may show only 10 steps of each run: TensorBoard ")
    assert record.message.endswith("Type: pip install --upgrade tb-meanpixel")
