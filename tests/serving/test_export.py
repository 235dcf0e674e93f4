import csv
import io
import json

import numpy as np
import pytest
from support.boards import write_scalars

from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.serving.answers.export import filename
from tb_meanpixel.serving.answers.routes import export

COLOR = np.random.default_rng(0).random((4, 3, 3, 3))


@pytest.fixture(scope="module")
def board(tmp_path_factory, serve):
    logs = tmp_path_factory.mktemp("logs")
    with MeanPixelWriter(logs / "a,b") as writer:
        for epoch in range(4):
            writer.write(epoch, COLOR * epoch / 4, COLOR, {"loss": 1 / (epoch + 1)})
    with MeanPixelWriter(logs / "c", bins=2) as writer:
        writer.write(0, COLOR[..., 0], COLOR[..., 0])
    write_scalars(logs / "c" / "train", {"epoch_loss": [1.0, float("nan")]})
    return serve(logs, "fast")


def rows(board, **query):
    response = board.get("export", stream="validation", **query)
    assert (200, "text/csv; charset=utf-8") == (response.status_code, response.content_type)
    return list(csv.DictReader(io.StringIO(response.text, newline="")))


@pytest.mark.parametrize("what", export.TABLES)
def test_csv_and_json_hold_the_same(board, what):
    table = rows(board, what=what)
    answer = board.json("export", stream="validation", what=what, format="json")

    assert (1, what) == (answer["version"], answer["what"])
    assert len(table) == len(answer["rows"])
    for one, other in zip(table, answer["rows"], strict=True):
        assert list(one) == list(other)
        for name, value in other.items():
            if isinstance(value, float | int):
                assert value == float(one[name])
            else:
                assert (value or "") == one[name] or (value, one[name]) == (None, "nan")


def test_scores_are_those_of_the_scalars_route(board):
    [run] = board.json("scalars", run="a,b", score="bias", channel="")["runs"]
    table = rows(board, run="a,b", what="scores", score="bias", channel="")

    assert run["scores"][0]["values"] == [float(row["value"]) for row in table]
    assert [("a,b", "bias", "", str(epoch)) for epoch in range(4)] == [
        (row["run"], row["score"], row["channel"], row["step"]) for row in table
    ]


def test_every_count_is_in_the_table_of_histograms(board):
    query = {"run": "c", "what": "histograms", "side": "output", "quantity": "pixels"}
    table = rows(board, **query)

    assert ["underflow", "bin", "bin", "overflow", "nan", "+inf", "-inf"] == [
        row["cell"] for row in table
    ]
    assert [("", "0.0"), ("0.0", "0.5"), ("0.5", "1.0"), ("1.0", "")] == [
        (row["from"], row["to"]) for row in table[:4]
    ]
    assert 36 == sum(int(row["count"]) for row in table)


def test_epochs_are_summed_in_the_table_too(board):
    table = rows(board, run="a,b", what="histograms", channel="red", columns=1, side="output")

    assert {("0", "3", "red")} == {(r["step"], r["last_step"], r["channel"]) for r in table}
    assert 4 * 4 == sum(int(row["count"]) for row in table)


def test_curves_are_named(board):
    [first, second] = rows(board, run="c", what="curves")

    assert ("c/train", "epoch_loss", "loss", "train", "1.0") == tuple(
        first[name] for name in ("event_directory", "tag", "name", "split", "value")
    )
    assert "nan" == second["value"]


@pytest.mark.parametrize(
    "runs, streams, what, form, expected",
    [
        (["vae-digits"], ["validation"], "scores", "csv", "vae-digits_validation_scores.csv"),
        ([], [], "curves", "json", "all-runs_curves.json"),
        (["a", "b"], [], "curves", "csv", "a-b_curves.csv"),
        (["a", "b", "c"], ["v"], "findings", "csv", "3-runs_v_findings.csv"),
        (['a"\r\nSet-Cookie: x'], [], "scores", "csv", "a-Set-Cookie-x_scores.csv"),
        (["../../etc"], [], "scores", "csv", "etc_scores.csv"),
        (["ü"], [], "scores", "csv", "scores.csv"),
        (["x" * 500], [], "scores", "csv", "x" * 80 + "_scores.csv"),
    ],
)
def test_the_file_is_named_after_what_it_holds(runs, streams, what, form, expected):
    assert expected == filename(runs, streams, what, form)


def test_the_name_of_the_file_is_sent(board):
    response = board.get("export", run="c", stream="validation", what="scores")

    assert (
        'attachment; filename="c_validation_scores.csv"' == response.headers["Content-Disposition"]
    )


def test_a_table_that_is_too_long_is_refused(board, monkeypatch):
    monkeypatch.setattr(export, "MOST_ROWS", 10)
    # A question of its own: the answer to the one above is kept.
    response = board.get("export", stream="validation", what="histograms", asked="again")

    assert 400 == response.status_code
    assert "more than 10 rows" in response.text


def test_json_is_one_document(board):
    content = board.get("export", what="findings", format="json").data

    assert {"version": 1, "what": "findings", "rows": []} == json.loads(content)
