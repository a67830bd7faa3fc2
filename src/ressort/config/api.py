"""The programs' interface: one OpenAPI document, problems as RFC 9457, French sentences."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from ressort import __version__
from ressort.core.errors import Refused
from ressort.web.api import router as house
from ressort.web.api_intake import router as intake
from ressort.web.api_notify import router as reports
from ressort.web.doors_api import person

api = NinjaAPI(
    title="Ressort",
    version=__version__,
    description=(
        "Conventions: `[lon, lat]` WGS 84, seconds, metres, cents; instants in ISO 8601 with an offset. "
        "Errors are `application/problem+json` (RFC 9457) with a stable `code` and a French `title`."
    ),
    auth=person,
    urls_namespace="api",
    docs_url=None,
)
api.add_router("", house)
api.add_router("/notify", reports)
api.add_router("/intake", intake)
for _name in settings.SERVICES:
    api.add_router(f"/{_name}", import_module(f"ressort.services.{_name}.api").router)


def _problem(document: dict[str, Any]) -> HttpResponse:
    return JsonResponse(document, status=document["status"], content_type="application/problem+json")


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """Answer a refusal with its sentence and code."""
    del request
    return _problem(error.problem())


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer a malformed request: which field, and what is wrong with it."""
    del request
    fields = [
        {"field": ".".join(str(part) for part in item["loc"][1:]), "problem": item["msg"]}
        for item in error.errors
    ]
    names = ", ".join(sorted({item["field"].split(".")[-1] or "corps" for item in fields}))
    return _problem(
        {
            "type": "urn:ressort:malformed",
            "title": f"La demande est incomplète ou mal écrite : {names}.",
            "status": 422,
            "code": "malformed",
            "errors": fields,
        }
    )


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer what ninja itself refuses (unreadable JSON, for one)."""
    del request
    title = _("Le corps de la demande n'est pas du JSON lisible.") if error.status_code == 400 else str(error)
    return _problem(
        {"type": "urn:ressort:http", "title": title, "status": error.status_code, "code": "unreadable"}
    )


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:
    """Answer an unknown address or object."""
    del request, error
    return _problem(
        {"type": "urn:ressort:unknown", "title": "Cet objet n'existe pas.", "status": 404, "code": "unknown"}
    )
