"""TensorBoard's entry point: a loader, and the table of routes.

TensorBoard imports this module when it starts. So it imports no TensorFlow, the answers are
imported with the first request, and no exception here may stop TensorBoard.
"""

from __future__ import annotations

import argparse
import functools
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensorboard import plugin_util, version
from tensorboard.plugins import base_plugin
from werkzeug import wrappers

from tb_meanpixel.schema.metadata import PLUGIN_NAME, SAMPLES_KEPT, SAMPLES_PLUGIN_NAME
from tb_meanpixel.serving.reading.cache import Cache
from tb_meanpixel.tensorboard_private import OLDEST_TENSORBOARD

if TYPE_CHECKING:
    from tb_meanpixel.serving.encoding.responses import Bodies

_log = logging.getLogger("tb_meanpixel")

_MARKDOWN = "text/markdown; charset=utf-8"
_BUNDLE = Path(__file__).parent / "static" / "index.js"

# As in serving/answers/routes.py, whose import would take TensorBoard's time when it starts.
_ROUTES = (
    "opening",
    "overview",
    "runs",
    "scalars",
    "histograms",
    "baseline_scores",
    "findings",
    "mean_images",
    "mean_image.png",
    "samples",
    "export",
)


class MeanPixelLoader(base_plugin.TBLoader):
    """Adjusts TensorBoard's flags, then loads the plugin; setup.py names this class."""

    def fix_flags(self, flags: argparse.Namespace) -> None:
        """Keep every step of ours: by default TensorBoard keeps 10.

        Of the pictures to be looked at, `mean_pixel_samples`, 200 steps are enough: they stay
        in memory. `--samples_per_plugin mean_pixel=N` takes precedence.
        """
        samples = getattr(flags, "samples_per_plugin", None)
        if isinstance(samples, dict):
            samples.setdefault(PLUGIN_NAME, 0)
            samples.setdefault(SAMPLES_PLUGIN_NAME, SAMPLES_KEPT)
        else:
            _log.warning(
                "Mean Pixel may show only 10 steps of each run: TensorBoard %s does not let a "
                "plugin keep more (samples_per_plugin is %r). "
                "Type: pip install --upgrade tb-meanpixel",
                version.VERSION,
                samples,
            )

    def load(self, context: base_plugin.TBContext) -> MeanPixelPlugin | None:
        """The plugin; None, with a warning, if TensorBoard is too old for it."""
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
    """Serves the tab and its data; docs/http_api.md describes the routes."""

    plugin_name = PLUGIN_NAME

    def __init__(self, context: base_plugin.TBContext) -> None:
        self._provider = context.data_provider
        self._logdir = context.logdir or ""
        self._cache = Cache()

    def get_plugin_apps(self) -> dict[str, Callable[..., Any]]:
        """A WSGI application for each route."""
        return {
            "/static/index.js": _application(self._bundle),
            "/findings/*": _application(self._finding_page),
            **{f"/{name}": self._route(name) for name in _ROUTES},
        }

    def is_active(self) -> bool:
        """False: TensorBoard itself finds out whether there is data with our name."""
        return False

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        """The address and the name of the tab."""
        from tb_meanpixel.serving.encoding.responses import content_hash

        # With this hash a browser may cache the page until it changes.
        path = f"/static/index.js?{content_hash(_BUNDLE.read_bytes())}"
        return base_plugin.FrontendMetadata(es_module_path=path, tab_name="Mean Pixel")

    @functools.cached_property
    def _bodies(self) -> Bodies:
        from tb_meanpixel.serving.encoding.responses import Bodies

        return Bodies()

    def _bundle(self, request: wrappers.Request) -> wrappers.Response:
        from tb_meanpixel.serving.encoding.responses import respond_file

        return respond_file(request, _BUNDLE.read_bytes(), "text/javascript", self._bodies)

    def _finding_page(self, request: wrappers.Request) -> wrappers.Response:
        from tensorboard import errors

        from tb_meanpixel.findings import IDS, page
        from tb_meanpixel.serving.encoding.responses import respond_file

        name = request.path.rpartition("/")[2]
        if name not in IDS:
            raise errors.NotFoundError(f"there is no finding of this name; there are {IDS}")
        return respond_file(request, page(name).encode(), _MARKDOWN, self._bodies)

    def _route(self, name: str) -> Callable[..., Any]:
        def route(request: wrappers.Request) -> wrappers.Response:
            import numpy as np

            from tb_meanpixel.serving.answers.query import Query
            from tb_meanpixel.serving.answers.routes import ROUTES
            from tb_meanpixel.serving.encoding.responses import respond
            from tb_meanpixel.serving.reading.reader import Reader

            reader = Reader(
                self._provider,
                plugin_util.context(request.environ),
                plugin_util.experiment_id(request.environ),
                self._cache,
                self._logdir,
            )
            with np.errstate(all="ignore"):  # numbers of a broken file may be anything
                return respond(request, ROUTES[name](reader, Query(request.args)), self._bodies)

        return _application(route)


def _application(route: Callable[[wrappers.Request], wrappers.Response]) -> Callable[..., Any]:
    """A WSGI application for GET and HEAD."""

    def respond(request: wrappers.Request) -> wrappers.Response:
        from tb_meanpixel.serving.encoding.responses import refuse

        return refuse(request) or route(request)

    application: Callable[..., Any] = wrappers.Request.application(respond)
    return application
