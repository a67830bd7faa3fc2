"""Crews in the console: the list, one with its members."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ressort.core.accounts import policy
from ressort.core.accounts.models import User
from ressort.core.errors import Refused
from ressort.services.controlroom.orders import forms, queries
from ressort.services.controlroom.orders.actions import crews
from ressort.services.controlroom.orders.models import Crew
from ressort.services.controlroom.orders.pages import _homes
from ressort.web import undo
from ressort.web.doors import door
from ressort.web.forms import refuse


@door("controlroom.work.see")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """List the crews, with who is in them and how much they have to do."""
    rows = queries.crews(request.user).prefetch_related("members__user")
    context = {"rows": rows, "may": policy.allowed(request.user, crews.MANAGE).ok}
    return render(request, "controlroom/orders/crews.html", context)


@door("controlroom.crew.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def crew(request: HttpRequest, pid: str = "") -> HttpResponse:
    """Make a crew, or change one and who is in it."""
    found = crews.find(pid) if pid else None
    if found is not None:
        policy.authorise(request.user, crews.MANAGE, found)
    homes = _homes(request.user, crews.MANAGE)
    form = forms.CrewForm(
        organisations=homes,
        crew=found,
        initial={"name": found.name, "trade": found.trade, "active": found.active} if found else {},
    )
    join = forms.Join()
    if request.method == "POST":
        deed = request.POST.get("deed", "crew")
        if deed == "part" and found is not None:
            person = crews.part(request.user, pid, request.POST.get("person", ""))
            back = {"deed": "join", "email": person.email}
            said = _("%(name)s n'est plus dans l'équipe.") % {"name": person.name}
            undo.said(request, said, reverse("controlroom:crew", args=[pid]), back)
            return redirect("controlroom:crew", pid=pid)
        if deed == "join" and found is not None:
            join = forms.Join(request.POST)
            done = _joined(request, pid, join)
        else:
            form = forms.CrewForm(request.POST, organisations=homes, crew=found)
            done = _saved(request, found, form)
        if done:
            return redirect("controlroom:crew", pid=done)
    homes_of = found.organisation_id if found else None
    context = {
        "form": form,
        "join": join,
        "crew": found,
        "members": list(found.members.select_related("user")) if found else [],
        "people": User.objects.filter(memberships__organisation=homes_of, is_active=True).distinct()[:100],
    }
    wrong = any(one.is_bound and one.errors for one in (form, join))
    return render(request, "controlroom/orders/crew_edit.html", context, status=422 if wrong else 200)


def _joined(request: HttpRequest, pid: str, form: forms.Join) -> str:
    if form.is_valid():
        try:
            row = crews.join(request.user, pid, form.cleaned_data["email"])
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("%(name)s est dans l'équipe.") % {"name": row.user.name})
            return pid
    return ""


def _saved(request: HttpRequest, found: Crew | None, form: Any) -> str:
    if form.is_valid():
        data = form.cleaned_data
        try:
            if found is None:
                made = crews.make(request.user, data["name"], data["trade"], data.get("organisation") or "")
            else:
                made = crews.change(
                    request.user, found.pid, data["name"], data["trade"], active=data["active"]
                )
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("C'est enregistré."))
            return str(made.pid)
    return ""
