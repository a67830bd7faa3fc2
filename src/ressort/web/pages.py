"""The portal's own pages."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from ressort.core import registry
from ressort.core.appeals import queries as appeals
from ressort.core.errors import Refused
from ressort.core.installation import reading
from ressort.web.doors import door

YEAR = 365 * 86400
FACTS = 5


def back(request: HttpRequest) -> str:
    """Return where a small form came from, if it is ours, else the home page."""
    asked = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if safe else "/"


@door("portal.see")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the portal's first screen: only sections that have something to say."""
    opened = [service for service in registry.services() if reading.is_open(service.name)]
    facts = [fact for service in opened if service.now for fact in service.now()]
    facts.sort(key=lambda fact: fact["at"])
    return render(request, "web/home.html", {"facts": facts[:FACTS], "follow": followed(request.user)})


def followed(user: Any) -> list[dict[str, Any]]:
    """Return what a person follows in every service, the nearest in time first."""
    if not user.is_authenticated:
        return []
    found = [item for service in registry.services() if service.follow for item in service.follow(user)]
    found += [
        {
            "title": _("Réexamen de la décision %(number)s") % {"number": one.receipt},
            "state": one.state,
            "when": one.at,
            "url": reverse("web:appeal", args=[one.code]),
        }
        for one in appeals.of_person(user.pid)[:5]
    ]
    return sorted(found, key=lambda item: item["when"])


def folded(text: str) -> str:
    """Return a text without accents nor case, for plain comparisons."""
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))


def _places(text: str) -> list[dict[str, Any]]:
    """Return places by name, each linked to what a service can do with it, if one can."""
    from ressort.core.network import places
    from ressort.core.network.router import NoNetwork

    try:
        found = places.search(text, limit=6)
    except NoNetwork:
        return []
    try:
        go = registry.capability("place.link")
    except LookupError:
        go = None
    return [
        {
            "label": hit.label,
            "note": hit.commune,
            "icon": "pin",
            "hue": "accent",
            "url": go(hit) if go else "",
        }
        for hit in found
    ]


@door("place.search")
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Find doors, then places, by plain words."""
    asked = " ".join(request.GET.get("q", "").split())[:200]
    wanted = [word for word in folded(asked).split() if len(word) > 2]
    hits: list[dict[str, Any]] = []
    for service in registry.services():
        if (entry := service.door) and reading.is_open(service.name):
            words = folded(f"{entry.label} {entry.sentence} {service.label}")
            if any(word in words for word in wanted):
                hits.append(
                    {"label": entry.label, "note": entry.sentence, "icon": entry.icon, "hue": service.hue,
                     "url": reverse(entry.url)}
                )  # fmt: skip
    if wanted:
        hits += _places(asked)
    return render(request, "web/search.html", {"q": asked, "hits": hits})


def _appeal(code: str) -> str:
    try:
        return reverse("web:appeal", args=[appeals.by_code(code).code])
    except Refused:
        return ""


@door("portal.see")
@require_GET
def follow(request: HttpRequest) -> HttpResponse:
    """Open what a follow-up number speaks of, whichever service gave it."""
    return _followed(request, request.GET.get("code", ""))


@door("portal.see")
@require_safe
def short(request: HttpRequest, code: str) -> HttpResponse:
    """Open a follow-up number from the short address of an SMS."""
    return _followed(request, code)


def _followed(request: HttpRequest, typed: str) -> HttpResponse:
    code = typed.strip()[:40]
    if url := _appeal(code):
        return HttpResponseRedirect(url)
    for service in registry.services():
        find = service.capabilities.get(f"{service.name}.find_by_code")
        if code and find and (url := find(code)):
            return HttpResponseRedirect(url)
    if code.upper().startswith("R-"):
        return redirect("web:receipt", number=code)
    messages.warning(
        request,
        _("Aucun suivi ne porte le numéro « %(code)s ». Vérifiez-le sur votre confirmation.")
        % {"code": code},
    )
    return redirect("web:home")


@door("portal.see")
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the interface's language, kept for a year."""
    answer = HttpResponseRedirect(back(request))
    chosen = request.POST.get("language", "")
    if chosen in dict(reading.languages()) and check_for_language(chosen):
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR, samesite="Lax")
    return answer


@door("portal.see")
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Choose light, dark, or what the device says."""
    answer = HttpResponseRedirect(back(request))
    chosen = request.POST.get("theme", "auto")
    if chosen in {"light", "dark"}:
        answer.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax")
    else:
        answer.delete_cookie("theme", samesite="Lax")
    return answer


@door("portal.see")
@require_POST
def density(request: HttpRequest) -> HttpResponse:
    """Choose tight or airy rows in the console, kept for a year."""
    answer = HttpResponseRedirect(back(request))
    chosen = "compact" if request.POST.get("density") == "compact" else "airy"
    answer.set_cookie("density", chosen, max_age=YEAR, samesite="Lax")
    return answer


@door("portal.see")
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """State how accessible the product is, and how to tell us when it is not."""
    return render(request, "web/accessibility.html")


@door("portal.see")
@require_safe
def licences(request: HttpRequest) -> HttpResponse:
    """Name the data, fonts and programs used, with their licences."""
    from ressort.core.network.models import NetworkVersion

    network = NetworkVersion.objects.filter(state=NetworkVersion.State.ACTIVE).first()
    return render(request, "web/licences.html", {"network": network})
