"""The console's pages of the equipment: map, list, one piece, its commands."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ressort.core.accounts import policy
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.intake.readings import milliseconds
from ressort.services.controlroom.clearances.deciding import Rights
from ressort.services.controlroom.corridors import queries as corridors
from ressort.services.controlroom.equipment import (
    asking,
    crowd,
    holding,
    interlocks,
    linking,
    queries,
    registering,
    seeing,
    stages,
    states,
    witnesses,
)
from ressort.services.controlroom.equipment.drivers import driver_of
from ressort.services.controlroom.equipment.forms import CommandForm, EmergencyForm, WitnessForm
from ressort.services.controlroom.equipment.kinds import CHOICES, KINDS
from ressort.services.controlroom.equipment.models import Asset
from ressort.services.controlroom.shadow import proposing
from ressort.web.context import Shell
from ressort.web.doors import door
from ressort.web.forms import refuse

PAGE = 60
STATES = (
    ("", gettext_lazy("Tous")),
    ("active", gettext_lazy("En service")),
    ("stale", gettext_lazy("Sans nouvelles")),
    ("failed", gettext_lazy("En défaut")),
    ("contradicted", gettext_lazy("Contredits")),
    ("off", gettext_lazy("Hors service")),
)


@door("controlroom.equipment.see")
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show the map of the equipment, and what waits for somebody."""
    shown = ("equipment", "corridors")
    layers = [one for one in Shell(request).layers if one["key"].startswith(shown)]
    return render(request, "controlroom/board.html", {**_summary(request), "layers": layers})


@door("controlroom.equipment.see")
@require_safe
def tile(request: HttpRequest, kinds: str, z: int, x: int, y: int) -> HttpResponse:
    """Answer one tile of the map's crowded layers; nothing there is 204."""
    del request
    if z > crowd.NEAREST or max(x, y) >= 2**z:
        raise Http404(_("Il n'y a pas de tuile à cet endroit."))
    found = crowd.tile(kinds.split(","), z, x, y)
    headers = {
        "Cache-Control": "private, max-age=20"
    }  # asked for again under another address when something happens
    if not found:
        return HttpResponse(status=204, headers=headers)
    return HttpResponse(found, content_type="application/vnd.mapbox-vector-tile", headers=headers)


@door("controlroom.equipment.see")
@require_safe
def summary(request: HttpRequest) -> HttpResponse:
    """Return the panel of the map, refreshed as events come."""
    if not request.headers.get("HX-Request"):
        return redirect("controlroom:board")
    return render(request, "controlroom/board_summary.html", _summary(request))


def _summary(request: HttpRequest) -> dict[str, Any]:
    sees = policy.allowed(request.user, "controlroom.command.see").ok
    return {
        "counts": crowd.counts(),
        "commands": queries.under_way(request.user) if sees else None,
        "emergency": asking.emergency(),
        "corridors": list(corridors.listed("open", "waiting")[:6])
        if policy.allowed(request.user, "controlroom.corridor.see")
        else None,
        "may_corridor": policy.allowed(request.user, "controlroom.corridor.open").ok,
    }


