"""Calling a declared address, and nothing else: no redirection, no proxy, no host that is not the declared one.

The name is resolved once, its numbers are checked, and the connection goes to the number that was checked: a name
that changes its mind between the two leads nowhere.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

LARGEST = 64 * 1024
"""Bytes read of an answer."""
_PATH = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)+(\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?")


class Unreachable(Exception):  # noqa: N818 - it reads as a sentence
    """Nobody answered as one should: the line is broken, and will be tried again."""


class Forbidden(Unreachable):
    """The address may not be called."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it would leave."""

    method: str
    base: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    timeout: float = 5.0
    authority: str = ""

    @property
    def url(self) -> str:
        """Return the whole address."""
        return f"{self.base.rstrip('/')}{self.path}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    body: Any


def fit(base: str) -> str:
    """Return why a base cannot be declared, empty when it can. Numbers are checked again at each call."""
    try:
        parts = urlsplit(base)
        _ = parts.port
    except ValueError:
        return "malformed"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "malformed"
    if parts.username or parts.password or parts.query or parts.fragment:
        return "malformed"
    if parts.path and not _PATH.fullmatch(parts.path):
        return "malformed"
    try:
        number = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return ""
    return "" if callable_at(str(number)) else "forbidden"


def callable_at(number: str) -> bool:
    """Tell whether a number of the network may be called: devices live there, this machine's own services do not."""
    found = ipaddress.ip_address(number)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.is_loopback:
        return bool(settings.DEVICE_LOOPBACK)
    return not (found.is_link_local or found.is_multicast or found.is_unspecified or found.is_reserved)


def send(call: Call) -> Reply:
    """Make a call and return its answer, whatever its status.

    Raises
    ------
    Unreachable
        If nobody answered in time, or by something that is not an answer.
    Forbidden
        If the address may not be called.
    """
    if not _PATH.fullmatch(call.path) or "/../" in f"{call.path.partition('?')[0]}/":
        raise Forbidden("path")
    if why := fit(call.base):
        raise Forbidden(why)
    parts = urlsplit(call.base)
    link = _link(call, parts.scheme, str(parts.hostname), parts.port)
    try:
        headers = {"Connection": "close", "Accept": "application/json", **call.headers}
        link.request(call.method, parts.path.rstrip("/") + call.path, call.body or None, headers)
        answer = link.getresponse()
        raw = answer.read(LARGEST + 1)
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(str(error) or type(error).__name__) from error
    finally:
        link.close()
    if 300 <= answer.status < 400:  # it would lead to an address that nobody declared
        raise Forbidden("redirection")
    if len(raw) > LARGEST:
        raise Unreachable("too large")
    return Reply(answer.status, _read(raw))


def _read(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except (ValueError, RecursionError):
        return None


def _link(call: Call, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    port = port or (443 if scheme == "https" else 80)
    number = _number(host, port)
    if scheme == "http":
        link = http.client.HTTPConnection(host, port, timeout=call.timeout)
    else:
        context = ssl.create_default_context(cadata=call.authority or None)
        link = http.client.HTTPSConnection(host, port, timeout=call.timeout, context=context)
    # the number that was checked, under the name that was declared: certificates are those of the name
    link._create_connection = lambda _place, *rest: socket.create_connection((number, port), *rest)  # type: ignore[attr-defined]  # noqa: SLF001
    return link


def _number(host: str, port: int) -> str:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreachable(str(error)) from error
    numbers = [str(row[4][0]) for row in rows]
    if not all(callable_at(one) for one in numbers):
        raise Forbidden("forbidden")
    return numbers[0]
