"""What stands before every page: the set-up to finish first, the languages offered, the services open to the public."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from ressort.core.accounts import policy
from ressort.core.installation import reading
from ressort.web.errors import answer, wants_json

SETUP = "/demarrer/"
MEANWHILE = (
    SETUP,
    "/connexion/",
    "/deconnexion/",
    "/langue/",
    "/apparence/",
    "/logo/",
    "/api/v1/places",
    "/console/administration/reseau/",
    "/console/administration/apparence/apercu/",
)
"""What answers while the installation is being set up."""


class Gate:
    """Middleware: answer calmly until the set-up is finished, then keep to what the installation offers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or say that the platform is being prepared."""
        offered = [code for code, _label in reading.languages()]
        if (translation.get_language() or "fr")[:2] not in offered:
            translation.activate(offered[0])
            request.LANGUAGE_CODE = offered[0]
        if not reading.is_finished() and not request.path.startswith(MEANWHILE):
            return _preparing(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_rest: Any) -> HttpResponse | None:
        """Keep the public pages of a service that is not open to the public for those who work on it."""
        match = request.resolver_match
        name = next((name for name in settings.SERVICES if _is_public_page(name, match, request.path)), "")
        if not name or reading.is_open(name) or not reading.is_finished():
            return None
        if policy.allowed(request.user, "console.see").ok or "Authorization" in request.headers:
            return None
        words = _("Ce service n'est pas encore ouvert au public. Revenez bientôt, ou appelez-nous.")
        return answer(request, 404, code="service-not-open", sentence=words)


def _is_public_page(name: str, match: Any, path: str) -> bool:
    if path.startswith(f"/api/v1/{name}/"):
        return True
    return bool(match) and name in match.namespaces and not path.startswith(("/console/", SETUP))


def _preparing(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        words = _("Cette installation n'est pas encore en service.")
        return answer(request, 503, code="not-set-up", sentence=words)
    calm = render(request, "web/beginning/preparing.html", status=503)
    calm._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - expected: not an incident for the log
    return calm
