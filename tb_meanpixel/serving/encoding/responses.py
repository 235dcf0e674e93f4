"""Answers, and the HTTP responses that carry them: validator, compression, headers."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tensorboard.backend import http_util
from werkzeug import wrappers
from werkzeug.datastructures import Headers

import tb_meanpixel
from tb_meanpixel.serving.reading.cache import Cache
from tb_meanpixel.serving.reading.runs import Run

JSON, BINARY, PNG = "application/json", "application/octet-stream", "image/png"

_MIN_COMPRESSED_BYTES = 1024  # a shorter answer hardly gets any shorter
_MAX_BYTES = 16 << 20
_MAX_BODY_BYTES = 1 << 20
_YEAR = 365 * 24 * 3600

Response = wrappers.Response


@dataclass(frozen=True)
class Answer:
    """An answer that is not computed yet.

    Attributes:
        revision: it changes whenever the content may.
        content: computes the content; not called if the client has it already.
        content_type: JSON, binary, CSV or PNG.
        filename: to save it under; empty for what the page itself reads.
    """

    revision: str
    content: Callable[[], bytes]
    content_type: str = JSON
    filename: str = ""


def revision_of(runs: Sequence[Run]) -> str:
    """It changes whenever anything of some runs does."""
    return " ".join(f"{run.name} {run.revision}" for run in runs)


class _NotModified(Response):
    """A 304 that keeps the headers which TensorBoard demands of every response."""

    def get_wsgi_headers(self, environ: Any) -> Headers:
        return Headers(self.headers)


def refuse(request: wrappers.Request) -> Response | None:
    """405 for any method but GET and HEAD."""
    if request.method in ("GET", "HEAD"):
        return None
    message = f"{request.method} is not supported; use GET"
    allowed = [("Allow", "GET, HEAD")]
    return _respond(request, message.encode(), "text/plain", code=405, headers=allowed)


class Bodies:
    """The bodies that were sent last: the next visit waits for no computing."""

    def __init__(self) -> None:
        self._cache = Cache(_MAX_BYTES)

    def get(
        self,
        request: wrappers.Request,
        etag: str,
        content_type: str,
        make: Callable[[], bytes],
        level: int = 1,
    ) -> tuple[bytes, str | None]:
        """The result of `make`, compressed if the client accepts that; and its encoding.

        Level 1 for data: on one machine time matters more than bytes.
        """
        # TensorBoard itself compresses only text, and each time again.
        gzips = content_type != PNG and request.accept_encodings["gzip"] > 0
        key = (request.root_path, request.path, request.query_string, gzips)
        body: tuple[bytes, str | None] | None = self._cache.get(key, etag)
        if body is None:
            content = make()
            compressed = gzips and len(content) >= _MIN_COMPRESSED_BYTES
            body = (_gzip(content, level), "gzip") if compressed else (content, None)
            if len(body[0]) <= _MAX_BODY_BYTES:
                self._cache.put(key, etag, body, len(body[0]))
        return body


def respond(request: wrappers.Request, answer: Answer, bodies: Bodies) -> Response:
    """Compute and send an answer, unless the client has it already.

    The ETag is made of the request and of the revision of the answer: it is known before any
    series is read.
    """
    identity = repr((tb_meanpixel.__version__, request.path, request.query_string, answer.revision))
    etag = content_hash(identity.encode())
    headers = [("ETag", f'W/"{etag}"'), ("Vary", "Accept-Encoding")]
    if request.if_none_match.contains_weak(etag):
        return _not_modified(answer.content_type, headers)
    if answer.filename:
        headers.append(("Content-Disposition", f'attachment; filename="{answer.filename}"'))
    content, encoding = bodies.get(request, etag, answer.content_type, answer.content)
    return _respond(request, content, answer.content_type, encoding=encoding, headers=headers)


def respond_file(
    request: wrappers.Request, content: bytes, content_type: str, bodies: Bodies
) -> Response:
    """A file; with its present hash in the address it may be cached for a year."""
    digest = content_hash(content)
    headers = [("ETag", f'W/"{digest}"'), ("Vary", "Accept-Encoding")]
    if request.if_none_match.contains_weak(digest):
        return _not_modified(content_type, headers)
    is_current = request.query_string.decode("latin-1") == digest
    body, encoding = bodies.get(request, digest, content_type, lambda: content, level=9)
    response = _respond(
        request,
        body,
        content_type,
        encoding=encoding,
        headers=headers,
        expires=_YEAR if is_current else 0,
    )
    if is_current:
        response.headers["Cache-Control"] += ", immutable"
    return response


def content_hash(content: bytes) -> str:
    """A hash of a file, for the end of its address: `index.js?HASH` may be cached."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def _not_modified(content_type: str, headers: list[tuple[str, str]]) -> Response:
    return _NotModified(
        status=304,
        content_type=content_type,
        headers=[
            *headers,
            ("Cache-Control", "no-cache, must-revalidate"),
            ("X-Content-Type-Options", "nosniff"),
        ],
    )


def _respond(
    request: wrappers.Request,
    content: bytes,
    content_type: str,
    *,
    headers: list[tuple[str, str]],
    encoding: str | None = None,
    code: int = 200,
    expires: int = 0,
) -> Response:
    response: Response = http_util.Respond(
        request,
        content,
        content_type,
        code=code,
        expires=expires,
        content_encoding=encoding,
        headers=headers,
    )
    return response


def _gzip(content: bytes, level: int) -> bytes:
    compress = zlib.compressobj(level, wbits=31)  # 31: with gzip's head and tail
    return compress.compress(content) + compress.flush()
