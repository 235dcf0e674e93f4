"""How fast the page is on many long runs, against TensorBoard's own Histograms tab.

    python tests/benchmarks/page.py --runs 100 --epochs 1000

Prints markdown. Both tabs show the same histograms, in one browser, turn by turn; a figure is a
median of turns, and a ratio is of figures of one run. CHROMIUM is the browser's path.
"""

import argparse
import base64
import gzip
import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.histogram import metadata as histogram_metadata
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util

from tb_meanpixel import MeanPixelWriter

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "tests"))
from support.browser import launch  # noqa: E402
from support.servers import ProgramServer  # noqa: E402

BINS = 64
# What is on the screen before a tab is chosen. TensorBoard takes that away first, and most of its
# tabs list all runs at the side: to remove these costs whichever tab comes next the same. HParams
# lists none; Time Series is what TensorBoard itself opens with.
EMPTY = "hparams"
FIRST = "timeseries"
# Once the code runs in the frame; TensorBoard's own code is loaded before the clock starts.
OURS = """() => {
    const frame = document.querySelector("iframe[src*='name=mean_pixel']");
    const page = frame?.contentDocument;
    const charts = [...(page?.querySelectorAll(".chart") ?? [])].filter((chart) => {
        const box = chart.getBoundingClientRect();
        return box.height && box.top < frame.clientHeight;
    });
    const painted = (canvas) => canvas.width && new Uint32Array(canvas.getContext("2d")
        .getImageData(0, 0, canvas.width, canvas.height).data.buffer).some((value) => value);
    const rows = [...(page?.querySelectorAll(".runs tbody tr") ?? [])]
        .filter((row) => row.getBoundingClientRect().top < frame.clientHeight);
    return charts.length >= 3 && rows.length && rows.every((row) => row.querySelector(".spark"))
        && charts.every((chart) => painted(chart.querySelector("canvas")));
}"""
THEIRS = """() => {
    const within = (root, selector) => [...root.querySelectorAll("*")].flatMap((element) => [
        ...(element.matches(selector) ? [element] : []),
        ...(element.shadowRoot ? within(element.shadowRoot, selector) : []),
    ]);
    const charts = within(document, "vz-histogram-timeseries").filter((chart) => {
        const box = chart.getBoundingClientRect();
        return box.height && box.top < innerHeight;
    });
    const drawn = (path) => path.getAttribute("d")?.length > 50;
    return charts.length > 0
        && charts.every((chart) => within(chart.shadowRoot ?? chart, "path").some(drawn));
}"""
# When TensorBoard asks for our code, in ms of its own clock: no page of a plugin begins sooner.
BEGUN = """() => {
    const clock = document.querySelector("iframe[src*='name=mean_pixel']")
        ?.contentWindow.performance;
    const code = clock?.getEntriesByType("resource").find(({name}) => name.includes("/static/"));
    return code && clock.timeOrigin + code.startTime - performance.timeOrigin;
}"""
# All runs on one page: a small heatmap of each, below every other comparison.
OURS_ALL = """() => {
    const page = document.querySelector("iframe[src*='name=mean_pixel']")?.contentDocument;
    const images = [...(page?.querySelectorAll(".multiple img") ?? [])];
    return images.length === RUNS && images.every((image) => image.naturalWidth);
}"""
# Everything a move of the cursor costs within a frame: scripts, style, layout and painting.
MOVES = """async (count) => {
    const over = document.querySelector(".several .over");
    const box = over.getBoundingClientRect();
    const times = [];
    for (let i = 0; i < count; i++) {
        times.push(await new Promise((resolve) => requestAnimationFrame(() => {
            let start;
            requestAnimationFrame(() => { start = performance.now(); });
            over.dispatchEvent(new PointerEvent("pointermove", {
                clientX: box.left + box.width * ((i * 0.618) % 1), clientY: box.top + 20,
            }));
            requestAnimationFrame(() => {
                const { port1, port2 } = new MessageChannel();
                port1.onmessage = () => resolve(performance.now() - start);
                port2.postMessage(null);
            });
        })));
    }
    return times;
}"""


def write_logs(logs, runs, epochs):
    """One run of ours and the same outputs as TensorBoard's histograms, in `runs` copies."""
    random = np.random.default_rng(0)
    reference = random.beta(2, 3, (64, 8, 8, 1)).astype(np.float32)
    theirs = EventFileWriter(str(logs / "run_000"))
    with MeanPixelWriter(logs / "run_000") as writer:
        for epoch in range(epochs):
            output = reference * (0.6 + 0.4 * np.sin(epoch / epochs * 5)) + 0.02 * epoch / epochs
            writer.write(
                epoch,
                output=output,
                reference=reference if epoch == 0 else None,
                scalars={"loss": 2 / (epoch + 1)},
            )
            counts, edges = np.histogram(output.mean(axis=(1, 2, 3)), BINS, (0, 1))
            buckets = np.stack([edges[:-1], edges[1:], counts], axis=1)
            value = Summary.Value(tag="mean_pixels", tensor=tensor_util.make_tensor_proto(buckets))
            metadata = histogram_metadata.create_summary_metadata(None, None)
            value.metadata.CopyFrom(metadata)
            theirs.add_event(Event(step=epoch, wall_time=epoch, summary=Summary(value=[value])))
    theirs.close()
    for run in range(1, runs):
        shutil.copytree(logs / "run_000", logs / f"run_{run:03d}")


