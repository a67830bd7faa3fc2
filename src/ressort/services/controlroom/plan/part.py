"""What the safeguard plan brings to the manifest of the control room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.policy import ADMINISTRATOR, OPERATOR
from ressort.core.registry import MapLayer, MenuItem
from ressort.services.controlroom.plan import events as events  # noqa: PLC0414 - declares them

POLICY: dict[str, dict[str, str]] = {
    "controlroom.plan.see": dict.fromkeys((OPERATOR, ADMINISTRATOR), "organisation"),
    "controlroom.plan.write": dict.fromkeys((OPERATOR, ADMINISTRATOR), "organisation"),
}

MENU = (MenuItem(_("Plan de sauvegarde"), "controlroom:plan", "controlroom.plan.see", "book", daily=False),)

LAYERS = (
    MapLayer(
        "plan-places",
        _("Lieux du plan de sauvegarde"),
        "/api/v1/controlroom/plan.geojson",
        "controlroom.plan.see",
        "square",
        "ok",
        "kind:controlroom.plan",
        visible=False,
    ),
)
TOPICS = {"kind:controlroom.plan": "controlroom.plan.see"}
