"""Verbs on the installation: change it, open it."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.actions import clean_email, clean_phone
from ressort.core.accounts.policy import authorise
from ressort.core.clock import wall_now
from ressort.core.errors import Refused
from ressort.core.installation import branding, reading
from ressort.core.installation.models import Installation
from ressort.core.journal import declare, record

CHANGED = declare("installation.changed", "L'installation a été modifiée.", "fields")
FINISHED = declare("installation.finished", "L'installation est ouverte.")

_TEXTS = {"address": 400, "legal": 20_000, "accessibility": 200}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def clean(**fields: Any) -> dict[str, Any]:
    """Return the fields of an installation, checked.

    Raises
    ------
    Refused
        With the field concerned.
    """
    found: dict[str, Any] = {}
    for key, value in fields.items():
        match key:
            case "name":
                found[key] = _name(value)
            case "phone":
                found[key] = clean_phone(value)
            case "email":
                found[key] = clean_email(value) if value.strip() else ""
            case "accent":
                found[key] = _accent(value)
            case "languages":
                found[key] = _languages(value)
            case "services":
                found[key] = _services(value)
            case _:
                found[key] = _text(key, value)
    return found


def _name(value: str) -> str:
    name = " ".join(value.split())
    if not name or len(name) > 120 or not name.isprintable():
        raise Refused(
            "bad-name", _("Écrivez le nom que les habitants liront, en 120 caractères au plus."), field="name"
        )
    return name


def _accent(value: str) -> str:
    colour = value.strip().lower()
    if colour and not re.fullmatch(r"#[0-9a-f]{6}", colour):
        raise Refused("bad-accent", _("Écrivez la couleur ainsi : #0a6266."), field="accent")
    return colour


def _languages(value: list[str]) -> list[str]:
    known = [code for code, __ in settings.LANGUAGES]
    kept = [code for code in known if code in value]
    if not kept:
        raise Refused("no-language", _("Gardez au moins une langue."), field="languages")
    return kept


def _services(value: list[str] | None) -> list[str] | None:
    return None if value is None else [name for name in settings.SERVICES if name in value]


def _text(key: str, value: str) -> str:
    text = _CONTROL.sub("", value.replace("\r\n", "\n")).strip()
    if len(text) > _TEXTS[key]:
        raise Refused(
            "too-long", _("Ce texte dépasse %(texts)s caractères.") % {"texts": _TEXTS[key]}, field=key
        )
    return text


def change(user: Any, *, logo: bytes | None = None, no_logo: bool = False, **fields: Any) -> Installation:
    """Change what the installation says of itself, its logo included; what does not change is not told.

    Raises
    ------
    Refused
        If a field is wrong; nothing is changed then.
    """
    authorise(user, "installation.change")
    wanted = clean(**fields)
    if logo:
        wanted["logo"] = branding.keep(logo)
    elif no_logo:
        wanted["logo"] = ""
    with transaction.atomic():
        row = Installation.objects.select_for_update().get_or_create(id=1)[0]
        changed = sorted(key for key, value in wanted.items() if getattr(row, key) != value)
        if changed:
            for key in changed:
                setattr(row, key, wanted[key])
            row.save(update_fields=changed)
            record(CHANGED.name, actor=user.pid, payload={"fields": changed})
            transaction.on_commit(reading.forget)
    reading.forget()
    return row


def finish(user: Any) -> Installation:
    """End the set-up: the pages open to everybody. Done once; again is the same.

    Raises
    ------
    Refused
        If the installation has no name or no territory yet.
    """
    from ressort.core.territory.models import Territory

    authorise(user, "installation.change")
    with transaction.atomic():
        row = Installation.objects.select_for_update().get_or_create(id=1)[0]
        if row.finished:
            return row
        if not Territory.objects.exists():
            raise Refused("no-territory", _("Choisissez d'abord le territoire."), status=409)
        if not (row.name or settings.TERRITORY_NAME):
            raise Refused("no-name", _("Donnez d'abord un nom à l'installation."), status=409)
        row.finished, row.code = wall_now(), ""
        row.save(update_fields=["finished", "code"])
        record(FINISHED.name, actor=user.pid)
        transaction.on_commit(reading.forget)
    reading.forget()
    return row


def mark_demo() -> None:
    """Say that this folder is a demonstration's, before anything else is put into it."""
    now = wall_now()
    Installation.objects.get_or_create(id=1, defaults={"demo": True, "begun": now, "finished": now})
    reading.forget()
