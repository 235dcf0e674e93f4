import contextlib
import os

# Before TensorFlow is imported: its greetings are no news.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import hypothesis
import pytest
from support import versions
from support.boards import LOADERS, Board

# Derandomised: a change is judged by what it changes. To search for new examples type
# `pytest --hypothesis-profile=explore`.
hypothesis.settings.register_profile("usual", max_examples=60, deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", max_examples=1000, deadline=None)
hypothesis.settings.load_profile("usual")


def pytest_report_header():
    return ", ".join(f"{name} {version}" for name, version in versions.versions().items())


def pytest_terminal_summary(terminalreporter):
    """Keep what was run, for scripts/compatibility: TB_MEANPIXEL_RAN=FILE:NAME."""
    if ran := os.environ.get("TB_MEANPIXEL_RAN"):
        path, _, name = ran.rpartition(":")
        counts = [len(terminalreporter.stats.get(kind, [])) for kind in ("passed", "failed")]
        versions.keep(path, name, *counts)


@pytest.fixture(scope="module", params=LOADERS)
def loader(request):
    """Both ways in which TensorBoard reads event files: its data server, and Python."""
    return request.param


@pytest.fixture(scope="module")
def serve():
    """Start TensorBoards that end with the module: `serve(logdir, loader, *flags)`."""
    with contextlib.ExitStack() as started:

        def start(logdir, loader="fast", *flags):
            return started.enter_context(contextlib.closing(Board(logdir, loader, *flags)))

        yield start
