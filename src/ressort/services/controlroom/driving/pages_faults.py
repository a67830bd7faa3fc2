"""The page of faults: an administrator spoils simulated devices, and puts them right."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ressort.services.controlroom.driving import faults
from ressort.services.controlroom.equipment.models import SimulatedDevice
from ressort.web import undo
from ressort.web.doors import door

MOST = 300


@door("controlroom.fault.inject")
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List the simulated devices: those that are spoilt first."""
    rows = SimulatedDevice.objects.select_related("asset").order_by("-fault", "asset__kind", "asset__name")[
        :MOST
    ]
    devices = [(one, faults.WORDS.get(one.fault, one.fault), faults.possible(one.asset.kind)) for one in rows]
    return render(request, "controlroom/driving/faults.html", {"devices": devices})


@door("controlroom.fault.inject")
@require_POST
def spoil(request: HttpRequest, pid: str) -> HttpResponse:
    """Put a fault on a device, or take it away."""
    fault = request.POST.get("fault", "")
    before = faults.spoil(request.user, pid, fault)
    if fault:
        where = reverse("controlroom:fault", args=[pid])
        undo.said(
            request, _("Panne mise : %(words)s.") % {"words": faults.WORDS[fault]}, where, {"fault": before}
        )
    else:
        messages.success(request, _("Panne ôtée : l'équipement marche de nouveau."))
    return redirect("controlroom:faults")
