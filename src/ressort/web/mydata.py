"""What is kept of one person, gathered from the house and every service: to read, and to take away."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from ressort.core import registry
from ressort.core.accounts.models import User
from ressort.core.appeals import queries as appeals
from ressort.core.clock import wall_now
from ressort.core.journal.reading import about
from ressort.core.live.topics import tell
from ressort.core.privacy import Holding, holdings, keep_of

type Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Part:
    """What one table keeps of a person: the declaration, and the rows in words."""

    holding: Holding
    rows: Rows

    @property
    def kept(self) -> str:
        """How long, in words."""
        return kept_words(self.holding)

    @property
    def columns(self) -> list[str]:
        """Heads of the table."""
        return list(self.rows[0]) if self.rows else []


def kept_words(holding: Holding) -> str:
    """Return how long rows are kept, from when, and what happens then, in words."""
    keep = keep_of(holding)
    if keep is None:
        return str(holding.end.words)
    if not keep:
        return _("jusqu'à %(since)s ; puis %(end)s") % {
            "since": holding.since_words,
            "end": holding.end.words,
        }
    return _("%(keep)s après %(since)s ; puis %(end)s") % {
        "keep": length(keep),
        "since": holding.since_words,
        "end": holding.end.words,
    }


def length(keep: timedelta) -> str:
    """Return a duration as people say it: « trois mois » is said « 90 jours »."""
    days = keep.days
    if not days:
        return _("%(n)d minutes") % {"n": keep.seconds // 60}
    if days % 365 == 0:
        years = days // 365
        return _("un an") if years == 1 else _("%(n)d ans") % {"n": years}
    return _("un jour") if days == 1 else _("%(n)d jours") % {"n": days}


def gather(user: User) -> list[Part]:
    """Return everything kept of a person, table by table, in the order of the declarations; empty tables too."""
    found = _house(user)
    for service in registry.services():
        if service.export:
            found |= service.export(user.pid)
    parts = [Part(holding, found[holding.label]) for holding in holdings() if holding.label in found]
    return sorted(
        parts, key=lambda part: part.holding.label.startswith("journal.")
    )  # the longest and driest last


def _house(user: User) -> dict[str, Rows]:
    return {
        "accounts.User": [
            {
                _("Identifiant"): user.pid,
                _("Nom"): user.name,
                _("Adresse électronique"): user.email,
                _("Téléphone"): user.phone,
                _("Fauteuil roulant"): _("oui") if user.wheelchair else _("non"),
                _("Langue"): user.language,
                _("Visite guidée refermée"): user.get_toured_display(),
                _("Compte ouvert"): user.created,
                _("Dernière connexion"): user.last_login,
            }
        ],
        "accounts.Membership": [
            {_("Organisme"): one.organisation.name, _("Rôle"): one.get_role_display(), _("Jusqu'au"): one.until}
            for one in user.memberships.select_related("organisation")
        ],
        "accounts.Token": [
            {_("Sert à"): one.get_use_display(), _("Nom"): one.label, _("Valable jusqu'au"): one.expires}
            for one in user.tokens.order_by("expires")
        ],
        "appeals.Appeal": [
            {
                _("Numéro de suivi"): one.code,
                _("Décision"): one.receipt,
                _("Motif"): one.get_reason_display(),
                _("Reçue"): one.at,
                _("État"): one.get_state_display(),
                _("Ce que vous avez écrit"): getattr(getattr(one, "statement", None), "text", ""),
                _("Réponses"): " / ".join(answer.text for answer in one.answers.all()),
            }
            for one in appeals.of_person(user.pid)
        ],
        "journal.Event": [
            {_("Quand"): event.at, _("Quoi"): tell(event), _("Sorte"): event.kind} for event in about(user.pid)
        ],
    }  # fmt: skip


def said(value: Any) -> str:
    """Return a value as a person reads it in a table."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%d/%m/%Y %H:%M")
    return str(value)


def readable(parts: list[Part]) -> list[dict[str, Any]]:
    """Return the parts with every value said, for the page and the sheets."""
    return [
        {
            "part": part,
            "holding": part.holding,
            "columns": part.columns,
            "pairs": [(head, said(value)) for head, value in part.rows[0].items()]
            if len(part.rows) == 1
            else [],
            "rows": [[said(value) for value in row.values()] for row in part.rows],
        }
        for part in parts
    ]


def archive(user: User) -> bytes:
    """Return a ZIP: ``donnees.json`` for programs, ``donnees.html`` to read, a CSV per table."""
    parts = gather(user)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(
            "donnees.json", json.dumps(_document(user, parts), ensure_ascii=False, indent=1, default=_plain)
        )
        shown = {"parts": readable(parts), "name": user.name, "at": said(wall_now())}
        out.writestr("donnees.html", render_to_string("web/my_data_file.html", shown))
        for part in parts:
            if part.rows:
                out.writestr(f"{part.holding.label}.csv", _sheet(part))
    return file.getvalue()


def _document(user: User, parts: list[Part]) -> dict[str, Any]:
    return {
        "person": user.pid,
        "exported": wall_now(),
        "installation": settings.TERRITORY_NAME or "Ressort",
        "tables": [
            {
                "table": part.holding.label,
                "title": str(part.holding.title),
                "purpose": str(part.holding.purpose),
                "basis": str(part.holding.basis),
                "kept": part.kept,
                "rows": part.rows,
            }
            for part in parts
        ],
    }


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _sheet(part: Part) -> str:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    writer.writerow(part.columns)
    writer.writerows([[_inert(said(value)) for value in row.values()] for row in part.rows])
    return f"\ufeff{file.getvalue()}"


def _inert(text: str) -> str:
    """Keep a spreadsheet from running what somebody typed as a formula; a phone number stays as it is."""
    return f"'{text}" if text[:1] in {"=", "@", "-", "\t"} else text


def processing() -> list[dict[str, Any]]:
    """Return the register of processing (GDPR, article 30) as programs read it."""
    return [
        {
            "table": one.label,
            "title": str(one.title),
            "people": str(one.people),
            "purpose": str(one.purpose),
            "basis": str(one.basis),
            "fields": [{"name": name, "words": str(words)} for name, words in one.fields.items()],
            "recipients": str(one.recipients),
            "kept": kept_words(one),
            "days": None if keep_of(one) is None else (keep_of(one) or timedelta()).total_seconds() / 86400,
        }
        for one in holdings()
    ]


def processing_csv() -> str:
    """Return the register of processing as a table."""
    file = io.StringIO()
    lines = [
        {**one, "fields": " ; ".join(str(item["words"]) for item in one["fields"])} for one in processing()
    ]
    writer = csv.DictWriter(file, list(lines[0]), delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(lines)
    return f"\ufeff{file.getvalue()}"
