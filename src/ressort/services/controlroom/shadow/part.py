"""What shadow brings to the manifest of the control room."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.policy import ADMINISTRATOR, OPERATOR
from ressort.core.registry import MenuItem, Periodic
from ressort.services.controlroom.shadow import events as events  # noqa: PLC0414 - declares the kinds

POLICY: dict[str, dict[str, str]] = {
    "controlroom.trial.see": {OPERATOR: "any", ADMINISTRATOR: "any"},
    "controlroom.trial.decide": {ADMINISTRATOR: "any"},
    "controlroom.trial.stop": {OPERATOR: "any", ADMINISTRATOR: "any"},
    "controlroom.reflex.write": {OPERATOR: "any", ADMINISTRATOR: "any"},
}

MENU = (MenuItem(_("Mode observation"), "controlroom:trials", "controlroom.trial.see", "eye", daily=False),)


def _reflexes() -> None:
    from ressort.services.controlroom.shadow import reflexes

    reflexes.tick()


def _judge() -> None:
    from ressort.services.controlroom.shadow import judging

    judging.tick()


PERIODIC = (Periodic("controlroom.reflexes", 2.0, _reflexes), Periodic("controlroom.trials", 15.0, _judge))


def erase(pid: str) -> None:
    """Erase what is kept of a person."""
    from ressort.services.controlroom.shadow.models import Trial

    Trial.objects.filter(moved_by=pid).update(moved_by="")


def export(pid: str) -> dict[str, list[dict[str, Any]]]:
    """Return what is kept of a person."""
    from ressort.services.controlroom.shadow.models import Trial

    rows = Trial.objects.filter(moved_by=pid).select_related("reflex")
    return {
        "controlroom.Trial": [
            {str(_("Mis à l'épreuve")): one.label, str(_("Décidé")): one.moved} for one in rows
        ]
    }
