"""How things are drawn: logarithmic counts, fine screens, little motion."""

import re

import pytest
from support.browser import data_table

pytestmark = pytest.mark.browser

BINS = 64


def test_logarithmic_counts_are_as_exact_and_empty_bins_stay_empty(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker", "quantity=pixels", "logcounts=1", "step=9")
    tab.wait_for_text(".at-cursor h2", "Epoch 9")
    panel = tab.frame.locator(".at-cursor .panel").first
    counts = {
        (float(row[0]), float(row[1])): int(row[3])
        for row in data_table(panel)
        if re.fullmatch(r"[\d.]+ [\d.]+", " ".join(row[:2]))  # a bin: no head, nothing beyond
    }
    assert len(counts) == BINS

    box = panel.locator(".over").bounding_box()
    canvas = panel.locator("canvas").first
    seen = set()
    for part in range(5, 100, 5):
        left = box["width"] * part / 100
        tab.page.mouse.move(box["x"] + left, box["y"] + 20)
        tab.wait_for_text(".at-cursor .tip", "outputs:")
        edges, outputs, _ = panel.locator(".tip").inner_text().splitlines()
        if edges == "below the range":
            continue
        low = float(edges.split(" to ")[0])
        expected = min(counts.items(), key=lambda item: abs(item[0][0] - low))[1]
        shown, share = re.fullmatch(r"outputs: ([\d,]+) pixels? \((.*)\)", outputs).groups()
        assert int(shown.replace(",", "")) == expected
        assert (share == "0%") == (expected == 0)
        # A little above the axis there is an outline's fill, or paper; null between two bins.
        filled = canvas.evaluate(
            """(canvas, [x, y]) => {
                const { data } = canvas.getContext('2d').getImageData(x - 2, y, 5, 1);
                const pixels = [0, 1, 2, 3, 4].map((at) => [...data.slice(4 * at, 4 * at + 4)]);
                if (new Set(pixels.map(String)).size > 1) return null;
                const [red, green, blue, opaque] = pixels[0];
                const color = Math.max(red, green, blue) - Math.min(red, green, blue);
                return (color * opaque) / 255 > 8;  // the reference's fill is grey
            }""",
            [54 + left, 8 + box["height"] - 6],
        )
        if filled is not None:
            assert filled == (expected > 0)
            seen.add(filled)
    assert seen == {True, False}


def test_a_fine_screen_has_finer_charts(trouble_board, open_tab):
    tab = open_tab(trouble_board, device_scale_factor=2)
    for view in ("run=darker", "page=compare"):
        tab.start([view])
        tab.frame.locator(".cursor:visible").first.wait_for()
        tab.inner.wait_for_function(
            """() => {
                const shown = [...document.querySelectorAll('.chart canvas')]
                    .filter((canvas) => canvas.clientWidth);
                return shown.length >= 5 && shown.every((canvas) =>
                    canvas.width === 2 * canvas.clientWidth
                    && canvas.height === 2 * canvas.clientHeight);
            }"""
        )
        assert tab.complaints == []


def test_nothing_moves_by_itself_for_who_wants_little_motion(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker", "step=0", reduced_motion="reduce")
    tab.wait_for_step(0)

    moving = tab.inner.evaluate(
        """() => [...document.querySelectorAll('*')].filter((element) => {
            const style = getComputedStyle(element);
            return style.transitionDuration !== '0s' || style.animationName !== 'none'
                || style.scrollBehavior === 'smooth';
        }).length + document.getAnimations().length"""
    )
    assert moving == 0

    # Playing is asked for: it goes, slowly.
    tab.frame.locator("button.play", has_text="play").click()
    tab.wait_for_step(1)
    started = tab.page.evaluate("performance.now()")
    tab.wait_for_step(3)
    assert tab.page.evaluate("performance.now()") - started > 1000
    tab.frame.locator("button.play", has_text="pause").click()


def test_where_there_is_little_room_the_list_of_runs_is_folded_up(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker", size=(1280, 800))
    tab.wait_for_text(".at-cursor h2", "Epoch 15")
    charts, numbers, rail = (
        tab.frame.locator(selector).first for selector in (".over-steps", ".at-cursor", ".sidebar")
    )
    # The numbers at the cursor stand beside the charts, and the list is a rail.
    assert numbers.bounding_box()["y"] == charts.bounding_box()["y"]
    width = charts.bounding_box()["width"]
    assert rail.bounding_box()["width"] < 80

    unfold = tab.frame.locator("button.unfold")
    unfold.click()

    assert unfold.get_attribute("aria-expanded") == "true"
    assert rail.bounding_box()["width"] > 400
    assert charts.bounding_box()["width"] == width  # the list lies over the page
    tab.frame.locator("button.run", has_text="healthy").click()
    tab.wait_for_text("h1", "healthy")
    assert unfold.get_attribute("aria-expanded") == "false"
