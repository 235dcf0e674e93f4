"""What can be exported: tables and pictures."""

import base64
import csv
import json
import xml.etree.ElementTree as ET

import pytest
from support import trouble

pytestmark = pytest.mark.browser


def take(tab, panel, what):
    """Download something by the menu of a panel; the path of the file and its name."""
    section = tab.frame.locator(
        ".views .panel:visible", has=tab.frame.locator("h2", has_text=panel)
    )
    return tab.export(section, what)


def test_csv_and_json_hold_what_is_shown(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker")
    tab.wait_for_text(".facts", "16 epochs")
    [run] = trouble_board.get("scalars?run=darker&score=bias&channel=")["runs"]

    path, name = take(tab, "Drift from", "CSV")
    assert name == "darker_validation_drift_from_reference.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == run["scores"][0]["steps"]
    assert [float(row["bias"]) for row in rows] == pytest.approx(run["scores"][0]["values"])

    path, name = take(tab, "Loss", "JSON")
    assert name == "darker_curves.json"
    with path.open() as file:
        assert [row["loss"] for row in json.load(file)["rows"]][:2] == [2.0, 1.0]


def test_a_picture_is_an_svg_or_a_png(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker")
    tab.wait_for_text(".facts", "16 epochs")

    path, name = take(tab, "Mean pixels", "SVG")
    root = ET.parse(path).getroot()
    assert name.endswith(".svg")
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "reference" in texts
    assert next(root.iter("{http://www.w3.org/2000/svg}image")) is not None

    path, name = take(tab, "Drift from", "PNG")
    with path.open("rb") as file:
        assert file.read(8) == b"\x89PNG\r\n\x1a\n"
    assert tab.complaints == []


def test_mean_images_are_a_table_and_one_picture(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=tinted", "step=2")
    tab.wait_for_text("figcaption", "outputs, epoch 2")
    images = trouble.reference(3)
    expected = {"output": trouble.tinted(2, images).mean(0), "reference": images.mean(0)}
    expected["difference"] = expected["output"] - expected["reference"]

    path, name = take(tab, "Mean images", "CSV")
    assert name == "tinted_validation_mean_images_epoch_2.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == trouble.SIDE**2 * 3
    assert [row["channel"] for row in rows[:4]] == ["red", "green", "blue", "red"]
    for row in rows:
        channel = ["red", "green", "blue"].index(row["channel"])
        for column, image in expected.items():
            written = image[int(row["row"]), int(row["column"]), channel]
            assert float(row[column]) == pytest.approx(written, abs=0.002)

    path, name = take(tab, "Mean images", "JSON")
    with path.open() as file:
        assert len(json.load(file)["rows"]) == len(rows)

    path, name = take(tab, "Mean images", "SVG")
    root = ET.parse(path).getroot()
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[1:4] == ["outputs, epoch 2", "reference", "difference"]
    assert len(list(root.iter("{http://www.w3.org/2000/svg}image"))) == 3

    path, name = take(tab, "Mean images", "PNG")
    assert name == "tinted_validation_mean_images_epoch_2.png"
    width, height, *colors = tab.inner.evaluate(
        """async (data) => {
            const image = new Image();
            image.src = `data:image/png;base64,${data}`;
            await image.decode();
            const canvas = document.createElement('canvas');
            [canvas.width, canvas.height] = [image.width, image.height];
            const context = canvas.getContext('2d');
            context.drawImage(image, 0, 0);
            // Within the first pixel of the outputs, and of the reference.
            const at = (x) => [...context.getImageData(x, 80, 1, 1).data];
            return [image.width, image.height, at(40), at(40 + 2 * 204)];
        }""",
        base64.b64encode(path.read_bytes()).decode(),
    )
    assert (width, height) == (1248, 532)
    for color, image in zip(colors, (expected["output"], expected["reference"]), strict=True):
        assert color == pytest.approx([*(image[0, 0] * 255), 255], abs=1.5)
    assert tab.complaints == []


def test_the_server_gives_whole_series_as_files(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker")
    tab.wait_for_text(".facts", "16 epochs")
    tab.frame.locator("summary", has_text="Export").click()
    with tab.page.expect_download() as download:
        tab.frame.locator("a", has_text="All scores: CSV").click()

    assert download.value.suggested_filename == "darker_validation_scores.csv"
