"""The addresses of OGC SensorThings 1.1, under ``/sta/v1.1/``: what is observed, read and sent by programs that do not know us.

Reading is for those who may see observations (``intake.see``), by a key of theirs or their session; a device's key reads
what is its own. Sending is for devices, by their key. A key is a bearer token, or the password of HTTP Basic, which is all
that many clients know.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page

from ressort.core import registry
from ressort.core.accounts import policy
from ressort.core.accounts.actions import bearer
from ressort.core.accounts.backends import on_loopback
from ressort.core.clock import service_now
from ressort.core.errors import Forbidden, Refused
from ressort.core.intake import catalogue
from ressort.core.intake.models import Device
from ressort.core.intake.readings import milliseconds
from ressort.core.intake.sensorthings.answering import answer
from ressort.core.intake.sensorthings.creating import create
from ressort.core.intake.sensorthings.rows import World
from ressort.web.api_intake import read_json
from ressort.web.doors import door

_ALLOWED = "GET, HEAD, POST, OPTIONS"
_OPEN = {
    "Access-Control-Allow-Origin": "*",  # cookies do not travel with it: a key does, if the page has one
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-None-Match",
    "Access-Control-Allow-Methods": _ALLOWED,
    "Access-Control-Expose-Headers": "ETag, Location",
    "Cache-Control": "private, no-cache",
    "Vary": "Authorization, Cookie, Accept-Language",
}


@csrf_exempt
@door("intake.sensorthings")
@conditional_page
def serve(request: HttpRequest, path: str = "") -> HttpResponse:
    """Answer any address of the standard; what is wrong is a code and a sentence, as JSON."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={**_OPEN, "Allow": _ALLOWED})
    try:
        found = _routed(request, path)
    except Refused as refused:
        found = _error(refused.code, refused.sentence, refused.status)
    except DataError:
        found = _error("no-number", _("Ce filtre calcule un nombre trop grand."), 400)
    except (SuspiciousOperation, BadRequest, UnreadablePostError):
        found = _error("unreadable", _("Cet envoi ne se lit pas : il est trop gros, ou coupé."), 400)
    for name, text in _OPEN.items():
        found.headers[name] = text
    return found


def _routed(request: HttpRequest, path: str) -> HttpResponse:
    speaker, user = _who(request)
    if request.method in {"GET", "HEAD"}:
        if speaker is None:
            _may_see(user)
        found = answer(path, _pairs(request), _world(request, speaker))
        if not isinstance(found, dict):
            return HttpResponse(_plain(found), content_type="text/plain; charset=utf-8")
        return _json(found)
    if request.method == "POST":
        return _posted(request, path, speaker)
    raise Refused("read-only", _("Rien ne se change ni ne s'efface ici."), status=405)


def _posted(request: HttpRequest, path: str, speaker: Device | None) -> HttpResponse:
    if speaker is None:
        raise Refused(
            "no-key", _("Une mesure s'envoie avec la clé d'un capteur ou d'une passerelle."), status=401
        )
    made, address = create(path, read_json(request), speaker, _world(request, speaker))
    found = _json(made, 201)
    if address:
        found.headers["Location"] = address
    return found


def _pairs(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, values[-1]) for name, values in request.GET.lists() if values]


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else _text(value)


def _text(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


def _json(document: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(_text(document), status=status, content_type="application/json; charset=utf-8")


def _error(code: str, sentence: str, status: int) -> HttpResponse:
    found = JsonResponse(
        {"code": code, "status": status, "message": sentence},
        status=status,
        json_dumps_params={"ensure_ascii": False},
    )
    if status == 401:
        found.headers["WWW-Authenticate"] = 'Basic realm="SensorThings", charset="UTF-8", Bearer'
    if status == 405:
        found.headers["Allow"] = _ALLOWED
    return found


def _world(request: HttpRequest, only: Device | None) -> World:
    try:
        places = registry.capability("equipment.places")()
    except LookupError:  # no installed service knows where things stand
        places = None
    base = request.build_absolute_uri("/sta/v1.1")
    return World(base, places, only, milliseconds(service_now()))


def _who(request: HttpRequest) -> tuple[Device | None, Any]:
    """Return the device or the person whose key it is; the person of the session without one.

    Raises
    ------
    Refused
        401 for a key that is unknown, replaced or withdrawn.
    """
    key = _key(request.headers.get("Authorization", ""))
    if not key:
        return None, request.user
    if device := catalogue.bearer(key):
        return device, None
    person = bearer(key)
    if person is None or (person.is_demo and not on_loopback(request)):
        raise Refused("bad-key", _("Cette clé est inconnue, remplacée ou retirée."), status=401)
    return None, person


def _key(header: str) -> str:
    scheme, _space, text = header.partition(" ")
    text = text.strip()[:400]
    if scheme.lower() != "basic":
        return text if scheme.lower() == "bearer" else header and "?"
    try:
        name, _colon, word = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "?"
    return (word or name).strip() or "?"


def _may_see(user: Any) -> None:
    verdict = policy.allowed(user, "intake.see")
    if verdict.ok:
        return
    if user is None or not user.is_authenticated:
        raise Refused(
            "no-key",
            _(
                "Les mesures se lisent avec une clé : celle d'un compte qui peut les voir, ou celle d'un capteur."
            ),
            status=401,
        )
    raise Forbidden(verdict.why)
