"""The console's pages of alarms and of the rules that raise them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core.accounts import policy
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.intake.models import Device
from ressort.services.controlroom.alarms import acting, contradicted, queries, wording, working
from ressort.services.controlroom.alarms.forms import RuleForm, ShelveForm, initial
from ressort.services.controlroom.alarms.models import Alarm, Rule
from ressort.services.controlroom.duty import queries as duty
from ressort.web.doors import door
from ressort.web.forms import refuse

PAGE = 60
REHEARSED = timedelta(hours=24)


@door("controlroom.alarm.see")
@require_safe
def alarms(request: HttpRequest) -> HttpResponse:
    """List the alarms that stand, or those that are over."""
    past = request.GET.get("etat") == "finies"
    rows = queries.over() if past else queries.opened()
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "past": past, "may": policy.allowed(request.user, "controlroom.alarm.treat").ok}
    return render(request, "controlroom/alarms/alarms.html", context)


def _found(pk: int) -> Alarm:
    alarm = Alarm.objects.filter(pk=pk).select_related("rule", "device", "taken_by", "storm__device").first()
    if alarm is None:
        raise Unknown("alarm", _("Cette alarme n'existe pas."))
    return alarm


@door("controlroom.alarm.see")
@require_safe
def alarm(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an alarm: what it says, since when, what to do, who has it."""
    return _alarm(request, pk, ShelveForm())


def _alarm(request: HttpRequest, pk: int, form: ShelveForm, status: int = 200) -> HttpResponse:
    found = _found(pk)
    context = {
        "alarm": found,
        "differ": _differ(found),
        "form": form,
        "members": found.members.select_related("device").order_by("raised")[:PAGE],
        "may": found.ended is None and policy.allowed(request.user, "controlroom.alarm.treat").ok,
        "incident": _incident(request, found),
        "calls": list(duty.cascades(request.user).filter(alarm=found)[:6]),
        "may_call": policy.allowed(request.user, "controlroom.duty.call").ok,
    }
    return render(request, "controlroom/alarms/alarm.html", context, status=status)


def _differ(found: Alarm) -> str:
    """Return how equipment and witness differ, for an alarm that says so."""
    if not wording.speaks_of_witnesses(found.rule.lines):
        return ""
    return contradicted.sentence(found.device_id, found.raised)


def _incident(request: HttpRequest, found: Alarm) -> str:
    """Return the address that opens an incident from an alarm, for those who may."""
    if not policy.allowed(request.user, "controlroom.incident.open").ok:
        return ""
    title = f"{found.rule.name} – {found.device.code}"[:120]
    return (
        f"{reverse('controlroom:incident_new')}?{urlencode({'source': f'alarm:{found.pk}', 'titre': title})}"
    )


@door("controlroom.alarm.treat")
@require_POST
def act(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Take an alarm, put it aside, give it back."""
    match deed:
        case "prendre":
            acting.take(request.user, pk)
            messages.success(request, _("L'alarme est à vous."))
        case "ecarter":
            form = ShelveForm(request.POST)
            if not form.is_valid():
                return _alarm(request, pk, form, 422)
            try:
                acting.shelve(request.user, pk, **form.cleaned_data)
            except Refused as error:
                if error.field not in form.fields:
                    raise
                refuse(form, error)
                return _alarm(request, pk, form, error.status)
            messages.success(request, _("L'alarme est mise de côté ; elle reviendra d'elle-même."))
        case "rendre":
            acting.give_back(request.user, pk)
            messages.success(request, _("L'alarme attend de nouveau quelqu'un."))
        case _:
            raise Unknown("deed", _("Cette action n'existe pas."))
    return redirect("controlroom:alarm", pk=pk)


@door("controlroom.rule.see")
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """List the rules, with how often each spoke."""
    page = Paginator(queries.rules(), PAGE).get_page(request.GET.get("page"))
    may = policy.allowed(request.user, "controlroom.rule.write").ok
    return render(request, "controlroom/alarms/rules.html", {"page": page, "may": may})


@door("controlroom.rule.write")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write a rule."""
    return _write(request, None)


@door("controlroom.rule.write")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a rule again, or try it on the last day."""
    rule = Rule.objects.filter(pk=pk).first()
    if rule is None:
        raise Unknown("rule", _("Cette règle n'existe pas."))
    return _write(request, rule)


def _write(request: HttpRequest, rule: Rule | None) -> HttpResponse:
    form = (
        RuleForm(request.POST)
        if request.method == "POST"
        else RuleForm(initial=initial(rule) if rule else None)
    )
    tried: dict[str, Any] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            if "essayer" in request.POST:
                tried = _rehearsed(form.cleaned_data)
            else:
                acting.write_rule(request.user, form.cleaned_data, rule.pk if rule else None)
                messages.success(request, _("La règle est écrite."))
                return redirect("controlroom:rules")
        except Refused as error:
            refuse(form, error)
    context = {"form": form, "rule": rule, "tried": tried}
    return render(request, "controlroom/alarms/rule.html", context, status=422 if form.errors else 200)


def _rehearsed(fields: dict[str, Any]) -> dict[str, Any]:
    """Tell what a rule would have raised during the last day."""
    rule, end = Rule(**{**fields, "every": bool(fields["every"])}), service_now()
    changes = working.rehearse(rule, end - REHEARSED, end)
    raised = [one for one in changes if one.kind == "raised"]
    codes = dict(Device.objects.filter(pk__in={one.subject for one in raised}).values_list("pk", "code"))
    watched = len(working.matching(rule, working.read(rule), working.declared()))
    return {"watched": watched, "raised": len(raised), "codes": sorted(set(codes.values()))[:12]}
