"""Routes of the control room."""

from __future__ import annotations

from ninja import Router

from ressort.services.controlroom.equipment.api import router as equipment

router = Router(tags=["controlroom"])
router.add_router("", equipment)
