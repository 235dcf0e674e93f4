"""The TensorBoard plugin: its loader, and its routes; no data logic.

TensorBoard imports this module when it starts. It must import no TensorFlow,
and an exception here would stop TensorBoard itself.
"""

from __future__ import annotations

import argparse
import functools
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tensorboard import errors, plugin_util, version
from tensorboard.backend import http_util
from tensorboard.plugins import base_plugin
from werkzeug import wrappers

from tb_meanpixel import metadata, wire
from tb_meanpixel.reader import Reader
from tb_meanpixel.trainings import Curve, Training

_log = logging.getLogger("tb_meanpixel")

OLDEST_TENSORBOARD = (2, 16)
_BUNDLE = Path(__file__).parent / "static" / "index.js"
_CURVES = ("all", "primary", "none")

Response = wrappers.Response
Route = Callable[[Any, wrappers.Request], Response]


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


def _get(route: Route) -> Callable[..., Any]:
    """A route for GET and HEAD; anything else is answered 405."""

    @functools.wraps(route)
    def respond(plugin: Any, request: wrappers.Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            message = f"{request.method} is not supported; use GET"
            return _respond(request, message, "text/plain", 405, [("Allow", "GET, HEAD")])
        return route(plugin, request)

    # werkzeug's types know functions only; methods work just as well.
    application: Callable[..., Any] = wrappers.Request.application(respond)  # type: ignore[arg-type]
    return application


class MeanPixelPlugin(base_plugin.TBPlugin):
    """Serves the tab and its data; the routes are described in http_api.md."""

    plugin_name = metadata.PLUGIN_NAME

    def __init__(self, context: base_plugin.TBContext) -> None:
        self._provider = context.data_provider

    def get_plugin_apps(self) -> dict[str, Callable[..., Any]]:
        return {
            "/static/index.js": self._bundle_route,
            "/trainings": self._trainings_route,
            "/scalars": self._scalars_route,
            "/histograms": self._histograms_route,
        }

    def is_active(self) -> bool:
        """TensorBoard itself finds out that data with our name exists."""
        return False

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        return base_plugin.FrontendMetadata(
            es_module_path="/static/index.js", tab_name="Mean Pixel"
        )

    @_get
    def _bundle_route(self, request: wrappers.Request) -> Response:
        return _respond(request, _BUNDLE.read_bytes(), "text/javascript")

    @_get
    def _trainings_route(self, request: wrappers.Request) -> Response:
        return _respond_json(request, wire.encode_trainings(self._reader(request).trainings()))

    @_get
    def _scalars_route(self, request: wrappers.Request) -> Response:
        reader = self._reader(request)
        shown = _choice(request, "curves", _CURVES)
        statistics = request.args.getlist("statistic")
        wanted = [
            (
                training,
                training.scores(statistics),
                [curve for curve in training.curves if _is_shown(curve, shown)],
            )
            for training in _chosen(reader.trainings(), request.args.getlist("training"))
        ]
        series = reader.scalars(
            [training.score_key(tag) for training, scores, _ in wanted for tag in scores]
            + [curve.key for _, _, curves in wanted for curve in curves]
        )
        return _respond_json(request, wire.encode_scalars(wanted, series))

    @_get
    def _histograms_route(self, request: wrappers.Request) -> Response:
        reader = self._reader(request)
        [training] = _chosen(reader.trainings(), [_required(request, "training")])
        name = _required(request, "stream")
        stream = training.stream(name)
        if stream is None:
            raise errors.NotFoundError(f"No stream {name!r} in training {training.name!r}")
        quantity = _choice(request, "quantity", metadata.QUANTITIES)
        series = reader.histograms(training, stream, quantity)
        content = wire.encode_histograms(training, stream, series)
        return _respond(request, content, "application/octet-stream")

    def _reader(self, request: wrappers.Request) -> Reader:
        return Reader(
            self._provider,
            plugin_util.context(request.environ),
            plugin_util.experiment_id(request.environ),
        )


def _chosen(trainings: list[Training], names: list[str]) -> list[Training]:
    """The trainings asked for by name; all of them if none was."""
    by_name = {training.name: training for training in trainings}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise errors.NotFoundError(f"No mean-pixel records for training {unknown[0]!r}")
    return [by_name[name] for name in dict.fromkeys(names)] or trainings


def _is_shown(curve: Curve, shown: str) -> bool:
    return shown == "all" or (shown == "primary" and curve.primary)


def _required(request: wrappers.Request, parameter: str) -> str:
    value = request.args.get(parameter)
    if not value:
        raise errors.InvalidArgumentError(f"parameter {parameter!r} is missing")
    return value


def _choice(request: wrappers.Request, parameter: str, choices: tuple[str, ...]) -> Any:
    """A parameter that is one of `choices`; the first is the default."""
    value = request.args.get(parameter, choices[0])
    if value not in choices:
        raise errors.InvalidArgumentError(
            f"parameter {parameter!r} must be one of {', '.join(choices)}; got {value!r}"
        )
    return value


def _respond_json(request: wrappers.Request, content: bytes) -> Response:
    return _respond(request, content, "application/json")


def _respond(
    request: wrappers.Request,
    content: bytes | str,
    content_type: str,
    code: int = 200,
    headers: list[tuple[str, str]] | None = None,
) -> Response:
    response: Response = http_util.Respond(
        request, content, content_type, code=code, headers=headers
    )
    return response
