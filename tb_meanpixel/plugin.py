"""The TensorBoard plugin: its loader, and its routes; no data logic.

TensorBoard imports this module when it starts. It must import no TensorFlow,
and an exception here would stop TensorBoard itself.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensorboard import plugin_util, version
from tensorboard.plugins import base_plugin
from werkzeug import wrappers

from tb_meanpixel.schema import metadata
from tb_meanpixel.serving.reading.cache import Cache

if TYPE_CHECKING:
    from tb_meanpixel.serving.answers.query import Query
    from tb_meanpixel.serving.encoding.answer import Answer
    from tb_meanpixel.serving.encoding.responses import Bodies
    from tb_meanpixel.serving.reading.reader import Reader

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
    """Serves the tab and its data; the routes are described in docs/http_api.md."""

    plugin_name = metadata.PLUGIN_NAME

    def __init__(self, context: base_plugin.TBContext) -> None:
        self._provider = context.data_provider
        self._cache = Cache()

    def get_plugin_apps(self) -> dict[str, Callable[..., Any]]:
        return {
            "/static/index.js": _application(self._bundle),
            "/opening": self._route("opening.opening"),
            "/overview": self._route("routes.overview"),
            "/runs": self._route("routes.runs"),
            "/scalars": self._route("routes.scalars"),
            "/histograms": self._route("routes.histograms"),
            "/baseline_scores": self._route("routes.baseline_scores"),
            "/findings": self._route("routes.findings"),
            "/mean_images": self._route("mean_images.mean_images"),
            "/mean_image.png": self._route("mean_images.mean_image_png"),
            "/export": self._route("routes.exported"),
        }

    def is_active(self) -> bool:
        """TensorBoard itself finds out that data with our name exists."""
        return False

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        from tb_meanpixel.serving.encoding.responses import content_hash

        # By its hash a browser may keep the page until there is another one.
        path = f"/static/index.js?{content_hash(_BUNDLE.read_bytes())}"
        return base_plugin.FrontendMetadata(es_module_path=path, tab_name="Mean Pixel")

    @functools.cached_property
    def _bodies(self) -> Bodies:
        from tb_meanpixel.serving.encoding.responses import Bodies

        return Bodies()

    def _bundle(self, request: wrappers.Request) -> wrappers.Response:
        from tb_meanpixel.serving.encoding.responses import respond_file

        return respond_file(request, _BUNDLE.read_bytes(), "text/javascript", self._bodies)

    def _route(self, name: str) -> Callable[..., Any]:
        """A route that answers from what TensorBoard has read: the function `name`."""

        def route(request: wrappers.Request) -> wrappers.Response:
            # With the first request: a TensorBoard that starts has other things to do.
            from tb_meanpixel.serving.answers.query import Query
            from tb_meanpixel.serving.encoding.responses import respond
            from tb_meanpixel.serving.reading.reader import Reader

            reader = Reader(
                self._provider,
                plugin_util.context(request.environ),
                plugin_util.experiment_id(request.environ),
                self._cache,
            )
            return respond(request, _answer(name)(reader, Query(request.args)), self._bodies)

        return _application(route)


def _answer(name: str) -> Callable[[Reader, Query], Answer]:
    module, _, function = name.partition(".")
    found: Callable[[Reader, Query], Answer] = getattr(
        importlib.import_module(f"tb_meanpixel.serving.answers.{module}"), function
    )
    return found


def _application(route: Callable[[wrappers.Request], wrappers.Response]) -> Callable[..., Any]:
    """A WSGI application for GET and HEAD."""

    def respond(request: wrappers.Request) -> wrappers.Response:
        from tb_meanpixel.serving.encoding.responses import refuse

        return refuse(request) or route(request)

    application: Callable[..., Any] = wrappers.Request.application(respond)
    return application
