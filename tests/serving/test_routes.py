import json

import numpy as np
import pytest

from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.statistics.mean_pixel import image_contrasts, image_means
from tb_meanpixel.statistics.measuring import measure_images
from tb_meanpixel.statistics.value_range import ValueRange

BLACK, GREY = np.zeros((2, 2, 2)), np.full((2, 2, 2), 0.25)
STEPS = 120  # of the run "long"


@pytest.mark.parametrize(
    "route, parameters, code, sentence",
    [
        ("histograms", {}, 400, "parameter 'stream' is missing"),
        ("histograms", {"stream": ""}, 400, "parameter 'stream' is missing"),
        ("baseline_scores", {}, 400, "parameter 'stream' is missing"),
        ("mean_images", {}, 400, "parameter 'run' is missing"),
        ("mean_images", {"run": "gan"}, 400, "parameter 'stream' is missing"),
        (
            "mean_images",
            {"run": "gan", "stream": "samples", "step": list(range(1001))},
            400,
            "parameter 'step' can be repeated 1000 times; got 1001",
        ),
        (
            "mean_image.png",
            {"run": "gan", "stream": "samples", "step": -1},
            404,
            "No mean image of the output at or before step -1",
        ),
        (
            "histograms",
            {"stream": "samples", "run": "gan", "columns": 0},
            400,
            "parameter 'columns' must be a whole number of at least 1; got '0'",
        ),
        (
            "histograms",
            {"stream": "samples", "run": "gan", "first": "1e9"},
            400,
            "parameter 'first' must be a whole number of up to 15 digits; got '1e9'",
        ),
        (
            "histograms",
            {"run": "gan", "stream": "samples", "channel": "red"},
            404,
            "No channel 'red' in stream 'samples' of run 'gan'; it has all",
        ),
        (
            "histograms",
            {"stream": "samples", "run": "gan", "after": 1},
            400,
            "parameters 'after' and 'digest' must be given together, once for each run",
        ),
        (
            "histograms",
            {"run": "gan", "stream": "samples", "after": 0, "digest": "x", "columns": 1},
            400,
            "'after' cannot be combined with 'columns': sums of steps cannot be continued",
        ),
        ("scalars", {"stream": "x"}, 404, "No stream 'x' in the requested runs"),
        ("scalars", {"points": 1}, 400, "'points' must be a whole number of at least 2; got '1'"),
        ("opening", {"quantity": "x"}, 400, "one of mean_pixels, contrasts, pixels; got 'x'"),
        ("scalars", {"format": "x"}, 400, "must be one of json, binary; got 'x'"),
        ("findings", {"run": "x"}, 404, "No mean-pixel records for run 'x'"),
        (
            "baseline_scores",
            {"stream": "samples", "baseline": "step"},
            400,
            "parameter 'baseline_step' is missing",
        ),
        (
            "baseline_scores",
            {"stream": "samples", "baseline": "run"},
            400,
            "'baseline_run' is missing",
        ),
        (
            "baseline_scores",
            {"stream": "samples", "baseline": "run", "baseline_run": "x"},
            404,
            "No mean-pixel records for run 'x'",
        ),
        (
            "baseline_scores",
            {"stream": "samples", "baseline": "run", "baseline_run": "color"},
            404,
            "No stream 'samples' in run 'color'",
        ),
        (
            "export",
            {"what": "x"},
            400,
            "histograms, baseline_scores, findings, mean_images; got 'x'",
        ),
        ("export", {"what": "histograms"}, 400, "parameter 'stream' is missing"),
        (
            "histograms",
            {"run": "gan", "stream": "samples", "quantity": "x"},
            400,
            "parameter 'quantity' must be one of mean_pixels, contrasts, pixels; got 'x'",
        ),
        (
            "scalars",
            {"curves": "x"},
            400,
            "parameter 'curves' must be one of all, primary, none; got 'x'",
        ),
        ("scalars", {"run": "x"}, 404, "No mean-pixel records for run 'x'"),
        (
            "scalars",
            {"run": ["gan", "x"]},
            404,
            "No mean-pixel records for run 'x'",
        ),
        (
            "histograms",
            {"run": "x", "stream": "samples"},
            404,
            "No mean-pixel records for run 'x'",
        ),
        (
            "histograms",
            {"run": "gan", "stream": "x"},
            404,
            "No stream 'x' in run 'gan'",
        ),
        ("nothing", {}, 404, "Not found"),
    ],
)
def test_a_request_that_cannot_be_met_is_answered_with_a_sentence(
    board, route, parameters, code, sentence
):
    response = board.get(route, **parameters)

    assert (code, "text/plain") == (response.status_code, response.mimetype)
    assert response.text.endswith(sentence)


