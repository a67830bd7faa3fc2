"""School holidays: what is loaded, and the ministry's calendar tried out, then applied."""

from __future__ import annotations

import base64
import binascii
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from ressort.core.errors import Refused
from ressort.core.territory import school, zones
from ressort.web.administration.forms import CalendarFile
from ressort.web.doors import door
from ressort.web.forms import refuse

PUBLISHED = "https://www.data.gouv.fr/fr/datasets/le-calendrier-scolaire/"
"""Where the ministry of education publishes its calendars."""


@door("calendar.load")
@require_http_methods(["GET", "HEAD", "POST"])
def holidays(request: HttpRequest) -> HttpResponse:
    """Show what is loaded; take a file and show what it would change; then, once confirmed, change it."""
    if request.method == "POST" and request.POST.get("deed") == "apply":
        return _apply(request)
    form = CalendarFile(request.POST, request.FILES) if request.method == "POST" else CalendarFile()
    trial: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        data = given["file"].read(school.MOST_BYTES + 1)
        try:
            found = school.try_out(request.user, data, given["file"].name, given["zone"])
        except Refused as error:
            refuse(form, error)
        else:
            trial = {
                "trial": found,
                "data": base64.b64encode(data).decode(),
                "zone_given": given["zone"],
                "file_name": given["file"].name,
            }
    known = [(zone, list(rows)) for zone, rows in groupby(school.everything(), lambda one: one.zone)]
    context = {"form": form, "known": known, "zone": zones.of_territory(), "published": PUBLISHED, **trial}
    status = 422 if form.errors else 200
    return render(request, "web/administration/school.html", context, status=status)


def _apply(request: HttpRequest) -> HttpResponse:
    try:
        data = base64.b64decode(request.POST.get("data", ""), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data:
        raise Refused(
            "bad-calendar", _("Le fichier n'est pas revenu entier : déposez-le à nouveau."), field="file"
        )
    name = request.POST.get("name", "")[:100]
    count = school.replace(request.user, data, name, request.POST.get("zone", ""))
    said = ngettext("%(count)d période est chargée.", "%(count)d périodes sont chargées.", count)
    messages.success(request, said % {"count": count})
    return redirect("web:school")
