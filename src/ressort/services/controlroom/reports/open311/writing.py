"""Documents of GeoReport v2 in its two formats: XML, and JSON by the Spark convention (lists lose their wrapper)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

type Value = str | int | float | bool | Mapping[str, Any] | Sequence[Any] | None

TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
_ITEMS = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
}
"""Name of each list -> name of what it holds."""
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def instant(at: datetime) -> str:
    """Return an instant in the W3C format the standard asks for."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def document(root: str, value: Value, form: str) -> bytes:
    """Return a whole document.

    Parameters
    ----------
    root : str
        Name of the root element: ``services``.
    value : mapping or sequence
        A list when ``root`` is the name of one.
    form : str
        ``xml`` or ``json``.
    """
    if form == "json":
        return json.dumps(value, ensure_ascii=False).encode()
    return f'<?xml version="1.0" encoding="utf-8"?>\n{_element(root, value)}\n'.encode()


def _element(name: str, value: Value) -> str:
    if value is None or value == "":
        return f"<{name}/>"
    if isinstance(value, bool):
        return f"<{name}>{str(value).lower()}</{name}>"
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(_element(key, one) for key, one in value.items())}</{name}>"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"<{name}>{''.join(_element(_ITEMS[name], one) for one in value)}</{name}>"
    return f"<{name}>{escape(_ILLEGAL.sub('', str(value)))}</{name}>"
