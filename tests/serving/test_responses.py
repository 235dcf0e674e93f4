import gzip
import logging
from pathlib import Path

import pytest

import tb_meanpixel
from tb_meanpixel.serving.answers.routes import ROUTES
from tb_meanpixel.serving.encoding.responses import content_hash

BUNDLE = Path(tb_meanpixel.__file__).parent / "static" / "index.js"


@pytest.mark.parametrize("route", [*ROUTES, "static/index.js"])
def test_browsers_must_not_guess_the_type_of_an_answer(board, route):
    assert "nosniff" == board.get(route).headers["X-Content-Type-Options"]


@pytest.mark.parametrize(
    "route, method",
    [
        *(("runs", method) for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW")),
        *((route, "POST") for route in (*ROUTES, "static/index.js")),
    ],
)
def test_other_methods_are_refused(board, route, method):
    response = board.client.open(board.url(route), method=method, data=b"x" * 10_000)

    assert (405, "text/plain") == (response.status_code, response.mimetype)
    assert f"{method} is not supported; use GET" == response.text
    assert "GET, HEAD" == response.headers["Allow"]


@pytest.mark.parametrize("route", ["runs", "scalars", "static/index.js"])
def test_head_is_get_without_a_body(board, route):
    get, head = board.get(route), board.client.head(board.url(route))

    assert (200, b"") == (head.status_code, head.data)
    assert get.headers["Content-Type"] == head.headers["Content-Type"]
    assert len(get.data) == int(head.headers["Content-Length"])


def test_the_page_may_be_cached_by_its_hash_and_is_revalidated_without(board):
    url, known = board.url("static/index.js"), content_hash(BUNDLE.read_bytes())
    by_hash, plain = board.client.get(f"{url}?{known}"), board.client.get(url)
    other = board.client.get(f"{url}?0123456789abcdef")
    again = board.client.get(url, headers={"If-None-Match": plain.headers["ETag"]})

    assert "private, max-age=31536000, immutable" == by_hash.headers["Cache-Control"]
    assert ["no-cache, must-revalidate"] * 2 == [
        response.headers["Cache-Control"] for response in (plain, other)
    ]
    assert (304, b"", "text/javascript") == (again.status_code, again.data, again.mimetype)


@pytest.mark.parametrize("route", list(ROUTES)[:8])
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
def test_binary_is_compressed_for_clients_that_accept_it(board, accepted, sent):
    query = {"run": "long", "stream": "validation"}
    plain = board.get("histograms", **query)
    response = board.client.get(
        board.url("histograms"), query_string=query, headers={"Accept-Encoding": accepted}
    )

    assert sent == (response.headers.get("Content-Encoding") == "gzip")
    assert plain.data == (gzip.decompress(response.data) if sent else response.data)
    assert not sent or len(response.data) < len(plain.data) / 2


@pytest.mark.parametrize("route", ["opening", "runs", "histograms", "static/index.js"])
def test_what_is_sent_again_is_the_same_whatever_was_sent_before(board, route):
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


def test_json_is_compressed_for_clients_that_accept_it(board):
    plain = board.get("runs")
    small = board.client.get(board.url("runs"), headers={"Accept-Encoding": "gzip"})

    assert plain.data == gzip.decompress(small.data)
    assert len(small.data) < len(plain.data)
