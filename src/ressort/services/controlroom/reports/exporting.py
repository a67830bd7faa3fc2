"""What reports keep of a person, in words: for « Mes données »."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from ressort.services.controlroom.reports.models import Follower, ReportStep

type Rows = list[dict[str, Any]]


def export(pid: str) -> dict[str, Rows]:
    """Return a person's reports, their words and photos, and what they follow."""
    rows = list(
        Follower.objects.filter(owner_pid=pid)
        .select_related("report__category", "report__words", "report__photo")
        .order_by("at")
    )
    made = [row.report for row in rows if row.first]
    steps = ReportStep.objects.filter(actor=pid).select_related("report").order_by("at")
    return {
        "controlroom.Report": [
            {
                _("Numéro"): one.pid,
                _("Catégorie"): one.category.name,
                _("Longitude"): one.lon,
                _("Latitude"): one.lat,
                _("Adresse"): one.address,
                _("État"): one.get_state_display(),
                _("Reçu"): one.at,
            }
            for one in made
        ],
        "controlroom.ReportWords": [
            {_("Numéro"): one.pid, _("Description"): one.words.text, _("Lieu"): one.words.label}
            for one in made
            if hasattr(one, "words")
        ],
        "controlroom.ReportPhoto": [
            {_("Numéro"): one.pid, _("Photo"): f"/signalements/{one.pid}/photo.jpg"}
            for one in made
            if hasattr(one, "photo")
        ],
        "controlroom.ReportStep": [
            {_("Numéro"): step.report.pid, _("Réponse"): step.text, _("Le"): step.at} for step in steps
        ],
        "controlroom.Follower": [
            {
                _("Code de suivi"): row.code,
                _("Nom"): row.name,
                _("Adresse électronique"): row.email,
                _("Téléphone"): row.phone,
                _("Adresse postale"): row.postal,
                _("Référence"): row.reference,
            }
            for row in rows
        ],
    }
