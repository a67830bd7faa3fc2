"""What people do with alarms and rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now, wall_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.services.controlroom.alarms import events as events  # noqa: PLC0414 - declares the kinds
from ressort.services.controlroom.alarms import working
from ressort.services.controlroom.alarms.models import Alarm, Rule

SHELVES = (15, 60, 240, 1440)
"""Minutes for which an alarm can be put aside."""


def _held(pk: int) -> Alarm:
    alarm = Alarm.objects.select_for_update().filter(pk=pk).first()
    if alarm is None:
        raise Unknown("alarm", _("Cette alarme n'existe pas."))
    if alarm.ended is not None:
        raise Refused(
            "alarm-over", _("Cette alarme est déjà finie : il n'y a plus rien à faire."), status=409
        )
    return alarm


def _all(alarm: Alarm) -> list[Alarm]:
    """Return an alarm with those it stands for."""
    return [alarm, *alarm.members.select_for_update().filter(ended=None)]


def take(user: Any, pk: int) -> Alarm:
    """Say that somebody sees to it; with it, to the alarms of its storm."""
    authorise(user, "controlroom.alarm.treat")
    with transaction.atomic():
        alarm = _held(pk)
        if alarm.state == Alarm.State.TAKEN:
            raise Refused("alarm-taken", _("Quelqu'un s'en occupe déjà."), status=409)
        for one in _all(alarm):
            one.state, one.taken, one.taken_by = Alarm.State.TAKEN, service_now(), user
            one.shelved_until, one.why = None, ""
            one.save(update_fields=["state", "taken", "taken_by", "shelved_until", "why"])
        _record("controlroom.alarm.taken", user, alarm)
    return alarm


def shelve(user: Any, pk: int, minutes: int, why: str) -> Alarm:
    """Put an alarm aside for a while, with a reason; it comes back by itself."""
    authorise(user, "controlroom.alarm.treat")
    if minutes not in SHELVES:
        raise Refused("bad-delay", _("Choisissez une des durées proposées."), field="minutes")
    why = " ".join(why.split())
    if not 3 <= len(why) <= 200:
        raise Refused("why", _("Dites pourquoi, en 3 à 200 caractères."), field="why")
    with transaction.atomic():
        alarm = _held(pk)
        for one in _all(alarm):
            one.state, one.why = Alarm.State.SHELVED, why
            one.shelved_until = service_now() + timedelta(minutes=minutes)
            one.save(update_fields=["state", "why", "shelved_until"])
        _record("controlroom.alarm.shelved", user, alarm, minutes=minutes)
    return alarm


def give_back(user: Any, pk: int) -> Alarm:
    """Undo a taking or a shelving."""
    authorise(user, "controlroom.alarm.treat")
    with transaction.atomic():
        alarm = _held(pk)
        if alarm.state == Alarm.State.OPEN:
            raise Refused("no-change", _("Cette alarme attend déjà quelqu'un."), status=409)
        working.back(alarm, user.pid)
    return alarm


def _record(kind: str, user: Any, alarm: Alarm, **more: int) -> None:
    payload = {"rule": alarm.rule_id, "device": alarm.device_id, **more}
    record(kind, actor=user.pid, subject=f"al_{alarm.pk}", payload=payload)


def write_rule(user: Any, fields: Mapping[str, Any], pk: int | None = None) -> Rule:
    """Write a rule, or write it again; its open alarms stay until it says they are over.

    Raises
    ------
    Refused
        With the field and the lines that cannot be read.
    """
    authorise(user, "controlroom.rule.write")
    with transaction.atomic():
        rule = Rule(pk=pk) if pk is None else Rule.objects.select_for_update().filter(pk=pk).first()
        if rule is None:
            raise Unknown("rule", _("Cette règle n'existe pas."))
        for name, value in fields.items():
            setattr(rule, name, bool(value) if name == "every" else value)
        working.read(rule)
        if Rule.objects.filter(name=rule.name).exclude(pk=pk or 0).exists():
            raise Refused("name-taken", _("Une règle porte déjà ce nom."), status=409, field="name")
        rule.changed = wall_now()
        rule.save()
        record(
            "controlroom.rule.written",
            actor=user.pid,
            subject=f"rule_{rule.pk}",
            payload={"rule": rule.pk, "active": rule.active, "shadow": rule.shadow},
        )
        transaction.on_commit(working.forget)
        if not rule.active:
            _let_go(rule, user)
    return rule


def _let_go(rule: Rule, user: Any) -> None:
    """End the alarms of a rule that no longer looks: nothing would ever end them."""
    del user  # one action, one event: the rule's own says it
    Alarm.objects.filter(rule=rule, ended=None).update(
        ended=service_now(), state=Alarm.State.OVER, shelved_until=None
    )
