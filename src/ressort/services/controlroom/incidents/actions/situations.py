"""Situations: declared, levelled, told again, ended. Each publishes one message that is never changed afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from ressort.core import presets
from ressort.core.accounts.models import Organisation
from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.installation import reading
from ressort.core.journal import record
from ressort.core.territory.models import Area, Territory
from ressort.services.controlroom.incidents import announced, cap
from ressort.services.controlroom.incidents.actions import holding
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.incidents.situation_models import Alert, Situation

DECLARE = "controlroom.situation.declare"
LONGEST = timedelta(days=90)
MOST_CODES = 100


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is said of a situation; ``area`` is the public id of a named area, empty for the whole territory."""

    kind: str
    level: str
    headline: str
    instruction: str = ""
    area: str = ""
    until: datetime | None = None
    exercise: bool = False
    organisation: str = ""
    presets: tuple[str, ...] = ()


def find(pid: str) -> Situation:
    """Return a situation."""
    found = Situation.objects.select_related("area", "organisation").filter(pid=pid).first()
    if found is None:
        raise Unknown("situation", _("Cette situation n'existe pas."))
    return found


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "level" in given:
        found["level"] = holding.among(
            given["level"], Situation.Level, field="level", sentence=_("Choisissez un niveau de la liste.")
        )
    if "headline" in given:
        found["headline"] = holding.line(
            given["headline"], 160, field="headline", what=_("Phrase pour le public")
        )
    if "instruction" in given:
        found["instruction"] = holding.line(
            given["instruction"], 500, field="instruction", what=_("Ce qu'il faut faire"), required=False
        )
    if "until" in given:
        found["until"] = given["until"]
        now = service_now()
        if given["until"] and not now < given["until"] <= now + LONGEST:
            raise Refused(
                "bad-until", _("La fin prévue vient après maintenant, dans les 90 jours."), field="until"
            )
    return found


def _area(public_id: str) -> Area | None:
    if not public_id:
        return None
    try:
        found = Area.objects.filter(public_id=public_id, active=True).first()
    except (ValidationError, ValueError):
        found = None
    if found is None:
        raise Refused("bad-area", _("Choisissez une zone de la liste."), field="area")
    return found


def owner(user: Any, organisation: str = "") -> str:
    """Return the pseudonymous id of the organisation in whose name somebody declares."""
    return Organisation.objects.get(pk=holding.home(user, DECLARE, organisation)).pid


def _presets(keys: Iterable[str], mine: str, area: Area | None) -> list[str]:
    known = {one.key: one for one in presets.open_to({mine})}
    if set(keys) - known.keys():
        raise Refused("bad-preset", _("Choisissez ce qui s'applique dans la liste."), field="presets")
    for key in keys:
        if known[key].zoned and area is None:
            raise Refused(
                "no-area",
                _("« %(preset)s » : choisissez la zone dans « Où ».") % {"preset": known[key].label},
                field="area",
            )
    return sorted(set(keys))


def declare(user: Any, said: Declaration) -> Situation:
    """Declare a situation: it is announced on every page, and published as an alert."""
    home = holding.home(user, DECLARE, said.organisation)
    kind = holding.among(
        said.kind, Situation.Kind, field="kind", sentence=_("Choisissez ce qui arrive dans la liste.")
    )
    words = _checked(
        {"level": said.level, "headline": said.headline, "instruction": said.instruction, "until": said.until}
    )
    area = _area(said.area)
    with transaction.atomic():
        if (
            Situation.objects.select_for_update()
            .filter(kind=kind, exercise=said.exercise, closed=None)
            .exists()
        ):
            raise Refused(
                "already-open",
                _("Une situation de cette sorte est déjà ouverte : changez-la plutôt."),
                status=409,
                field="kind",
            )
        made = Situation.objects.create(
            kind=kind,
            exercise=said.exercise,
            organisation_id=home,
            area=area,
            area_name=area.name if area else _territory(),
            since=service_now(),
            presets=_presets(said.presets, owner(user, said.organisation), area),
            **words,
        )
        alert = _publish(made, Alert.Type.ALERT)
        where = {"area": str(area.public_id)} if area else {}
        _tell("controlroom.situation.opened", user, made, alert, presets=made.presets, **where)
    return made


