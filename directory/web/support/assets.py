"""Serves built static files precompressed and cached permanently, since their names contain a content hash."""

import mimetypes

from flask import Flask, Response, request, send_from_directory

from directory import resources

BUILD_PREFIX = "dist/"
IMMUTABLE_SECONDS = 31_536_000
"""A year, which is what caches take for ever."""

ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""How a file was compressed when it was built, the smallest first, and what its name ends in then."""


def init_app(app: Flask) -> None:
    """Let `app` serve its static files so."""
    app.view_functions["static"] = static


def static(filename: str) -> Response:
    """A static file, compressed if the build did it and the browser can read it."""
    encoding = request.accept_encodings.best_match(ENCODINGS) if _is_compressed(filename) else None
    answer = send_from_directory(
        resources.folder("static"),
        filename + ENCODINGS.get(encoding or "", ""),
        mimetype=mimetypes.guess_type(filename)[0],
        max_age=IMMUTABLE_SECONDS if _is_compressed(filename) else None,
    )
    if _is_compressed(filename):
        answer.vary.add("Accept-Encoding")
        answer.cache_control.immutable = True
    if encoding:
        answer.content_encoding = encoding
    return answer


def _is_compressed(filename: str) -> bool:
    """Whether it is a part of the build, whose name carries the hash of what is in it."""
    return filename.startswith(BUILD_PREFIX) and (resources.folder("static") / f"{filename}.br").is_file()
