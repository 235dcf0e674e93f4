"""What a user sees and does in the tab, from a fresh page load on."""

import numpy as np
import pytest
from support.servers import COMPLETE, ProgramServer
from tensorboard.backend import http_util

from tb_meanpixel import MeanPixelWriter

pytestmark = pytest.mark.browser

# TensorBoard's colours of runs, in the order of its list of runs.
RUN_COLORS = ["#425066", "#12b5cb", "#e52592", "#f9ab00", "#9334e6", "#7cb342", "#e8710a"]


def scores(board, run):
    """Scores of all channels of a run by name, as the route gives them."""
    [found] = board.get(f"scalars?run={run}")["runs"]
    return {
        score["name"]: dict(zip(score["steps"], score["values"], strict=True))
        for score in found["scores"]
        if score["channel"] == ""
    }


def write_epochs(log_dir, epochs, first=0):
    images = np.linspace(0, 1, 8 * 4 * 4, dtype=np.float32).reshape(8, 4, 4, 1)
    with MeanPixelWriter(log_dir, unit="epoch") as writer:
        for epoch in range(first, first + epochs):
            scalars = {"loss": 1 / (epoch + 1)}
            writer.write(epoch, output=images * 0.5, reference=images, scalars=scalars)


def test_the_cursor_reads_the_numbers_that_were_written(two_board, open_tab):
    tab = open_tab(two_board, "run=vae-digits")
    tab.wait_for_text(".at-cursor h2", "Epoch 5")
    written = scores(two_board, "vae-digits")
    heatmap = tab.chart_panels().locator(".over").first
    box = heatmap.bounding_box()

    # Six epochs share the width: the middle of the third one.
    tab.page.mouse.move(box["x"] + box["width"] * 2.5 / 6, box["y"] + box["height"] / 2)
    tab.wait_for_text(".at-cursor h2", "Epoch 2")
    numbers = tab.numbers()

    assert numbers["Mean of the outputs"] == f"{written['output_mean'][2]:.3f}"
    assert numbers["Mean of the reference"] == f"{written['reference_mean'][2]:.3f}"
    assert numbers["Drift"] == f"{written['drift'][2]:.3f}"
    assert numbers["Pixel spread"] == f"{written['pixel_spread_ratio'][2] * 100:.0f}%"
    assert "Loss" in numbers
    assert "Loss (validation)" in numbers

    tab.page.mouse.move(5, 5)
    tab.wait_for_text(".at-cursor h2", "Epoch 5")
    assert tab.complaints == []


def test_one_cursor_stands_at_one_epoch_in_all_charts(two_board, open_tab):
    tab = open_tab(two_board, "run=vae-digits", "step=3")
    tab.wait_for_text(".at-cursor h2", "Epoch 3")
    tab.page.wait_for_timeout(300)

    cursors = tab.frame.locator(".views:not([hidden]) .steps .panel:not([hidden]) .cursor")
    shown = [cursor for cursor in cursors.all() if cursor.is_visible()]
    positions = {round(cursor.bounding_box()["x"]) for cursor in shown}

    assert len(shown) >= 4
    assert len(positions) == 1


def test_keys_move_the_epoch_and_the_address_follows(two_board, open_tab):
    tab = open_tab(two_board, "run=vae-digits")
    tab.wait_for_text(".at-cursor h2", "Epoch 5")
    tab.chart_panels().locator(".chart").first.focus()

    for key, epoch in (("ArrowLeft", 4), ("Home", 0), ("ArrowRight", 1), ("End", 5)):
        tab.page.keyboard.press(key)
        tab.wait_for_text(".at-cursor h2", f"Epoch {epoch}")
        assert f"p.mean_pixel.step={epoch}" in tab.page.url

    tab.page.keyboard.press("Escape")
    tab.frame.locator("button.follow").wait_for(state="hidden")
    assert "step=" not in tab.page.url


def test_a_link_restores_the_view(two_board, open_tab):
    tab = open_tab(two_board, "run=vae-photos", "quantity=pixels", "channel=2", "step=0")
    tab.wait_for_text("h1", "vae-photos")
    tab.wait_for_text(".at-cursor h2", "Epoch 0")

    pressed = tab.frame.locator(".toolbar .choices button[aria-pressed=true]").all_inner_texts()

    assert pressed == ["All pixels", "green", "Heatmap"]
    assert tab.text(".steps h2:visible") == "Pixels of the outputs"


