"""Running playbooks from the page of an incident."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ressort.core.errors import Refused, Unknown
from ressort.services.controlroom.incidents.actions import running
from ressort.web import undo
from ressort.web.doors import door


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Refused("bad-row", _("Rechargez la page et recommencez."), status=409)
    return int(text)


@door("controlroom.incident.handle")
@require_POST
def start(request: HttpRequest, number: str) -> HttpResponse:
    """Start a playbook."""
    try:
        run = running.start(request.user, number, _number(request, "playbook"))
    except Refused as refused:
        if refused.status in {403, 404}:
            raise
        messages.error(request, refused.sentence)
    else:
        back = reverse("controlroom:run_act", args=[number, run.pk, "arreter"])
        undo.said(request, _("La procédure « %(name)s » commence.") % {"name": run.playbook.name}, back, {})
    return redirect(reverse("controlroom:incident", args=[number]) + "#runs")


@door("controlroom.incident.handle")
@require_POST
def act(request: HttpRequest, number: str, run: int, deed: str) -> HttpResponse:
    """Do the step at hand, skip it, take the last one back, or stop."""
    user: Any = request.user
    back = reverse("controlroom:run_act", args=[number, run, "reprendre"])
    given = request.POST
    try:
        match deed:
            case "faire" | "passer":
                step = _number(request, "step")
                made = running.do(
                    user, number, run, step, option=given.get("option", "")[:8], note=given.get("note", ""),
                    skip=deed == "passer",
                )  # fmt: skip
                said = (
                    _("Étape %(number)d faite.")
                    if made.step is not None
                    else _("Étape %(number)d faite : la procédure est finie.")
                )
                undo.said(request, said % {"number": step + 1}, back, {})
            case "reprendre":
                running.take_back(user, number, run)
                messages.success(request, _("L'étape est à refaire."))
            case "arreter":
                running.stop(user, number, run)
                messages.success(request, _("La procédure est arrêtée ; ce qui a été fait reste noté."))
            case _:
                raise Unknown("deed", _("Ce geste n'existe pas : utilisez les boutons de la page."))
    except Refused as refused:
        if refused.status in {403, 404}:
            raise
        messages.error(request, refused.sentence)
    return redirect(reverse("controlroom:incident", args=[number]) + "#runs")