def change(user: Any, pid: str, **given: Any) -> Situation:
    """Change the level, the sentence, what to do, or the expected end; published as an update."""
    with transaction.atomic():
        found = _hold(user, pid)
        words = _checked(given)
        fields = sorted(name for name, value in words.items() if getattr(found, name) != value)
        if not fields:
            raise Refused("no-change", _("Rien n'a changé : tout est déjà ainsi."), status=409)
        for name in fields:
            setattr(found, name, words[name])
        found.save(update_fields=fields)
        alert = _publish(found, Alert.Type.UPDATE)
        _tell("controlroom.situation.changed", user, found, alert, fields=fields)
    return found


def close(user: Any, pid: str) -> Situation:
    """End a situation: its announcement goes, and the end of the alert is published."""
    with transaction.atomic():
        found = _hold(user, pid)
        found.closed = service_now()
        found.save(update_fields=["closed"])
        alert = _publish(found, Alert.Type.CANCEL)
        left = found.incidents.filter(state__in=Incident.OPEN).count()
        _tell("controlroom.situation.closed", user, found, alert, incidents=left)
    return found


def _hold(user: Any, pid: str) -> Situation:
    found = Situation.objects.select_for_update(of=("self",)).select_related("area").filter(pid=pid).first()
    if found is None:
        raise Unknown("situation", _("Cette situation n'existe pas."))
    authorise(user, DECLARE, found)
    if found.closed:
        raise Refused("situation-closed", _("Cette situation est terminée."), status=409)
    return found


def _tell(kind: str, user: Any, situation: Situation, alert: Alert, /, **more: Any) -> None:
    payload = {"kind": situation.kind, "level": situation.level, "exercise": situation.exercise,
               "alert": alert.identifier, **more}  # fmt: skip
    if situation.until:
        payload["until"] = situation.until.isoformat()
    record(kind, actor=user.pid, subject=situation.pid, payload=payload)
    transaction.on_commit(announced.forget)


def _territory() -> str:
    if named := reading.name():
        return named
    found = Territory.objects.filter(parent=None).values_list("name", flat=True).first()
    return found or _("tout le territoire")


def sender() -> str:
    """Return the name by which messages of this installation are told apart from others'."""
    return cap.name_of(urlsplit(settings.PUBLIC_URL).hostname or "")


def _publish(situation: Situation, kind: str) -> Alert:
    before = list(Alert.objects.filter(situation=situation).order_by("pk"))
    prefix = f"{_('EXERCICE')} · " if situation.exercise else ""
    over = _("Fin de la situation : ") if kind == Alert.Type.CANCEL else ""
    sent = localtime(service_now())
    headline = f"{prefix}{over}{situation.headline}"[:240]
    codes: list[str] = []
    if situation.area is None:
        codes = list(
            Territory.objects.filter(scale="commune")
            .order_by("code")
            .values_list("code", flat=True)[:MOST_CODES]
        )
    message = cap.Message(
        identifier=f"{situation.pid}.{len(before) + 1}",
        sender=sender(),
        sent=sent,
        type=str(kind),
        exercise=situation.exercise,
        kind=situation.kind,
        level=situation.level,
        event=f"{prefix}{str(situation.get_kind_display()).capitalize()}",
        headline=headline,
        instruction=situation.instruction,
        onset=localtime(situation.since),
        expires=localtime(situation.until) if situation.until else None,
        sender_name=_territory(),
        web=settings.PUBLIC_URL.rstrip("/") + reverse("controlroom:situations_public"),
        area=situation.area_name,
        geometry=situation.area.geometry if situation.area else "",
        codes=codes,
        references=[(sender(), one.identifier, localtime(one.sent)) for one in before],
        note=_("EXERCICE : rien de ce message n'est réel.") if situation.exercise else "",
    )
    return Alert.objects.create(
        situation=situation,
        identifier=message.identifier,
        type=kind,
        sent=sent,
        title=headline,
        xml=cap.write(message),
    )
