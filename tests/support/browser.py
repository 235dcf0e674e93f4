"""A real Chromium, and our tab in it."""

import os
import re
import shutil

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
TIMEOUT_MS = 30_000
FRAME = "iframe[src*='name=mean_pixel']"
# The menu of a panel.
EXPORT = "summary[aria-label^='Export']"
# Ends the page in our frame, forgets what the browser keeps for it, and starts it at an address.
BLANK = """async (frame, forget) => {
    document.activeElement?.blur();
    await new Promise((resolve) => {
        frame.addEventListener("load", resolve, { once: true });
        frame.contentWindow.location.replace("about:blank");
    });
    if (forget) localStorage.clear();
}"""
START = """(frame, fragment) => {
    location.hash = fragment;
    frame.contentWindow.location.replace(frame.src);
}"""


def launch(playwright, path=None):
    """Chromium at a path, or wherever it is."""
    path = path or os.environ.get("CHROMIUM") or shutil.which("chromium")
    path = path or shutil.which("google-chrome")
    assert path, "The browser tests need Chromium: run `make chromium`, or set CHROMIUM to its path"
    return playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)


def fragment(parameters):
    """The part of an address that chooses our tab and what it shows: `["run=vae", "step=3"]`."""
    return "&".join(["mean_pixel", *(f"p.mean_pixel.{parameter}" for parameter in parameters)])


class Tab:
    """Our tab in a TensorBoard, as a user has it before them."""

    def __init__(self, page):
        self.page = page
        page.set_default_timeout(TIMEOUT_MS)
        self.frame = page.frame_locator(FRAME)
        self.complaints = []  # of the console
        self.uncaught = []  # exceptions, whatever they are about
        page.on("pageerror", lambda error: self.uncaught.append(f"{error}\n{error.stack}"))
        page.on("console", lambda message: self.complaints.extend(_complaint(message)))

    def start(self, parameters, forget=True):
        """Show this as on a first visit, or on a second one: in the TensorBoard that is open."""
        self.page.unroute_all(behavior="ignoreErrors")
        self.page.mouse.up()
        self.page.mouse.move(0, 0)
        frame = self.page.locator(FRAME)
        frame.evaluate(BLANK, forget)
        self.complaints.clear()
        frame.evaluate(START, fragment(parameters))

    def reload(self):
        """Load our page anew, and keep all that it is about."""
        self.inner.evaluate("location.reload()")

    def go(self, *parameters):
        """Change the address of the page that is open, as whoever follows a link within it."""
        self.page.evaluate("(fragment) => { location.hash = fragment; }", fragment(parameters))

    def text(self, selector):
        return self.frame.locator(selector).first.inner_text()

    def numbers(self):
        """The table of numbers at the cursor: name -> text."""
        rows = self.frame.locator("table.numbers tr").all()
        return {row.locator("th").inner_text(): row.locator("td").inner_text() for row in rows}

    def wait_for_text(self, selector, text):
        self.frame.locator(selector, has_text=text).first.wait_for()

    @property
    def inner(self):
        """The page's own frame, to run scripts in."""
        return next(f for f in self.page.frames if "name=mean_pixel" in f.url)

    def chart_panels(self):
        """The panels over steps that are in sight."""
        return self.frame.locator(".steps .panel:not([hidden])")

    def step_place(self, step, panel=0):
        """Where a step is in a chart over steps, in pixels of the window."""
        over = self.chart_panels().locator(".over").nth(panel)
        box = over.bounding_box()
        steps = [int(float(row[0])) for row in self.table(0)]
        part = (step - steps[0] + 0.5) / (steps[-1] - steps[0] + 1)
        return box["x"] + box["width"] * part, box["y"] + box["height"] / 2

    def table(self, panel=0):
        """Rows of the data table of a chart over steps."""
        return data_table(self.chart_panels().nth(panel))

    def export(self, panel, what):
        """Download something by the menu of a panel: the path of the file, and its name."""
        panel.locator(EXPORT).click()
        with self.page.expect_download() as download:
            panel.locator("details button", has_text=what).click()
        return download.value.path(), download.value.suggested_filename

    def wait_for_step(self, step):
        self.frame.locator(".player", has_text=re.compile(rf"epoch {step}\b")).wait_for()


def data_table(panel):
    """Rows of the data table of a panel, which its menu opens."""
    rows = panel.locator("table", has=panel.page.locator("caption")).locator("tbody")
    if not rows.count():
        panel.locator(EXPORT).click()
        panel.locator("button", has_text="Table of the numbers").click()
    lines = rows.inner_text().splitlines()
    return [line.split("\t") for line in lines]


def _complaint(message):
    """What the console says against our page; TensorBoard's own troubles are not ours."""
    ours = "mean_pixel" in message.location["url"] or "Content Security Policy" in message.text
    return [message.text] if message.type == "error" and ours else []
