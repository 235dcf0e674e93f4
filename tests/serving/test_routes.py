import gzip
import json
import logging
import re
import struct
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import tensorboard.version
from support.boards import write_scalars, write_simple_values
from tensorboard.plugins import base_plugin

import tb_meanpixel
from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.plugin import MeanPixelLoader, MeanPixelPlugin
from tb_meanpixel.serving.encoding.responses import content_hash
from tb_meanpixel.statistics.image_statistics import measure
from tb_meanpixel.statistics.images import ValueRange

PACKAGE = Path(tb_meanpixel.__file__).parent
HTTP_API = (Path(__file__).parents[2] / "docs" / "http_api.md").read_text(encoding="utf-8")
BUNDLE = PACKAGE / "static" / "index.js"
# `{"GET runs": {...}}`: each request of http_api.md with its answer.
EXAMPLES = {
    request: json.loads(answer) if answer.startswith(("{", '"')) else answer
    for request, answer in re.findall(r"^```\n(GET .+)\n([^`]+)```$", HTTP_API, re.MULTILINE)
}

ROUTES = [
    "opening", "overview", "runs", "scalars", "histograms", "baseline_scores", "findings",
    "mean_images", "mean_image.png", "export",
]  # fmt: skip

BLACK, GREY = np.zeros((2, 2, 2)), np.full((2, 2, 2), 0.25)
COLOR = np.random.default_rng(0).random((4, 3, 3, 3)) * 1.5
NAN = np.full((2, 2, 2), np.nan)
STEPS = 120


@pytest.fixture(scope="module")
def documented(tmp_path_factory, loader, serve):
    """Just what the examples of http_api.md are about."""
    logs = tmp_path_factory.mktemp("documented")
    with MeanPixelWriter(logs / "vae", bins=4) as writer:
        writer.write(0, GREY, BLACK, {"loss": 0.5})
        writer.write(1, NAN, BLACK, {"loss": 0.25})
    return serve(logs, loader)


@pytest.fixture(scope="module")
def logdir(tmp_path_factory):
    logs = tmp_path_factory.mktemp("logs")
    with MeanPixelWriter(logs / "color", value_range=(0, 1)) as writer:
        writer.write(0, COLOR, COLOR / 2, {"loss": 0.5, "lr": 0.1})
    with MeanPixelWriter(logs / "gan", name="samples", paired=False) as writer:
        writer.write(0, GREY, BLACK)
    write_scalars(logs / "gan" / "train", {"epoch_loss": [1.0, 0.5], "epoch_mae": [3.0]})
    write_scalars(logs / "gan" / "validation", {"epoch_loss": [2.0, 1.5]})
    with MeanPixelWriter(logs / "torch") as writer:
        writer.write(0, GREY, BLACK)
    write_simple_values(logs / "torch", {"loss/train": [1.0, float("nan")]})
    with MeanPixelWriter(logs / "long") as writer:
        for step in range(STEPS):
            writer.write(step, GREY, BLACK)
    return logs


@pytest.fixture(scope="module")
def board(logdir, loader, serve):
    return serve(logdir, loader)


def header_of(content):
    (length,) = struct.unpack_from("<I", content)
    return json.loads(content[4 : 4 + length])


def spelt_out(documented):
    """Keys whose value is shown; the others are as another route answers, see the test of that."""
    return [key for key, value in documented.items() if not str(value).startswith("as GET ")]


def agree(documented, answer, place="answer"):
    """Assert that an answer is as documented; only times and hashes differ from run to run."""
    assert type(documented) is type(answer), place
    if isinstance(documented, dict):
        assert list(documented) == list(answer), place
        for key in spelt_out(documented):
            agree(documented[key], answer[key], f"{place}.{key}")
    elif place.endswith(".wall_time"):
        assert isinstance(answer, float)
    elif place.endswith((".reference_hash", ".revision", ".digest")):
        assert re.fullmatch(f"[0-9a-f]{{{len(documented)}}}", answer)
    elif place.endswith(".wall_times"):
        assert [float] * len(documented) == [type(time) for time in answer]
    elif place.endswith(".series"):  # of outputs and references the document shows one
        assert ["output", "reference"][: len(answer)] == [series["side"] for series in answer]
        agree(documented[0], answer[0], place)
        assert {tuple(documented[0])} == {tuple(series) for series in answer}
    elif isinstance(documented, list) and documented and isinstance(documented[0], dict):
        assert len(documented) == len(answer), place
        for index, (shown, item) in enumerate(zip(documented, answer, strict=True)):
            agree(shown, item, f"{place}[{index}]")
    elif isinstance(documented, list) and "..." in documented:
        assert {*documented} - {"..."} < {*answer}, place
    else:
        assert documented == answer, place


