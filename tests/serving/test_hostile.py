"""Any request and any event file gets an answer or a sentence, never a fault."""

import string
import threading
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.boards import write_scalars, write_values
from support.broken_values import EMPTY, OUTPUT, STREAM, value
from tensorboard.compat.proto.summary_pb2 import (
    DATA_CLASS_SCALAR,
)
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.types_pb2 import (
    DT_DOUBLE,
    DT_FLOAT,
    DT_RESOURCE,
    DT_STRING,
    DT_VARIANT,
)
from tensorboard.util import tensor_util

from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.schema.metadata import (
    HistogramTag,
    LogTag,
    MeanImageTag,
    QuantilesTag,
    ScoresTag,
    ScoreTag,
    SumsTag,
)

GREY, BLACK = np.full((2, 2, 2), 0.5), np.zeros((2, 2, 2))
COLOR = np.random.default_rng(0).random((4, 3, 3, 3))
HTML = "<img src=x onerror=alert(1)>"
NAMES = [
    "a",
    "b",
    "a/b",
    HTML.replace("/", ""),
    "ü 日本 \U0001f600",
    "x",
    "",
    "..",
    "../../etc/passwd",
]
ROUTES = [
    "runs", "scalars", "histograms", "baseline_scores", "findings", "mean_images",
    "mean_image.png",
    "export", "static/index.js", "static/../plugin.py", "nothing",
]  # fmt: skip
WORDS = [
    "validation", "samples", "output", "reference", "both", "difference", "mean_pixels", "pixels",
    "contrasts", "bias", "drift", "all", "primary", "none", "json", "binary", "csv", "first",
    "step", "run", "baseline_scores", "scores", "curves", "histograms", "findings",
    "mean_images", "red", "0", "1", "-1", "3", "007", "+1", "1.5", "1e9", "NaN", "-0", "9" * 15,
    "9" * 16, "-" + "9" * 15, "9" * 5000, "0x10", "١", "true", "null", "%00", "\x00",
    "\r\nSet-Cookie: a=b", "'", '"', "../..",
]  # fmt: skip
PARAMETERS = [
    "run", "stream", "score", "channel", "curves", "tag", "format", "after", "digest", "points",
    "quantity", "side", "first", "last", "columns", "baseline", "baseline_step", "baseline_run",
    "step", "what", "?",
]  # fmt: skip

values = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(WORDS),
    st.integers(-5, 5).map(str),
    st.integers().map(str),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
parameters = st.one_of(
    st.lists(st.tuples(st.sampled_from(PARAMETERS), values), max_size=8),
    # With what the routes require, so that many requests get further than that.
    st.lists(st.tuples(st.sampled_from(PARAMETERS), values), max_size=5).map(
        lambda some: [("run", "a"), ("stream", "validation"), *some]
    ),
)
raw_queries = st.one_of(
    parameters,
    st.text(string.printable, max_size=40),
    st.binary(max_size=30).map(lambda text: text.decode("latin-1")),
)


@pytest.fixture(scope="module")
def logdir(tmp_path_factory):
    logs = tmp_path_factory.mktemp("logs")
    with MeanPixelWriter(logs / "a") as writer:
        for step in range(5):
            writer.write(
                step, output=GREY * step / 4, reference=BLACK, scalars={"loss": 1 / (step + 1)}
            )
    with MeanPixelWriter(logs / "b", stream="samples", paired=False, bins=8) as writer:
        writer.write(3, output=COLOR, reference=COLOR / 2, scalars={HTML: 0.5})
    with MeanPixelWriter(logs / "a" / "b") as writer:
        writer.write(-7, output=COLOR, reference=COLOR / 2)
    for name in NAMES[3:5]:
        with MeanPixelWriter(logs / name) as writer:
            writer.write(0, output=GREY, reference=BLACK)
        write_scalars(logs / name / "train", {f"epoch_loss{HTML}": [1.0]})
    return logs


@pytest.fixture(scope="module")
def python_board(logdir, serve):
    # Without the data server's latency: ten thousand requests take half a minute.
    return serve(logdir, "python")


