"""Real TensorBoards, and a real Chromium that looks at them."""

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from support import trouble
from support.browser import Tab, fragment, launch
from support.servers import COMPLETE, LocalServer

REPOSITORY = Path(__file__).parents[2]


def board_of(tmp_path_factory, name, write, runs):
    """A TensorBoard on what `write` wrote, for all tests of a worker."""
    logs = tmp_path_factory.mktemp(name) / "logs"
    write(logs)
    board = LocalServer(logs, *COMPLETE)
    board.wait_for(lambda found: len(found) == runs)
    board.is_shared = True
    return board


@pytest.fixture(scope="session")
def two_board(tmp_path_factory):
    """Two runs of VAEs as Keras leaves them, grey and colour, see trouble.py."""
    board = board_of(tmp_path_factory, "two", trouble.write_two, 2)
    yield board
    board.stop()


@pytest.fixture(scope="session")
def trouble_board(tmp_path_factory):
    """Small runs with one trouble each, see trouble.py."""
    board = board_of(tmp_path_factory, "trouble", trouble.write_all, 8)
    yield board
    board.stop()


@pytest.fixture(scope="session")
def timed_board(tmp_path_factory):
    """Runs that took seconds, minutes, days and weeks, see trouble.py."""
    board = board_of(tmp_path_factory, "timed", trouble.write_timed, len(trouble.PACES))
    yield board
    board.stop()


@pytest.fixture
def start_board(request):
    """A function that starts a TensorBoard for this test alone, by default one to be reloaded."""

    def start(log_dir, *flags, kind=LocalServer):
        board = kind(log_dir, *(flags or kind.flags))
        board.is_shared = False
        request.addfinalizer(board.stop)
        return board

    return start


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe():
    """The script that checks a page for accessibility, to be run in it."""
    path = REPOSITORY / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
    return path.read_text()


def load(chromium, board, parameters, query, **options):
    """A window of its own with TensorBoard in it, and our tab in front."""
    tab = Tab(chromium.new_context(accept_downloads=True, **options).new_page())
    tab.page.goto(f"{board.url}/?{query}#{fragment(parameters)}")
    return tab


@pytest.fixture(scope="session")
def windows():
    """Tabs that are open, by what cannot be changed in them; see `open_tab`."""
    return {}


@pytest.fixture
def open_tab(chromium, windows):
    """A function that opens our tab: `open_tab(board, "run=a", "step=3", query="darkMode=true")`.

    TensorBoard itself takes seconds to load. So its window stays open for tests of the same board,
    and only our page within it is loaded anew, as for a first visit. Tests that change TensorBoard,
    or that are about loading, open a window of their own: `own=True`.

    An exception that the page does not catch fails the test, whatever that is about.
    """
    opened, contexts = [], []

    def open_(board, *parameters, query="", size=(1440, 1000), own=False, **options):
        view = {"width": size[0], "height": size[1]}
        key = (board.url, query)
        if own or options or not board.is_shared:
            tab = load(chromium, board, parameters, query, viewport=view, **options)
            contexts.append(tab.page.context)
        elif key in windows:
            tab = windows[key]
            tab.page.set_viewport_size(view)
            tab.start(parameters)
        else:
            tab = windows[key] = load(chromium, board, parameters, query, viewport=view)
        opened.append(tab)
        tab.frame.locator(".app").wait_for(timeout=60_000)
        return tab

    yield open_
    for context in contexts:
        context.close()
    uncaught = [error for tab in opened for error in tab.uncaught]
    for tab in opened:
        tab.uncaught.clear()
    assert uncaught == []
