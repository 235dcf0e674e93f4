"""docs/http_api.md: each request that it shows is answered as it shows."""

import json
import re
import struct
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.serving.answers.routes import ROUTES

HTTP_API = (Path(__file__).parents[2] / "docs" / "http_api.md").read_text(encoding="utf-8")
# `{"GET runs": {...}}`: each request of http_api.md with its answer.
EXAMPLES = {
    request: json.loads(answer) if answer.startswith(("{", '"')) else answer
    for request, answer in re.findall(r"^```\n(GET .+)\n([^`]+)```$", HTTP_API, re.MULTILINE)
}

BLACK, GREY = np.zeros((2, 2, 2)), np.full((2, 2, 2), 0.25)
NAN = np.full((2, 2, 2), np.nan)


@pytest.fixture(scope="module")
def documented(tmp_path_factory, loader, serve):
    """Just what the examples of http_api.md are about."""
    logs = tmp_path_factory.mktemp("documented")
    with MeanPixelWriter(logs / "vae", bins=4) as writer:
        writer.write(0, output=GREY, reference=BLACK, scalars={"loss": 0.5})
        writer.write(1, output=NAN, reference=BLACK, scalars={"loss": 0.25})
    return serve(logs, loader)


def header_of(content):
    (length,) = struct.unpack_from("<I", content)
    return json.loads(content[4 : 4 + length])


def spelt_out(documented):
    """Keys whose value is shown; the others are as another route answers, see the test of that."""
    return [key for key, value in documented.items() if not str(value).startswith("as GET ")]


def agree(documented, answer, place="answer"):
    """Assert that an answer is as documented; only times and hashes differ from run to run."""
    assert type(documented) is type(answer), place
    if place.endswith(".png"):  # how small a picture gets is zlib's affair
        assert (documented["dtype"], len(documented["shape"])) == ("uint8", len(answer["shape"]))
    elif isinstance(documented, dict):
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
    elif isinstance(documented, list):
        agree_on_list(documented, answer, place)
    else:
        assert documented == answer, place


def agree_on_list(documented, answer, place):
    if documented and isinstance(documented[0], dict):
        assert len(documented) == len(answer), place
        for index, (shown, item) in enumerate(zip(documented, answer, strict=True)):
            agree(shown, item, f"{place}[{index}]")
    elif "..." in documented:
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


def test_every_route_is_documented_and_every_documented_route_is_there():
    routes = {*ROUTES, "findings/ID", "static/index.js"}
    examples = {urlsplit(example.removeprefix("GET ")).path for example in EXAMPLES}

    assert routes == set(re.findall(r"^## `(.+)`$", HTTP_API, re.MULTILINE))
    assert routes - {"findings/ID", "static/index.js"} == examples - {"findings/non_finite"}