def test_runs_are_chosen_and_filtered_by_name(two_board, open_tab):
    tab = open_tab(two_board)
    tab.wait_for_text("h1", "vae-digits")

    tab.frame.locator("button.run", has_text="vae-photos").click()
    tab.wait_for_text("h1", "vae-photos")
    assert "p.mean_pixel.run=vae-photos" in tab.page.url

    tab.frame.locator("input.filter").fill("^vae-d")
    tab.frame.locator("button.run", has_text="photos").wait_for(state="detached")
    assert tab.frame.locator("button.run").count() == 1


def test_a_run_has_the_colour_that_tensorboard_gives_its_directory(two_board, open_tab):
    tab = open_tab(two_board, "run=vae-photos")
    tab.wait_for_text("h1", "vae-photos")
    runs = tab.page.evaluate("fetch('data/runs').then((answer) => answer.json())")

    # In one go: a row is made anew when a listing arrives.
    color = tab.frame.locator("body").evaluate(
        """(body) => getComputedStyle(
            [...body.querySelectorAll("button.run")]
                .find(({textContent}) => textContent.includes("vae-photos"))
                .querySelector(".dot")
        ).backgroundColor"""
    )

    hexadecimal = RUN_COLORS[runs.index("vae-photos/mean_pixel") % len(RUN_COLORS)]
    red, green, blue = (int(hexadecimal[at : at + 2], 16) for at in (1, 3, 5))
    assert color == f"rgb({red}, {green}, {blue})"