def open_tab(browser, board, tab, painted, before=EMPTY):
    """Seconds from choosing a tab to all of its visible charts painted, and till our code is
    asked for; and the page. Looking whether they are painted costs time too: it is left out."""
    page = browser.new_context(viewport={"width": 1600, "height": 1000}).new_page()
    page.goto(f"{board.url}/#{before}")
    page.locator("mat-icon").first.wait_for()
    page.wait_for_load_state("networkidle")
    seconds = page.evaluate(
        f"""async () => {{
            const painted = {painted};
            const start = performance.now();
            let looking = 0;
            const look = () => {{
                const began = performance.now();
                const found = painted();
                looking += performance.now() - began;
                return found;
            }};
            location.hash = "{tab}";
            while (!look()) await new Promise(requestAnimationFrame);
            const seconds = (performance.now() - start - looking) / 1000;
            return [seconds, (({BEGUN})() - start) / 1000];
        }}"""
    )
    return *seconds, page


def all_ticked(runs):
    """Of more than 40 runs TensorBoard ticks none by itself: the part of the address that does."""
    ticks = json.dumps({f"run_{run:03d}": True for run in range(runs)})
    return "runSelectionState=" + base64.b64encode(ticks.encode()).decode().rstrip("=")


def frame_of(page):
    return next(frame for frame in page.frames if "name=mean_pixel" in frame.url)


def heap_of(page):
    """Megabytes of JavaScript objects in use after a collection, TensorBoard's included."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    return metrics["JSHeapUsedSize"] / 1e6


def measure(browser, board, runs, turns):
    """Seconds of each way to open a tab, and till our code is asked for; megabytes of heaps;
    milliseconds of moves."""
    ours = ("mean_pixel", OURS)
    theirs = (f"histograms&{all_ticked(runs)}", THEIRS)
    compare = "mean_pixel&p.mean_pixel.page=compare"
    ways = {
        "ours": (*ours, EMPTY),
        "theirs": (*theirs, EMPTY),
        "ours, from the first tab": (*ours, FIRST),
        "theirs, from the first tab": (*theirs, FIRST),
        "ours, all": (compare, OURS_ALL.replace("RUNS", str(runs)), EMPTY),
    }
    seconds, heaps, moves = {way: [] for way in [*ways, "begun"]}, {}, []
    for _ in range(turns):
        for way, (tab, painted, before) in ways.items():
            taken, begun, page = open_tab(browser, board, tab, painted, before)
            seconds[way].append(taken)
            if way == "ours":
                seconds["begun"].append(begun)
            if before == EMPTY:
                heaps[way] = heap_of(page)
            if way == "ours, all":
                frame_of(page).evaluate(MOVES, 10)
                moves.extend(frame_of(page).evaluate(MOVES, 40))
            page.context.close()
    return {way: statistics.median(taken) for way, taken in seconds.items()}, heaps, moves


def report(seconds, heaps, moves):
    print("| what | ours | Histograms tab | ratio |\n| --- | --- | --- | --- |")
    for way, what in {
        "": "visible charts painted, s",
        ", from the first tab": "the same from Time Series, which is taken off the screen first, s",
    }.items():
        ours, theirs = seconds[f"ours{way}"], seconds[f"theirs{way}"]
        print(f"| {what} | {ours:.2f} | {theirs:.2f} | {ours / theirs:.2f} |")
    print(f"| of the first, before our code is asked for, s | {seconds['begun']:.2f} | | |")
    print(f"| all runs compared on one page, s | {seconds['ours, all']:.2f} | | |")
    for way, megabytes in heaps.items():
        print(f"| JavaScript heap, {way}, MB | {megabytes:.0f} | | |")
    slow = statistics.quantiles(moves, n=20)[-1]
    print(f"| cursor move, ms (95 %) | {statistics.median(moves):.1f} ({slow:.1f}) | | |")
    bundle = (REPOSITORY / "tb_meanpixel" / "static" / "index.js").read_bytes()
    print(f"| bundle, kB gzipped | {len(gzip.compress(bundle, 9)) / 1000:.1f} | | |")


def is_read(found, arguments):
    """Whether every run is listed with its last epoch: first it is listed without a stream."""
    last_steps = [stream["steps"]["last"] for run in found for stream in run["streams"]]
    return last_steps == [arguments.epochs - 1] * arguments.runs


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        logs = Path(directory)
        write_logs(logs, arguments.runs, arguments.epochs)
        board = ProgramServer(logs)
        try:
            board.wait_for(lambda found: is_read(found, arguments), seconds=600)
            browser = launch(playwright, arguments.chromium)
            print(f"### {arguments.runs} runs of {arguments.epochs} epochs\n")
            report(*measure(browser, board, arguments.runs, arguments.turns))
        finally:
            board.stop()


if __name__ == "__main__":
    main()
