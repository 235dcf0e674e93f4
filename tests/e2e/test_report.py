"""A run as one HTML file: as whoever gets it opens it, without a TensorBoard or a network."""

import re

import pytest
from support import trouble

pytestmark = pytest.mark.browser


@pytest.fixture
def open_report(chromium, tmp_path):
    """A function that downloads a tab's report and opens it from the disk."""
    contexts = []

    def open_(tab, **options):
        tab.frame.locator("summary", has_text="Export").click()
        with tab.page.expect_download() as download:
            tab.frame.locator("button", has_text="Report: one HTML file").click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        context = chromium.new_context(offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        assert "<script" not in path.read_text()
        return page

    yield open_
    for context in contexts:
        context.close()


def panel(page, title):
    return page.locator("section", has=page.locator("h3", has_text=title))


def test_the_report_is_one_file_that_asks_for_nothing(trouble_board, open_tab, open_report):
    tab = open_tab(trouble_board, "run=darker", "step=9")
    tab.wait_for_text("figcaption", "outputs, epoch 9")
    tab.frame.locator(".finding").first.wait_for()
    tab.frame.locator(".outputs .panel").wait_for()
    numbers, reading = tab.numbers(), tab.text(".reading")

    page = open_report(tab)

    assert page.locator("h1").inner_text() == "darker"
    assert "range 0 to 1" in page.locator(".facts").inner_text()
    finding, *_ = trouble_board.get("findings?run=darker")["runs"][0]["findings"]
    found = page.locator(".finding").first.inner_text().replace("\xa0", " ")
    assert finding["sentence"] in found
    assert f"epochs {finding['first_step']} to {finding['last_step']}" in found
    titles = page.locator("h3").all_inner_texts()
    assert titles[0] == "Outputs and their references"
    assert titles[2:4] == ["Drift from the reference", "Loss"]
    assert page.locator("h2", has_text="At epoch 9").is_visible()
    assert page.locator(".reading").inner_text() == reading
    rows = [row.split("\t") for row in page.locator("table.numbers").inner_text().splitlines()]
    assert dict(rows).items() >= numbers.items()  # and those that the page has folded up
    assert re.search(r"Made on 20\d\d-\d\d-\d\d at .* tb-meanpixel \d", page.inner_text("main"))
    assert tab.complaints == []


def test_the_report_has_the_epochs_histogram_and_mean_images(trouble_board, open_tab, open_report):
    tab = open_tab(trouble_board, "run=tinted", "step=2", "baseline=first")
    tab.wait_for_text("figcaption", "outputs, epoch 2")
    tab.wait_for_text(".at-cursor .key", "first epoch")

    page = open_report(tab)

    histogram = page.locator(".pair section").first
    assert histogram.locator(".chart > svg:visible").count() == 1
    legend = histogram.locator(".legend:visible .key").all_inner_texts()
    assert [key.strip() for key in legend] == ["outputs", "first epoch", "reference"]
    # Filled are the outputs and the reference; lines have all three.
    assert histogram.locator(".chart:visible svg svg path[stroke]").count() == 3
    histogram.locator("summary").click()
    assert histogram.locator("pre").inner_text().startswith("from,to,reference,first epoch,outputs")

    images = panel(page, "Mean images").locator("img")
    assert images.count() == 3
    for image in images.all():
        assert image.evaluate("(image) => image.naturalWidth") == 8
        assert image.bounding_box()["width"] > 100
        assert image.evaluate("(image) => getComputedStyle(image).imageRendering") == "pixelated"
    captions = page.locator("figcaption").all_inner_texts()
    assert captions == ["outputs, epoch 2", "reference", "difference"]


def test_the_report_has_the_form_that_is_shown(trouble_board, open_tab, open_report):
    tab = open_tab(trouble_board, "run=healthy", "view=ridgelines")
    tab.wait_for_text(".steps .key", "epoch")
    tab.frame.locator(".outputs .panel").wait_for()

    page = open_report(tab)

    first = panel(page, "Mean pixels").first
    # A line for each of the 12 epochs, and the reference behind each.
    assert first.locator(".chart:visible svg svg path[stroke]").count() == 24
    assert page.locator("p", has_text="No problems found in 12 epochs.").is_visible()


def test_the_report_follows_the_readers_system_and_paper_is_white(
    trouble_board, open_tab, open_report
):
    # The page itself is dark, and stays so.
    tab = open_tab(trouble_board, "run=healthy", query="darkMode=true")
    tab.frame.locator(".app[data-theme=dark]").wait_for()
    tab.wait_for_text("figcaption", "outputs, epoch 11")

    page = open_report(tab, color_scheme="light")

    def ground(selector):
        return page.locator(selector).first.evaluate(
            "(element) => { const style = getComputedStyle(element);"
            " return element.tagName === 'rect' ? style.fill : style.backgroundColor; }"
        )

    grounds = {"light": ["rgb(255, 255, 255)"] * 2, "dark": ["rgb(48, 48, 48)", "rgb(55, 55, 55)"]}
    for media, scheme, expected in [
        ("screen", "light", "light"),
        ("screen", "dark", "dark"),
        ("print", "dark", "light"),
    ]:
        page.emulate_media(media=media, color_scheme=scheme)
        assert [ground("html"), ground("svg:visible rect")] == grounds[expected]
    assert tab.frame.locator(".app[data-theme=dark]").is_visible()
    assert tab.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_nothing_to_say_of_a_report(trouble_board, open_tab, open_report, axe, scheme):
    tab = open_tab(trouble_board, "run=darker")
    tab.frame.locator(".finding").first.wait_for()
    tab.wait_for_text("figcaption", "outputs, epoch 15")

    page = open_report(tab, color_scheme=scheme)
    page.locator("summary").first.click()
    page.evaluate(axe)
    found = page.evaluate(
        "() => axe.run(document, {resultTypes: ['violations']}).then(({violations}) =>"
        " violations.map(({id, nodes}) => [id, nodes.map((node) => node.html.slice(0, 200))]))"
    )

    assert found == []


def test_names_in_a_report_are_text(open_tab, open_report, start_board, tmp_path):
    logs = tmp_path / "logs"
    trouble.write(logs / "<b>bold & <script>", (3, trouble.blurred), loss=trouble.falling)
    board = start_board(logs)
    board.wait_for(lambda runs: len(runs) == 1)
    tab = open_tab(board)
    tab.wait_for_text("figcaption", "outputs, epoch 2")

    page = open_report(tab)

    assert page.locator("h1").inner_text() == "<b>bold & <script>"
    assert page.locator("b", has_text="bold").count() == 0
