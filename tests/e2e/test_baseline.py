"""What the outputs are measured by: named where it is, and only once its scores are there."""

import re

import pytest

pytestmark = pytest.mark.browser


def choose(tab, label):
    tab.frame.locator("label", has_text="Baseline").locator("select").select_option(label=label)


def hold_scores(tab):
    """The requests of scores from now on, each waiting to be let go."""
    held = []

    def hold(call):  # Playwright wants a function of Python's own
        held.append(call)

    tab.page.route("**/plugin/mean_pixel/baseline_scores?*", hold)
    return held


def test_the_first_step_has_no_drift_from_itself(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker", "baseline=first", "step=0")
    tab.wait_for_text(".steps h2", "Drift from the first epoch")

    tab.wait_for_text(".reading", "as bright as the first epoch")
    tab.wait_for_text("table.numbers tr", re.compile(r"^\s*Drift\s*0\.000"))
    tab.wait_for_text(".steps h2", "Spread compared with the first epoch")
    legend = tab.frame.locator(".at-cursor .legend").first
    assert legend.inner_text().split() == ["outputs", "first", "epoch", "reference"]
    epochs, drifts, biases = zip(*tab.table(1), strict=True)
    assert (epochs[0], float(drifts[0]), float(biases[0])) == ("0", 0, 0)
    assert all(float(drift) > 0 for drift in drifts[1:])
    assert tab.complaints == []


def test_titles_name_the_baseline_of_the_scores_that_are_shown(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker", "step=10")
    tab.wait_for_text(".reading", "darker than the reference")
    titles = tab.frame.locator(".steps h2:visible")
    before = titles.all_inner_texts(), tab.numbers()
    held = hold_scores(tab)

    choose(tab, "first epoch")
    tab.page.wait_for_function("() => location.hash.includes('baseline=first')")
    while not held:
        tab.page.wait_for_timeout(20)

    assert (titles.all_inner_texts(), tab.numbers()) == before
    tab.wait_for_text(".reading", "darker than the reference")
    held.pop().continue_()
    tab.wait_for_text(".steps h2", "Drift from the first epoch")
    first = tab.numbers()
    assert first["Contrast"] != before[1]["Contrast"]

    # From one baseline to another, too.
    choose(tab, "epoch 10")
    while not held:
        tab.page.wait_for_timeout(20)
    assert tab.numbers() == first
    tab.wait_for_text(".reading", "than the first epoch")
    held.pop().continue_()
    tab.wait_for_text(".steps h2", "Drift from epoch 10")
    tab.wait_for_text(".reading", "as bright as epoch 10")
    choose(tab, "reference")
    tab.wait_for_text(".steps h2", "Drift from the reference")
    assert tab.numbers() == before[1]


def test_scores_are_never_those_of_another_run(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=darker", "baseline=first", "step=10")
    tab.wait_for_text(".steps h2", "Drift from the first epoch")
    held = hold_scores(tab)

    tab.frame.locator("button.run", has_text="healthy").click()
    while not held:
        tab.page.wait_for_timeout(20)

    tab.wait_for_text("h1", "healthy")
    tab.wait_for_text(".steps h2", "Drift from the reference")
    assert len(tab.table(1)) == 12


def test_a_run_with_another_reference_is_said_to_be_no_baseline(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=tinted", "baseline=run%20healthy", "step=10")

    tab.wait_for_text(
        ".note",
        "The histograms have other bins than the baseline's: "
        "outputs cannot be compared with healthy",
    )
    titles = tab.frame.locator(".steps h2:visible").all_inner_texts()
    assert not [title for title in titles if "healthy" in title]  # no chart without a line
    assert tab.text(".reading").startswith("Outputs have ")
    choose(tab, "reference")
    tab.frame.locator(".note").wait_for(state="detached")
    tab.wait_for_text(".steps h2", "Drift from the reference")
    assert tab.complaints == []
