"""The console's pages of the drivers: declared addresses, and how one piece of equipment is reached."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused
from ressort.services.controlroom.driving import wiring as wirings
from ressort.services.controlroom.driving.forms import AddressForm, WiringForm, initial
from ressort.services.controlroom.driving.models import Address, Wiring
from ressort.services.controlroom.equipment import asking
from ressort.web.doors import door
from ressort.web.forms import refuse


@door("controlroom.address.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def addresses(request: HttpRequest) -> HttpResponse:
    """List the declared addresses; declare one."""
    return _address(request, None)


@door("controlroom.address.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest, pid: str) -> HttpResponse:
    """Change a declared address."""
    return _address(request, wirings.find_address(pid))


def _address(request: HttpRequest, found: Address | None) -> HttpResponse:
    kept = (
        {"name": found.name, "base": found.base, "timeout": found.timeout, "authority": found.authority}
        if found
        else None
    )
    form = AddressForm(request.POST) if request.method == "POST" else AddressForm(initial=kept)
    if request.method == "POST" and form.is_valid():
        try:
            wirings.declare(request.user, form.cleaned_data, found.pid if found else "")
        except Refused as error:
            refuse(form, error)
        else:
            messages.success(request, _("Adresse déclarée : des équipements peuvent y être appelés."))
            return redirect("controlroom:addresses")
    context = {
        "form": form,
        "found": found,
        "addresses": Address.objects.prefetch_related("wirings__asset").order_by("name"),
    }
    return render(request, "controlroom/driving/addresses.html", context, status=422 if form.errors else 200)


@door("controlroom.address.manage")
@require_POST
def remove(request: HttpRequest, pid: str) -> HttpResponse:
    """Take a declared address back."""
    wirings.remove(request.user, pid)
    messages.success(request, _("Adresse retirée : plus rien n'y est appelé."))
    return redirect("controlroom:addresses")


@door("controlroom.equipment.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def wiring(request: HttpRequest, pid: str) -> HttpResponse:
    """Say how some equipment is reached; try it dry, or read the device."""
    asset = asking.find_asset(pid)
    authorise(request.user, "controlroom.equipment.manage", asset)
    kept = Wiring.objects.select_related("address").filter(asset=asset).first()
    form = (
        WiringForm(request.POST)
        if request.method == "POST"
        else WiringForm(initial=initial(asset.driver, kept))
    )
    tried: list[Any] = []
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        driver = fields.pop("driver")
        try:
            if "essayer" in request.POST:
                tried = _tried(asset, driver, fields)
            else:
                wirings.wire(request.user, pid, driver, fields)
                messages.success(request, _("Pilote réglé."))
                return redirect("controlroom:wiring", pid)
        except Refused as error:
            refuse(form, error)
    context = {"form": form, "asset": asset, "wiring": kept, "tried": tried}
    return render(request, "controlroom/driving/wiring.html", context, status=422 if form.errors else 200)


def _tried(asset: Any, driver: str, fields: dict[str, Any]) -> list[Any]:
    if driver not in {"http", "mqtt"}:
        raise Refused("nothing-to-try", _("Rien à essayer : ce pilote n'a pas de réglage."), field="driver")
    return wirings.rehearse(asset, driver, fields)


@door("controlroom.equipment.manage")
@require_POST
def read(request: HttpRequest, pid: str) -> HttpResponse:
    """Read a device now."""
    if why := wirings.read_now(request.user, pid):
        messages.warning(request, _("L'équipement n'a pas répondu comme attendu : %(why)s.") % {"why": why})
    else:
        messages.success(request, _("L'équipement a répondu : ce qu'il dit est sur sa page."))
    return redirect("controlroom:wiring", pid)
