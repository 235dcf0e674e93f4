"""The axis of values zoomed, so that one spike does not flatten all the rest."""

import re
from contextlib import contextmanager
from urllib.parse import parse_qs, quote

import pytest

pytestmark = pytest.mark.browser


def panel(tab, title):
    """The panel over epochs whose title begins so."""
    head = tab.frame.locator("h2", has_text=re.compile(f"^{title}"))
    return tab.frame.locator(".steps .panel:visible", has=head).first


def limits(tab):
    """The zoomed values in the address: chart -> (low, high)."""
    [values] = parse_qs(tab.page.url.split("#")[1]).get("p.mean_pixel.values", [""])
    lines = [line.split(" ") for line in values.splitlines()]
    return {name: (float(low), float(high)) for name, low, high in lines}


@contextmanager
def changed_address(tab):
    """Wait until what is done has come to the address: the page draws once a frame."""
    before = tab.page.evaluate("location.hash")
    yield
    tab.page.wait_for_function("(before) => location.hash !== before", arg=before)


def drag(tab, chart, start, end):
    """Drag along the numbers of a chart, between shares of its height from the top."""
    strip = chart.locator(".strip")
    strip.scroll_into_view_if_needed()
    box = strip.bounding_box()
    x, top, height = box["x"] + box["width"] / 2, box["y"], box["height"]
    tab.page.mouse.move(x, top + start * height)
    tab.page.mouse.down()
    tab.page.mouse.move(x, top + end * height, steps=4)
    with changed_address(tab):
        tab.page.mouse.up()
    assert chart.locator("button", has_text="all values").is_visible()


def painted(chart):
    return chart.locator("canvas").first.evaluate("(canvas) => canvas.toDataURL()")


@pytest.mark.parametrize(
    "view, title, name",
    [
        ("run=darker", "Mean pixels", "mean_pixels"),
        ("run=darker;view=bands;quantity=contrasts", "Contrasts", "contrasts"),
        ("run=darker", "Drift", "drift"),
        ("run=darker", "Loss", "loss"),
        ("run=darker", "Spread", "spread"),
        ("page=compare", "Drift", "drifts"),
        ("page=compare;log=1", "Loss", "losses"),
        ("page=compare", "Spread", "spreads"),
    ],
)
def test_dragging_along_the_numbers_zooms_the_values_of_that_chart(
    trouble_board, open_tab, view, title, name
):
    tab = open_tab(trouble_board, *view.split(";"))
    tab.frame.locator(".cursor:visible").first.wait_for()
    chart = panel(tab, title)
    before = painted(chart)

    drag(tab, chart, 0.75, 0.25)

    zoomed = limits(tab)
    assert list(zoomed) == [name]
    assert painted(chart) != before
    drag(tab, chart, 0.1, 0.9)  # and further into it
    assert zoomed[name][0] < limits(tab)[name][0] < limits(tab)[name][1] < zoomed[name][1]

    with changed_address(tab):
        chart.locator(".strip").dblclick()
    assert chart.locator("button", has_text="all values").is_hidden()
    assert limits(tab) == {}
    assert painted(chart) == before
    assert tab.complaints == []


def test_a_link_restores_the_zoom_and_a_button_ends_it(trouble_board, open_tab):
    values = quote("loss 0.1 0.4\ndrift 0 0.2")
    tab = open_tab(trouble_board, "run=darker", f"values={values}")
    tab.frame.locator(".cursor:visible").first.wait_for()

    loss = panel(tab, "Loss")
    reset = loss.locator("button", has_text="all values")
    assert loss.locator(".strip.zoomed").count() == 1
    assert panel(tab, "Spread").locator("button", has_text="all values").is_hidden()
    with changed_address(tab):
        reset.click()

    assert reset.is_hidden()
    assert limits(tab) == {"drift": (0, 0.2)}
    # Who works with keys is not thrown to the top of the page.
    assert loss.locator(".chart").evaluate("(chart) => document.activeElement === chart")


def test_keys_zoom_the_values_about_the_one_at_the_cursor(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker", "step=15")
    tab.wait_for_step(15)
    chart = panel(tab, "Loss")
    chart.locator(".chart").focus()

    def press(*keys):
        for key in keys:
            with changed_address(tab):
                tab.page.keyboard.press(key)

    press("Shift+ArrowUp")
    first = limits(tab)["loss"]
    press("Shift+ArrowUp")
    second = limits(tab)["loss"]
    loss = 2 / 16  # of the last epoch
    assert first[0] < second[0] < loss < second[1] < first[1]
    assert second[1] - second[0] == pytest.approx((first[1] - first[0]) / 2, rel=0.01)

    press("Shift+ArrowDown", "Shift+ArrowDown")
    assert limits(tab) == {}
    press("Shift+ArrowUp", "0")
    assert limits(tab) == {}
    press("Shift+ArrowUp", "Escape")
    assert list(limits(tab)) == ["loss"]  # of the epoch it lets go first
    assert "step=" not in tab.page.url
    press("Escape")
    assert limits(tab) == {}
    label = chart.locator(".chart").get_attribute("aria-label")
    assert "Shift with arrow up and arrow down the values" in label


def test_a_zoom_ends_lines_at_the_plot_and_is_in_the_file(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker", f"values={quote('loss 0.2 0.4')}")
    tab.frame.locator(".cursor:visible").first.wait_for()
    chart = panel(tab, "Loss")
    blank = chart.locator("canvas").first.evaluate(
        """(canvas) => {
            const axis = 58;
            const { data } = canvas.getContext('2d').getImageData(axis, 0, canvas.width - axis, 7);
            return data.every((value) => value === 0);
        }"""
    )
    assert blank  # above the plot; the first epochs' losses would lie there

    path, _ = tab.export(chart, "SVG")
    svg = path.read_text()
    numbers = [float(n) for n in re.findall(r'text-anchor="end">([0-9.]+)<', svg)]
    assert min(numbers) >= 0.2
    assert max(numbers) <= 0.4