def is_well_behaved(response, allowed=(200, 400, 404)):
    assert response.status_code in allowed, response
    assert "nosniff" == response.headers["X-Content-Type-Options"]
    assert response.content_type
    if response.status_code >= 400:
        assert "text/plain" == response.mimetype
        assert 0 < len(response.text) < 2000
    return response


# 20 requests each: what Hypothesis does for an example takes longer than a request.
many_requests = st.lists(st.tuples(st.sampled_from(ROUTES), raw_queries), min_size=20, max_size=20)


def answer_all(board, requests):
    for route, query in requests:
        is_well_behaved(board.client.get(board.url(route), query_string=query))


@settings(max_examples=60, suppress_health_check=list(HealthCheck), database=None)
@given(many_requests)
def test_a_thousand_requests_are_answered_or_refused(python_board, requests):
    answer_all(python_board, requests)


@pytest.mark.slow
@settings(max_examples=500, suppress_health_check=list(HealthCheck), database=None)
@given(many_requests)
def test_ten_thousand_requests_are_answered_or_refused(python_board, requests):
    answer_all(python_board, requests)


@settings(max_examples=100, suppress_health_check=list(HealthCheck), database=None)
@given(path=st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_path_is_answered(python_board, path):
    quoted = path.encode("utf-8", "replace").decode("latin-1")
    response = python_board.client.get(
        "/", environ_overrides={"PATH_INFO": python_board.url("static/") + quoted}
    )

    is_well_behaved(response, (200, 404))
    if response.status_code == 200:
        assert response.mimetype == "text/javascript"


@pytest.mark.parametrize(
    "path",
    [
        "static/../plugin.py",
        "static/..%2fplugin.py",
        "static/%2e%2e/plugin.py",
        "static/..\\plugin.py",
        "static//index.js",
        "static/index.js/..",
        "static/index.js%00",
        "static/",
        "../../../../etc/passwd",
        "static/....//plugin.py",
    ],
)
def test_no_other_file_is_served(python_board, path):
    response = python_board.client.get(python_board.url(path))

    assert 404 == response.status_code
    assert b"import" not in response.data


def test_names_are_data_and_stay_what_they_are(logdir, serve, loader):
    board = serve(logdir, loader)
    names = [run["name"] for run in board.json("runs")["runs"]]

    assert sorted(NAMES[:5]) == names
    for name in NAMES[3:5]:
        [run] = board.json("scalars", run=name)["runs"]
        assert [f"epoch_loss{HTML}"] == [curve["tag"] for curve in run["curves"]]
        saved = board.get("export", run=name, what="curves")
        assert f",epoch_loss{HTML},".encode() in saved.data
        assert saved.headers["Content-Disposition"].isascii()
        assert "<" not in saved.headers["Content-Disposition"]


def cells(*, at, number):
    array = EMPTY.copy()
    array[0, at] = number
    return array


LYING = tensor_util.make_tensor_proto(np.zeros((1, 13)))
LYING.tensor_shape.dim[1].size = 1 << 40
TYPELESS = TensorProto(dtype=99, tensor_content=b"\0" * 104)
HUGE = TensorProto(dtype=DT_DOUBLE, double_val=[0.0])
HUGE.tensor_shape.dim.add(size=1 << 14)
HUGE.tensor_shape.dim.add(size=1 << 14)
BAD_TENSORS = {
    "other shape": np.zeros((2, 13)),
    "other type": np.zeros((1, 13), np.int64),
    "scalar": 1.0,
    "text": TensorProto(dtype=DT_STRING, string_val=[b"<script>"]),
    "nothing": TensorProto(dtype=DT_DOUBLE),
    "negative count": cells(at=1, number=-1),
    "count that is none": cells(at=1, number=np.nan),
    "half a count": cells(at=1, number=0.5),
    "infinite count": cells(at=1, number=np.inf),
    "other edges": cells(at=-1, number=2.0),
    "shape that lies": LYING,
    "no such type": TYPELESS,
    # As arrays these are no types of NumPy, and 2 GB each.
    "a resource": TensorProto(dtype=DT_RESOURCE, tensor_content=b"\0" * 52),
    "a variant": TensorProto(dtype=DT_VARIANT),
    "one number for many": HUGE,
}


@pytest.mark.parametrize("what", BAD_TENSORS)
def test_tensors_that_are_no_histograms_are_left_out_and_noted(tmp_path, serve, loader, what):
    write_values(tmp_path / "bad" / "mean_pixel", value(OUTPUT, BAD_TENSORS[what]))
    with MeanPixelWriter(tmp_path / "good") as writer:
        writer.write(0, output=GREY, reference=BLACK)
    board = serve(tmp_path, loader)
    answer = board.histograms(stream="validation")
    by_name = {run["name"]: run for run in answer["runs"]}

    assert [0] == by_name["good"]["series"][0]["steps"]
    if "bad" in by_name:
        assert [[]] == [series["steps"] for series in by_name["bad"]["series"]]
        [note] = by_name["bad"]["notes"]
        assert "validation/output/mean_pixels" in note
        assert "left out" in note
    is_well_behaved(board.get("baseline_scores", stream="validation"))
    is_well_behaved(board.get("findings"))


SCORE = ScoreTag("validation", "bias")
SCORES = ScoresTag(STREAM, ("output_mean", "bias"))
QUANTILES = QuantilesTag(STREAM, "output", "mean_pixels", (0.0, 0.5, 1.0))
SUMS = SumsTag(STREAM, ("products",))
MANY = replace(STREAM, channels=tuple(map(str, range(600))))
BAD_VALUES = {
    "scores of another shape": value(SCORES, np.zeros((1, 2), np.float32)),
    "scores of another type": value(SCORES, np.zeros((2, 1))),
    "scores that are a resource": value(SCORES, TensorProto(dtype=DT_RESOURCE)),
    "scores that are nothing": value(SCORES, TensorProto(dtype=DT_FLOAT)),
    "scores that say to be many": value(SCORES, HUGE),
    "scores that are scalars": value(SCORES, np.float32(1), DATA_CLASS_SCALAR, name="s"),
    "scores of other channels": value(
        replace(SCORES, stream=replace(STREAM, channels=("all", "red", "green"))),
        np.zeros((2, 3), np.float32),
    ),
    "quantiles that fall": value(QUANTILES, np.float32([[1.0, 0.5, 0.0]])),
    "quantiles of another shape": value(QUANTILES, np.zeros((3, 1), np.float32)[:2]),
    "quantiles that are infinite": value(QUANTILES, np.float32([[-np.inf, 0.0, np.inf]])),
    "quantiles that are a resource": value(QUANTILES, TensorProto(dtype=DT_RESOURCE)),
    "sums of another type": value(SUMS, np.float32([[1.0]])),
    "more cells than memory": value(
        HistogramTag(MANY, "output", "contrasts", 0.0, 1.0, 1 << 16), np.zeros((1, 9))
    ),
    "metadata of a newer version": value(
        SCORE, np.float32(1), DATA_CLASS_SCALAR, content=b"\x08\x63"
    ),
    "metadata that is not ours": value(
        SCORE, np.float32(1), DATA_CLASS_SCALAR, content=b"\xff\xff"
    ),
    "no metadata": value(SCORE, np.float32(1), DATA_CLASS_SCALAR, content=b""),
    "a score that is a tensor": value(SCORE, EMPTY),
    "a histogram that is a scalar": value(OUTPUT, np.float32(1), DATA_CLASS_SCALAR, name="z"),
    "another tag than it says": value(OUTPUT, EMPTY, name="elsewhere"),
    "a score of three numbers": value(SCORE, np.zeros(3, np.float32), DATA_CLASS_SCALAR),
    "a score that is text": value(
        SCORE, TensorProto(dtype=DT_STRING, string_val=[b"x"]), DATA_CLASS_SCALAR
    ),
    "a log without a name": value(LogTag(""), np.float32(1), DATA_CLASS_SCALAR),
    "a mean image of other size": value(MeanImageTag(STREAM, "output", 2, 2), EMPTY),
    "a count that is none": value(
        ScoreTag("validation", "epochs_recorded"), np.float32(np.nan), DATA_CLASS_SCALAR
    ),
    "a count beyond all": value(
        ScoreTag("validation", "epochs_recorded"), np.float32(1e38), DATA_CLASS_SCALAR
    ),
}


@pytest.mark.parametrize("what", BAD_VALUES)
def test_one_bad_value_spoils_nothing_else(tmp_path, serve, loader, what):
    write_values(tmp_path / "run" / "mean_pixel", value(OUTPUT, EMPTY), BAD_VALUES[what])
    with MeanPixelWriter(tmp_path / "good") as writer:
        writer.write(0, output=GREY, reference=BLACK, scalars={"loss": 0.5})
    board = serve(tmp_path, loader)
    names = [run["name"] for run in board.json("runs")["runs"]]
    series = {t["name"]: t["series"][0] for t in board.histograms(stream="validation")["runs"]}

    assert ["good", "run"] == names
    assert [0] == series["run"]["steps"] == series["good"]["steps"]
    for route in ROUTES[:8]:
        for run in ("run", "good"):
            response = board.get(route, run=run, stream="validation")
            is_well_behaved(response)
            assert 200 == response.status_code or (run, route[:10]) == ("run", "mean_image")


def test_a_run_without_readable_series_is_noted(tmp_path, serve, loader):
    write_values(
        tmp_path / "new" / "mean_pixel",
        value(SCORE, np.float32(1), DATA_CLASS_SCALAR, content=b"\x08\x63"),
    )
    answer = serve(tmp_path, loader).json("runs")

    assert [] == answer["runs"]
    [note] = answer["notes"]
    assert note.startswith("new/mean_pixel was left out: validation/bias was left out: written in")


@pytest.mark.parametrize("damage", ["cut", "flipped", "garbage", "another file is empty"])
def test_records_before_the_damage_are_read(tmp_path, serve, loader, damage):
    with MeanPixelWriter(tmp_path / "good") as writer:
        writer.write(0, output=GREY, reference=BLACK)
    with MeanPixelWriter(tmp_path / "bad") as writer:
        for step in range(10):
            writer.write(step, output=GREY, reference=BLACK)
    [path] = (tmp_path / "bad" / "mean_pixel").glob("*.tfevents.*")
    content = path.read_bytes()
    middle = len(content) * 2 // 3
    flipped = bytes([content[middle] ^ 255])
    if damage == "another file is empty":
        path.with_name("events.out.tfevents.1.host").touch()
    else:
        path.write_bytes(
            {
                "cut": content[:middle],
                "flipped": content[:middle] + flipped + content[middle + 1 :],
                "garbage": content + b"\xff" * 1000,
            }[damage]
        )
    board = serve(tmp_path, loader)
    answer = board.json("runs")
    loaded = {t["name"]: t["streams"][0]["steps"]["loaded"] for t in answer["runs"]}

    assert 1 == loaded["good"]
    # The data server does not notice a flipped bit: it does not check sums.
    assert {"cut": 5, "flipped": 5}.get(damage, 10) <= loaded["bad"] <= 10
    [run] = board.histograms(run="bad", stream="validation", side="output")["runs"]
    # A histogram in which a bit is flipped is left out and noted.
    assert loaded["bad"] == len(run["series"][0]["steps"]) + len(run["notes"])
    assert len(run["notes"]) <= (damage == "flipped")


def test_thirty_two_clients_at_once_are_served_without_error(logdir, serve, loader):
    board = serve(logdir, loader)
    requests = [
        ("runs", {}),
        ("scalars", {"format": "binary"}),
        ("histograms", {"stream": "validation", "columns": 3}),
        ("histograms", {"stream": "validation", "quantity": "pixels"}),
        ("baseline_scores", {"stream": "validation", "baseline": "first"}),
        ("findings", {}),
        ("mean_images", {"run": "a", "stream": "validation"}),
        ("export", {"what": "curves"}),
    ]
    expected = [board.get(route, **query).data for route, query in requests]
    outcomes = Counter()

    def client(number):
        for turn in range(12):
            route, query = requests[(number + turn) % len(requests)]
            response = board.get(route, **query)
            same = response.data == expected[(number + turn) % len(requests)]
            outcomes[response.status_code, same] += 1

    threads = [threading.Thread(target=client, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {(200, True): 32 * 12} == outcomes
