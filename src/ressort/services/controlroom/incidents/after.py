"""The after-action report of a situation, written from the journal: what happened, in what order, how well it was held."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from ressort.core.accounts.models import User
from ressort.core.clock import service_now
from ressort.core.journal.models import Event
from ressort.core.live.topics import tell
from ressort.services.controlroom.incidents import queries
from ressort.services.controlroom.incidents.models import Incident, Line
from ressort.services.controlroom.incidents.situation_models import Situation
from ressort.web import words

MOST = 800
"""Entries of the time line that are printed, at most."""


def _moment(at: datetime | None) -> str:
    return f"{localtime(at):%d/%m/%Y %H:%M}" if at else "–"


def events_of(situation: Situation) -> list[Event]:
    """Return what the journal tells of a situation: itself, its incidents, its papers, and what other services did of it."""
    incidents = list(situation.incidents.values_list("pid", flat=True))
    bundles = list(situation.bundles.values_list("pid", flat=True))
    during = Event.objects.filter(at__gte=situation.since)
    if situation.closed:
        during = during.filter(at__lte=situation.closed)
    ours = Q(subject__in=[situation.pid, *incidents, *bundles]) | Q(payload__contains=f'"{situation.pid}"')
    after = Q(subject=situation.pid) | Q(
        cause__in=_closings(situation), payload__contains=f'"{situation.pid}"'
    )
    found = {one.seq: one for one in during.filter(ours).order_by("seq")}
    found |= {one.seq: one for one in Event.objects.filter(at__gte=situation.since).filter(after)}
    return [found[seq] for seq in sorted(found)]


def _closings(situation: Situation) -> list[str]:
    """Return the ids of the event that ended it: what followed from that is told too, though it came a moment later."""
    rows = Event.objects.filter(subject=situation.pid, kind="controlroom.situation.closed")
    return [str(one) for one in rows.values_list("id", flat=True)]


def data(situation: Situation, link: str) -> dict[str, Any]:
    """Return what the template ``after`` shows."""
    now = service_now()
    every = list(queries.with_all(situation.incidents.all()).order_by("opened", "pk"))
    events = events_of(situation)
    names = dict(User.objects.filter(pid__in={one.actor for one in events}).values_list("pid", "name"))
    lines = [
        (one.at, f"[{one.incident.number}] {one.text}", one.by.name if one.by else "–")
        for one in Line.objects.filter(incident__in=every).select_related("incident", "by")
    ]
    told = [
        (one.at, tell(one), names.get(one.actor, "–"))
        for one in events
        if one.kind != "controlroom.incident.logged"
    ]
    log = sorted([*told, *lines], key=lambda row: row[0])
    return {
        "title": _("Retour d'expérience · %(told)s") % {"told": situation.told},
        "exercise": _("EXERCICE : rien de ce qui suit n'est réel.") if situation.exercise else "",
        "lead": _moment(now) if situation.closed else _("Provisoire : la situation dure encore. %(at)s") % {"at": _moment(now)},
        "facts": _facts(situation, now),
        "figures": _figures(situation, every, now),
        "incidents": [_incident(one, now) for one in every],
        "log": [[_moment(at), text, who] for at, text, who in log[:MOST]],
        "left_out": _("Seules les %(most)d premières lignes sont imprimées, sur %(n)d.") % {"most": MOST, "n": len(log)} if len(log) > MOST else "",
        "link": link,
        "words": {
            "qr": _("Code à scanner pour ouvrir cette situation"), "figures": _("En chiffres"),
            "incidents": _("Incidents"), "no_incidents": _("Aucun incident n'y a été rattaché."),
            "log": _("Déroulé"), "at": _("Quand"), "what": _("Quoi"), "who": _("Qui"),
            "lessons": _("À retenir"), "worked": _("Ce qui a bien marché"), "missing": _("Ce qui a manqué"),
            "change": _("Ce qui doit changer, qui s'en charge, pour quand"),
        },
    }  # fmt: skip


def _facts(situation: Situation, now: datetime) -> list[list[str]]:
    until = situation.closed or now
    facts = [
        (_("Où"), situation.area_name),
        (_("Conduite par"), situation.organisation.name),
        (_("Ouverte"), _moment(situation.since)),
        (_("Terminée"), _moment(situation.closed)),
        (_("Durée"), words.duration((until - situation.since).total_seconds())),
        (_("Dit au public"), situation.headline),
        (_("Consigne"), situation.instruction),
    ]
    return [[str(name), words.typo(value)] for name, value in facts if value]


def _figures(situation: Situation, every: list[Incident], now: datetime) -> list[list[str]]:
    told = [queries.told(one, now) for one in every]
    taken = [one for one in told if one.incident.taken]
    in_time = sum(one.take.state == "kept" for one in taken)
    solved = [one for one in told if one.incident.closed]
    bundles: Any = situation.bundles
    rows = [
        (_("Messages publiés"), str(situation.alerts.count())),
        (_("Incidents"), str(len(every))),
        (_("Pris en charge dans le délai"), _("%(n)d sur %(of)d") % {"n": in_time, "of": len(taken)}),
        (_("Terminés dans le délai"),
         _("%(n)d sur %(of)d") % {"n": sum(one.solve.state == "kept" for one in solved), "of": len(solved)}),
        (_("Encore ouverts"), str(sum(one.is_open for one in every))),
        (_("Liasses papier prêtes"), str(bundles.exclude(made=None).count())),
        (_("Fiches papier saisies"), str(bundles.filter(sheets__typed__isnull=False).values("sheets").count())),
    ]  # fmt: skip
    return [[str(name), value] for name, value in rows]


def _incident(one: Incident, now: datetime) -> dict[str, str]:
    told = queries.told(one, now)
    parts = [
        str(one.get_category_display()),
        str(one.get_priority_display()),
        one.address,
        _("ouvert %(at)s") % {"at": _moment(one.opened)},
        told.take_words,
        str(one.get_outcome_display()) if one.outcome else str(one.get_state_display()),
    ]
    return {
        "number": one.number,
        "title": one.title or _("contenu effacé"),
        "said": " · ".join(part for part in parts if part),
        "report": one.report,
    }
