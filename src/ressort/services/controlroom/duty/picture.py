"""How things stand in the room, as a shift leaves it to the next: kept as ids and codes, shown in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ressort.services.controlroom.alarms.models import Alarm
from ressort.services.controlroom.duty.cascade_models import Cascade
from ressort.services.controlroom.duty.shift_models import Presence
from ressort.services.controlroom.equipment.models import Command
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.incidents.playbook_models import Run

type Picture = dict[str, list[list[Any]]]
PARTS = ("incidents", "alarms", "runs", "holds", "cascades", "floor")
MOST = 100


def now(organisation: int) -> Picture:
    """Return how things stand: ids, with the codes that will have changed when it is read again."""
    incidents = Incident.objects.filter(organisation=organisation, state__in=Incident.OPEN)
    alarms = Alarm.objects.filter(state=Alarm.State.OPEN, ended=None, storm=None, rule__shadow=False)
    runs = Run.objects.filter(incident__organisation=organisation, state=Run.State.RUNNING)
    calls = Cascade.objects.filter(line__organisation=organisation, state=Cascade.State.CALLING)
    floor = Presence.objects.filter(organisation=organisation, left=None)
    holds = Command.objects.filter(asset__organisation=organisation, held=True)
    return {
        "incidents": _rows(incidents.order_by("pk"), "pk", "state", "priority"),
        "alarms": _rows(alarms.order_by("-severity", "raised"), "pk", "severity"),
        "runs": _rows(runs.order_by("pk"), "pk", "step"),
        "holds": _rows(holds.order_by("pk"), "pk"),
        "cascades": _rows(calls.order_by("pk"), "pk", "rank"),
        "floor": _rows(floor.order_by("came", "pk"), "pk"),
    }


def _rows(found: Any, *names: str) -> list[list[Any]]:
    return [list(row) for row in found.values_list(*names)[:MOST]]


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a handover: what, where it is read, its states as the pills of the house name them, since when."""

    text: str
    url: str = ""
    note: str = ""
    states: tuple[str, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a handover."""

    key: str
    title: str
    none: str
    items: list[Item]


def told(picture: Picture) -> list[Section]:
    """Return a picture in words. What it names is read where it is kept; what was erased is told without its words."""
    titles = {
        "incidents": (_("Incidents ouverts"), _("Aucun incident ouvert.")),
        "alarms": (_("Alarmes que personne n'a prises"), _("Aucune alarme n'attend.")),
        "runs": (_("Procédures en cours"), _("Aucune procédure en cours.")),
        "holds": (_("Équipements maintenus"), _("Rien n'est maintenu.")),
        "cascades": (_("Astreintes que l'on appelle"), _("Aucun appel en cours.")),
        "floor": (_("En salle"), _("Personne n'a pris de poste.")),
    }
    tell = {
        "incidents": _incidents,
        "alarms": _alarms,
        "runs": _runs,
        "holds": _holds,
        "cascades": _calls,
        "floor": _floor,
    }
    return [Section(key, *titles[key], tell[key](picture.get(key, []))) for key in PARTS]


def _by_pk(found: Any, rows: Iterable[list[Any]]) -> dict[int, Any]:
    pks = [row[0] for row in rows]
    return {one.pk: one for one in found.filter(pk__in=pks)} if pks else {}


def _titled(incident: Incident) -> str:
    title = incident.title or _("contenu effacé")
    return f"EXERCICE · {title}" if incident.exercise else title


def _incidents(rows: list[list[Any]]) -> list[Item]:
    found = _by_pk(Incident.objects.select_related("situation", "taken_by"), rows)
    rank = {"vital": 0, "high": 1, "normal": 2, "low": 3}
    items = []
    for pk, state, priority in sorted(rows, key=lambda row: rank.get(row[2], 9)):
        if one := found.get(pk):
            who = one.taken_by.name if one.taken_by and state == Incident.State.TAKEN else ""
            items.append(
                Item(
                    _titled(one),
                    reverse("controlroom:incident", args=[one.number]),
                    " · ".join(part for part in (one.number, one.address, who) if part),
                    (f"controlroom.{priority}", f"controlroom.{state}"),
                    one.opened,
                )
            )
    return items


def _alarms(rows: list[list[Any]]) -> list[Item]:
    found = _by_pk(Alarm.objects.select_related("rule", "device"), rows)
    return [
        Item(
            f"{one.rule.name} – {one.device.code}",
            reverse("controlroom:alarm", args=[pk]),
            "",
            (f"severity.{severity}",),
            one.raised,
        )
        for pk, severity in rows
        if (one := found.get(pk))
    ]


def _runs(rows: list[list[Any]]) -> list[Item]:
    found = _by_pk(Run.objects.select_related("playbook", "incident__situation"), rows)
    items = []
    for pk, step in rows:
        if one := found.get(pk):
            at = one.playbook.procedure.steps[step].text if step is not None else ""
            note = f"{one.incident.number} · " + _("étape %(step)s : %(text)s") % {
                "step": (step or 0) + 1,
                "text": at,
            }
            address = reverse("controlroom:incident", args=[one.incident.number]) + "#runs"
            items.append(Item(one.playbook.name, address, note, (), one.started))
    return items


def _holds(rows: list[list[Any]]) -> list[Item]:
    found = _by_pk(Command.objects.select_related("asset"), rows)
    return [
        Item(
            one.asset.name,
            reverse("controlroom:commands"),
            str(one.capability.label) if one.capability else one.verb,
            (),
            one.asked,
        )
        for (pk,) in rows
        if (one := found.get(pk))
    ]


def _calls(rows: list[list[Any]]) -> list[Item]:
    found = _by_pk(Cascade.objects.select_related("line", "incident", "alarm__rule", "alarm__device"), rows)
    return [
        Item(
            f"{one.line.name} : {one.about}",
            reverse("controlroom:cascade", args=[one.pid]),
            _("rang %(rank)d") % {"rank": rank},
            ("cascade.calling",),
            one.started,
        )
        for pk, rank in rows
        if (one := found.get(pk))
    ]


def _floor(rows: list[list[Any]]) -> list[Item]:
    found = _by_pk(Presence.objects.select_related("user"), rows)
    return [
        Item(
            one.user.name if one.user else _("compte effacé"),
            "",
            " · ".join(part for part in (str(one.get_duty_display()), one.desk) if part),
            (),
            one.came,
        )
        for (pk,) in rows
        if (one := found.get(pk))
    ]
