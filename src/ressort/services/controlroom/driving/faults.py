"""Faults put on simulated devices, to see what the room shows of them: nothing of it reaches a real one."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.services.controlroom.driving import events as events  # noqa: PLC0414 - declares the kinds
from ressort.services.controlroom.equipment.models import SimulatedDevice

WORDS = {
    "": gettext_lazy("rien : il marche"),
    "off": gettext_lazy("liaison perdue"),
    "stuck": gettext_lazy("dit « reçu », et ne fait rien"),
    "slow": gettext_lazy("dix fois plus lent"),
    "refuses": gettext_lazy("refuse tout"),
    "mute_loop": gettext_lazy("sa boucle se tait"),
    "conflict": gettext_lazy("un feu reste au vert"),
    "lying": gettext_lazy("ment : se dit en place sans bouger"),
}
_ONLY = {"mute_loop": "bollard", "conflict": "signal_junction", "lying": "bollard"}


def possible(kind: str) -> list[tuple[str, Any]]:
    """Return the faults that a class can have, with their words."""
    return [(code, words) for code, words in WORDS.items() if _ONLY.get(code, kind) == kind]


def spoil(user: Any, pid: str, fault: str) -> str:
    """Put a fault on a simulated device, or take it away; return the fault it had before."""
    authorise(user, "controlroom.fault.inject")
    with transaction.atomic():
        device = (
            SimulatedDevice.objects.select_for_update(of=("self",))
            .select_related("asset")
            .filter(asset__pid=pid)
            .first()
        )
        if device is None:
            raise Unknown("device", _("Cet équipement n'est pas simulé : on ne le dérègle pas."))
        if fault not in dict(possible(device.asset.kind)):
            raise Refused("bad-fault", _("Choisissez une panne de la liste."), field="fault")
        if device.fault == fault:
            raise Refused("no-change", _("C'est déjà ainsi."), status=409)
        before, device.fault = device.fault, fault
        device.save(update_fields=["fault"])
        record("controlroom.fault.injected", actor=user.pid, subject=pid, payload={"fault": fault or "none"})
    return before