@door("controlroom.equipment.see")
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List the equipment with its state."""
    kind, state = request.GET.get("classe", ""), request.GET.get("etat", "")
    kind, state = kind if kind in KINDS else "", state if state in dict(STATES) else ""
    search = request.GET.get("nom", "")[:60].strip()
    page = Paginator(queries.listed(kind, state, search), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "shown": queries.called(page.object_list),
        "kinds": CHOICES,
        "kind": kind,
        "states": STATES,
        "state": state,
        "search": search,
        "may_import": policy.allowed(request.user, "controlroom.equipment.manage").ok,
    }
    return render(request, "controlroom/equipment.html", context)


def in_panel(
    request: HttpRequest, template: str, context: dict[str, Any], title: str, status: int = 200
) -> HttpResponse:
    """Answer a fragment for the panel on the right, or the same as a page of its own."""
    if request.headers.get("HX-Request"):
        return render(request, template, context, status=status)
    return render(
        request, "controlroom/panel.html", {**context, "fragment": template, "title": title}, status=status
    )


@door("controlroom.equipment.see")
@require_safe
def asset(request: HttpRequest, pid: str) -> HttpResponse:
    """Show a piece of equipment: what it says, its curve, what it can be asked."""
    return _asset(request, asking.find_asset(pid))


def _asset(
    request: HttpRequest,
    found: Asset,
    wrong: CommandForm | None = None,
    status: int = 200,
    witness: WitnessForm | None = None,
) -> HttpResponse:
    (one,) = queries.standing([found])
    rights = Rights(request.user)
    verdict = rights.command(found)
    now = milliseconds(service_now())
    asked, reason = request.GET.get("ordre", ""), request.GET.get("motif", "")[:200]
    back = linking.way_back(request.GET.get("retour", ""))
    offered = [
        (
            capability,
            wrong
            if wrong is not None and wrong.capability.verb == capability.verb
            else CommandForm(
                capability=capability,
                initial={
                    "key": secrets.token_hex(8),
                    "reason": reason if asked == capability.verb else "",
                },
            ),
            interlocks.broken(found.declared, capability, one.seen, now),
        )
        for capability in (found.can if verdict else [])
    ]
    context = {
        "one": one,
        "asset": found,
        "facts": states.facts(found, one.seen),
        "curve": queries.curve(found),
        "junction": stages.picture(found, service_now()),
        "parts": found.parts.order_by("name")[:PAGE],
        "offered": offered,
        "asked": asked,
        "verdict": verdict,
        "barred": verdict.why
        if found.can and policy.allowed(request.user, "controlroom.command.ask")
        else "",
        "back": back,
        "commands": queries.of_asset(found, request.user),
        "may_maintain": rights.maintain(found).ok,
        "observing": _observing(found),
        "witness": seeing.of(found),
        "witness_form": witness or seeing.form(found),
        "may_manage": policy.allowed(request.user, "controlroom.equipment.manage", found).ok,
        "upkeeps": [one for one in Asset.Upkeep.choices if one[0] != found.upkeep],
        "emergency": asking.emergency(),
        "topic": f"subject:{found.pid}",
    }
    return in_panel(request, "controlroom/asset.html", context, found.name, status)


def _observing(found: Asset) -> bool:
    driver = driver_of(found)
    return driver is not None and driver.real and proposing.is_shadow(found)


@door("controlroom.command.ask")
@require_POST
def command(request: HttpRequest, pid: str, verb: str) -> HttpResponse:
    """Ask something of a piece of equipment."""
    found = asking.find_asset(pid)
    capability = found.declared.capability(verb)
    if capability is None:
        raise Refused("cannot", _("Cet équipement ne sait pas faire cela."), status=409)
    form = CommandForm(request.POST, capability=capability)
    if form.is_valid():
        try:
            made = asking.ask(request.user, pid, verb, **form.asked())
        except Refused as error:
            refuse(form, error)
            return _asset(request, found, form, error.status)
        if made.state == made.State.DRAFTED:
            messages.info(
                request, _("Une seconde personne doit approuver : la commande l'attend dix minutes.")
            )
        elif _observing(found):
            messages.info(request, _("Commande notée : le pilote est en observation, rien n'est parti."))
        else:
            messages.success(
                request, _("Commande partie : elle sera dite faite quand l'équipement l'aura confirmé.")
            )
        if back := linking.way_back(request.GET.get("retour", "")):
            return redirect(back)
        return redirect(
            "controlroom:commands" if made.hold else "controlroom:asset", *([] if made.hold else [pid])
        )
    return _asset(request, found, form, 422)


@door("controlroom.equipment.maintain")
@require_POST
def upkeep(request: HttpRequest, pid: str) -> HttpResponse:
    """Say where the maintenance of a piece of equipment stands."""
    registering.upkeep(request.user, pid, request.POST.get("upkeep", ""))
    messages.success(request, _("Entretien noté."))
    return redirect("controlroom:asset", pid)


@door("controlroom.equipment.manage")
@require_POST
def witness(request: HttpRequest, pid: str) -> HttpResponse:
    """Say which second device sees a piece of equipment."""
    found = asking.find_asset(pid)
    form = WitnessForm(request.POST)
    if form.is_valid():
        try:
            witnesses.tie(request.user, pid, form.cleaned_data["witness"])
        except Refused as error:
            refuse(form, error)
            return _asset(request, found, status=422, witness=form)
        messages.success(request, _("Témoin noté : ce qu'il voit est comparé à ce que dit l'équipement."))
        return redirect("controlroom:asset", pid)
    return _asset(request, found, status=422, witness=form)


@door("controlroom.command.see")
@require_safe
def commands(request: HttpRequest) -> HttpResponse:
    """Show the commands that wait, are under way, hold something, and the last ones."""
    context = {
        "commands": queries.under_way(request.user),
        "emergency": asking.emergency(),
        "form": EmergencyForm(),
        "may": policy.allowed(request.user, "controlroom.command.approve").ok,
    }
    part = (
        "controlroom/commands_now.html" if request.headers.get("HX-Request") else "controlroom/commands.html"
    )
    return render(request, part, context)


@door("controlroom.command.ask")
@require_POST
def act(request: HttpRequest, pid: str, deed: str) -> HttpResponse:
    """Approve, decline, cancel, release or renew."""
    match deed:
        case "approuver":
            asking.approve(request.user, pid)
            messages.success(request, _("Commande approuvée : elle part si rien ne l'interdit."))
        case "decliner":
            asking.decline(request.user, pid)
            messages.success(request, _("Commande refusée."))
        case "annuler":
            asking.cancel(request.user, pid)
            messages.success(request, _("Commande annulée."))
        case "relacher":
            holding.release(request.user, pid)
            messages.success(request, _("Maintien relâché : l'équipement revient à son état sûr."))
        case "maintenir":
            try:
                holding.renew(request.user, pid)
            except Refused:  # released meanwhile: the page says so at its next look
                return HttpResponse(status=204)
            if request.headers.get("HX-Request"):
                return HttpResponse(status=204)
        case _:
            raise Unknown("deed", _("Cette action n'existe pas."))
    return redirect("controlroom:commands")


@door("controlroom.emergency.declare")
@require_POST
def emergency(request: HttpRequest) -> HttpResponse:
    """Declare an emergency, or end it."""
    if request.POST.get("deed") == "end":
        asking.end_emergency(request.user)
        messages.success(
            request, _("L'urgence est finie : les commandes dangereuses demandent deux personnes.")
        )
    else:
        form = EmergencyForm(request.POST)
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        asking.declare_emergency(request.user, reason)
        messages.warning(
            request, _("Urgence déclarée pour une heure : une personne suffit, le journal le dit.")
        )
    return redirect("controlroom:commands")
