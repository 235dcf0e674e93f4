"""One run: what is wrong, since when, what does it look like."""

import re

import pytest
from support import trouble

pytestmark = pytest.mark.browser


def test_findings_come_first_and_each_leads_to_its_epoch(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker")
    found = trouble_board.get("findings?run=darker")["runs"][0]["findings"]
    assert found

    tab.wait_for_text(".finding", found[0]["sentence"])
    tab.frame.locator(".finding").first.click()

    tab.wait_for_text(".at-cursor h2", f"Epoch {found[0]['first_step']}")
    positions = [
        tab.frame.locator(selector).first.bounding_box()["y"]
        for selector in (".finding", ".steps .chart:visible")
    ]
    assert positions == sorted(positions)


def test_real_outputs_stand_over_their_steps_with_their_references(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker", "step=9")
    strip = tab.frame.locator(".outputs .panel")
    strip.wait_for()
    tab.frame.locator("button.pair").first.wait_for()  # the pictures have come
    tab.page.wait_for_timeout(200)  # and are painted with the next frame

    # The outputs get darker to the right; under the right margin stand the references.
    brightness = strip.locator("canvas").first.evaluate(
        """(canvas) => {
            const { width, height } = canvas;
            const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
            const mean = (from, to) => {
                let [sum, count] = [0, 0];
                for (let y = 12; y < 48; y++)
                    for (let x = Math.round(from * width); x < to * width; x++) {
                        const at = 4 * (y * width + x);
                        if (data[at + 3] < 255) continue;
                        sum += data[at]; count++;
                    }
                return sum / count;
            };
            return [mean(0.2, 0.5), mean(0.8, 0.88), mean(0.93, 1)];
        }"""
    )
    first, last, reference = brightness
    assert last < first - 40
    assert abs(first - reference) < 40
    samples = tab.frame.locator(".at-cursor .panel", has=tab.frame.locator(".samples"))
    assert samples.locator("h2").inner_text() == "Samples, epoch 9"
    # Pairs of output, reference and difference, the greatest error first.
    captions = samples.locator(".pair").first.locator("figcaption").all_inner_texts()
    assert captions[1] == "reference"
    assert captions[2].startswith("difference, error 0.1")
    assert tab.complaints == []


def test_a_sample_opens_in_large_and_the_arrow_keys_move_its_step(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker", "step=9")
    tab.frame.locator("button.pair").first.click()
    dialog = tab.frame.locator("dialog.large")
    dialog.wait_for()
    title = dialog.locator("h2").inner_text()
    image = title.split(",")[0]
    assert title.startswith(f"{image}, epoch 9, error 0.1")
    sizes = [figure.bounding_box()["width"] for figure in dialog.locator("canvas").all()]
    assert len(sizes) == 3
    assert min(sizes) > 200

    tab.page.keyboard.press("ArrowRight")

    tab.wait_for_text("dialog.large h2", f"{image}, epoch 10, error 0.2")
    tab.page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert tab.complaints == []


def test_a_healthy_run_is_said_to_be_so(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=healthy")

    tab.wait_for_text(".fine", "No problems found in 12 epochs.")


def test_dragging_zooms_all_charts_and_a_double_click_shows_all_again(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker")
    tab.wait_for_text(".facts", "16 epochs")
    mouse = tab.page.mouse
    start, end = tab.step_place(4), tab.step_place(9)

    mouse.move(*start)
    mouse.down()
    mouse.move(*end, steps=5)
    mouse.up()
    tab.frame.locator("button", has_text="all epochs").wait_for()

    assert "p.mean_pixel.zoom=4" in tab.page.url
    mouse.dblclick(*end)
    tab.frame.locator("button", has_text="all epochs").wait_for(state="hidden")
    assert "zoom" not in tab.page.url


def test_keys_zoom_and_escape_lets_go_step_by_step(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker", "step=8")
    tab.wait_for_step(8)
    tab.chart_panels().locator(".chart").first.focus()

    tab.page.keyboard.press("+")
    tab.page.wait_for_function("() => location.hash.includes('zoom=')")
    tab.page.keyboard.press("Escape")
    tab.wait_for_step(15)
    assert "zoom=" in tab.page.url
    tab.page.keyboard.press("Escape")
    tab.page.wait_for_function("() => !location.hash.includes('zoom=')")


def test_the_slider_and_the_play_button_move_the_epoch(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker")
    tab.wait_for_step(15)
    tab.frame.locator(".slider").focus()
    tab.page.keyboard.press("Home")
    tab.wait_for_step(0)

    # In the page itself: a step is shown for a moment only.
    shown, pressed = tab.frame.locator(".player").evaluate(
        """(player) => new Promise((resolve) => {
            const slider = player.querySelector(".slider");
            const button = player.querySelector("button.play");
            const shown = [slider.value];
            new MutationObserver((_, observer) => {
                if (shown.at(-1) === slider.value) return;
                if (shown.push(slider.value) < 3) return;
                observer.disconnect();
                const pressed = button.getAttribute("aria-pressed");
                button.click();
                resolve([shown, pressed]);
            }).observe(player, { subtree: true, childList: true, characterData: true });
            button.click();
        })"""
    )
    assert (shown, pressed) == (["0", "1", "2"], "true")
    tab.frame.locator("button.play[aria-pressed=false]", has_text="play").wait_for()
    tab.page.wait_for_timeout(300)
    tab.wait_for_step(2)


def column(tab, step, panel):
    """A chart's pixels from its top down, a little right of an epoch: `[r, g, b, a]` each."""
    canvas = tab.frame.locator(".steps .panel:not([hidden]) .chart canvas:first-child").nth(panel)
    left = tab.step_place(step, panel)[0] - canvas.bounding_box()["x"] + 4
    return canvas.evaluate(
        """(canvas, left) => {
            const { width, height, clientWidth } = canvas;
            const x = (left * width) / clientWidth;
            const { data } = canvas.getContext('2d').getImageData(x, 0, 1, height);
            return Array.from({ length: height }, (_, y) => [...data.slice(4 * y, 4 * y + 4)]);
        }""",
        left,
    )


def test_epochs_that_are_not_finite_are_marked_red(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=nan", "step=4")
    tab.wait_for_text(".reading", "No output pixel is a finite number")
    tab.wait_for_text(".panel .hint", "At epoch 4 no output is finite throughout")
    alarm = [197, 34, 31, 255]

    for chart in (0, 1, 2):  # heatmap, drift, loss
        assert alarm in column(tab, 4, chart)
        assert alarm not in column(tab, 7, chart)


def test_missing_epochs_are_gaps(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=gap", "step=0")
    tab.wait_for_text(".facts", "11 epochs")

    def painted(step):
        pixels = column(tab, step, 0)
        return sum(pixel[3] == 255 for pixel in pixels) / len(pixels)

    assert painted(2) > 0.7
    assert painted(6) < 0.2
    assert [row[0] for row in tab.table(1)] == [str(e) for e in (*range(4), *range(9, 16))]


@pytest.mark.parametrize("form", ["bands", "ridgelines", "overlay", "single"])
def test_the_same_data_has_other_forms_and_the_choice_is_remembered(trouble_board, open_tab, form):
    names = {
        "bands": "Bands",
        "ridgelines": "Ridgelines",
        "overlay": "Overlay",
        "single": "One epoch",
    }
    tab = open_tab(trouble_board, "run=darker")
    tab.frame.locator(".choices button", has_text=names[form]).click()
    tab.page.wait_for_function(f"() => location.hash.includes('view={form}')")
    panels = tab.frame.locator(".steps .panel:visible")
    assert panels.first.locator("canvas").first.bounding_box()["height"] > 200

    # A visit without a link, in the same browser.
    tab.start([], forget=False)
    tab.frame.locator(".choices button[aria-pressed=true]", has_text=names[form]).wait_for()
    assert tab.complaints == []


def test_time_can_be_the_axis(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker", "axis=relative", "step=3")
    tab.wait_for_step(3)
    tab.chart_panels().locator(".chart").first.focus()
    tab.page.keyboard.press("ArrowRight")
    tab.wait_for_step(4)
    tab.frame.locator(".controls summary", has_text="Display").first.click()
    tab.frame.locator("label", has_text="Horizontal axis").first.locator("select").select_option(
        "wall"
    )
    tab.page.wait_for_function("() => location.hash.includes('axis=wall')")
    assert tab.complaints == []


def test_exact_counts_are_in_the_tooltip(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=black", "step=2")
    tab.wait_for_text(".at-cursor h2", "Epoch 2")
    box = tab.frame.locator(".at-cursor .over").first.bounding_box()

    tips = set()
    for part in range(1, 200):
        left = box["width"] * part / 200
        tab.page.mouse.move(box["x"] + left, box["y"] + box["height"] / 2)
        tips.add(tab.frame.locator(".at-cursor .tip").first.inner_text())

    # A spike stays a spike: all images are black, and in one bin.
    assert any(f"{trouble.IMAGES} images (100%)" in tip for tip in tips), tips


def test_a_baseline_can_be_an_epoch_or_another_run(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker", "step=3")
    tab.wait_for_text(".at-cursor h2", "Epoch 3")
    tab.frame.locator("button", has_text="use as baseline").click()
    tab.wait_for_text(".steps h2", "Drift from epoch 3")
    # Against itself an epoch has no drift.
    tab.wait_for_text(".reading", "as bright as epoch 3")
    # The scores come after the choice: the numbers follow when they are there.
    tab.wait_for_text("table.numbers tr", re.compile(r"^\s*Drift\s*0\.000"))

    tab.frame.locator("label", has_text="Baseline").locator("select").select_option(
        label="run healthy"
    )
    tab.wait_for_text(".steps h2", "Drift from healthy")
    against = trouble_board.get(
        "baseline_scores?run=darker&stream=validation&baseline=run&baseline_run=healthy"
    )
    [bias] = [s for s in against["runs"][0]["scores"] if (s["name"], s["channel"]) == ("bias", "")]
    tab.chart_panels().locator(".chart").first.focus()
    tab.page.keyboard.press("End")
    tab.wait_for_step(15)
    expected = f"{bias['values'][-1]:+.3f}".replace("-", "−")
    tab.wait_for_text("table.numbers tr", re.compile(rf"^\s*Bias\s*{re.escape(expected)}"))


def test_mean_images_are_of_the_epoch_at_the_cursor(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=tinted", "step=2")
    tab.wait_for_text("figcaption", "outputs, epoch 2")

    assert tab.frame.locator(".images canvas").count() == 3
    outputs = tab.frame.locator(".images canvas").first
    mean = outputs.evaluate(
        "(c) => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        " let s = [0, 0, 0]; d.forEach((v, i) => { if (i % 4 < 3) s[i % 4] += v; });"
        " return s.map((v) => v / (d.length / 4) / 255); }"
    )
    expected = trouble.tinted(2, trouble.reference(3)).mean(axis=(0, 1, 2))
    assert mean == pytest.approx(expected.tolist(), abs=0.01)
