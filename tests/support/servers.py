"""TensorBoards on a socket, for a browser: in this process, or started as a user does."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from typing import ClassVar

from tensorboard import default, program
from tensorboard.plugins import base_plugin

# TensorBoard's flags for a log directory that is complete, and for one that `reload` follows.
COMPLETE = ["--reload_interval=0"]
FOLLOWED = ["--load_fast=false", "--reload_task=blocking", "--reload_interval=0"]


class Server:
    """A TensorBoard that has our plugin: `url` is where it answers."""

    url: str
    flags: ClassVar[list[str]] = []  # where there is no reason for others

    def get(self, route):
        """What a route of the plugin answers, as JSON."""
        with urllib.request.urlopen(f"{self.url}/data/plugin/mean_pixel/{route}") as answer:
            return json.load(answer)

    def wait_for(self, condition, seconds=120):
        """Wait until `condition(runs)` holds of what the plugin lists."""
        deadline, runs = time.monotonic() + seconds, None
        while time.monotonic() < deadline:
            try:
                runs = self.get("runs")["runs"]
            except (urllib.error.URLError, ConnectionError):
                self.check()
            if runs is not None and condition(runs):
                return runs
            time.sleep(0.05)
        raise TimeoutError(f"not so in {seconds} s; last seen: {runs}")

    def check(self):
        """Raise if it will never answer."""


class LocalServer(Server):
    """What `tensorboard --logdir` starts, in this process: there in a third of a second."""

    flags = FOLLOWED

    def __init__(self, log_dir, *flags):
        servers = []

        class Werkzeug(program.WerkzeugServer):
            def __init__(self, app, flags):
                super().__init__(app, flags)
                servers.append(self)

        catcher = _ContextCatcher()
        # Holds the data server: TensorBoard ends it when this object goes.
        self._tensorboard = program.TensorBoard(
            plugins=[*default.get_plugins(), catcher], server_class=Werkzeug
        )
        arguments = [f"--logdir={log_dir}", "--host=127.0.0.1", "--port=0"]
        self._tensorboard.configure(["tensorboard", *arguments, *flags])
        self.url = self._tensorboard.launch().rstrip("/")
        [self._server] = servers
        self._log_dir, self._multiplexer = str(log_dir), catcher.context.multiplexer

    def reload(self):
        """Read what was written since, as the thread of the Python loader does."""
        self._multiplexer.AddRunsFromDirectory(self._log_dir)
        self._multiplexer.Reload()

    def stop(self):
        """End it, once: nothing answers there any more."""
        if self._tensorboard:
            self._server.shutdown()
            self._server.server_close()
            self._tensorboard = None


class _ContextCatcher(base_plugin.TBLoader):
    """A plugin that is none: TensorBoard shows it what it shows every plugin."""

    def load(self, context):
        self.context = context


class ProgramServer(Server):
    """The program `tensorboard`, in a process of its own; it looks for news every second."""

    def __init__(self, log_dir, *flags):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        arguments = ["--logdir", log_dir, "--port", port, "--reload_interval", 1, *flags]
        self._process = subprocess.Popen(
            [shutil.which("tensorboard"), *map(str, arguments)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        )

    def check(self):
        assert self._process.poll() is None, "tensorboard has ended"

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
