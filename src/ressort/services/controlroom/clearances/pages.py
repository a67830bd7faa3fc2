"""The console's page of clearances: what is lent, what is lent to us, who is limited."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ressort.core.errors import Refused, Unknown
from ressort.services.controlroom.clearances import actions, forms, queries
from ressort.web import undo
from ressort.web.doors import door
from ressort.web.forms import refuse

PAGE = "controlroom:clearances"


@door("controlroom.clearance.manage")
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Show what is lent, what is lent to us, who is limited."""
    return _page(request)


def _lend(homes: Any, data: Any = None) -> forms.Lend:
    return forms.Lend(data, homes=homes, partners=queries.partners(homes))


def _limit(homes: Any, data: Any = None) -> forms.Limit:
    return forms.Limit(data, homes=homes, people=queries.operators(homes))


def _page(
    request: HttpRequest, lend: forms.Lend | None = None, limit: forms.Limit | None = None, status: int = 200
) -> HttpResponse:
    homes = queries.mine(request.user)
    context = {
        "lent": queries.lent(homes),
        "borrowed": queries.borrowed(homes),
        "limits": queries.limits(homes),
        "several": len(homes) > 1,
        "lend": lend or _lend(homes),
        "limit": limit or _limit(homes),
    }
    return render(request, "controlroom/clearances/list.html", context, status=status)


@door("controlroom.clearance.manage")
@require_POST
def grant(request: HttpRequest) -> HttpResponse:
    """Lend command to a partner."""
    form = _lend(queries.mine(request.user), request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.grant(
                request.user,
                data["owner"].pid,
                data["partner"].pid,
                data["kinds"],
                data["until"],
                data["reason"],
            )
        except Refused as error:
            refuse(form, error)
            return _page(request, lend=form, status=error.status)
        sentence = _("Confié à %(partner)s jusqu'au %(day)s.") % {
            "partner": made.partner.name,
            "day": made.last_day,
        }
        undo.said(request, sentence, reverse("controlroom:clearance_act", args=[made.pid, "retirer"]), {})
        return redirect(PAGE)
    return _page(request, lend=form, status=422)


@door("controlroom.clearance.manage")
@require_POST
def act(request: HttpRequest, pid: str, deed: str) -> HttpResponse:
    """Take back what was lent, or give it back."""
    match deed:
        case "retirer":
            found = actions.withdraw(request.user, pid)
            sentence = _("Retirée à %(partner)s : ce qui est maintenu se relâche.") % {
                "partner": found.partner.name
            }
            undo.said(request, sentence, reverse("controlroom:clearance_act", args=[pid, "rendre"]), {})
        case "rendre":
            found = actions.restore(request.user, pid)
            messages.success(request, _("Rendue, jusqu'au %(day)s.") % {"day": found.last_day})
        case _:
            raise Unknown("deed", _("Cette action n'existe pas."))
    return redirect(PAGE)


@door("controlroom.clearance.manage")
@require_POST
def limit(request: HttpRequest) -> HttpResponse:
    """Limit somebody to some classes."""
    homes = queries.mine(request.user)
    form = _limit(homes, request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.limit(
                request.user, data["organisation"].pid, data["person"].pid, data["kinds"], data["reason"]
            )
        except Refused as error:
            refuse(form, error)
            return _page(request, limit=form, status=error.status)
        sentence = _("%(person)s : limité à ceci, %(kinds)s.") % {
            "person": made.user.name,
            "kinds": made.classes,
        }
        undo.said(request, sentence, reverse("controlroom:clearance_free", args=[made.pk]), {})
        return redirect(PAGE)
    return _page(request, limit=form, status=422)


@door("controlroom.clearance.manage")
@require_POST
def free(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody act on every class again."""
    was = actions.free(request.user, pk)
    fields = {
        "organisation": was.organisation.pid,
        "person": was.user.pid,
        "kinds": ",".join(was.kinds),
        "reason": was.reason,
    }
    sentence = _("%(person)s : toutes les classes de nouveau.") % {"person": was.user.name}
    undo.said(request, sentence, reverse("controlroom:clearance_limit_again"), fields)
    return redirect(PAGE)


@door("controlroom.clearance.manage")
@require_POST
def limit_again(request: HttpRequest) -> HttpResponse:
    """Limit somebody as they were: what undoing sends."""
    given = {name: request.POST.get(name, "")[:400] for name in ("organisation", "person", "kinds", "reason")}
    kinds = list(filter(None, given["kinds"].split(",")))
    actions.limit(request.user, given["organisation"], given["person"], kinds, given["reason"])
    messages.success(request, _("Limite remise."))
    return redirect(PAGE)
