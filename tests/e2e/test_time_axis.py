"""Time as the horizontal axis: of runs that took seconds, and of those that took weeks."""

import re
from itertools import pairwise

import pytest
from support import trouble

pytestmark = pytest.mark.browser


def axis_texts(tab, panel):
    """The texts under a chart over epochs with their places, from its SVG file."""
    chart = tab.frame.locator(".steps .panel:visible").nth(panel)
    path, _ = tab.export(chart, "SVG")
    found = re.findall(r'<text x="([0-9.]+)"[^>]*text-anchor="middle">([^<]*)<', path.read_text())
    return [(float(x), text) for x, text in found]


@pytest.mark.parametrize(
    "name, axis, pattern",
    [
        ("seconds", "relative", r"\d+ s"),
        ("seconds", "wall", r"22:15:\d\d"),
        ("minutes", "relative", r"0 s|\d+ min"),
        ("minutes", "wall", r"22:\d\d"),
        ("days", "relative", r"0 s|\d d"),
        ("days", "wall", r"Nov 2\d"),
        ("weeks", "relative", r"0 s|\d+ d"),
        ("weeks", "wall", r"(Nov|Dec|Jan) \d\d?"),
    ],
)
def test_ticks_are_round_and_keep_clear_of_each_other(timed_board, open_tab, name, axis, pattern):
    tab = open_tab(timed_board, f"run={name}", f"axis={axis}", "step=7")
    tab.frame.locator(".cursor:visible").first.wait_for()

    for panel, caption in ((0, "reference"), (1, "time")):
        *ticks, last = axis_texts(tab, panel)
        assert last[1] == caption
        assert len(ticks) >= 3
        assert len({text for _, text in ticks}) == len(ticks)
        for _, text in ticks:
            assert re.fullmatch(pattern, text), text
        # Of 11 pixels high letters, 6 wide.
        edges = [(x - 3 * len(text), x + 3 * len(text)) for x, text in (*ticks, last)]
        for (_, end), (start, _) in pairwise(edges):
            assert end < start


@pytest.mark.parametrize("axis", ["relative", "wall"])
def test_the_cursor_is_at_the_same_time_in_all_charts(timed_board, open_tab, axis):
    tab = open_tab(timed_board, "run=minutes", f"axis={axis}", "step=7")
    tab.frame.locator(".steps .cursor:visible").nth(3).wait_for()
    over = tab.frame.locator(".steps .over:visible").first.bounding_box()
    # Half an epoch is shown beyond either end, at the mean pace.
    length = trouble.lag(19)
    beyond = length / 19 / 2
    expected = over["x"] + over["width"] * (trouble.lag(7) + beyond) / (length + 2 * beyond)

    cursors = tab.frame.locator(".steps .cursor:visible").all()
    assert len(cursors) >= 4
    for cursor in cursors:
        assert cursor.bounding_box()["x"] == pytest.approx(expected, abs=1.5)

    # A click comes to the epoch that was nearest in time.
    tab.page.mouse.click(expected + 3, over["y"] + 20)
    tab.wait_for_step(7)
    assert tab.complaints == []


def test_an_epoch_of_a_moment_can_be_zoomed(timed_board, open_tab):
    tab = open_tab(timed_board, "run=seconds", "axis=wall", "zoom=3 4", "step=3")
    tab.frame.locator(".cursor:visible").first.wait_for()

    *ticks, _ = axis_texts(tab, 1)
    assert len({text for _, text in ticks}) == len(ticks) >= 3
    assert all(re.fullmatch(r"22:15:31(\.\d+)?", text) for _, text in ticks)
