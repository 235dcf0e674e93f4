import contextlib
import os

# Before TensorFlow is imported: its greetings are no news.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import hypothesis
import pytest
from support.boards import LOADERS, Board

# Derandomised: a change is judged by what it changes. To search for new examples type
# `pytest --hypothesis-profile=explore`.
hypothesis.settings.register_profile("usual", max_examples=60, deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", max_examples=1000, deadline=None)
hypothesis.settings.load_profile("usual")


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
