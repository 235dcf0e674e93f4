"""A real TensorBoard on the demo's logs, and a real Chromium that looks at it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from support import trouble

REPOSITORY = Path(__file__).parents[2]
# Headless, as root, and without calls to anybody's servers.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# TensorBoard allows `eval` for the sake of another plugin; ours must do without it.
STRICT = (
    "from tensorboard.backend import http_util; http_util._CSP_SCRIPT_UNSAFE_EVAL = False; "
    "from tensorboard.main import run_main; run_main()"
)


class TensorBoard:
    """A `tensorboard --logdir` of its own on a free port."""

    def __init__(self, log_dir, *arguments, strict=False):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-c", STRICT] if strict else [shutil.which("tensorboard")]
        flags = ["--logdir", log_dir, "--port", port, "--reload_interval", 1, *arguments]
        self.process = subprocess.Popen(
            [*command, *map(str, flags)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        )

    def wait_for(self, condition, seconds=120):
        """Wait until `condition(trainings)` holds of what the plugin lists."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "tensorboard has ended"
            try:
                trainings = self.get("trainings")["trainings"]
            except (urllib.error.URLError, ConnectionError):
                trainings = None
            if trainings is not None and condition(trainings):
                return trainings
            time.sleep(0.2)
        raise TimeoutError(f"not so in {seconds} s; last seen: {trainings}")

    def get(self, route):
        with urllib.request.urlopen(f"{self.url}/data/plugin/mean_pixel/{route}") as answer:
            return json.load(answer)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


@pytest.fixture(scope="session")
def demo_logs(tmp_path_factory):
    """Logs of two short trainings of the demo, grey and colour."""
    logs = tmp_path_factory.mktemp("demo") / "logs"
    for data, epochs in (("digits", 6), ("photos", 2)):
        command = [sys.executable, REPOSITORY / "demo" / "train.py", "--data", data]
        command += ["--epochs", str(epochs), "--log-dir", logs / f"vae-{data}"]
        subprocess.run(command, check=True, capture_output=True, cwd=logs.parent)
    return logs


@pytest.fixture
def start_tensorboard():
    """A function that starts a `TensorBoard`; all of them end with the test."""
    started = []

    def start(*arguments, **options):
        started.append(TensorBoard(*arguments, **options))
        return started[-1]

    yield start
    for tensorboard in started:
        tensorboard.stop()


@pytest.fixture(scope="session")
def demo_board(demo_logs):
    board = TensorBoard(demo_logs)
    board.wait_for(lambda trainings: len(trainings) == 2)
    yield board
    board.stop()


@pytest.fixture(scope="session")
def trouble_board(tmp_path_factory):
    """Small trainings with one trouble each, see trouble.py."""
    logs = tmp_path_factory.mktemp("trouble") / "logs"
    trouble.write_all(logs)
    board = TensorBoard(logs)
    board.wait_for(lambda trainings: len(trainings) == 8)
    yield board
    board.stop()


@pytest.fixture(scope="session")
def timed_board(tmp_path_factory):
    """Trainings that took seconds, minutes, days and weeks, see trouble.py."""
    logs = tmp_path_factory.mktemp("timed") / "logs"
    trouble.write_timed(logs)
    board = TensorBoard(logs)
    board.wait_for(lambda trainings: len(trainings) == len(trouble.PACES))
    yield board
    board.stop()


@pytest.fixture(scope="session")
def chromium():
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "The browser tests need Chromium: run `make chromium`, or set CHROMIUM to its path"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe():
    """The script that checks a page for accessibility, to be run in it."""
    path = REPOSITORY / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
    return path.read_text()


def complaint(message):
    """What the console says against our page; TensorBoard's own troubles are not ours."""
    ours = "mean_pixel" in message.location["url"] or "Content Security Policy" in message.text
    return [message.text] if message.type == "error" and ours else []


class Tab:
    """Our tab in a TensorBoard, as a user has it before them."""

    def __init__(self, page):
        self.page = page
        self.frame = page.frame_locator("iframe[src*='name=mean_pixel']")

    def text(self, selector):
        return self.frame.locator(selector).first.inner_text()

    def numbers(self):
        """The table of numbers at the cursor: name -> text."""
        rows = self.frame.locator("table.numbers tr").all()
        return {row.locator("th").inner_text(): row.locator("td").inner_text() for row in rows}

    def wait_for_text(self, selector, text):
        self.frame.locator(selector, has_text=text).first.wait_for(timeout=30_000)

    @property
    def inner(self):
        """The page's own frame, to run scripts in."""
        return next(f for f in self.page.frames if "name=mean_pixel" in f.url)

    def epoch_place(self, step, panel=0):
        """Where an epoch is in a chart over epochs, in pixels of the window."""
        over = self.frame.locator(".steps .panel:not([hidden]) .over").nth(panel)
        box = over.bounding_box()
        domain = self.steps()
        part = (step - domain[0] + 0.5) / (domain[-1] - domain[0] + 1)
        return box["x"] + box["width"] * part, box["y"] + box["height"] / 2

    def epochs(self):
        """The recorded epochs as the table of the first chart has them."""
        return [int(float(row[0])) for row in self.table(0)]

    def table(self, panel=0):
        """Rows of the table twin of a chart over epochs."""
        section = self.frame.locator(".steps .panel:not([hidden])").nth(panel)
        if not section.locator(".twin").count():
            section.locator(".take summary").click()
            section.locator("button", has_text="Table of the numbers").click()
            section.locator(".twin").wait_for()
        rows = section.locator(".twin tbody").inner_text().splitlines()
        return [row.split("\t") for row in rows]

    def wait_for_epoch(self, epoch):
        self.frame.locator(".epoch-text", has_text=f"epoch {epoch} of").wait_for(timeout=30_000)


@pytest.fixture
def open_tab(chromium):
    """A function that opens our tab: `open_tab(board, "epoch=3", query="darkMode=true")`.

    An exception that the page does not catch fails the test, whatever that is about.
    """
    contexts = []
    complaints, uncaught = [], []

    def open_(board, *parameters, query="", prefix="", size=(1440, 1000), **options):
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, accept_downloads=True, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: uncaught.append(f"{error}\n{error.stack}"))
        page.on("console", lambda message: complaints.extend(complaint(message)))
        fragment = "&".join(["mean_pixel", *(f"p.mean_pixel.{p}" for p in parameters)])
        page.goto(f"{board.url}{prefix}/?{query}#{fragment}")
        tab = Tab(page)
        tab.complaints = complaints
        tab.frame.locator(".app").wait_for(timeout=60_000)
        return tab

    yield open_
    for context in contexts:
        context.close()
    assert uncaught == []
