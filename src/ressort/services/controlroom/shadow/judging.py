"""Comparing what was proposed with what people did, once the time they had is over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count as Number
from django.db.models import Q

from ressort.core.clock import service_now
from ressort.core.intake import reading
from ressort.core.intake.models import Series
from ressort.core.intake.readings import BAD, instant, spoken
from ressort.engines import shadow
from ressort.engines.shadow import Count, Seen
from ressort.services.controlroom.equipment.models import Asset, Command
from ressort.services.controlroom.shadow import proposing
from ressort.services.controlroom.shadow.models import Proposal, Trial

MOST = 500
"""Deeds looked at in one round of one trial."""
LONGEST = timedelta(days=2)
"""How far back a trial that nobody judged for long is judged."""


def tick() -> None:
    """Judge every trial whose time has come."""
    now = service_now()
    for trial in Trial.objects.filter(real=False, settled__lt=now):
        judge(trial, now)


def judge(trial: Trial, now: datetime) -> int:
    """Compare proposals and deeds up to a window ago; return how many cases were settled."""
    window = timedelta(seconds=trial.window)
    until, since = now - window, max(trial.settled, now - window - LONGEST)
    if until <= since or (until - since < window / 10 and not _waits(trial, until)):
        return 0
    with transaction.atomic():
        locked = Trial.objects.select_for_update().get(pk=trial.pk)
        if locked.settled > since:
            return 0
        rows = list(trial.proposals.filter(outcome="", at__lte=until).order_by("at", "pk"))
        used = set(trial.proposals.filter(deed_at__gt=since - 2 * window).values_list("asset_id", "deed_at"))
        done = [one for one in _deeds(trial, since - window, now) if (one[0].pk, one[2]) not in used]
        pairs = shadow.compare(
            [Seen(one.asset_id, one.made, one.at.timestamp()) for one in rows],
            [Seen(asset.pk, made, at.timestamp()) for asset, made, at in done],
            trial.window,
        )
        missed = []
        for pair in pairs:
            deed = done[pair.done] if pair.done is not None else None
            if pair.proposed is not None:
                row = rows[pair.proposed]
                row.outcome = pair.outcome
                row.deed, row.deed_at = (deed[1], deed[2]) if deed else ("", None)
            elif deed is not None and since < deed[2] <= until:
                missed.append(
                    Proposal(
                        trial=trial,
                        asset=deed[0],
                        made=deed[1],
                        at=deed[2],
                        outcome="missed",
                        deed=deed[1],
                        deed_at=deed[2],
                    )
                )
        Proposal.objects.bulk_update(rows, ["outcome", "deed", "deed_at"], batch_size=200)
        Proposal.objects.bulk_create(missed, batch_size=200)
        Trial.objects.filter(pk=trial.pk).update(settled=until)
    return len(rows) + len(missed)


def _waits(trial: Trial, until: datetime) -> bool:
    return trial.proposals.filter(outcome="", at__lte=until).exists()


def _deeds(trial: Trial, since: datetime, until: datetime) -> list[tuple[Asset, str, datetime]]:
    """Return what people did: of a driver, what its devices became; of a reflex, what was asked of its equipment."""
    found = _asked(trial, since, until) if trial.reflex_id else _became(trial, since, until)
    return sorted(found, key=lambda one: one[2])[:MOST]


def _asked(trial: Trial, since: datetime, until: datetime) -> Iterable[tuple[Asset, str, datetime]]:
    assert trial.reflex is not None
    low, high = round(since.timestamp() * 1000), round(until.timestamp() * 1000)
    rows = Command.objects.filter(
        asset=trial.reflex.asset_id, actor__startswith="p_", sent_at__gt=low, sent_at__lte=high
    )
    for one in rows.select_related("asset").order_by("sent_at")[:MOST]:
        if (capability := one.capability) is not None and one.sent_at is not None:
            yield one.asset, proposing.makes(capability, one.params), instant(one.sent_at)


def _became(trial: Trial, since: datetime, until: datetime) -> Iterable[tuple[Asset, str, datetime]]:
    assets = Asset.objects.filter(driver=trial.driver, kind=trial.kind, device__isnull=False)
    for asset in assets.order_by("pk")[:MOST]:
        can: dict[str, set[Any]] = {}
        for one in asset.declared.can:
            can.setdefault(one.observed, set()).add(one.value)
        for series in Series.objects.filter(device=asset.device_id, observed__in=can):
            before: Any = None
            for at, value, quality in zip(*reading.between(series.pk, since, until), strict=True):
                said = spoken(series.kind, series.choices, float(value))
                wanted = can[series.observed]
                if (
                    before is not None
                    and said != before
                    and quality != BAD
                    and (said in wanted or None in wanted)
                ):
                    yield asset, proposing.as_made(series.observed, said), instant(int(at))
                before = said


def count(trial: Trial) -> Count:
    """Return how many cases of each kind a trial has."""
    of = Proposal.Outcome
    found = trial.proposals.aggregate(
        **{name: Number("pk", filter=Q(outcome=name)) for name in of.values},
        danger=Number("pk", filter=Q(dangerous=True, outcome__in=(of.OTHER, of.NOTHING))),
    )
    return Count(**found)


def lacking(trial: Trial, counted: Count) -> list[str]:
    """Return what is missing before a trial may end."""
    return shadow.lacking(counted, trial.fewest, trial.agreement)
