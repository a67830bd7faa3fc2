"""Turns from a spreadsheet: a dry run line by line, then the whole file or nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ressort.core.errors import Unknown
from ressort.services.controlroom.duty import tables as ours
from ressort.web import exchanging
from ressort.web.doors import door


@door("controlroom.duty.plan")
@require_safe
def file(request: HttpRequest, name: str) -> HttpResponse:
    """Give out an empty table, or the turns that are there as one that reads back to the same."""
    if name not in {"modele", "export"}:
        raise Unknown("file", _("Ce fichier n'existe pas."))
    return exchanging.given_out(ours.roster(request.user), "astreintes", empty=name == "modele")


@door("controlroom.duty.plan")
@require_http_methods(["GET", "HEAD", "POST"])
def exchange(request: HttpRequest) -> HttpResponse:
    """Take a file of turns."""
    return exchanging.exchange(
        request,
        ours.roster(request.user),
        "controlroom:duty",
        reverse("controlroom:duty_file", args=["export"]),
        reverse("controlroom:duty_file", args=["modele"]),
    )
