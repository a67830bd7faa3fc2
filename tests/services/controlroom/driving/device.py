"""Devices of the tests that speak for real: one behind an HTTP server, one behind a broker; with faults."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from paho.mqtt import client as paho

POSITIONS = {"ABAISSER": "BAS", "MONTER": "HAUT"}


class Post:
    """A post: it does what it is asked once for each key, unless something is wrong with it."""

    def __init__(self):
        self.position = "HAUT"
        self.fault = ""
        self.keys = []
        self.deeds = 0
        self.asked = []
        self.go = threading.Event()
        self.lock = threading.Lock()

    def order(self, key, said):
        """Take an order, and return whether it is accepted."""
        with self.lock:
            self.asked.append(said)
            twice = key in self.keys
            self.keys.append(key)
            if self.fault == "refuses":
                return False
            if not twice and self.fault != "lies":
                self.deeds += 1
                self.position = POSITIONS.get(said["order"], self.position)
            return True


class Handler(BaseHTTPRequestHandler):
    """What the post answers by HTTP; its server carries the post and what was seen."""

    def log_message(self, *_):
        return

    def answer(self, status, body=None, **headers):
        raw = json.dumps(body).encode() if body is not None else b""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        with contextlib.suppress(OSError):  # whoever asked has given up
            self.wfile.write(raw)

    def do_GET(self):
        post = self.server.post
        if post.fault in {"lost", "mute"}:
            self.close_connection = True
            return
        self.answer(200, {"etat": {"pos": post.position, "boucle": "free"}})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        post = self.server.post
        self.server.seen.append((self.path, dict(self.headers)))
        match post.fault:
            case "lost":
                self.close_connection = True
            case "redirect":
                self.answer(307, Location="http://169.254.169.254/latest/meta-data/")
            case "closed":
                self.answer(401)
            case _:
                self.order(post, body)

    def order(self, post, body):
        accepted = post.order(self.headers["Idempotency-Key"], body)
        if post.fault == "slow":
            post.go.wait(10)
        if post.fault == "wrong":
            self.answer(200, {"id": "c_another", "accepted": True})
        else:
            self.answer(202 if accepted else 409, {"id": body["id"], "state": "BAS"})


class Server:
    """A post behind HTTP, on a free port."""

    def __init__(self, certificate=None):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = False
        self.server.post = self.post = Post()
        self.server.seen = self.seen = []
        scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self):
        self.post.go.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Listener:
    """A post behind a broker: it takes orders, answers, and says what it is."""

    def __init__(self, port, code, version=paho.MQTTv5):
        self.post, self.code = Post(), code
        self.got = []
        self.client = paho.Client(
            paho.CallbackAPIVersion.VERSION2, client_id=f"device-{code}", protocol=version
        )
        self.ready = threading.Event()
        self.client.on_connect = lambda client, *_: client.subscribe(f"ressort-orders/{code}", 1)
        self.client.on_subscribe = lambda *_: self.ready.set()
        self.client.on_message = self.hear
        self.client.reconnect_delay_set(1, 1)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert self.ready.wait(10)

    def hear(self, client, _data, message):
        said = json.loads(message.payload)
        self.got.append((said, message))
        if self.post.fault == "lost":
            return
        accepted = self.post.order(said["id"], said)
        if self.post.fault == "wrong":
            client.publish(said["answer"], json.dumps({"id": "c_another", "accepted": True}), 1)
            return
        client.publish(said["answer"], json.dumps({"id": said["id"], "accepted": accepted}), 1)

    def say(self):
        """Say what it is."""
        ours = {"BAS": "down", "HAUT": "up"}[self.post.position]
        self.client.publish(f"ressort/{self.code}/position", ours, 1)

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()
