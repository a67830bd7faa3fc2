"""What this part keeps of a person, in words: for « Mes données »."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from ressort.services.controlroom.bundles.models import Bundle, PaperSheet


def export(pid: str) -> dict[str, list[dict[str, Any]]]:
    """Return the bundles a person asked for, and the sheets they typed."""
    return {
        "controlroom.Bundle": [
            {_("Liasse"): one.number, _("Demandée"): one.at}
            for one in Bundle.objects.filter(asked_by__pid=pid).order_by("pk")
        ],
        "controlroom.PaperSheet": [
            {_("Fiche"): one.code, _("Saisie"): one.typed}
            for one in PaperSheet.objects.filter(typed_by__pid=pid).order_by("pk")
        ],
    }
