"""`make docs`: the documents build without a warning, are whole, and are read offline."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import tb_meanpixel
from tb_meanpixel.findings import IDS

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """Where the documents lie when they are built; a broken link ends that with an error."""
    made = tmp_path_factory.mktemp("html")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    done = subprocess.run(
        [*command, "-d", tmp_path_factory.mktemp("doctrees"), DOCS, made],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return made


class Loaded(HTMLParser):
    """What a browser loads for a page, without being clicked."""

    def __init__(self):
        super().__init__()
        self.addresses = []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag in ("script", "img", "source", "iframe"):
            self.addresses += [given[name] for name in ("src", "srcset") if name in given]
        if tag == "link" and given.get("rel") in ("stylesheet", "preload", "icon"):
            self.addresses.append(given["href"])


def test_nothing_is_loaded_from_elsewhere(html):
    pages = [page for page in html.rglob("*.html") if "_static" not in page.parts]

    assert len(pages) > 40
    for page in pages:
        loaded = Loaded()
        loaded.feed(page.read_text(encoding="utf-8"))
        assert loaded.addresses
        for address in loaded.addresses:
            assert not re.match(r"(https?:)?//", address), (page, address)
            path = address.partition("?")[0].partition("#")[0]
            assert (page.parent / path).is_file(), (page, address)


def test_no_style_sheet_loads_from_elsewhere(html):
    for sheet in html.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.search(r"(?:url\(|@import\s)['\"]?(?:https?:)?//", text), sheet


def test_each_finding_has_its_page(html):
    assert sorted(IDS) == sorted(page.stem for page in html.glob("findings/pages/*.html"))
    for name in IDS:
        page = (html / "findings" / "pages" / f"{name}.html").read_text(encoding="utf-8")
        assert "Known false alarms." in page


def test_each_public_name_is_in_the_reference(html):
    reference = (html / "api" / "index.html").read_text(encoding="utf-8")

    for name in tb_meanpixel.__all__:
        assert f'id="tb_meanpixel.{name}"' in reference
