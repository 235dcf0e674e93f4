"""From an answer to an HTTP response: validator, compression, headers."""

from __future__ import annotations

import hashlib
import zlib
from typing import Any

from tensorboard.backend import http_util
from werkzeug import wrappers
from werkzeug.datastructures import Headers

import tb_meanpixel
from tb_meanpixel.serving.answer import Answer

# Below that a compressed answer is hardly shorter.
_LEAST_TO_COMPRESS = 1024
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


def respond(request: wrappers.Request, answer: Answer) -> Response:
    """Compute and send an answer, unless the client has it already.

    The ETag is made of the request and of the revisions of the trainings that it
    is about: it is known before anything is read.
    """
    told = repr((tb_meanpixel.__version__, request.path, request.query_string, answer.revision))
    etag = content_hash(told.encode())
    headers = [("ETag", f'W/"{etag}"'), ("Vary", "Accept-Encoding")]
    if request.if_none_match.contains_weak(etag):
        return _not_modified(answer.content_type, headers)
    if answer.filename:
        headers.append(("Content-Disposition", f'attachment; filename="{answer.filename}"'))
    return _respond(request, answer.content(), answer.content_type, headers=headers)


def respond_file(request: wrappers.Request, content: bytes, content_type: str) -> Response:
    """A file; a request that names its present hash may keep it for a year."""
    digest = content_hash(content)
    headers = [("ETag", f'W/"{digest}"'), ("Vary", "Accept-Encoding")]
    if request.if_none_match.contains_weak(digest):
        return _not_modified(content_type, headers)
    forever = request.query_string.decode("latin-1") == digest
    response = _respond(
        request, content, content_type, headers=headers, expires=_YEAR if forever else 0
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
    code: int = 200,
    expires: int = 0,
) -> Response:
    encoding = None
    if content_type == "application/octet-stream" and _wants_gzip(request, content):
        # TensorBoard compresses text alone. Level 1: on one machine time counts, not bytes.
        compress = zlib.compressobj(1, wbits=31)  # 31: with gzip's head and tail
        content, encoding = compress.compress(content) + compress.flush(), "gzip"
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


def _wants_gzip(request: wrappers.Request, content: bytes) -> bool:
    return len(content) >= _LEAST_TO_COMPRESS and request.accept_encodings["gzip"] > 0
