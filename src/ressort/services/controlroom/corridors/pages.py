"""The console's pages of corridors: the list, a new one, one that lives."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core.accounts import policy
from ressort.core.clock import wall_now
from ressort.core.errors import Refused, Unknown
from ressort.services.controlroom.corridors import following, opening, planning, queries
from ressort.services.controlroom.corridors.forms import NewCorridor
from ressort.services.controlroom.corridors.models import Corridor
from ressort.services.controlroom.equipment import asking
from ressort.services.controlroom.incidents import queries as incidents
from ressort.services.controlroom.incidents.forms import where_of
from ressort.services.controlroom.incidents.models import Incident
from ressort.web import undo
from ressort.web.doors import door
from ressort.web.forms import refuse

State = Corridor.State
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@door("controlroom.corridor.see")
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List the corridors: those that are open or wait, then the last ones."""
    context = {
        "now": queries.listed(State.OPEN, State.WAITING),
        "ended": queries.listed(State.OVER)[: queries.ENDED],
        "may_open": policy.allowed(request.user, planning.OPEN).ok,
        "commandable": queries.commandable(),
    }
    part = "list_now" if request.headers.get("HX-Request") else "list"
    return render(request, f"controlroom/corridors/{part}.html", context)


@door("controlroom.corridor.open")
@get_or_post
def new(request: HttpRequest) -> HttpResponse:
    """Say where the vehicle is and goes; the way is worked out and shown, nothing is asked yet."""
    incident = _incident(request)
    near = (
        (incident.lon, incident.lat)
        if incident and incident.lon is not None and incident.lat is not None
        else None
    )
    bases = queries.bases(near)
    ends: dict[str, dict[str, Any]] = {
        "origin": {"value": "", "lon": "", "lat": "", "error": ""},
        "destination": {"value": "", "lon": "", "lat": "", "error": ""},
    }
    if request.method == "POST":
        form = NewCorridor(request.POST, bases=bases)
        for name, end in ends.items():
            end |= {
                key: request.POST.get(f"{name}{tail}", "")[:200]
                for key, tail in (("value", ""), ("lon", "_lon"), ("lat", "_lat"))
            }
        if form.is_valid():
            try:
                made = planning.plan(request.user, _draft(request, form, bases))
            except Refused as error:
                if error.status in {403, 404}:
                    raise
                if error.field in ends:
                    ends[error.field]["error"] = error.sentence
                refuse(form, error)
            else:
                return redirect("controlroom:corridor", pid=made.pid)
    else:
        initial = {"incident": incident.number, "reason": incident.title[:200]} if incident else {}
        if bases:
            initial["base"] = bases[0][0]
        form = NewCorridor(bases=bases, initial=initial)
        if incident:
            ends["destination"] |= {
                "value": incident.address or incident.title,
                "lon": incident.lon or "",
                "lat": incident.lat or "",
            }
    context = {"form": form, "ends": ends, "incident": incident, "emergency": asking.emergency()}
    return render(request, "controlroom/corridors/new.html", context, status=422 if form.errors else 200)


def _incident(request: HttpRequest) -> Incident | None:
    number = request.POST.get("incident", "") or request.GET.get("incident", "")
    return incidents.open_for(request.user, number[:16]).incident if number else None


def _draft(
    request: HttpRequest, form: NewCorridor, bases: list[tuple[str, str, float, float]]
) -> planning.Draft:
    data = form.cleaned_data
    base = next((one for one in bases if one[0] == data.get("base")), None)
    if base is not None:
        origin = planning.End(base[1].partition(" · ")[0], base[2], base[3])
    else:
        origin = planning.End(**where_of(request.POST, "origin"))
    return planning.Draft(
        origin,
        planning.End(**where_of(request.POST, "destination")),
        data["reason"],
        data["lead"],
        data["margin"],
        data["delay"],
        data["incident"],
    )


@door("controlroom.corridor.see")
@require_safe
def corridor(request: HttpRequest, pid: str) -> HttpResponse:
    """Show a corridor: the way, and each thing on it as it stands."""
    return _page(request, opening.find(pid))


