"""What is shown when there is little to show, or something fails."""

import shutil
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from support import trouble
from support.servers import COMPLETE

pytestmark = pytest.mark.browser


def test_without_a_loss_the_page_says_so(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=lossless")

    tab.wait_for_text(".hint", "No loss was written beside these images")
    assert tab.complaints == []


def test_one_epoch_is_shown_as_points(trouble_board, open_tab):
    tab = open_tab(trouble_board, "run=once")

    tab.wait_for_text(".facts", "1 epoch")
    tab.wait_for_text(".at-cursor h2", "Epoch 0")
    assert not tab.frame.locator(".player").is_visible()
    assert tab.complaints == []


def _choose_another(tab):
    tab.frame.locator("button.run", has_text="darker").click()


@pytest.mark.parametrize(
    "route, act, then",
    [
        ("opening", lambda tab: tab.reload(), "12 epochs"),
        ("findings", lambda tab: tab.reload(), "12 epochs"),
        ("mean_images", lambda tab: tab.reload(), "12 epochs"),
        ("runs", lambda tab: tab.page.locator("button.reload-button").click(), "12 epochs"),
        ("histograms", _choose_another, "16 epochs"),
        ("scalars", _choose_another, "16 epochs"),
    ],
)
def test_a_route_that_fails_is_named_and_can_be_tried_again(
    trouble_board, open_tab, route, act, then
):
    tab = open_tab(trouble_board, "run=healthy")
    tab.wait_for_text(".facts", "12 epochs")
    fire = {"status": 500, "content_type": "text/plain", "body": "The disk is on fire"}
    fail = lambda call: call.fulfill(**fire)  # noqa: E731
    tab.page.route(f"**/mean_pixel/{route}*", fail)
    act(tab)

    tab.wait_for_text(".notice", "The disk is on fire (500 from " + route)
    tab.page.unroute(f"**/mean_pixel/{route}*")
    # At once and without aim: what else was on its way may have mended it by now.
    tab.inner.evaluate("document.querySelector('[data-key=retry]')?.click()")

    tab.frame.locator(".notice").wait_for(state="hidden")
    tab.wait_for_text(".facts", then)


def test_a_run_that_vanished_is_said_to_have(tmp_path, start_board, open_tab):
    trouble.write(tmp_path / "stays", (3, trouble.blurred))
    trouble.write(tmp_path / "goes", (3, trouble.blurred))
    board = start_board(tmp_path)
    board.wait_for(lambda runs: len(runs) == 2)
    tab = open_tab(board, "run=goes")
    tab.wait_for_text("h1", "goes")

    shutil.rmtree(tmp_path / "goes")
    board.reload()
    board.wait_for(lambda runs: len(runs) == 1)
    tab.page.locator("button.reload-button").click()

    tab.wait_for_text(".notice", "There is no run “goes” any more; this is “stays”")
    tab.wait_for_text("h1", "stays")


def test_it_works_inside_a_frame_of_another_page(trouble_board, chromium, tmp_path):
    link = f"{trouble_board.url}/#mean_pixel&p.mean_pixel.run=darker"
    notebook = f"<iframe src='{link}' width=1200 height=800></iframe>"
    (tmp_path / "notebook.html").write_text(notebook)
    handler = partial(SimpleHTTPRequestHandler, directory=tmp_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    page = chromium.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/notebook.html")
    outer = page.frame_locator("iframe")
    tab = outer.frame_locator("iframe[src*='name=mean_pixel']")

    tab.locator(".facts", has_text="16 epochs").wait_for(timeout=30_000)
    tab.locator(".steps .chart:visible").first.focus()
    page.keyboard.press("Home")
    tab.locator(".at-cursor h2", has_text="Epoch 0").first.wait_for()
    page.close()
    server.shutdown()
    server.server_close()


def test_several_log_directories_are_told_apart(tmp_path, start_board, open_tab):
    for name in ("a", "b"):
        trouble.write(tmp_path / name / "vae", (2, trouble.blurred))
    directories = f"x:{tmp_path / 'a'},y:{tmp_path / 'b'}"
    board = start_board("", f"--logdir_spec={directories}", *COMPLETE)
    board.wait_for(lambda runs: len(runs) == 2)
    tab = open_tab(board)

    tab.wait_for_text(".runs", "x/vae")
    tab.wait_for_text(".runs", "y/vae")