def test_runs_are_listed_with_their_streams(board):
    runs = board.json("runs")["runs"]

    assert [
        ("color", ["validation"]),
        ("gan", ["samples"]),
        ("long", ["validation"]),
        ("torch", ["validation"]),
    ] == [(t["name"], [stream["name"] for stream in t["streams"]]) for t in runs]
    assert ["all", "red", "green", "blue"] == runs[0]["streams"][0]["channels"]
    assert [True, False] == [t["streams"][0]["paired"] for t in runs[:2]]
    assert ["contrasts", "mean_pixels", "pixels"] == runs[0]["streams"][0]["quantities"]


def names(answer):
    return [run["name"] for run in answer["runs"]]


@pytest.mark.parametrize(
    "parameters, expected",
    [
        ({}, ["color", "gan", "long", "torch"]),
        ({"run": "gan"}, ["gan"]),
        ({"run": ["torch", "color"]}, ["torch", "color"]),
        ({"run": ["gan", "gan"]}, ["gan"]),
    ],
)
def test_scalars_are_those_of_the_requested_runs(board, parameters, expected):
    assert expected == names(board.json("scalars", **parameters))


BIASES = {("bias", ""), ("bias", "red"), ("bias", "green"), ("bias", "blue")}


@pytest.mark.parametrize(
    "statistics, expected",
    [
        (["bias"], BIASES),
        (["color_cast"], {("color_cast", "")}),
        (["bias", "color_cast"], {*BIASES, ("color_cast", "")}),
        (["nothing"], set()),
    ],
)
def test_scores_can_be_chosen(board, statistics, expected):
    answer = board.json("scalars", run="color", score=statistics, curves="none")
    [run] = answer["runs"]

    assert expected == {(score["name"], score["channel"]) for score in run["scores"]}
    assert [] == run["curves"]


@pytest.mark.parametrize(
    "run, curves, expected",
    [
        ("color", "all", {"logs/loss": [0.5], "logs/lr": [0.1]}),
        ("color", "primary", {"logs/loss": [0.5]}),
        ("color", "none", {}),
        ("torch", "primary", {"loss/train": [1.0, None]}),
    ],
)
def test_curves_can_be_chosen(board, run, curves, expected):
    answer = board.json("scalars", run=run, curves=curves)
    found = {curve["tag"]: curve["values"] for curve in answer["runs"][0]["curves"]}

    assert expected.keys() == found.keys()
    for tag, values in expected.items():
        assert [v if v is None else pytest.approx(v) for v in values] == found[tag]


def test_the_losses_of_other_writers_come_with_the_scores(board):
    [run] = board.json("scalars", run="gan", curves="primary")["runs"]

    assert {
        ("gan/train", "epoch_loss"): [1.0, 0.5],
        ("gan/validation", "epoch_loss"): [2.0, 1.5],
    } == {(curve["event_directory"], curve["tag"]): curve["values"] for curve in run["curves"]}


