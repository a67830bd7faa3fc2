"""ASGI entry: streams are plain ASGI, everything else is Django under a pool of threads."""

from __future__ import annotations

import os
from typing import Any, cast

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ressort.config.settings")
django.setup()

from a2wsgi import WSGIMiddleware  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402

from ressort.core.live.stream import Receive, Scope, Send, stream  # noqa: E402

THREADS = 8
_pages: Any = WSGIMiddleware(cast("Any", get_wsgi_application()), workers=THREADS)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Send a request to the stream or to Django."""
    match scope["type"]:
        case "lifespan":
            await _lifespan(receive, send)
        case "http" if scope["path"].startswith("/stream/"):
            await stream(scope, receive, send)
        case "http":
            await _pages(_local(scope), receive, send)


def _local(scope: Scope) -> Scope:
    """Keep only well-formed header names: WSGI folds ``_`` and ``-``, which would let one pass for another."""
    kept: list[Any] = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    return {**scope, "headers": kept}


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await stream.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
