"""The addresses of GeoReport v2, under ``/open311/v2/``.

Reading is open to all, and says what the public pages say. Sending is open too, within the same bound per address as
the public form; a program with a key of ours (``api_key``, or a bearer token) has no such bound and, when its account
may, reads what is not published. Sessions and cookies count for nothing here.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt

from ressort.core.accounts import policy
from ressort.core.accounts.actions import bearer
from ressort.core.accounts.backends import on_loopback
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.notify.sending import address_of
from ressort.services.controlroom.reports import queries, seen
from ressort.services.controlroom.reports.actions import making, sorting
from ressort.services.controlroom.reports.models import Report, ReportCategory
from ressort.services.controlroom.reports.open311 import asking
from ressort.services.controlroom.reports.open311.writing import TYPES, Value, document, instant
from ressort.services.controlroom.reports.pages import brake, bytes_of
from ressort.services.controlroom.reports.seen import Reach, Seen
from ressort.web.doors import door

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
_PATH = re.compile(
    r"(?P<what>discovery|services|requests|tokens)(?:/(?P<one>[^/]{1,60}))?\.(?P<form>xml|json)"
)
_ALLOWED = "GET, HEAD"

type Answer = tuple[str, Value]


@csrf_exempt
@door("controlroom.report.see_public")
def serve(request: HttpRequest, path: str) -> HttpResponse:
    """Answer any address of the standard; what is wrong is said in its own form of errors."""
    found = _PATH.fullmatch(path)
    form = found["form"] if found else "json" if path.endswith(".json") else "xml"
    try:
        if found is None or (found["what"] == "discovery" and found["one"]):
            raise Unknown(
                "resource",
                _(
                    "Cette adresse n'existe pas : voyez discovery, services, requests ou tokens, en .xml ou .json."
                ),
            )
        root, value = _routed(request, found["what"], unquote(found["one"] or ""))
    except Refused as refused:
        return _error(refused.sentence, _status(refused), form)
    except (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError):
        return _error(_("Cet envoi ne se lit pas : il est trop gros, coupé, ou mal écrit."), 400, form)
    return _answer(document(root, value, form), form)


def _routed(request: HttpRequest, what: str, one: str) -> Answer:
    if request.method == "POST" and (what, one) == ("requests", ""):
        return _post(request)
    if request.method not in {"GET", "HEAD"}:
        raise Refused("bad-method", _("Cette adresse se lit par GET."), status=405)
    if what == "discovery":
        return "discovery", _discovery()
    if what == "services":
        if not one:
            return "services", [_service(category) for category in queries.categories()]
        return "service_definition", {"service_code": _category(one).code, "attributes": []}
    if what == "tokens":
        return "service_requests", [{"service_request_id": _of_token(one), "token": one}]
    rows = [making.find(one)] if one else list(asking.reports(request.GET)[: asking.MOST])
    return "service_requests", _requests(request, rows)


def _status(refused: Refused) -> int:
    """Return the status that the standard asks for: 404, 403, and 400 for everything else."""
    return refused.status if refused.status in {403, 404, 405} else 400


def _error(sentence: str, status: int, form: str) -> HttpResponse:
    answer = _answer(document("errors", [{"code": status, "description": sentence}], form), form)
    answer.status_code = status
    if status == 405:
        answer["Allow"] = _ALLOWED
    return answer


def _answer(body: bytes, form: str) -> HttpResponse:
    # No cookie is read here, so any page may ask.
    return HttpResponse(body, content_type=TYPES[form], headers={"Access-Control-Allow-Origin": "*"})


def _discovery() -> dict[str, Value]:
    now = instant(service_now())
    endpoint = {
        "specification": SPECIFICATION,
        "url": address_of("/open311/v2"),
        "changeset": now,
        "type": "production",
        "formats": ["text/xml", "application/json"],
    }
    return {
        "changeset": now,
        "contact": address_of("/"),
        "key_service": address_of("/mon-espace/"),
        "endpoints": [endpoint],
    }


def _service(category: ReportCategory) -> dict[str, Value]:
    delay = ngettext(
        "Réponse en %(days)d jour, par %(who)s.", "Réponse en %(days)d jours, par %(who)s.", category.days
    ) % {"days": category.days, "who": category.organisation.name}
    return {
        "service_code": category.code,
        "service_name": category.name,
        "description": f"{category.help} {delay}".strip(),
        "metadata": False,
        "type": "realtime",
        "keywords": category.words or category.name,
        "group": category.group or category.name,
    }


def _category(code: str) -> ReportCategory:
    if not code:
        raise Refused("no-category", _("Dites service_code : les codes sont dans services."), status=400)
    found = sorting.find(code)
    if not found.active:
        raise Unknown("category", _("Cette catégorie n'est plus proposée."))
    return found


def _requests(request: HttpRequest, rows: list[Report]) -> list[dict[str, Value]]:
    try:
        whole = policy.allowed(_program(request), "controlroom.report.see").ok
    except Refused:  # a key that is wrong opens nothing more, and closes nothing
        whole = False
    return [_request(row, whole=whole) for row in rows]


def _request(row: Report, *, whole: bool) -> dict[str, Value]:
    told = whole or row.shown
    text = row.words.text if told and hasattr(row, "words") else ""
    pictured = told and hasattr(row, "photo")
    return {
        "service_request_id": row.pid,
        "status": "open" if row.is_open else "closed",
        "status_notes": _notes(row),
        "service_name": row.category.name,
        "service_code": row.category.code,
        "description": text or None,
        "agency_responsible": row.organisation.name,
        "service_notice": None,
        "requested_datetime": instant(row.at),
        "updated_datetime": instant(row.closed or row.updated),
        "expected_datetime": instant(row.due),
        "address": queries.place_of(row),
        "address_id": None,
        "zipcode": None,
        "lat": row.lat,
        "long": row.lon,
        "media_url": address_of(f"/signalements/{row.pid}/photo.jpg") if pictured else None,
    }


def _notes(row: Report) -> str:
    """Return where a report stands in words: more than open or closed, and what the agent answered."""
    parts = [row.get_state_display()]
    if row.reason:
        parts.append(row.get_reason_display())
    if row.merged_into is not None:
        parts.append(row.merged_into.pid)
    if row.planned_for and row.state == Report.State.PLANNED:
        parts.append(row.planned_for.isoformat())
    said = next((step.text for step in reversed(row.steps.all()) if step.text), "")
    return " – ".join([*parts, said] if said else parts)


def _of_token(token: str) -> str:
    """Return the number of a report by a token: requests are made at once, so the follow code or the number itself."""
    if not token:
        raise Refused("no-token", _("Dites de quel jeton il s'agit : tokens/CODE.xml."), status=400)
    try:
        return making.find(token).pid
    except Refused:
        return making.follower(token).report.pid


def _program(request: HttpRequest) -> Any:
    """Return whose key the program holds; nobody in particular without one.

    Raises
    ------
    Refused
        403 for a key that is unknown, withdrawn or spent.
    """
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    key = secret if scheme.lower() == "bearer" else ""
    key = (
        key
        or request.GET.get("api_key", "")
        or (request.POST.get("api_key", "") if request.method == "POST" else "")
    )
    if not key.strip():
        return AnonymousUser()
    known = bearer(key.strip()[:200])
    if known is None or (known.is_demo and not on_loopback(request)):
        raise Refused("bad-key", _("Cette clé api_key est inconnue, retirée ou trop ancienne."), status=403)
    return known


def _post(request: HttpRequest) -> Answer:
    data = request.POST
    user = _program(request)
    category = _category(asking.first_of(data, "service_code", 60))
    where = seen.where(
        asking.first_of(data, "address_string", 200),
        asking.first_of(data, "address_id", 40),
        asking.first_of(data, "long", 40),
        asking.first_of(data, "lat", 40),
    )
    text = str(data.get("description", ""))
    if media := asking.first_of(data, "media_url"):
        text = f"{text}\n{media}".strip()  # read by an agent: a server fetches nothing that a stranger names
    name = f"{asking.first_of(data, 'first_name', 60)} {asking.first_of(data, 'last_name', 60)}".strip()
    reach = Reach(asking.first_of(data, "email", 254), asking.first_of(data, "phone", 40), name)
    if not user.is_authenticated:
        brake(request)
    made = making.make(
        user,
        Seen(category.code, where, text),
        reach,
        photo=bytes_of(request.FILES.get("media")),
        origin=Report.Origin.API,
    )
    notice = ngettext(
        "%(who)s répond en %(days)d jour. Code de suivi : %(code)s.",
        "%(who)s répond en %(days)d jours. Code de suivi : %(code)s.",
        category.days,
    ) % {"who": category.organisation.name, "days": category.days, "code": made.code}
    request_id = {"service_request_id": made.report.pid, "service_notice": notice, "account_id": None}
    return "service_requests", [request_id]