@pytest.mark.parametrize("quantity", ["mean_pixels", "contrasts", "pixels"])
def test_histograms_are_those_that_were_measured(board, color, quantity):
    header = board.histograms(run="color", stream="validation", quantity=quantity)
    unit = ValueRange(0.0, 1.0, "declared")

    [run] = header["runs"]
    for series, images in zip(run["series"], [color, color / 2], strict=True):
        expected = getattr(measure_images(images, unit), quantity)
        stored = expected.rebin(64)
        assert (quantity, stored.low, stored.high, 64, [0]) == tuple(
            series[key] for key in ("quantity", "low", "high", "bins", "steps")
        )
        np.testing.assert_array_equal([stored.cells], series["cells"])
        np.testing.assert_array_equal([expected.mean.astype(np.float32)], series["mean"])
        np.testing.assert_array_equal([expected.std.astype(np.float32)], series["std"])
        if quantity == "pixels":
            quantiles = stored.quantile(header["quantiles"])
        else:  # of the values themselves, between the recorded probabilities
            values = (image_means if quantity == "mean_pixels" else image_contrasts)(images)
            quantiles = np.quantile(values, header["quantiles"], axis=0).T
        np.testing.assert_allclose(series["quantile_values"][0], quantiles, rtol=1e-4, atol=1e-5)


def test_mean_pixels_are_the_default(board):
    assert "mean_pixels" == board.side("output", run="gan", stream="samples")["quantity"]


def test_no_step_is_left_out(board):
    output = board.side("output", run="long", stream="validation")
    [bias] = [
        score["steps"]
        for score in board.json("scalars", run="long", score="bias")["runs"][0]["scores"]
    ]

    assert list(range(STEPS)) == output["steps"] == bias
    assert (STEPS, 1, 69) == output["cells"].shape


@pytest.mark.parametrize("route", ["runs", "scalars", "findings"])
def test_an_empty_log_directory_is_no_error(tmp_path, serve, loader, route):
    assert [] == serve(tmp_path, loader).json(route)["runs"]


def test_a_log_directory_that_is_one_run_is_named_dot(tmp_path, serve, loader):
    with MeanPixelWriter(tmp_path) as writer:
        writer.write(0, output=GREY, reference=BLACK)
    board = serve(tmp_path, loader)

    assert ["."] == names(board.json("runs"))
    assert [0] == board.side("output", run=".", stream="validation")["steps"]


def test_runs_may_have_any_name(tmp_path, serve, loader):
    given = ["100%", "a b", "a+b&c=d", "a/b", "ü"]
    for name in given:
        with MeanPixelWriter(tmp_path / name) as writer:
            writer.write(0, output=GREY, reference=BLACK)
    board = serve(tmp_path, loader)

    assert given == names(board.json("runs"))
    for name in given:
        assert [name] == names(board.json("scalars", run=name))
        [run] = board.histograms(run=name, stream="validation")["runs"]
        assert name == run["name"]


def test_mean_images_are_those_of_the_images(board, color):
    answer = board.binary("mean_images", run="color", stream="validation", step=[0, 5])

    assert ([0], [0], (0.0, 1.0)) == (
        answer["steps"],
        answer["reference_steps"],
        (answer["low"], answer["high"]),
    )
    assert ["red", "green", "blue"] == answer["channels"]
    for side, images in [("output", color), ("reference", color / 2)]:
        np.testing.assert_allclose(images.mean(axis=0), answer[side][0], rtol=1e-3)


@pytest.mark.parametrize("side", ["output", "reference", "difference"])
def test_mean_images_are_pictures_too(board, side):
    query = {"run": "color", "stream": "validation", "side": side}
    response = board.get("mean_image.png", **query)

    assert (200, "image/png") == (response.status_code, response.content_type)
    assert response.data.startswith(b"\x89PNG")


