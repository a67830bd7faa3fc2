"""The console's pages of incidents: the board, the list, opening one."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ressort.core import tables
from ressort.core.accounts import policy
from ressort.core.accounts.models import Organisation
from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.services.controlroom.incidents import exchange, forms, queries
from ressort.services.controlroom.incidents.actions import handling, opening
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.incidents.situation_models import Situation
from ressort.web import undo
from ressort.web.doors import door
from ressort.web.forms import refuse

PAGE = 50
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@door("controlroom.incident.see")
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show what needs doing now, then every open incident."""
    template = (
        "controlroom/incidents/board_live.html" if _part(request) else "controlroom/incidents/board.html"
    )
    return render(request, template, board_context(request))


def board_context(request: HttpRequest) -> dict[str, Any]:
    """Return what the board shows."""
    rows = queries.board(request.user)
    now = service_now()
    return {
        "rows": rows,
        "first": rows[0] if rows else None,
        "counts": queries.counts(request.user),
        "shared": [queries.told(one, now) for one in queries.with_all(queries.shared(request.user))[:PAGE]],
        "situations": situations_open(),
        "may_open": policy.allowed(request.user, opening.OPEN).ok,
        "may_handle": policy.allowed(request.user, "controlroom.incident.handle").ok,
    }


def situations_open() -> list[Situation]:
    """Return the situations under way."""
    return list(Situation.objects.filter(closed=None))


def situation_choices() -> list[tuple[str, str]]:
    """Return the situations under way as a field offers them; an exercise says so."""
    return [(one.pid, str(one.told)) for one in situations_open()]


def _part(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


@door("controlroom.incident.see")
@require_safe
def incidents(request: HttpRequest) -> HttpResponse:
    """List incidents: sifted, sorted, taken away as a file."""
    asked = {
        key: request.GET.get(key, "").strip()[:80] for key in ("q", "state", "priority", "category", "sort")
    }
    found = queries.listed(request.user, asked)
    if request.GET.get("format") == "csv":
        answer = HttpResponse(tables.export(exchange.table(found)), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="incidents.csv"'
        return answer
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    now = service_now()
    query = request.GET.copy()
    query.pop("page", None)
    query["format"] = "csv"
    context = {
        "page": page,
        "rows": [queries.told(one, now) for one in page],
        "asked": asked,
        "filtered": any(asked[key] for key in ("q", "state", "priority", "category")),
        "states": [("open", _("Ouverts")), *((v, str(w).capitalize()) for v, w in Incident.State.choices)],
        "priorities": [(v, str(w).capitalize()) for v, w in Incident.Priority.choices],
        "categories": [(v, str(w).capitalize()) for v, w in Incident.Category.choices],
        "export": query.urlencode(),
        "may_open": policy.allowed(request.user, opening.OPEN).ok,
    }
    return render(request, "controlroom/incidents/list.html", context)


@door("controlroom.incident.open")
@get_or_post
def new(request: HttpRequest) -> HttpResponse:
    """Open an incident by hand, or from an alarm, a report or a call (``?source=alarm:12&titre=…``)."""
    homes = Organisation.objects.filter(pk__in=queries.mine(request.user, opening.OPEN)).order_by("pk")
    more = {"situations": situation_choices(), "organisations": [(one.pid, one.name) for one in homes]}
    where = {"value": "", "lon": "", "lat": "", "error": ""}
    if request.method == "POST":
        form = forms.NewIncident(request.POST, **more)
        where |= {name: request.POST.get(f"where{tail}", "")[:200] for name, tail in
                  (("value", ""), ("lon", "_lon"), ("lat", "_lat"))}  # fmt: skip
        if form.is_valid():
            try:
                made = opening.open_incident(
                    request.user, opening.Draft(**form.cleaned_data, **forms.where_of(request.POST))
                )
                taken = (
                    bool(request.POST.get("take"))
                    and policy.allowed(request.user, handling.holding.HANDLE, made).ok
                )
                if taken:
                    handling.take(request.user, made.number)
            except Refused as refused:
                if refused.field == "where":
                    where["error"] = refused.sentence
                refuse(form, refused)
            else:
                back = reverse("controlroom:incident_act", args=[made.number, "rendre"])
                sentence = _("L'incident %(number)s est ouvert.") % {"number": made.number}
                if taken:
                    sentence = _("L'incident %(number)s est ouvert, et vous l'avez pris en charge.") % {
                        "number": made.number
                    }
                    undo.said(request, sentence, back, {})
                else:
                    from django.contrib import messages

                    messages.success(request, sentence)
                return redirect("controlroom:incident", number=made.number)
    else:
        given = request.GET
        initial = {
            "title": given.get("titre", "")[:120],
            "source": given.get("source", "")[:60],
            "priority": given.get("priorite", "") or "normal",
            "category": given.get("categorie", ""),
            "situation": given.get("situation", ""),
        }
        form = forms.NewIncident(initial=initial, **more)
        where |= {"value": given.get("lieu", "")[:200], **_point(given)}
    kind, source_id = opening.source_of(request.POST.get("source", "") or request.GET.get("source", ""))
    context = {
        "form": form,
        "where": where,
        "source": Incident.Source(kind).label if source_id else "",
        "source_id": source_id,
        "already": _already(kind, source_id) if source_id else [],
        "may_handle": policy.allowed(request.user, handling.holding.HANDLE).ok,
    }
    return render(request, "controlroom/incidents/new.html", context, status=422 if form.errors else 200)


def _already(kind: str, source_id: str) -> list[Incident]:
    """Return where what was opened for the same source goes on, each once."""
    found = queries.of_source(kind, source_id).select_related("merged_into__merged_into")[:3]
    return list(dict.fromkeys(opening.holding.successor(one) for one in found))


def _point(given: Any) -> dict[str, str]:
    found = {}
    for axis, most in (("lon", 180), ("lat", 90)):
        try:
            value = float(given.get(axis, "")[:20])
        except ValueError:
            return {}
        if not -most <= value <= most:
            return {}
        found[axis] = str(value)
    return found