def test_each_chart_is_painted_once_when_the_page_opens(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker", own=True)
    tab.page.add_init_script("""
        window.painted = new Map();
        const {clearRect} = CanvasRenderingContext2D.prototype;
        CanvasRenderingContext2D.prototype.clearRect = function (...box) {
            painted.set(this.canvas, (painted.get(this.canvas) ?? 0) + 1);
            clearRect.apply(this, box);
        };
    """)
    tab.page.reload()
    tab.wait_for_text("h1", "darker")
    # By then all that the page fetches has arrived, and the order of the runs too.
    tab.page.wait_for_timeout(2000)

    times, of_strip = tab.inner.evaluate(
        """() => {
            const charts = [...painted].filter(([canvas]) => canvas.closest('.chart'));
            const isStrip = ([canvas]) => canvas.closest('.outputs');
            const timesOf = (some) => some.map(([, times]) => times);
            const others = charts.filter((one) => !isStrip(one));
            return [timesOf(others), timesOf(charts.filter(isStrip))];
        }"""
    )
    assert len(times) >= 4
    assert set(times) == {1}
    assert of_strip == [2]  # its place, and its pictures when they have come


def test_an_open_page_follows_its_address(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=healthy", "step=2")
    tab.wait_for_step(2)

    tab.go("run=darker", "quantity=contrasts", "step=7")

    tab.wait_for_text("h1", "darker")
    tab.wait_for_step(7)
    tab.wait_for_text(".steps h2", "Contrasts of the outputs")
    tab.go("run=darker")
    tab.wait_for_text(".steps h2", "Mean pixels of the outputs")
    tab.wait_for_step(15)
    assert tab.complaints == []


def test_dark_mode_follows_tensorboard_at_once(two_board, open_tab):
    tab = open_tab(two_board, query="darkMode=true", own=True)
    ground = "(app) => getComputedStyle(app).backgroundColor"
    app = tab.frame.locator(".app")
    tab.frame.locator(".app[data-theme=dark]").wait_for()
    assert app.evaluate(ground) == "rgb(48, 48, 48)"

    tab.page.locator("app-header-dark-mode-toggle button").click()
    tab.page.get_by_role("menuitem", name="Light").click()
    tab.frame.locator(".app[data-theme=light]").wait_for()
    assert app.evaluate(ground) == "rgb(255, 255, 255)"


def test_new_epochs_come_with_the_reload_button_and_the_chosen_one_stays(
    tmp_path, start_board, open_tab
):
    # As a user has it: the program, its data server, and its look for news every second.
    write_epochs(tmp_path / "live", 2)
    board = start_board(tmp_path, kind=ProgramServer)
    board.wait_for(lambda runs: runs)
    tab = open_tab(board, "step=1")
    tab.wait_for_text(".facts", "2 epochs")

    write_epochs(tmp_path / "live", 3, first=2)
    board.wait_for(lambda runs: runs[0]["streams"][0]["steps"]["last"] == 4)
    tab.page.locator("button.reload-button").click()

    tab.wait_for_text(".facts", "5 epochs")
    assert tab.text(".at-cursor h2") == "Epoch 1"
    tab.frame.locator("button.follow").click()
    tab.wait_for_text(".at-cursor h2", "Epoch 4")


def test_without_data_the_page_says_what_to_type(tmp_path, start_board, open_tab):
    board = start_board(tmp_path)
    board.wait_for(lambda runs: runs == [])
    tab = open_tab(board)

    tab.wait_for_text("h1", "No images have been recorded yet")
    assert 'MeanPixelCallback("logs/my-model", reference=x_val)' in tab.text("pre")


def test_a_server_that_went_away_is_said_and_the_charts_stay(tmp_path, start_board, open_tab):
    write_epochs(tmp_path / "gone", 2)
    board = start_board(tmp_path)
    board.wait_for(lambda runs: runs)
    tab = open_tab(board)
    tab.wait_for_text(".facts", "2 epochs")

    board.stop()
    tab.frame.locator(".toolbar button", has_text="Contrasts").click()

    tab.wait_for_text(".notice", "TensorBoard cannot be reached")
    assert tab.frame.locator("button", has_text="Try again").is_visible()
    assert tab.frame.locator(".steps .chart:visible").count() >= 3


def test_it_works_without_eval_behind_a_prefix_and_in_one_directory(
    tmp_path, start_board, open_tab, monkeypatch
):
    # TensorBoard allows `eval` for the sake of another plugin; ours must do without it.
    monkeypatch.setattr(http_util, "_CSP_SCRIPT_UNSAFE_EVAL", False)
    # The log directory is the run itself, and its name must stay text.
    write_epochs(tmp_path, 1)
    write_epochs(tmp_path / "<b>bold & ünïcode", 1)
    board = start_board(tmp_path, "--path_prefix=/some/where", *COMPLETE)
    assert board.url.endswith("/some/where")
    board.wait_for(lambda runs: len(runs) == 2)
    tab = open_tab(board)

    tab.wait_for_text("h1", "(log directory)")
    tab.frame.locator("button.run", has_text="<b>bold & ünïcode").click()
    tab.wait_for_text("h1", "<b>bold & ünïcode")
    assert tab.frame.locator("main b", has_text="bold").count() == 0
    assert tab.complaints == []


@pytest.mark.parametrize("width", [600, 1024, 2560])
def test_nothing_sticks_out_of_the_window(two_board, open_tab, width):
    tab = open_tab(two_board, "run=vae-photos", size=(width, 900))
    tab.wait_for_text(".facts", "2 epochs")

    overhang = tab.frame.locator(".app").evaluate(
        "() => document.documentElement.scrollWidth - window.innerWidth"
    )

    assert overhang <= 0


def test_the_page_opens_with_one_answer_and_asks_then_what_is_new(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker")
    tab.wait_for_text(".facts", "16 epochs")
    tab.wait_for_text("figcaption", "outputs, epoch 15")
    tab.frame.locator(".runs .badge").nth(1).wait_for()
    tab.inner.wait_for_function(
        "() => performance.getEntriesByType('resource').some(({name}) => /runs$/.test(name))"
    )

    asked = tab.inner.evaluate(
        """() => performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname)
            .filter((path) => path.includes("/mean_pixel/") && !path.includes("static"))
            .map((path) => path.split("/").pop())"""
    )

    assert asked[0] == "opening"
    assert {*asked} <= {"opening", "overview", "findings", "mean_images", "samples", "runs"}
    assert [route for route in asked if asked.count(route) > 1] == []


def test_a_step_is_called_by_what_the_writer_counts(tmp_path, start_board, open_tab):
    images = np.linspace(0, 1, 4 * 8 * 8).reshape(4, 8, 8, 1)
    with MeanPixelWriter(tmp_path) as writer:
        for step in (0, 500, 1000, 1500):
            writer.write(step, output=images * 0.5, reference=images)
    tab = open_tab(start_board(tmp_path, *COMPLETE))

    tab.wait_for_text(".at-cursor h2", "Step 1500")
    tab.wait_for_text(".facts", "4 records")
    tab.wait_for_text(".step-text", "step 1500 (last)")
    assert "poch" not in tab.text("main")
