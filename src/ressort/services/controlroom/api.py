"""Routes of the control room."""

from __future__ import annotations

from ninja import Router

from ressort.services.controlroom.reports.api import router as reports

router = Router(tags=["controlroom"])
router.add_router("", reports)