@pytest.mark.parametrize("request_line", EXAMPLES)
def test_every_example_of_the_documentation_is_what_is_answered(documented, request_line):
    url = urlsplit(request_line.removeprefix("GET "))
    response = documented.get(url.path, **parse_qs(url.query))
    shown = EXAMPLES[request_line]

    assert 200 == response.status_code
    if str(shown).startswith("as GET "):
        other = urlsplit(shown.removeprefix("as GET "))
        assert documented.get(other.path, **parse_qs(other.query, True)).data == response.data
    elif response.content_type == "application/octet-stream":
        agree(shown, header_of(response.data))
    elif response.content_type == "application/json":
        agree(shown, response.json)
    elif response.mimetype == "text/csv":
        lines = [re.sub(r"\d{6,}\.\d*|10[01]\.0", "TIME", text) for text in (shown, response.text)]
        assert lines[0].splitlines() == lines[1].splitlines()
    else:
        assert shown.strip() == response.content_type


def test_every_route_is_documented_and_every_documented_route_is_there(board):
    routes = {route.removeprefix("/") for route in MeanPixelPlugin(board.context).get_plugin_apps()}

    assert routes == set(re.findall(r"^## `(.+)`$", HTTP_API, re.MULTILINE))
    assert routes == {urlsplit(example.removeprefix("GET ")).path for example in EXAMPLES} | {
        "static/index.js"
    }


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


@pytest.mark.parametrize("route", [*ROUTES, "static/index.js"])
def test_browsers_must_not_guess_the_type_of_an_answer(board, route):
    assert "nosniff" == board.get(route).headers["X-Content-Type-Options"]


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
            "parameter 'after' does not go with 'columns': sums of epochs cannot be continued",
        ),
        ("scalars", {"stream": "x"}, 404, "No stream 'x' in the runs asked for"),
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


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("route", [*ROUTES, "static/index.js"])
def test_other_methods_are_refused(board, route, method):
    response = board.client.open(board.url(route), method=method)

    assert (405, "text/plain") == (response.status_code, response.mimetype)
    assert f"{method} is not supported; use GET" == response.text
    assert "GET, HEAD" == response.headers["Allow"]


@pytest.mark.parametrize("route", ["runs", "scalars", "static/index.js"])
def test_head_is_get_without_a_body(board, route):
    get, head = board.get(route), board.client.head(board.url(route))

    assert (200, b"") == (head.status_code, head.data)
    assert get.headers["Content-Type"] == head.headers["Content-Type"]
    assert len(get.data) == int(head.headers["Content-Length"])


def test_the_page_may_be_kept_by_its_hash_and_is_asked_for_without(board):
    url, known = board.url("static/index.js"), content_hash(BUNDLE.read_bytes())
    by_hash, plain = board.client.get(f"{url}?{known}"), board.client.get(url)
    other = board.client.get(f"{url}?0123456789abcdef")
    again = board.client.get(url, headers={"If-None-Match": plain.headers["ETag"]})

    assert "private, max-age=31536000, immutable" == by_hash.headers["Cache-Control"]
    assert ["no-cache, must-revalidate"] * 2 == [
        response.headers["Cache-Control"] for response in (plain, other)
    ]
    assert (304, b"", "text/javascript") == (again.status_code, again.data, again.mimetype)


@pytest.mark.parametrize("route", ROUTES[:8])
def test_an_answer_that_has_not_changed_is_confirmed_without_a_body(board, route):
    query = {"run": "color", "stream": "validation"}
    first = board.client.get(board.url(route), query_string=query)
    headers = {"If-None-Match": first.headers["ETag"]}
    again = board.client.get(board.url(route), query_string=query, headers=headers)
    other = board.client.get(
        board.url(route), query_string=query | {"run": "long"}, headers=headers
    )

    assert "no-cache, must-revalidate" == first.headers["Cache-Control"]
    assert "Accept-Encoding" == first.headers["Vary"]
    assert (304, b"", "nosniff") == (
        again.status_code,
        again.data,
        again.headers["X-Content-Type-Options"],
    )
    assert first.headers["Content-Type"].split(";")[0] == again.mimetype
    assert 200 == other.status_code


