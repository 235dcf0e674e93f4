"""Everybody's page: checked with axe, worked by the keyboard."""

import pytest
from support.browser import data_table

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "view", ["run=darker", "run=tinted;view=ridgelines;step=3", "page=compare"]
)
def test_axe_has_nothing_to_say(trouble_board, open_tab, axe, theme, view):
    query = "darkMode=true" if theme == "dark" else ""
    tab = open_tab(trouble_board, *view.split(";"), query=query)
    tab.frame.locator(".cursor:visible").first.wait_for()
    tab.frame.locator(".runs td.drift", has_text="0.").first.wait_for()
    # Through the debugger: the page's own policy would rightly refuse a foreign script.
    tab.inner.evaluate(axe)

    found = tab.inner.evaluate(
        "() => axe.run(document.querySelector('.app'), {resultTypes: ['violations']})"
        ".then(({violations}) => violations.map(({id, nodes}) => "
        "[id, nodes.map((node) => node.html + node.failureSummary)]))"
    )

    assert found == []


def test_the_keyboard_reaches_everything_and_its_focus_is_seen(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker")
    tab.frame.locator(".finding").first.wait_for()
    tab.frame.locator("input.filter").focus()
    reached = set()
    unseen = []
    for _ in range(160):
        tab.page.keyboard.press("Tab")
        name, seen = tab.inner.evaluate(
            "() => { const e = document.activeElement, s = getComputedStyle(e);"
            " const seen = s.outlineStyle !== 'none' && s.outlineWidth !== '0px';"
            " return [e.className + '|' + e.tagName, seen]; }"
        )
        reached.add(name)
        if not seen and name != "|BODY":
            unseen.append(name)
        if "chart|DIV" in reached and name == "|BODY":
            break
    assert {"run|BUTTON", "slider|INPUT", "chart|DIV"} <= reached
    assert any(name.startswith("finding") for name in reached)
    assert unseen == []


def test_every_chart_has_its_numbers_as_a_table(trouble_board, open_tab):
    for view in ("run=darker", "page=compare"):
        tab = open_tab(trouble_board, view)
        tab.frame.locator(".cursor:visible").first.wait_for()
        panels = tab.frame.locator(".panel:visible", has=tab.frame.locator(".chart:visible"))
        assert panels.count() >= 4
        for panel in panels.all():
            assert data_table(panel)


def test_the_reading_at_the_cursor_is_announced(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker", "step=15")
    reading = tab.frame.locator(".reading")
    tab.wait_for_text(".reading", "darker than the reference")

    assert reading.get_attribute("aria-live") == "polite"
