"""Situations: declared and followed in the console, read by everybody on the portal, by machines as CAP and Atom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import get_default_timezone, localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ressort.core import presets
from ressort.core.accounts.policy import allowed
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.territory.models import Area
from ressort.services.controlroom.incidents import announced, cap, prepared, queries
from ressort.services.controlroom.incidents.actions import situations
from ressort.services.controlroom.incidents.situation_models import Alert, Situation
from ressort.web.context import Shell
from ressort.web.doors import door
from ressort.web.forms import refuse
from ressort.web.words import typo

FEED = 50
get_or_post = require_http_methods(["GET", "HEAD", "POST"])
_SURE = gettext_lazy("Cochez la case : ce message est publié aussitôt, et ne se reprend pas.")


def _choices(choices: Any) -> list[tuple[str, str]]:
    return [(value, str(label).capitalize()) for value, label in choices.choices]


class Change(forms.Form):
    """What may change while a situation lasts."""

    level = forms.ChoiceField(
        label=gettext_lazy("Niveau"), choices=lambda: _choices(Situation.Level), widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choisissez un niveau.")},
    )  # fmt: skip
    headline = forms.CharField(
        label=gettext_lazy("Phrase pour le public"),
        max_length=160,
        help_text=gettext_lazy("Ce qui arrive, et où : elle s'affiche en haut de toutes les pages."),
        error_messages={"required": gettext_lazy("Écrivez la phrase que tout le monde lira.")},
    )
    instruction = forms.CharField(
        label=gettext_lazy("Ce qu'il faut faire"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    until = forms.DateTimeField(
        label=gettext_lazy("Fin prévue"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": gettext_lazy("Écrivez une date et une heure.")},
    )
    sure = forms.BooleanField(
        label=gettext_lazy("Oui, publier ce message maintenant"), error_messages={"required": _SURE}
    )


class Declare(Change):
    """A situation to declare."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Ce qui arrive"), choices=lambda: [("", _("Choisir…")), *_choices(Situation.Kind)],
        error_messages={"required": gettext_lazy("Choisissez ce qui arrive.")},
    )  # fmt: skip
    exercise = forms.BooleanField(
        label=gettext_lazy("C'est un EXERCICE"),
        required=False,
        help_text=gettext_lazy("Le mot est alors dit partout, et aucun équipement n'est commandé."),
    )
    area = forms.ChoiceField(label=gettext_lazy("Où"), required=False)
    presets = forms.MultipleChoiceField(
        label=gettext_lazy("Ce que font les services tant qu'elle dure"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "À la fin, tout est repris ; une procédure commencée se finit à la main. Dans un exercice, les procédures "
            "se jouent, le reste est annoncé sans être appliqué."
        ),
        error_messages={"invalid_choice": gettext_lazy("Choisissez ce qui s'applique dans la liste.")},
    )
    field_order = ("exercise", "kind", "level", "area", "headline", "instruction", "until", "presets", "sure")

    def __init__(self, *args: Any, owner: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = [(str(one.public_id), one.name) for one in Area.objects.filter(active=True)[:200]]
        self.fields["area"].choices = [("", _("Tout le territoire")), *areas]  # type: ignore[attr-defined]
        offered = [(one.key, typo(f"{one.label}. {one.sentence}")) for one in presets.open_to({owner})]
        self.fields["presets"].choices = offered  # type: ignore[attr-defined]
        if not offered:
            del self.fields["presets"]


@door("controlroom.situation.see")
@get_or_post
def console(request: HttpRequest) -> HttpResponse:
    """Show the situations under way and past, and the form that declares one."""
    may = allowed(request.user, situations.DECLARE).ok
    plan = prepared.of(request.GET.get("plan", ""))
    initial = plan.initial() if plan else {"level": "watch"}
    form = Declare(request.POST or None, owner=situations.owner(request.user) if may else "", initial=initial)
    if request.method == "POST" and form.is_valid():
        given = {key: value for key, value in form.cleaned_data.items() if key != "sure"}
        given["presets"] = tuple(given.get("presets") or ())
        try:
            made = situations.declare(request.user, situations.Declaration(**given))
        except Refused as refused:
            if refused.status == 403:
                raise
            refuse(form, refused)
        else:
            messages.success(request, _("La situation est déclarée et publiée."))
            return redirect("controlroom:situation", pid=made.pid)
    context = {
        "form": form,
        "may": may,
        "plan": plan,
        "prepared": prepared.PREPARED,
        "open": list(Situation.objects.filter(closed=None)),
        "past": list(Situation.objects.exclude(closed=None)[:30]),
    }
    return render(
        request, "controlroom/incidents/situations.html", context, status=422 if form.errors else 200
    )


@door("controlroom.situation.see")
@get_or_post
def situation(request: HttpRequest, pid: str) -> HttpResponse:
    """Show a situation: what was published, its incidents; change it, or end it."""
    found = situations.find(pid)
    initial = {"level": found.level, "headline": found.headline, "instruction": found.instruction,
               "until": localtime(found.until) if found.until else None}  # fmt: skip
    form = Change(initial=initial)
    if request.method == "POST":
        if request.POST.get("do") == "close":
            if request.POST.get("sure") != "on":
                raise Refused("not-sure", str(_SURE), field="sure")
            situations.close(request.user, pid)
            messages.success(request, _("La situation est terminée ; la fin est publiée."))
            return redirect("controlroom:situation", pid=pid)
        form = Change(request.POST)
        if form.is_valid():
            given = {key: value for key, value in form.cleaned_data.items() if key != "sure"}
            try:
                situations.change(request.user, pid, **given)
            except Refused as refused:
                if refused.status == 403:
                    raise
                refuse(form, refused)
            else:
                messages.success(request, _("La mise à jour est publiée."))
                return redirect("controlroom:situation", pid=pid)
    now = service_now()
    mine = queries.with_all(queries.visible(request.user).filter(situation=found))
    context = {
        "situation": found,
        "topic": f"subject:{found.pid}",
        "form": form,
        "alerts": found.alerts.all(),
        "applied": [(one, one.standing(found.pid)) for one in presets.offered() if one.key in found.presets],
        "rows": queries.by_urgency(queries.told(one, now) for one in mine[:100]),
        "may": allowed(request.user, situations.DECLARE, found).ok,
        "may_report": allowed(request.user, "controlroom.situation.report", found).ok,
    }
    return render(
        request, "controlroom/incidents/situation.html", context, status=422 if form.errors else 200
    )


@door("controlroom.alert.see")
@require_safe
def public(request: HttpRequest) -> HttpResponse:
    """Show everybody the situations under way."""
    return render(request, "controlroom/incidents/situations_public.html", {"open": announced.current()})


@door("controlroom.alert.see")
@require_safe
def alert(request: HttpRequest, identifier: str) -> HttpResponse:
    """Answer a published message as CAP 1.2."""
    del request
    found = Alert.objects.filter(identifier=identifier).values_list("xml", flat=True).first()
    if found is None:
        raise Unknown("alert", _("Aucun message publié ne porte ce numéro."))
    return HttpResponse(found, content_type="application/cap+xml; charset=utf-8")


@door("controlroom.alert.see")
@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Answer the feed of published messages (Atom)."""
    home = settings.PUBLIC_URL.rstrip("/")
    entries = [
        cap.Entry(
            one.identifier,
            one.title,
            one.situation.instruction or one.title,
            localtime(one.sent),
            home + reverse("controlroom:alert", args=[one.identifier]),
            one.situation.exercise,
        )
        for one in Alert.objects.select_related("situation")[:FEED]
    ]
    epoch = datetime(2026, 1, 1, tzinfo=get_default_timezone())
    text = cap.feed(
        _("Alertes de %(name)s") % {"name": Shell(request).territory},
        home + reverse("controlroom:alerts"),
        home + reverse("controlroom:situations_public"),
        entries,
        epoch,
    )
    return HttpResponse(text, content_type="application/atom+xml; charset=utf-8")
