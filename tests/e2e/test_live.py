"""A page that stays open while the training goes on."""

import pytest
from support import trouble
from support.servers import COMPLETE, FOLLOWED, LocalServer

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """A log directory, and a TensorBoard that reads what is new there when it is told to."""
    logs = tmp_path_factory.mktemp("followed")
    board = LocalServer(logs, *FOLLOWED)
    board.is_shared = True
    yield logs, board
    board.stop()


@pytest.fixture
def live(request, followed, open_tab):
    """The tab of a run of six epochs; call to add epochs and reload."""
    logs, board = followed
    name = request.node.name
    trouble.write(logs / name, (6, trouble.darker), loss=trouble.falling)
    board.reload()
    tab = open_tab(board, f"run={name}", "step=3")
    tab.wait_for_text(".facts", "6 epochs")

    def go_on(epochs):
        trouble.write(logs / name, (epochs, trouble.darker), first=6, loss=trouble.falling)
        board.reload()
        # Without taking the focus, as TensorBoard's own timer does it.
        tab.page.evaluate("document.querySelector('button.reload-button').click()")

    return tab, go_on


def test_only_new_epochs_are_fetched_and_nothing_moves(live):
    tab, go_on = live
    chart = tab.frame.locator(".steps .chart:visible").nth(1)
    chart.focus()
    tab.inner.evaluate("() => scrollTo(0, 300)")  # past the findings
    before = chart.bounding_box()
    asked = []
    tab.page.on("request", lambda request: asked.append(request.url))

    go_on(9)
    tab.wait_for_text(".facts", "9 epochs")

    histograms = [url for url in asked if "/histograms?" in url]
    assert len(histograms) == 1
    assert "after=5" in histograms[0]
    assert "after=5" in next(url for url in asked if "/scalars?" in url and "after" in url)
    assert tab.text(".at-cursor h2") == "Epoch 3"
    # What has the focus has it still, and stays where it was though findings came in above.
    assert chart.evaluate("(chart) => document.activeElement === chart")
    assert chart.bounding_box() == pytest.approx(before, abs=1)
    rows = tab.table(1)
    assert len(rows) == 9
    assert tab.complaints == []


def test_a_reload_without_news_fetches_no_series(live):
    tab, _ = live
    tab.page.wait_for_load_state("networkidle")
    tab.page.wait_for_timeout(300)
    asked = []
    tab.page.on("request", lambda request: asked.append(request.url))

    with tab.page.expect_response("**/mean_pixel/runs"):
        tab.page.locator("button.reload-button").click()
    tab.page.wait_for_timeout(700)

    ours = [url.rsplit("/", 1)[1] for url in asked if "plugin/mean_pixel" in url]
    assert ours == ["runs"]


def test_a_reload_without_news_makes_nothing_anew(trouble_board, open_tab):
    tab = open_tab(trouble_board, "page=compare")
    tab.frame.locator(".multiple img").nth(7).wait_for()
    tab.page.wait_for_timeout(500)
    changed = """(body) => new Promise((resolve) => {
        const changes = [];
        new MutationObserver((all) => changes.push(...all)).observe(
            body, {subtree: true, childList: true, attributes: true, characterData: true});
        parent.document.querySelector("button.reload-button").click();
        setTimeout(() => resolve(changes.map(({target}) => target.outerHTML)), 1000);
    })"""

    with tab.page.expect_response("**/mean_pixel/runs"):
        assert tab.frame.locator("body").evaluate(changed) == []


def test_a_tab_that_was_hidden_catches_up_when_it_is_shown(live):
    tab, go_on = live
    tab.page.goto(tab.page.url.replace("#mean_pixel", "#timeseries"))
    tab.page.wait_for_timeout(500)
    go_on(8)
    tab.page.wait_for_timeout(500)

    tab.page.get_by_role("tab", name="Mean Pixel").click()

    tab.wait_for_text(".facts", "8 epochs")


def test_epochs_that_were_not_loaded_are_counted(tmp_path, start_board, open_tab):
    trouble.write(tmp_path / "thin", (12, trouble.blurred))
    board = start_board(
        tmp_path, "--samples_per_plugin=mean_pixel=5", "--load_fast=false", *COMPLETE
    )
    board.wait_for(lambda runs: runs and runs[0]["streams"][0]["steps"]["last"] == 11)
    tab = open_tab(board)

    tab.wait_for_text(".facts", "5 of 12 epochs loaded")


def test_zooms_stay_while_the_training_goes_on(live):
    tab, go_on = live
    loss = tab.frame.locator(".steps .panel:visible", has_text="Loss").last
    loss.locator(".chart").focus()
    tab.page.keyboard.press("Shift+ArrowUp")
    loss.locator("button", has_text="all values").wait_for()
    before = tab.page.url

    go_on(8)
    tab.wait_for_text(".facts", "8 epochs")

    assert "values=loss" in before
    assert tab.page.url == before
    assert loss.locator("button", has_text="all values").is_visible()


def test_a_reload_while_the_page_opens_asks_for_nothing_twice(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=healthy")
    tab.wait_for_text(".facts", "12 epochs")
    held = []

    def hold(call):
        held.append(call)

    tab.page.route("**/mean_pixel/opening*", hold)
    tab.reload()
    while not held:
        tab.page.wait_for_timeout(20)
    for _ in range(2):
        tab.page.locator("button.reload-button").click()
        tab.page.wait_for_timeout(300)
    assert len(held) == 1

    held.pop().continue_()

    tab.wait_for_text(".facts", "12 epochs")
    assert held == []
