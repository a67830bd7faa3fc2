"""Importing equipment: from a file with a dry run, or from the inventory of the street network."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.services.controlroom.equipment import tables as ours
from ressort.services.controlroom.equipment.forms import EquipmentFile
from ressort.web import exchanging
from ressort.web.doors import door


@door("controlroom.equipment.manage")
@require_safe
def file(request: HttpRequest, name: str) -> HttpResponse:
    """Give out an empty table, or what is there as one that reads back to the same."""
    return exchanging.given_out(ours.equipment(request.user), "equipements", empty=name == "modele")


@door("controlroom.equipment.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def exchange(request: HttpRequest) -> HttpResponse:
    """Take a file of equipment."""
    return exchanging.exchange(
        request,
        ours.equipment(request.user),
        "controlroom:equipment",
        reverse("controlroom:equipment_file", args=["export"]),
        reverse("controlroom:equipment_file", args=["modele"]),
        form_class=EquipmentFile,
        as_table=ours.as_table,
        template="controlroom/import.html",
        more={"inventory": len(ours.inventory(request.user))},
    )


@door("controlroom.equipment.manage")
@require_POST
def inventory(request: HttpRequest) -> HttpResponse:
    """Take signals and bollards from the street network."""
    count = ours.take_inventory(request.user)
    said = ngettext("%(n)d équipement ajouté.", "%(n)d équipements ajoutés.", count) % {"n": count}
    messages.success(request, said)
    return redirect("controlroom:equipment")
