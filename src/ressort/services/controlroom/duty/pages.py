"""The console's pages of duty: who is on now, the people who take turns, a new line."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ressort.core.accounts import policy
from ressort.core.errors import Refused, Unknown
from ressort.services.controlroom.duty import forms, queries
from ressort.services.controlroom.duty.actions import lines
from ressort.services.controlroom.duty.models import DutyContact, DutyLine
from ressort.web import undo
from ressort.web.doors import door
from ressort.web.forms import refuse

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
PAST = 6


def may(request: HttpRequest, *verbs: str) -> dict[str, bool]:
    """Return what this person may do, for a template: ``may_plan``, ``may_call``…."""
    names = verbs or ("plan", "manage", "call")
    return {f"may_{name}": policy.allowed(request.user, f"controlroom.duty.{name}").ok for name in names}


def people_choices(found: Any) -> list[tuple[str, str]]:
    """Return people as a field offers them."""
    return [(str(one.pk), one.name) for one in found]


@door("controlroom.duty.see")
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show the calls under way, then who is on duty now on each line, and the holes to come."""
    template = "board_live" if request.headers.get("HX-Request") else "board"
    found = queries.rosters(queries.lines(request.user))
    ended = queries.cascades(request.user).exclude(state="calling")[:PAST]
    context = {
        "rosters": found,
        "calls": queries.under_way(request.user),
        "ended": list(ended),
        "closed": DutyLine.objects.filter(organisation__in=queries.mine(request.user)).exclude(closed=None),
        "holes": sum(one.hole_count for one in found),
        **may(request),
    }
    return render(request, f"controlroom/duty/{template}.html", context)


@door("controlroom.duty.manage")
@get_or_post
def new(request: HttpRequest) -> HttpResponse:
    """Add a line of duty."""
    choices = people_choices(queries.contacts(request.user))
    form = (
        forms.Line(request.POST, people=choices) if request.method == "POST" else forms.Line(people=choices)
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = lines.add_line(request.user, **form.cleaned_data)
        except Refused as error:
            refuse(form, error)
        else:
            messages.success(request, _("L'astreinte est créée. Donnez maintenant des tours à quelqu'un."))
            return redirect("controlroom:duty_line", pid=made.pid)
    status = 422 if form.errors else 200
    return render(request, "controlroom/duty/new.html", {"form": form}, status=status)


# ------------------------------------------------------------------ people


@door("controlroom.duty.see")
@get_or_post
def people(request: HttpRequest) -> HttpResponse:
    """List the people who take turns; add one."""
    return _people(request, None)


def _people(request: HttpRequest, one: DutyContact | None) -> HttpResponse:
    form = forms.Contact(initial=_initial(one)) if request.method != "POST" else forms.Contact(request.POST)
    if request.method == "POST" and form.is_valid():
        try:
            if one is None:
                made = lines.add_contact(request.user, **form.cleaned_data)
                back = reverse("controlroom:duty_person_act", args=[made.pk, "retirer"])
                undo.said(request, _("%(name)s est sur la liste.") % {"name": made.name}, back, {})
            else:
                lines.change_contact(request.user, one.pk, **form.cleaned_data)
                messages.success(request, _("C'est enregistré."))
            return redirect("controlroom:duty_people")
        except Refused as error:
            if error.status in {403, 404}:
                raise
            refuse(form, error)
    found = queries.contacts(request.user).select_related("user")
    gone = DutyContact.objects.filter(organisation__in=queries.mine(request.user), name__gt="").exclude(
        left=None
    )
    context = {"people": list(found), "gone": list(gone[:50]), "form": form, "one": one, **may(request)}
    return render(request, "controlroom/duty/people.html", context, status=422 if form.errors else 200)


def _initial(one: DutyContact | None) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("name", "phone", "email", "by")} if one else {}


@door("controlroom.duty.plan")
@get_or_post
def person_act(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Change somebody of the list, take them off it, put them back."""
    match deed:
        case "modifier":
            one = queries.contacts(request.user).filter(pk=pk).first()
            if one is None:
                raise Unknown("duty-contact", _("Cette personne n'est pas sur la liste d'astreinte."))
            return _people(request, one)
        case "retirer" | "remettre" if request.method == "POST":
            gone = deed == "retirer"
            one = lines.dismiss_contact(request.user, pk, left=gone)
            back = reverse("controlroom:duty_person_act", args=[pk, "remettre" if gone else "retirer"])
            sentence = (
                _("%(name)s n'est plus sur la liste : ses tours à venir sont des trous à combler.")
                if gone
                else _("%(name)s est de nouveau sur la liste.")
            )
            undo.said(request, sentence % {"name": one.name}, back, {})
        case _:
            raise Unknown("deed", _("Ce geste n'existe pas : utilisez les boutons de la page."))
    return redirect("controlroom:duty_people")