def _page(request: HttpRequest, found: Corridor, wrong: str = "", status: int = 200) -> HttpResponse:
    now = wall_now()
    items = queries.shown(found, now, request.user)
    user: Any = request.user
    context = {
        "corridor": found,
        "topic": f"subject:{found.pid}",
        "items": items,
        "counts": queries.counts(items),
        "names": queries.names(found),
        "left": max(0, round(found.seconds - found.elapsed(now)))
        if found.state == State.OPEN
        else found.seconds,
        "before": max(0, round(-found.elapsed(now))) if found.state == State.OPEN else 0,
        "may_open": policy.allowed(user, planning.OPEN).ok,
        "may_approve": policy.allowed(user, "controlroom.corridor.approve").ok and found.actor != user.pid,
        "may_release": policy.allowed(user, "controlroom.corridor.release").ok,
        "emergency": asking.emergency(now),
        "exercise": bool(found.incident and found.incident.exercise),
        "dangerous": any(one.item.verb == "priority" and one.openable for one in items),
        "openable": any(one.openable for one in items),
        "old": found.state == State.PLANNED and now - found.planned > opening.FRESH,
        "wrong": wrong,
        "following": following.shown(found, now),
        "vehicles": following.vehicles() if found.state == State.PLANNED else [],
        "vehicle": request.POST.get("vehicle", ""),
    }
    if request.headers.get("HX-Request") and request.method == "GET":
        return render(request, "controlroom/corridors/live.html", context)
    context |= {"layers": queries.layers(found), "bounds": queries.bounds(found)}
    return render(request, "controlroom/corridors/corridor.html", context, status=status)


@door("controlroom.corridor.see")
@require_safe
def drawn(request: HttpRequest, pid: str) -> HttpResponse:
    """Answer a layer of the map of a corridor."""
    return JsonResponse(queries.drawn(opening.find(pid), request.GET.get("couche", ""), wall_now()))


@door("controlroom.corridor.open")
@require_POST
def open_corridor(request: HttpRequest, pid: str) -> HttpResponse:
    """Open a corridor with what was kept of it."""
    found = opening.find(pid)
    try:
        vehicle = request.POST.get("vehicle", "")[:24]
        made = opening.open_corridor(request.user, pid, _chosen(request, found), vehicle=vehicle)
    except Refused as error:
        if error.status in {403, 404}:
            raise
        return _page(request, opening.find(pid), error.sentence, error.status)
    if made.state == State.OPEN:
        messages.success(request, _("Couloir ouvert : gardez cette page sous les yeux, elle le tient."))
    return redirect("controlroom:corridor", pid=pid)


def _chosen(request: HttpRequest, found: Corridor) -> dict[int, int | None]:
    kept: dict[int, int | None] = {}
    for number in found.items.values_list("number", flat=True):
        if request.POST.get(f"item-{number}"):
            text = request.POST.get(f"approach-{number}", "").strip()
            kept[number] = (int(text) if _whole(text) else 0) if text else None
    return kept


def _whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6


@door("controlroom.corridor.open")
@require_POST
def act(request: HttpRequest, pid: str, deed: str) -> HttpResponse:
    """Give up, keep watching, or say what the vehicle passed."""
    user: Any = request.user
    match deed:
        case "abandonner":
            opening.cancel(user, pid)
            messages.success(request, _("Couloir abandonné : rien n'est parti."))
            return redirect("controlroom:corridors")
        case "tenir":
            try:
                opening.renew(user, pid)
            except Refused:  # it ended meanwhile: the page says so at its next look
                return HttpResponse(status=204)
            if request.headers.get("HX-Request"):
                return HttpResponse(status=204)
        case "passe":
            text = request.POST.get("item", "")
            if not _whole(text):
                raise Refused("bad-item", _("Rechargez la page et recommencez."), status=409)
            before = opening.find(pid).start
            after = opening.passed(user, pid, int(text)).start
            shift = round((after - before).total_seconds()) if after and before else 0
            back = reverse("controlroom:corridor_act", args=[pid, "pas-passe"])
            undo.said(request, _("Passage noté."), back, {"item": text, "shift": shift})
        case "pas-passe":
            text, shifted = request.POST.get("item", ""), request.POST.get("shift", "")
            if not _whole(text) or not _whole(shifted.removeprefix("-")):
                raise Refused("bad-item", _("Rechargez la page et recommencez."), status=409)
            opening.not_passed(user, pid, int(text), int(shifted))
        case _:
            raise Unknown("deed", _("Cette action n'existe pas."))
    return redirect("controlroom:corridor", pid=pid)


@door("controlroom.corridor.release")
@require_POST
def release(request: HttpRequest, pid: str) -> HttpResponse:
    """Give the whole street back."""
    opening.release(request.user, pid)
    messages.success(request, _("Tout est relâché : chaque équipement revient à son état sûr."))
    return redirect("controlroom:corridor", pid=pid)


@door("controlroom.corridor.approve")
@require_POST
def decide(request: HttpRequest, pid: str, deed: str) -> HttpResponse:
    """Agree to a corridor, or say no."""
    match deed:
        case "approuver":
            opening.approve(request.user, pid)
            messages.success(request, _("Couloir ouvert : gardez cette page sous les yeux, elle le tient."))
        case "decliner":
            opening.decline(request.user, pid)
            messages.success(request, _("Couloir refusé."))
        case _:
            raise Unknown("deed", _("Cette action n'existe pas."))
    return redirect("controlroom:corridor", pid=pid)