def test_a_confirmation_leaves_no_warning_in_tensorboards_log(board, caplog):
    etag = board.get("runs").headers["ETag"]
    board.client.get(board.url("runs"), headers={"If-None-Match": etag})

    assert [] == [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("accepted, sent", [("gzip", True), ("gzip;q=0", False), ("br", False)])
def test_binary_is_compressed_for_who_asks(board, accepted, sent):
    query = {"run": "long", "stream": "validation"}
    plain = board.get("histograms", **query)
    response = board.client.get(
        board.url("histograms"), query_string=query, headers={"Accept-Encoding": accepted}
    )

    assert sent == (response.headers.get("Content-Encoding") == "gzip")
    assert plain.data == (gzip.decompress(response.data) if sent else response.data)
    assert not sent or len(response.data) < len(plain.data) / 2


@pytest.mark.parametrize("route", ["opening", "runs", "histograms", "static/index.js"])
def test_what_is_sent_again_is_the_same_however_it_was_asked_for_before(board, route):
    query = {"run": "long", "stream": "validation"}
    small, plain, small_again, plain_again = (
        board.client.get(board.url(route), query_string=query, headers=headers)
        for headers in [{"Accept-Encoding": "gzip"}, {}] * 2
    )

    assert small.data == small_again.data != plain.data == plain_again.data
    assert plain.data == gzip.decompress(small.data)
    assert small.headers["ETag"] == plain_again.headers["ETag"]
    assert [small_again.headers[name] for name in ("Content-Type", "Content-Length")] == [
        plain.content_type,
        str(len(small.data)),
    ]


def test_json_is_compressed_for_who_asks(board):
    plain = board.get("runs")
    small = board.client.get(board.url("runs"), headers={"Accept-Encoding": "gzip"})

    assert plain.data == gzip.decompress(small.data)
    assert len(small.data) < len(plain.data)


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
def test_scalars_are_those_of_the_runs_asked_for(board, parameters, expected):
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

    assert expected == {(score["score"], score["channel"]) for score in run["scores"]}
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


def test_the_losses_of_other_writers_stand_beside_the_scores(board):
    [run] = board.json("scalars", run="gan", curves="primary")["runs"]

    assert {
        ("gan/train", "epoch_loss"): [1.0, 0.5],
        ("gan/validation", "epoch_loss"): [2.0, 1.5],
    } == {(curve["event_directory"], curve["tag"]): curve["values"] for curve in run["curves"]}


@pytest.mark.parametrize("quantity", ["mean_pixels", "contrasts", "pixels"])
def test_histograms_are_those_that_were_measured(board, quantity):
    header = board.histograms(run="color", stream="validation", quantity=quantity)
    unit = ValueRange(0.0, 1.0, "declared")

    [run] = header["runs"]
    for series, images in zip(run["series"], [COLOR, COLOR / 2], strict=True):
        expected = getattr(measure(images, unit), quantity)
        stored = expected.fold(64)
        assert (quantity, stored.low, stored.high, 64, [0]) == tuple(
            series[key] for key in ("quantity", "low", "high", "bins", "steps")
        )
        np.testing.assert_array_equal([stored.cells], series["cells"])
        np.testing.assert_array_equal([expected.mean.astype(np.float32)], series["mean"])
        np.testing.assert_array_equal([expected.std.astype(np.float32)], series["std"])
        np.testing.assert_allclose(
            series["quantile_values"][0],
            stored.quantile(header["quantiles"]),
            rtol=1e-6,
        )


def test_mean_pixels_are_the_default(board):
    assert "mean_pixels" == board.side("output", run="gan", stream="samples")["quantity"]


def test_no_step_is_thinned_out(board):
    output = board.side("output", run="long", stream="validation")
    [bias] = [
        score["steps"]
        for score in board.json("scalars", run="long", score="bias")["runs"][0]["scores"]
    ]

    assert list(range(STEPS)) == output["steps"] == bias
    assert (STEPS, 1, 69) == output["cells"].shape


def test_who_sets_samples_per_plugin_has_the_last_say(logdir, serve, loader):
    board = serve(logdir, loader, "--samples_per_plugin=mean_pixel=5")

    assert 5 == len(board.side("output", run="long", stream="validation")["steps"])


@pytest.mark.parametrize("route", ["runs", "scalars", "findings"])
def test_an_empty_log_directory_is_answered_too(tmp_path, serve, loader, route):
    assert [] == serve(tmp_path, loader).json(route)["runs"]


def test_a_log_directory_that_is_one_run_is_named_dot(tmp_path, serve, loader):
    with MeanPixelWriter(tmp_path) as writer:
        writer.write(0, GREY, BLACK)
    board = serve(tmp_path, loader)

    assert ["."] == names(board.json("runs"))
    assert [0] == board.side("output", run=".", stream="validation")["steps"]


def test_runs_may_have_any_name(tmp_path, serve, loader):
    given = ["100%", "a b", "a+b&c=d", "a/b", "ü"]
    for name in given:
        with MeanPixelWriter(tmp_path / name) as writer:
            writer.write(0, GREY, BLACK)
    board = serve(tmp_path, loader)

    assert given == names(board.json("runs"))
    for name in given:
        assert [name] == names(board.json("scalars", run=name))
        [run] = board.histograms(run=name, stream="validation")["runs"]
        assert name == run["run"]


def test_the_routes_work_below_a_path_prefix(logdir, serve, loader):
    board = serve(logdir, loader, "--path_prefix=/some/prefix/")

    assert "/some/prefix/data/plugin/mean_pixel/runs" == board.url("runs")
    assert ["color", "gan", "long", "torch"] == names(board.json("runs"))
    assert 404 == board.client.get("/data/plugin/mean_pixel/runs").status_code


@pytest.mark.parametrize("route", ["runs", "scalars", "static/index.js"])
def test_the_routes_work_for_an_experiment(board, route):
    response = board.client.get("/experiment/foo" + board.url(route))

    assert board.get(route).data == response.data


def test_runs_named_by_logdir_spec_are_runs_too(logdir, serve):
    spec = f"--logdir_spec=one:{logdir / 'color'},two:{logdir / 'gan'}"
    board = serve("", "python", spec)

    assert ["one", "two"] == names(board.json("runs"))
    [run] = board.json("scalars", run="two", curves="primary")["runs"]
    assert {"two/train", "two/validation"} == {curve["event_directory"] for curve in run["curves"]}
    assert [0] == board.side("output", run="one", stream="validation")["steps"]


def test_mean_images_are_those_of_the_images(board):
    answer = board.binary("mean_images", run="color", stream="validation", step=[0, 5])

    assert ([0], [0], (0.0, 1.0)) == (
        answer["steps"],
        answer["reference_steps"],
        (answer["low"], answer["high"]),
    )
    assert ["red", "green", "blue"] == answer["channels"]
    for side, images in [("output", COLOR), ("reference", COLOR / 2)]:
        np.testing.assert_allclose(images.mean(axis=0), answer[side][0], rtol=1e-3)


@pytest.mark.parametrize("side", ["output", "reference", "difference"])
def test_mean_images_are_pictures_too(board, side):
    query = {"run": "color", "stream": "validation", "side": side}
    response = board.get("mean_image.png", **query)

    assert (200, "image/png") == (response.status_code, response.content_type)
    assert response.data.startswith(b"\x89PNG")


def test_a_channel_can_be_asked_for_by_number_or_name(board):
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
    assert ["color"] == [run["run"] for run in answer["runs"]]
    assert 3 == len(answer["notes"])  # two have one channel alone, one has another stream


def test_a_tag_can_be_picked_as_a_curve(board):
    for query, tags in [
        ({"tag": "logs/lr"}, ["logs/lr"]),
        ({"tag": "logs/lr", "curves": "primary"}, ["logs/loss", "logs/lr"]),
        ({"tag": "nothing"}, []),
    ]:
        [run] = board.json("scalars", run="color", **query)["runs"]
        assert tags == [curve["tag"] for curve in run["curves"]]


def test_later_steps_can_be_asked_for_alone(board):
    [run] = board.json("scalars", run="long", score="bias", after=117)["runs"]

    assert [[118, 119]] == [score["steps"] for score in run["scores"]]


def test_a_few_points_of_a_series_can_be_asked_for(board):
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
def test_an_opening_shows_the_first_run_for_one_that_is_not_there(board, query):
    shown = board.binary("opening", **query)["shown"]

    assert ("color", "validation") == (shown["run"], shown["stream"])


def test_an_opening_shows_what_there_was_and_the_listing_what_there_is(tmp_path, serve):
    with MeanPixelWriter(tmp_path / "vae") as writer:
        writer.write(0, GREY, BLACK)
        board = serve(tmp_path, "python")
        before = board.json("runs")
        writer.write(1, GREY, BLACK)
    board.reload()

    assert before == board.binary("opening")["catalog"]
    assert 1 == board.json("runs")["runs"][0]["streams"][0]["steps"]["last"]
    assert 1 == board.binary("opening")["catalog"]["runs"][0]["streams"][0]["steps"]["last"]


def test_an_opening_of_nothing_shows_nothing(tmp_path, serve, loader):
    opening = serve(tmp_path, loader).binary("opening")

    assert ([], None) == (opening["catalog"]["runs"], opening["shown"])


def test_runs_are_listed_in_the_order_from_which_tensorboard_gives_them_colours(board):
    expected = json.loads(board.client.get("/data/runs").data)

    assert len(expected) > 2
    assert expected == board.json("runs")["event_directories"]


def test_the_validation_is_the_first_of_the_streams(tmp_path, serve, loader):
    for name in ("samples", "validation", "another"):
        with MeanPixelWriter(tmp_path / "vae", name=name) as writer:
            writer.write(0, GREY, BLACK)
    [run] = serve(tmp_path, loader).json("runs")["runs"]

    assert ["validation", "another", "samples"] == [one["name"] for one in run["streams"]]


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
