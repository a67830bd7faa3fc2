"""Rules at work: one judge in this process, fed by what arrives and by the clock; its changes become rows and events.

The judge is memory: it is built from the rows (rules, open alarms, newest observations) when the process starts, when a
rule changes, and whenever a transaction that it advanced in did not hold.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.intake.models import Device, Latest, Series
from ressort.core.journal import record
from ressort.engines.alarms import Change, Judge
from ressort.engines.alarms import Rule as Judged
from ressort.engines.alarms.rules import Id, leaves
from ressort.engines.alarms.storms import storms
from ressort.services.controlroom.alarms import contradicted, usual, wording
from ressort.services.controlroom.alarms.models import Alarm, Rule

ACTOR = "system:alarms"
WITHIN = 120.0  # seconds in which the alarms of a storm are raised
FEWEST = 3


def read(rule: Rule) -> Judged:
    """Return a rule as the engine judges it.

    Raises
    ------
    Refused
        With the lines that cannot be read.
    """
    return Judged(
        wording.condition(rule.lines, every=rule.every),
        float(rule.lasts),
        float(rule.clears),
        rule.severity,
        wording.rises(rule.rises, rule.severity),
        wording.schedule(rule.spans, settings.TIME_ZONE),
    )


def matching(
    rule: Rule, judged: Judged, series: Iterable[tuple[Id, int, str, str]]
) -> dict[int, dict[str, Id]]:
    """Return the devices a rule watches, each with its series by name: those that declare all it speaks of.

    Parameters
    ----------
    series : iterable of (series, device, code, observed)
    """
    wanted = {leaf.name for leaf in leaves(judged.condition)}
    patterns = rule.devices.split()
    found: dict[int, dict[str, Id]] = {}
    for pk, device, code, observed in series:
        if observed in wanted and any(fnmatchcase(code, pattern) for pattern in patterns):
            found.setdefault(device, {})[observed] = pk
    return {device: names for device, names in found.items() if set(names) == wanted}


def declared() -> list[tuple[Id, int, str, str]]:
    """Return the series of devices in service, and those derived from them."""
    rows = Series.objects.filter(device__retired=None).order_by("device__code", "observed")
    found = list(rows.values_list("pk", "device_id", "device__code", "observed"))
    return [*found, *usual.derived(found), *contradicted.derived()]


class _Working:
    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.judge: Judge | None = None
        self.unsure = False
        self.counters: set[int] = set()
        self.derived: set[Id] = set()
        self.hour = -1

    def built(self) -> Judge:
        if self.judge is None:
            self.derived = {series for series, *__ in contradicted.derived()}
            self.judge, self.counters = _build()
            self.hour = -1
        return self.judge


_working = _Working()


def forget() -> None:
    """Build the judge again at the next look: rules or devices changed."""
    with _working.lock:
        _working.judge, _working.unsure = None, False


def _build() -> tuple[Judge, set[int]]:
    """Return a new judge, and the counters whose habits it asks for."""
    now = service_now().timestamp()
    judge = Judge(now)
    series = declared()
    for pk, at, value in Latest.objects.values_list("series_id", "at", "value").iterator(2000):
        judge.seed(pk, at / 1000, value)
    for one in contradicted.seeds(now):
        judge.seed(*one)
    opened = {
        (rule, device): (raised.timestamp(), severity)
        for rule, device, raised, severity in Alarm.objects.filter(ended=None).values_list(
            "rule_id", "device_id", "raised", "severity"
        )
    }
    counters: set[int] = set()
    for rule in Rule.objects.filter(active=True):
        try:
            judged = read(rule)
        except Refused:  # written by an earlier version, or by hand: it is shown as unreadable on its page
            continue
        for device, names in matching(rule, judged, series).items():
            judge.watch(rule.pk, device, judged, names, opened.get((rule.pk, device)))
            counters |= {-pk for pk in names.values() if isinstance(pk, int) and pk < 0}
    return judge, counters


def observed(arrivals: Any) -> None:
    """Judge what arrived: the watcher of the intake, in its transaction."""
    _advance((int(s), int(at) / 1000, float(v)) for s, at, v in zip(
        arrivals["series"], arrivals["at"], arrivals["value"], strict=True
    ))  # fmt: skip


def tick() -> None:
    """Let time pass: silences, durations, shelves that end, alarms that nobody takes."""
    with transaction.atomic():
        _advance(())
        _shelves_end()
        _escalate()


def say(values: Iterable[tuple[Id, float, float]]) -> None:
    """Judge what the house itself found, inside the caller's transaction."""
    said = list(values)
    with _working.lock:
        if not {series for series, *__ in said} <= _working.derived:  # tied by another process
            _working.judge = None
        _advance(said)


