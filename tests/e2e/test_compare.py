"""Many runs: the table, and several runs against each other."""

import pytest
from support.browser import data_table

pytestmark = pytest.mark.browser


def names(tab):
    return [button.inner_text().strip() for button in tab.frame.locator("button.run .name").all()]


def test_the_table_is_sorted_by_what_one_clicks(trouble_board, open_tab):
    tab = open_tab(trouble_board)
    tab.wait_for_text(".runs", "healthy")
    tab.frame.locator(".runs td.drift", has_text="0.").first.wait_for()
    last = {
        run["name"]: next(
            s["values"][-1] for s in run["scores"] if (s["name"], s["channel"]) == ("drift", "")
        )
        for run in trouble_board.get("scalars?score=drift&curves=none")["runs"]
    }

    tab.frame.locator("th.drift button").click()
    assert names(tab) == sorted(last, key=last.get, reverse=True)
    tab.frame.locator("th.drift button").click()
    tab.frame.locator("th.drift[aria-sort=ascending]").wait_for()
    assert names(tab) == sorted(last, key=last.get)


def test_runs_are_hidden_kept_on_top_and_ticked(trouble_board, open_tab):
    tab = open_tab(trouble_board, own=True)
    tab.wait_for_text(".runs", "healthy")
    row = lambda name: tab.frame.locator(".runs tr", has_text=name)  # noqa: E731

    row("once").hover()
    row("once").locator("button[title='Keep on top']").click()
    row("gap").hover()
    row("gap").locator("button[title=Hide]").click()
    row("gap").wait_for(state="detached")
    assert names(tab)[0] == "once"

    row("darker").locator("input").check()
    row("healthy").locator("input").check()
    tab.frame.locator("button", has_text="Compare 2").click()
    tab.frame.locator(".multiple").nth(1).wait_for()
    assert tab.frame.locator(".multiple").count() == 2
    link = tab.page.url
    tab.page.goto("about:blank")
    tab.page.goto(link)
    tab.frame.locator(".multiple").nth(1).wait_for()
    assert names(tab)[0] == "once"
    assert "gap" not in names(tab)

    tab.frame.locator("button", has_text="show 1 hidden").click()
    row("gap").wait_for()


def test_a_row_that_has_the_focus_can_be_kept_and_hidden_by_keys(trouble_board, open_tab):
    tab = open_tab(trouble_board)
    tab.wait_for_text(".runs", "healthy")
    focused = lambda: tab.frame.locator(":focus").get_attribute("aria-label")  # noqa: E731

    tab.frame.locator("input[aria-label='Compare gap']").focus()
    for _ in range(2):
        tab.page.keyboard.press("Tab")
    assert focused() == "Keep on top: gap"
    tab.page.keyboard.press("Enter")
    tab.frame.locator(".acts.kept").wait_for()
    assert names(tab)[0] == "gap"
    assert focused() == "Keep on top: gap"
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Enter")
    tab.frame.locator("button", has_text="show 1 hidden").wait_for()
    assert "gap" not in names(tab)


def test_runs_are_overlaid_at_one_epoch_with_the_linked_cursor(trouble_board, open_tab):
    tab = open_tab(trouble_board, "page=compare", "select=darker%0Ahealthy", "step=5")
    tab.wait_for_text(".several h2", "Outputs at epoch 5")
    legend = tab.frame.locator(".several .panel", has_text="Outputs at epoch").locator(".legend")
    legend.locator(".key", has_text="healthy").wait_for()
    keys = [key.strip() for key in legend.locator(".key").all_inner_texts()]
    assert keys == ["reference", "darker", "healthy"]

    drift = tab.frame.locator(".several .over").first
    box = drift.bounding_box()
    tab.page.mouse.move(box["x"] + box["width"] * 10.5 / 16, box["y"] + 20)
    tab.wait_for_text(".several h2", "Outputs at epoch 10")
    for line in tab.frame.locator(".multiple .line").all():
        assert float(line.evaluate("(e) => e.style.transform.slice(11, -2)")) == pytest.approx(
            100 * 10.5 / 16
        )
    tab.wait_for_text(".several .tip", "epoch 10")
    assert tab.complaints == []


def test_runs_are_compared_in_one_channel(trouble_board, open_tab):
    tab = open_tab(trouble_board, "page=compare", "select=healthy%0Atinted")
    tab.frame.locator(".multiple").nth(1).wait_for()

    tab.frame.locator(".several button", has_text="blue").click()

    tab.wait_for_text(".several h2", "Drift from the reference, blue")
    tab.wait_for_text(".several h2", "Outputs over epochs, blue")
    tab.wait_for_text(".several .hint", "Not shown, without a channel “blue”: healthy.")
    assert tab.frame.locator(".multiple").count() == 1
    drift = trouble_board.get("scalars?run=tinted&score=drift&channel=blue&curves=none")["runs"][0][
        "scores"
    ][0]["values"][-1]
    legend = tab.frame.locator(".several .panel", has_text="Drift from the reference, blue")
    assert f"{drift:.3f}" in legend.locator(".legend").inner_text()
    assert "channel=3" in tab.page.url
    assert tab.complaints == []


def test_small_heatmaps_are_one_picture(trouble_board, open_tab):
    tab = open_tab(trouble_board, "page=compare", "select=darker%0Ahealthy")
    panel = tab.frame.locator(".panel", has=tab.frame.locator(".multiple"))
    path, _ = tab.export(panel, "SVG")
    svg = path.read_text()

    assert svg.count("<image") == 2
    assert ">healthy</text>" in svg


def test_a_run_with_another_reference_is_marked(trouble_board, open_tab):
    tab = open_tab(trouble_board, "page=compare", "select=darker%0Atinted")
    tab.wait_for_text(".several h2", "Outputs at epoch")

    tab.wait_for_text(".runs tr:has-text('tinted')", "≠")
    tab.wait_for_text(".several .hint", "Dotted runs have other reference images.")


def test_best_epochs_are_marked_in_loss_against_drift(trouble_board, open_tab):
    tab = open_tab(trouble_board, "page=compare", "select=darker")
    panel = tab.frame.locator(".panel", has=tab.frame.locator("h2", has_text="Drift against loss"))
    rows = data_table(panel)

    drifts = [float(row[3]) for row in rows]
    losses = [float(row[2]) for row in rows]
    assert "loss" in rows[losses.index(min(losses))][4]
    assert "drift" in rows[drifts.index(min(drifts))][4]
