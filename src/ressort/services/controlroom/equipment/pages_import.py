"""Importing equipment: from a file with a dry run, or from the inventory of the street network."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core import decoding, tables
from ressort.core.errors import Refused
from ressort.core.tables import Comparison
from ressort.services.controlroom.equipment import tables as ours
from ressort.services.controlroom.equipment.forms import EquipmentFile
from ressort.web.doors import door
from ressort.web.forms import refuse

SHOWN = 200


@door("controlroom.equipment.manage")
@require_safe
def file(request: HttpRequest, name: str) -> HttpResponse:
    """Give out an empty table, or what is there as one that reads back to the same."""
    table = ours.equipment(request.user)
    data = tables.template(table) if name == "modele" else tables.export(table)
    said = f'attachment; filename="{"modele-" if name == "modele" else ""}equipements.csv"'
    headers = {"Content-Disposition": said, "Cache-Control": "no-store"}
    return HttpResponse(data, content_type="text/csv; charset=utf-8", headers=headers)


@door("controlroom.equipment.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def exchange(request: HttpRequest) -> HttpResponse:
    """Take a file: show what it would do, line by line; then, once confirmed, do it."""
    table = ours.equipment(request.user)
    if request.method == "POST" and request.POST.get("deed") == "apply":
        found = tables.apply(table, _sent_again(request))
        messages.success(
            request,
            _("Fichier appliqué : %(new)d ajouts, %(changed)d modifications.")
            % {"new": len(found.of("new")), "changed": len(found.of("changed"))},
        )
        return redirect("controlroom:equipment")
    form = EquipmentFile(request.POST, request.FILES) if request.method == "POST" else EquipmentFile()
    trial, data = None, b""
    if request.method == "POST" and form.is_valid():
        try:
            data = ours.as_table(form.cleaned_data["file"].read(decoding.MOST_BYTES + 1))
            trial = tables.read(table, data)
        except Refused as error:
            refuse(form, error)
    context = {
        "table": table,
        "form": form,
        "found": trial,
        "data": base64.b64encode(data).decode() if trial and trial.ready else "",
        "inventory": len(ours.inventory(request.user)),
        **(_shown(trial) if trial else {}),
    }
    status = 422 if form.errors or (trial and trial.faults) else 200
    return render(request, "controlroom/import.html", context, status=status)


def _shown(found: Comparison) -> dict[str, Any]:
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


@door("controlroom.equipment.manage")
@require_POST
def inventory(request: HttpRequest) -> HttpResponse:
    """Take signals and bollards from the street network."""
    count = ours.take_inventory(request.user)
    said = ngettext("%(n)d équipement ajouté.", "%(n)d équipements ajoutés.", count) % {"n": count}
    messages.success(request, said)
    return redirect("controlroom:equipment")