def test_a_channel_can_be_named_or_numbered(board):
    query = {"stream": "validation", "side": "output"}
    for channel in ("green", 2):
        answer = board.histograms(**query, run="color", channel=channel)
        everything = board.histograms(**query, run="color")
        [run], [all_channels] = answer["runs"], everything["runs"]
        assert ["green"] == run["channels"]
        np.testing.assert_array_equal(
            run["series"][0]["cells"][:, 0], all_channels["series"][0]["cells"][:, 2]
        )

    answer = board.histograms(**query, channel="green")
    assert ["color"] == names(answer)
    assert 3 == len(answer["notes"])  # two have one channel alone, one has another stream


def test_a_tag_can_be_picked_as_a_curve(board):
    for query, tags in [
        ({"tag": "logs/lr"}, ["logs/lr"]),
        ({"tag": "logs/lr", "curves": "primary"}, ["logs/loss", "logs/lr"]),
        ({"tag": "nothing"}, []),
    ]:
        [run] = board.json("scalars", run="color", **query)["runs"]
        assert tags == [curve["tag"] for curve in run["curves"]]


def test_later_steps_can_be_requested_alone(board):
    [run] = board.json("scalars", run="long", score="bias", after=117)["runs"]

    assert [[118, 119]] == [score["steps"] for score in run["scores"]]


def test_a_few_points_of_a_series_can_be_requested(board):
    for again in range(2):  # the second time from what was kept
        [run] = board.json("scalars", run="long", score="drift", curves="none", points=3)["runs"]
        [score] = run["scores"]

        assert 3 == len(score["steps"]), again
        assert STEPS - 1 == score["steps"][-1]


def test_an_opening_is_what_the_other_routes_answer(board):
    board.get("overview")  # from now on it is at hand
    opening = board.binary("opening", run="gan", stream="samples", quantity="pixels")
    shown = opening["shown"]

    assert board.json("runs") == opening["catalog"]
    np.testing.assert_equal(board.binary("overview"), opening["overview"])
    assert ("gan", "samples", "pixels") == (shown["run"], shown["stream"], shown["quantity"])
    assert board.json("findings", run="gan") == shown["findings"]
    np.testing.assert_equal(shown["scalars"], board.binary("scalars", run="gan", format="binary"))
    np.testing.assert_equal(
        shown["histograms"],
        board.binary("histograms", run="gan", stream="samples", quantity="pixels"),
    )


@pytest.mark.parametrize("query", [{}, {"run": "gone"}, {"run": "", "stream": "gone"}])
def test_an_opening_shows_the_first_run_for_one_that_does_not_exist(board, query):
    shown = board.binary("opening", **query)["shown"]

    assert ("color", "validation") == (shown["run"], shown["stream"])


def test_an_opening_may_be_older_than_the_catalog(tmp_path, serve):
    with MeanPixelWriter(tmp_path / "vae") as writer:
        writer.write(0, output=GREY, reference=BLACK)
        board = serve(tmp_path, "python")
        before = board.json("runs")
        writer.write(1, output=GREY, reference=BLACK)
    board.reload()

    assert before == board.binary("opening")["catalog"]
    assert 1 == board.json("runs")["runs"][0]["streams"][0]["steps"]["last"]
    assert 1 == board.binary("opening")["catalog"]["runs"][0]["streams"][0]["steps"]["last"]


def test_an_opening_of_nothing_shows_nothing(tmp_path, serve, loader):
    opening = serve(tmp_path, loader).binary("opening")

    assert ([], None) == (opening["catalog"]["runs"], opening["shown"])


def test_event_directories_are_in_the_order_in_which_tensorboard_colours_them(board):
    expected = json.loads(board.client.get("/data/runs").data)

    assert len(expected) > 2
    assert expected == board.json("runs")["event_directories"]


def test_the_validation_is_the_first_of_the_streams(tmp_path, serve, loader):
    for name in ("samples", "validation", "another"):
        with MeanPixelWriter(tmp_path / "vae", stream=name) as writer:
            writer.write(0, output=GREY, reference=BLACK)
    [run] = serve(tmp_path, loader).json("runs")["runs"]

    assert ["validation", "another", "samples"] == [one["name"] for one in run["streams"]]
