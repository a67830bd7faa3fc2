"""Tables exchanged as CSV: template, export, dry run, application."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ressort.core import decoding, tables
from ressort.core.accounts import people
from ressort.core.accounts.models import User
from ressort.core.accounts.policy import authorise
from ressort.core.accounts.tables import staff
from ressort.core.errors import Refused, Unknown
from ressort.core.fleet.tables import planned_shifts, vehicles
from ressort.core.tables import Comparison, Table
from ressort.core.territory.tables import stops
from ressort.web.administration.forms import TableFile
from ressort.web.administration.pages_people import invite_by_message
from ressort.web.doors import door
from ressort.web.forms import refuse

SHOWN = 200
"""Rows of a dry run that are shown; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Kind:
    """An exchanged table of the administration: who may, and the page it belongs to."""

    make: Callable[[Any], Table]
    verb: str
    page: str


KINDS = {
    "personnes": Kind(staff, "people.manage", "web:people"),
    "vehicules": Kind(vehicles, "fleet.manage", "web:vehicles"),
    "services": Kind(planned_shifts, "fleet.manage", "web:shifts"),
    "arrets": Kind(stops, "stop.manage", "web:stops"),
}


def _kind(request: HttpRequest, name: str) -> Kind:
    found = KINDS.get(name)
    if found is None:
        raise Unknown(
            "table", _("Ce fichier n'existe pas : choisissez personnes, véhicules, services ou arrêts.")
        )
    authorise(request.user, found.verb)
    return found


@door("people.manage")
@require_safe
def template(request: HttpRequest, name: str) -> HttpResponse:
    """Give out an empty table with its headers and an example."""
    table = _kind(request, name).make(request.user)
    return _file(tables.template(table), f"modele-{name}.csv")


@door("people.manage")
@require_safe
def export(request: HttpRequest, name: str) -> HttpResponse:
    """Give out what is there, as a file that reads back to the same."""
    table = _kind(request, name).make(request.user)
    return _file(tables.export(table), f"{name}.csv")


def _file(data: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        data,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


@door("people.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def exchange(request: HttpRequest, name: str) -> HttpResponse:
    """Take a file: show what it would do, line by line; then, once confirmed, do it."""
    kind = _kind(request, name)
    table = kind.make(request.user)
    if request.method == "POST" and request.POST.get("deed") == "apply":
        return _apply(request, kind, table, _sent_again(request))
    form = TableFile(request.POST, request.FILES) if request.method == "POST" else TableFile()
    found, data = None, b""
    if request.method == "POST" and form.is_valid():
        try:
            data = form.cleaned_data["file"].read(decoding.MOST_BYTES + 1)
            found = tables.read(table, data)
        except Refused as error:
            refuse(form, error)
    context = {
        "name": name,
        "page_url": reverse(kind.page),
        "table": table,
        "form": form,
        "found": found,
        "data": base64.b64encode(data).decode() if found and found.ready else "",
        **(_shown(found) if found else {}),
    }
    status = 422 if form.errors or (found and found.faults) else 200
    return render(request, "web/administration/table.html", context, status=status)


def _shown(found: Comparison) -> dict[str, Any]:
    """Return the rows worth showing first: what is wrong, then what is new or changes."""
    order = {"refused": 0, "changed": 1, "new": 2}
    telling = sorted(
        (row for row in found.rows if row.state in order), key=lambda row: (order[row.state], row.line)
    )
    counts = {state: len(found.of(state)) for state in ("new", "changed", "same", "refused")}
    return {"rows": telling[:SHOWN], "more": max(0, len(telling) - SHOWN), "counts": counts}


def _sent_again(request: HttpRequest) -> bytes:
    try:
        return base64.b64decode(request.POST.get("data", ""), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(
            "bad-table", _("Le fichier n'est pas revenu entier : déposez-le à nouveau."), field="file"
        ) from None


def _apply(request: HttpRequest, kind: Kind, table: Table, data: bytes) -> HttpResponse:
    found = tables.apply(table, data)
    messages.success(
        request,
        _("Fichier appliqué : %(new)d ajouts, %(changed)d modifications.")
        % {"new": len(found.of("new")), "changed": len(found.of("changed"))},
    )
    if kind.make is staff:
        _invite(request, [row.values["email"] for row in found.of("new")])
    return redirect(kind.page)


def _invite(request: HttpRequest, emails: list[str]) -> None:
    """Send their invitation to the people a file added; whoever has an account uses it."""
    count = 0
    for person in User.objects.filter(email__in=emails):
        if people.has_never_come(person):
            _person, secret = people.send_again(request.user, person.pid)
            invite_by_message(request, person, secret)
            count += 1
    if count:
        messages.success(request, _("Invitations qui partent : %(count)d.") % {"count": count})
