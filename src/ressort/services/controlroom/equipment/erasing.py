"""Letting go of a person's acts on equipment, with their account."""

from __future__ import annotations

from ressort.services.controlroom.equipment.models import Command, Emergency


def erase(pid: str) -> None:
    """Empty names and reasons; what was commanded stays, without anybody."""
    Command.objects.filter(actor=pid).update(actor="", reason="")
    Command.objects.filter(approver=pid).update(approver="")
    Emergency.objects.filter(by=pid).update(by="", reason="")