def look_at_habits() -> None:
    """Tell the judge, once an hour of the service clock, whether the last hour of each counter was usual."""
    now = service_now()
    hour = int(now.timestamp() // 3600)
    with _working.lock:
        _working.built()
        if _working.hour == hour or not _working.counters:
            return
        _working.hour = hour
        counters = sorted(_working.counters)
    said = [(-pk, now.timestamp(), usual.last(pk, now)) for pk in counters]
    with transaction.atomic():
        _advance(said)


def _advance(values: Iterable[tuple[Id, float, float]]) -> None:
    with _working.lock:
        if _working.unsure:  # what it last said was not kept
            _working.judge, _working.unsure = None, False
        changes = _working.built().advance(service_now().timestamp(), values)
        if changes:
            _working.unsure = True
            transaction.on_commit(_sure)
            _keep(changes)


def _sure() -> None:
    _working.unsure = False


def _keep(changes: list[Change]) -> None:
    shadows = dict(Rule.objects.values_list("pk", "shadow"))
    raised = []
    for change in changes:
        if change.rule not in shadows:
            continue
        at = datetime.fromtimestamp(change.at, UTC)
        payload: dict[str, Any] = {"rule": change.rule, "device": change.subject, "severity": change.severity}
        if change.kind == "raised":
            alarm, made = Alarm.objects.get_or_create(
                rule_id=change.rule,
                device_id=change.subject,
                ended=None,
                defaults={"severity": change.severity, "raised": at},
            )
            if not made:
                continue
            raised.append(alarm)
        else:
            found = Alarm.objects.filter(rule_id=change.rule, device_id=change.subject, ended=None).first()
            if found is None:
                continue
            alarm = found
            if change.kind == "risen":
                alarm.severity = change.severity
            else:
                alarm.ended, alarm.state, alarm.shelved_until = at, Alarm.State.OVER, None
            alarm.save(update_fields=["severity", "ended", "state", "shelved_until"])
        kind = {"raised": "raised", "risen": "risen", "cleared": "ended"}[change.kind]
        record(f"controlroom.alarm.{kind}", actor=ACTOR, subject=f"al_{alarm.pk}", payload=payload)
    if raised:
        _group()


def _group() -> None:
    """Put the alarms that one gateway explains under the first of them."""
    opened = list(
        Alarm.objects.filter(ended=None)
        .order_by("raised", "pk")
        .values_list("pk", "device_id", "raised", "storm_id")
    )
    if len(opened) < FEWEST:
        return
    parents: Mapping[Id, Id] = dict(
        Device.objects.filter(
            pk__in={device for _pk, device, *_rest in opened}, gateway__isnull=False
        ).values_list("pk", "gateway_id")
    )
    sizes: dict[Id, int] = {}
    for gateway in Device.objects.filter(gateway__in=set(parents.values()), retired=None).values_list(
        "gateway_id", flat=True
    ):
        sizes[gateway] = sizes.get(gateway, 0) + 1
    held: Mapping[Id, int | None] = {pk: storm for pk, _device, _raised, storm in opened}
    for storm in storms(
        [(pk, device, raised.timestamp()) for pk, device, raised, _storm in opened],
        parents, sizes, fewest=FEWEST, within=WITHIN,
    ):  # fmt: skip
        first, *rest = storm.members
        joined = [pk for pk in rest if held[pk] is None]
        Alarm.objects.filter(pk__in=joined).update(storm=first)


def _shelves_end() -> None:
    for alarm in Alarm.objects.filter(state=Alarm.State.SHELVED, shelved_until__lte=service_now()):
        back(alarm, ACTOR)


def back(alarm: Alarm, actor: str) -> None:
    """Put a shelved or taken alarm back among those to be taken, and record it."""
    alarm.state, alarm.shelved_until, alarm.taken, alarm.taken_by = Alarm.State.OPEN, None, None, None
    alarm.why = ""
    alarm.save(update_fields=["state", "shelved_until", "taken", "taken_by", "why"])
    payload = {"rule": alarm.rule_id, "device": alarm.device_id}
    record("controlroom.alarm.returned", actor=actor, subject=f"al_{alarm.pk}", payload=payload)


def _escalate() -> None:
    now = service_now()
    waiting = Alarm.objects.filter(
        state=Alarm.State.OPEN,
        ended=None,
        escalated=None,
        storm=None,
        rule__shadow=False,
        rule__escalate__gt=0,
    ).select_related("rule")
    for alarm in waiting:
        if alarm.raised + timedelta(seconds=alarm.rule.escalate) <= now:
            alarm.escalated = now
            alarm.save(update_fields=["escalated"])
            payload = {"rule": alarm.rule_id, "device": alarm.device_id, "severity": alarm.severity}
            record("controlroom.alarm.escalated", actor=ACTOR, subject=f"al_{alarm.pk}", payload=payload)


def rehearse(rule: Rule, start: datetime, end: datetime) -> list[Change]:
    """Return what a rule would have said between two instants, from what was kept.

    Raises
    ------
    Refused
        If its lines cannot be read, or it watches more than can be read at once.
    """
    from ressort.core.intake import reading

    judged = read(rule)
    devices = matching(rule, judged, declared())
    if len(devices) > 200:
        raise Refused(
            "too-many", _("Plus de 200 capteurs : restreignez les codes pour essayer."), field="devices"
        )
    judge = Judge(start.timestamp())
    values: list[tuple[Id, float, float]] = []
    for device, names in devices.items():
        judge.watch(0, device, judged, names)
        for pk in names.values():
            if isinstance(pk, str):
                values += contradicted.history(pk, start, end)
                continue
            if pk < 0:
                values += [(pk, at, verdict) for at, verdict in usual.history(-pk, end, start)]
                continue
            at, value, _quality = reading.between(pk, start, end)
            values += [(pk, float(a) / 1000, float(v)) for a, v in zip(at, value, strict=True)]
    return judge.advance(end.timestamp(), values)
