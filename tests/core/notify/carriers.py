"""Carriers that really listen, on this machine."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from ressort.core.notify import webpush


def browser():
    """Return what a browser gives when it subscribes."""
    point = webpush._point(ec.generate_private_key(ec.SECP256R1()).public_key())
    return {"p256dh": webpush.encode(point), "auth": webpush.encode(b"0123456789abcdef")}


class Listening(ThreadingHTTPServer):
    """A gateway: keeps what it receives, answers what it is told to."""

    daemon_threads = True

    def __init__(self):
        self.received, self.answers, self.look = [], [], lambda: None
        super().__init__(("127.0.0.1", 0), _Answering)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answering(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.look()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.received.append((self.path, self.headers, body))
        status, text = self.server.answers.pop(0) if self.server.answers else (200, b'{"id": "g-1"}')
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST  # noqa: N815 - the library calls it so

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def gateway(settings):
    """An SMS gateway on this machine."""
    server = Listening()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    settings.SMS_URL = f"{server.url}/send"
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
