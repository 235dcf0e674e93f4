"""From an answer to an HTTP response: validator, compression, headers."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from typing import Any

from tensorboard.backend import http_util
from werkzeug import wrappers
from werkzeug.datastructures import Headers

import tb_meanpixel
from tb_meanpixel.serving.encoding.answer import PNG, Answer
from tb_meanpixel.serving.reading.cache import Cache

# Below that a compressed answer is hardly shorter.
_LEAST_TO_COMPRESS = 1024
_MOST_BYTES = 16 << 20
_MOST_BYTES_OF_ONE = 1 << 20
_YEAR = 365 * 24 * 3600

Response = wrappers.Response


class _NotModified(Response):
    """A 304 that keeps the headers which TensorBoard demands of every response."""

    def get_wsgi_headers(self, environ: Any) -> Headers:
        return Headers(self.headers)


def refuse(request: wrappers.Request) -> Response | None:
    """405 for another method than GET and HEAD."""
    if request.method in ("GET", "HEAD"):
        return None
    message = f"{request.method} is not supported; use GET"
    allowed = [("Allow", "GET, HEAD")]
    return _respond(request, message.encode(), "text/plain", code=405, headers=allowed)


class Bodies:
    """Bodies as they were last sent: who opens the page next waits for no computing."""

    def __init__(self) -> None:
        self._cache = Cache(_MOST_BYTES)

    def get(
        self,
        request: wrappers.Request,
        etag: str,
        content_type: str,
        make: Callable[[], bytes],
        level: int = 1,
    ) -> tuple[bytes, str | None]:
        """What `make` gives, compressed if the client likes; and its encoding.

        Level 1 for what is sent a few times: on one machine time counts, not bytes.
        """
        # TensorBoard itself compresses text alone, and anew for every request.
        wants_gzip = content_type != PNG and request.accept_encodings["gzip"] > 0
        key = (request.root_path, request.path, request.query_string, wants_gzip)
        body: tuple[bytes, str | None] | None = self._cache.get(key, etag)
        if body is None:
            content = make()
            compressed = wants_gzip and len(content) >= _LEAST_TO_COMPRESS
            body = (_gzip(content, level), "gzip") if compressed else (content, None)
            if len(body[0]) <= _MOST_BYTES_OF_ONE:
                self._cache.put(key, etag, body, len(body[0]))
        return body


def respond(request: wrappers.Request, answer: Answer, bodies: Bodies) -> Response:
    """Compute and send an answer, unless the client has it already.

    The ETag is made of the request and of the revisions of the runs that it
    is about: it is known before anything is read.
    """
    told = repr((tb_meanpixel.__version__, request.path, request.query_string, answer.revision))
    etag = content_hash(told.encode())
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
    """A file; a request that names its present hash may keep it for a year."""
    digest = content_hash(content)
    headers = [("ETag", f'W/"{digest}"'), ("Vary", "Accept-Encoding")]
    if request.if_none_match.contains_weak(digest):
        return _not_modified(content_type, headers)
    forever = request.query_string.decode("latin-1") == digest
    body, encoding = bodies.get(request, digest, content_type, lambda: content, level=9)
    response = _respond(
        request,
        body,
        content_type,
        encoding=encoding,
        headers=headers,
        expires=_YEAR if forever else 0,
    )
    if forever:
        response.headers["Cache-Control"] += ", immutable"
    return response


def content_hash(content: bytes) -> str:
    """What a request of a file may end with, behind a `?`, so that it is kept."""
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
