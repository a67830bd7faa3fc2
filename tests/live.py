"""A live server of the tests, on the test's own transaction: what clients of other people's making talk to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connections
from django.test.testcases import LiveServerThread, QuietWSGIRequestHandler, _StaticFilesHandler


class _Server(ThreadedWSGIServer):
    daemon_threads = False  # what is being answered is answered before the test ends


class _OneEach(QuietWSGIRequestHandler):
    protocol_version = "HTTP/1.0"  # no connection is kept open, which the end would wait for


class _Thread(LiveServerThread):
    def _create_server(self, connections_override: Any = None) -> _Server:
        return _Server(
            (self.host, self.port),
            _OneEach,
            allow_reuse_address=False,
            connections_override=connections_override,
        )


def _leave_open() -> None:
    """Do nothing: the connection is the test's, not the server's to close after an answer."""


@contextmanager
def serving() -> Iterator[str]:
    """Serve on a free port and yield the address; the database is that of the test, never used from two threads at once."""
    shared = {alias: connections[alias] for alias in connections}
    for one in shared.values():
        one.inc_thread_sharing()
        one.close = _leave_open  # type: ignore[method-assign]
    thread = _Thread("127.0.0.1", _StaticFilesHandler, connections_override=shared, port=0)
    thread.daemon = True
    thread.start()
    try:
        thread.is_ready.wait()
        if thread.error:
            raise thread.error
        yield f"http://127.0.0.1:{thread.port}"
    finally:
        thread.terminate()
        for one in shared.values():
            del one.close
            one.dec_thread_sharing()
