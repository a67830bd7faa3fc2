"""Pages of the safeguard plan: the three lists, one entry, the file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core.accounts import policy
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.services.controlroom.incidents.forms import where_of
from ressort.services.controlroom.plan import actions, forms, queries
from ressort.services.controlroom.plan import tables as ours
from ressort.services.controlroom.plan.models import PlanEntry
from ressort.web import exchanging, undo
from ressort.web.doors import door
from ressort.web.forms import refuse

PAGE = 100


@door("controlroom.plan.see")
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Show whom to call, what there is, where to gather."""
    kind, search = request.GET.get("liste", ""), request.GET.get("q", "")[:80].strip()
    kind = kind if kind in PlanEntry.Kind.values else ""
    page = Paginator(queries.entries(request.user, kind, search), PAGE).get_page(request.GET.get("page"))
    today = localdate(service_now())
    context = {
        "page": page,
        "rows": [(one, queries.old(one, today)) for one in page],
        "kinds": [(code, word, counted) for (code, word), counted in zip(
            PlanEntry.Kind.choices, queries.counts(request.user).values(), strict=True)],
        "kind": kind,
        "search": search,
        "may_write": policy.allowed(request.user, actions.WRITE).ok,
    }  # fmt: skip
    return render(request, "controlroom/plan/list.html", context)


@door("controlroom.plan.write")
@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, pid: str = "") -> HttpResponse:
    """Write an entry, or say that it is still so."""
    present = queries.entries(request.user).filter(pid=pid).first()
    if pid and present is None:
        raise Unknown("plan-entry", _("Le plan n'a pas d'entrée de ce numéro."))
    first = {name: getattr(present, name) for name in forms.Entry.base_fields} if present else None
    form = forms.Entry(request.POST or None, initial=first)
    where = _typed(request) if request.method == "POST" else _where(present)
    if request.method == "POST" and form.is_valid():
        try:
            given = form.cleaned_data | where_of(request.POST)
            if present:
                actions.change(request.user, pid, given)
            else:
                actions.add(request.user, given)
        except Refused as refused:
            if refused.field in {"where", "lon", "lat"}:
                where["error"] = refused.sentence
            refuse(form, refused)
        else:
            messages.success(request, _("C'est enregistré, et vérifié à ce jour."))
            return redirect(f"{reverse('controlroom:plan')}?liste={form.cleaned_data['kind']}")
    context = {"form": form, "entry": present, "where": where}
    return render(request, "controlroom/plan/entry.html", context, status=422 if form.errors else 200)


def _where(present: PlanEntry | None) -> dict[str, Any]:
    if present is None:
        return {"value": "", "lon": "", "lat": "", "error": ""}
    return {"value": present.address, "lon": present.lon, "lat": present.lat, "error": ""}


def _typed(request: HttpRequest) -> dict[str, Any]:
    return {"value": request.POST.get("where", "")[:200], "lon": "", "lat": "", "error": ""}


@door("controlroom.plan.write")
@require_POST
def act(request: HttpRequest, pid: str, deed: str) -> HttpResponse:
    """Withdraw an entry, or put it back."""
    if deed not in {"retirer", "remettre"}:
        raise Unknown("deed", _("Cette action n'existe pas."))
    found = actions.withdraw(request.user, pid, back=deed == "remettre")
    if deed == "retirer":
        way_back = reverse("controlroom:plan_act", args=[pid, "remettre"])
        undo.said(request, _("Retiré du plan : %(name)s.") % {"name": found.name}, way_back, {})
    else:
        messages.success(request, _("Remis au plan."))
    return redirect(f"{reverse('controlroom:plan')}?liste={found.kind}")


@door("controlroom.plan.write")
@require_safe
def file(request: HttpRequest, name: str) -> HttpResponse:
    """Give out an empty table, or the plan as one that reads back to the same."""
    if name not in {"modele", "export"}:
        raise Unknown("file", _("Ce fichier n'existe pas."))
    return exchanging.given_out(ours.plan(request.user), "plan-de-sauvegarde", empty=name == "modele")


@door("controlroom.plan.write")
@require_http_methods(["GET", "HEAD", "POST"])
def exchange(request: HttpRequest) -> HttpResponse:
    """Take the plan of a town hall as a file."""
    return exchanging.exchange(
        request,
        ours.plan(request.user),
        "controlroom:plan",
        reverse("controlroom:plan_file", args=["export"]),
        reverse("controlroom:plan_file", args=["modele"]),
    )
