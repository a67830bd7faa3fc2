"""Calling a line of duty, and following a call until somebody sees to it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core.accounts import policy
from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.services.controlroom.alarms.models import Alarm
from ressort.services.controlroom.duty import forms, queries
from ressort.services.controlroom.duty.actions import answering, calling
from ressort.services.controlroom.duty.cascade_models import Cascade
from ressort.services.controlroom.incidents.models import Incident
from ressort.web import undo
from ressort.web.doors import door
from ressort.web.forms import refuse

PAGE = 40


@door("controlroom.duty.call")
@require_http_methods(["GET", "HEAD", "POST"])
def call(request: HttpRequest) -> HttpResponse:
    """Call a line: for an incident (``?incident=``), an alarm (``?alarme=``), or what is written."""
    asked = request.POST if request.method == "POST" else request.GET
    incident = _incident(request, asked.get("incident", ""))
    alarm = _alarm(asked.get("alarm" if request.method == "POST" else "alarme", ""))
    home = {incident.organisation_id} if incident else queries.mine(request.user, calling.CALL)
    rosters = queries.rosters(queries.lines(request.user).filter(organisation__in=home))
    choices = [(one.line.pid, one.line.name) for one in rosters]
    given = request.GET.get("ligne", "")
    first = next((one.line.pid for one in rosters if given in {one.line.pid, one.line.name}), "")
    initial = {
        "line": first or (choices[0][0] if len(choices) == 1 else ""),
        "incident": incident.number if incident else "",
        "alarm": alarm.pk if alarm else None,
        "why": request.GET.get("motif", "")[:160],
    }
    form = (
        forms.Call(request.POST, lines=choices)
        if request.method == "POST"
        else forms.Call(initial=initial, lines=choices)
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = calling.start(
                request.user,
                data["line"],
                incident=data["incident"],
                alarm=data["alarm"],
                why=data["why"],
            )
        except Refused as error:
            if error.status in {403, 404}:
                raise
            refuse(form, error)
        else:
            return _started(request, made)
    context = {
        "form": form,
        "rosters": rosters,
        "incident": incident,
        "alarm": alarm,
        "chosen": initial["line"],
    }
    status = 422 if form.errors else 200
    return render(request, "controlroom/duty/call.html", context, status=status)


def _started(request: HttpRequest, made: Cascade) -> HttpResponse:
    back = reverse("controlroom:cascade_act", args=[made.pid, "arreter"])
    if made.state == Cascade.State.EXHAUSTED:
        messages.warning(
            request, _("Personne n'est d'astreinte sur cette ligne : le responsable est prévenu.")
        )
    else:
        who = ", ".join(step.contact.name for step in made.steps.select_related("contact"))
        undo.said(request, _("On appelle %(who)s.") % {"who": who}, back, {})
    return redirect("controlroom:cascade", pid=made.pid)


def _incident(request: HttpRequest, number: str) -> Incident | None:
    if not number:
        return None
    found = Incident.objects.select_related("situation").filter(number=number[:20]).first()
    if found is None:
        raise Unknown("incident", _("Cet incident n'existe pas : vérifiez son numéro dans la liste."))
    authorise(request.user, calling.CALL, found)
    return found


def _alarm(pk: str) -> Alarm | None:
    if not (pk.isascii() and pk.isdigit() and len(pk) < 12):
        return None
    found = Alarm.objects.select_related("rule", "device").filter(pk=int(pk)).first()
    if found is None:
        raise Unknown("alarm", _("Cette alarme n'existe pas."))
    return found


@door("controlroom.duty.see")
@require_safe
def past(request: HttpRequest) -> HttpResponse:
    """List every call, the last first."""
    page = Paginator(queries.cascades(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "controlroom/duty/cascades.html", {"page": page})


def _found(request: HttpRequest, pid: str) -> Cascade:
    found: Cascade | None = queries.with_steps(Cascade.objects.filter(pid=pid)).first()
    if found is None:
        raise Unknown("cascade", _("Cet appel n'existe pas."))
    authorise(request.user, queries.SEE, found)
    return found


@door("controlroom.duty.see")
@require_safe
def cascade(request: HttpRequest, pid: str) -> HttpResponse:
    """Show a call: who was called, when, what was answered, who is next."""
    template = "cascade_live" if request.headers.get("HX-Request") else "cascade"
    found = _found(request, pid)
    return render(request, f"controlroom/duty/{template}.html", context_of(request, found))


def context_of(request: HttpRequest, found: Cascade) -> dict[str, Any]:
    """Return what a call is shown with."""
    later: list[tuple[int, list[Any]]] = []
    if found.calling:
        on = queries.on_duty(found.line, service_now())
        later = [(rank, people) for rank, people in sorted(on.items()) if rank > found.rank]
    return {
        "call": found,
        "later": later,
        "now": service_now(),
        "may_call": policy.allowed(request.user, calling.CALL, found).ok,
        "alone": True,
    }


@door("controlroom.duty.call")
@require_POST
def act(request: HttpRequest, pid: str, deed: str) -> HttpResponse:
    """Note an answer given by voice, stop calling, or call the next rank without waiting."""
    found = _found(request, pid)
    match deed:
        case "oui" | "non":
            text = request.POST.get("step", "")
            if not (text.isascii() and text.isdigit() and len(text) < 12):
                raise Refused("bad-row", _("Rechargez la page et recommencez."), status=409)
            note = request.POST.get("note", "")
            step = answering.by_voice(request.user, pid, int(text), yes=deed == "oui", note=note)
            sentence = (
                _("%(name)s s'en charge : c'est noté.")
                if deed == "oui"
                else _("%(name)s ne peut pas : c'est noté.")
            )
            messages.success(request, sentence % {"name": step.contact.name})
        case "arreter":
            calling.stop(request.user, pid)
            messages.success(request, _("On n'appelle plus."))
        case "suivant":
            calling.hurry(request.user, pid)
            messages.success(request, _("Le rang suivant est appelé sans attendre."))
        case _:
            raise Unknown("deed", _("Ce geste n'existe pas : utilisez les boutons de la page."))
    if request.POST.get("next") == "incident" and found.incident:
        return redirect(reverse("controlroom:incident", args=[found.incident.number]) + "#calls")
    return redirect("controlroom:cascade", pid=pid)
