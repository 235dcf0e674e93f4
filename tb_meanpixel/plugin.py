"""The TensorBoard plugin: its loader, and its routes; no data logic.

TensorBoard imports this module when it starts. It must import no TensorFlow,
and an exception here would stop TensorBoard itself.
"""

from __future__ import annotations

import argparse
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tensorboard import plugin_util, version
from tensorboard.plugins import base_plugin
from werkzeug import wrappers

from tb_meanpixel import answers, metadata
from tb_meanpixel.answers import Answer
from tb_meanpixel.cache import Cache
from tb_meanpixel.query import Query
from tb_meanpixel.reader import Reader
from tb_meanpixel.responses import Response, file_hash, refuse, respond, respond_file

_log = logging.getLogger("tb_meanpixel")

OLDEST_TENSORBOARD = (2, 16)
_BUNDLE = Path(__file__).parent / "static" / "index.js"


class MeanPixelLoader(base_plugin.TBLoader):
    """What the entry point names: adjusts TensorBoard's flags, then loads the plugin."""

    def fix_flags(self, flags: argparse.Namespace) -> None:
        """Keep every step of ours: TensorBoard would thin them to 10 without a word.

        `--samples_per_plugin mean_pixel=N` still has the last say.
        """
        flags.samples_per_plugin.setdefault(metadata.PLUGIN_NAME, 0)

    def load(self, context: base_plugin.TBContext) -> MeanPixelPlugin | None:
        """The plugin, or None with a warning where TensorBoard is too old for it."""
        found = tuple(int(number) for number in re.findall(r"\d+", version.VERSION)[:2])
        if found < OLDEST_TENSORBOARD or context.data_provider is None:
            _log.warning(
                "Mean Pixel needs TensorBoard %s or newer and is not shown; this is %s. "
                "Type: pip install --upgrade tensorboard",
                ".".join(map(str, OLDEST_TENSORBOARD)),
                version.VERSION,
            )
            return None
        return MeanPixelPlugin(context)


class MeanPixelPlugin(base_plugin.TBPlugin):
    """Serves the tab and its data; the routes are described in http_api.md."""

    plugin_name = metadata.PLUGIN_NAME

    def __init__(self, context: base_plugin.TBContext) -> None:
        self._provider = context.data_provider
        self._cache = Cache()

    def get_plugin_apps(self) -> dict[str, Callable[..., Any]]:
        return {
            "/static/index.js": _application(self._bundle),
            "/trainings": self._route(answers.trainings),
            "/scalars": self._route(answers.scalars),
            "/histograms": self._route(answers.histograms),
            "/drift": self._route(answers.drift),
            "/findings": self._route(answers.findings),
            "/mean_images": self._route(answers.mean_images),
            "/mean_image.png": self._route(answers.mean_image_png),
            "/export": self._route(answers.exported),
        }

    def is_active(self) -> bool:
        """TensorBoard itself finds out that data with our name exists."""
        return False

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        # By its hash a browser may keep the page until there is another one.
        path = f"/static/index.js?{file_hash(_BUNDLE)}"
        return base_plugin.FrontendMetadata(es_module_path=path, tab_name="Mean Pixel")

    def _bundle(self, request: wrappers.Request) -> Response:
        return respond_file(request, _BUNDLE, "text/javascript")

    def _route(self, answer: Callable[[Reader, Query], Answer]) -> Callable[..., Any]:
        """A route that answers from what TensorBoard has read."""

        def route(request: wrappers.Request) -> Response:
            reader = Reader(
                self._provider,
                plugin_util.context(request.environ),
                plugin_util.experiment_id(request.environ),
                self._cache,
            )
            return respond(request, answer(reader, Query(request.args)))

        return _application(route)


def _application(route: Callable[[wrappers.Request], Response]) -> Callable[..., Any]:
    """A WSGI application for GET and HEAD."""
    application: Callable[..., Any] = wrappers.Request.application(
        lambda request: refuse(request) or route(request)
    )
    return application
