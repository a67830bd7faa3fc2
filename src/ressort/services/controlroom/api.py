"""Routes of the control room."""

from __future__ import annotations

from ninja import Router

router = Router(tags=["controlroom"])
