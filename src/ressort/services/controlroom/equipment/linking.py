"""The way from elsewhere to a command: the address of the form that asks a piece of equipment for something."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from ressort.core.tables import folded
from ressort.services.controlroom.equipment.models import Asset


def link(asset: str, order: str, *, reason: str, back: str) -> str | None:
    """Return the address of the form, filled with a reason; nothing when there is no such equipment or order.

    Parameters
    ----------
    asset : str
        Code or name, as it was written in a playbook.
    order : str
        What to ask, by its word on screen (« abaisser ») or its verb.
    back : str
        Where the person comes from, offered again beside the form.
    """
    found = Asset.objects.filter(Q(code__iexact=asset) | Q(name__iexact=asset)).order_by("pk").first()
    if found is None:
        return None
    wanted = folded(order)
    for capability in found.can:
        with translation.override("fr"):  # the language in which playbooks are written
            word = folded(str(capability.label))
        if wanted in {word, folded(str(capability.label)), folded(capability.verb)}:
            asked = {"ordre": capability.verb, "motif": reason, "retour": back}
            return (
                f"{reverse('controlroom:asset', args=[found.pid])}?{urlencode(asked)}#ordre-{capability.verb}"
            )
    return None


def way_back(address: str) -> str:
    """Return an address of this installation's console, or nothing."""
    inside = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if inside and address.startswith("/console/") else ""
