"""What a bundle says: the state of the room as rows of words, then sheets that each carry the code to type them back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from ressort.core.clock import service_now
from ressort.services.controlroom.alarms import queries as alarms
from ressort.services.controlroom.bundles.models import Bundle
from ressort.services.controlroom.duty import queries as duty
from ressort.services.controlroom.duty.models import DutyLine
from ressort.services.controlroom.duty.shift_models import Presence
from ressort.services.controlroom.incidents import queries as incidents
from ressort.services.controlroom.incidents import runs
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.incidents.playbook_models import Run, StepDone
from ressort.services.controlroom.incidents.situation_models import Situation
from ressort.services.controlroom.orders import queries as orders
from ressort.services.controlroom.orders import states
from ressort.services.controlroom.orders.models import WorkOrder
from ressort.services.controlroom.plan.models import PlanEntry
from ressort.web import words

MOST = {"incidents": 80, "alarms": 60, "orders": 40, "runs": 20, "plan": 200}
"""Rows of each part, at most: paper that nobody can carry helps nobody. What is left out is counted in words."""


def moment(at: datetime | None) -> str:
    """Return an instant as paper says it: a paper knows neither today nor now."""
    return f"{localtime(at):%d/%m/%Y %H:%M}" if at else "–"


def _link(name: str, *args: Any, query: str = "") -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse(f"controlroom:{name}", args=args) + query


def compose(bundle: Bundle) -> dict[str, Any]:
    """Return what the template ``bundle`` shows."""
    situation, now = bundle.situation, service_now()
    home = situation.organisation_id
    every = _incidents_of(situation)
    found = incidents.by_urgency(incidents.told(one, now) for one in incidents.with_all(every))
    given = orders.with_all(WorkOrder.objects.filter(organisation=home, state__in=states.HELD))
    work = [one.order for one in orders.by_urgency(orders.told(one, now) for one in given)]
    # an exercise commands no crew: the orders on its papers are those of its own incidents
    numbers = {one.incident.number for one in found}
    work = [
        one
        for one in work
        if not situation.exercise or (one.source == "incident" and one.source_id in numbers)
    ]
    running = Run.objects.filter(incident__in=every, state=Run.State.RUNNING)
    started = list(running.select_related("incident__situation", "playbook").prefetch_related("done__by"))
    rows = sorted(found, key=lambda one: (incidents.RANK[one.incident.priority], one.due, one.incident.pk))
    return {
        "title": _("Liasse %(number)d · %(told)s") % {"number": bundle.number, "told": situation.told},
        "exercise": _("EXERCICE") if situation.exercise else "",
        "lead": moment(now),
        "facts": _facts(situation),
        "link": _link("situation", situation.pid),
        "floor": _floor(home),
        "lines": _lines(home),
        "incidents": [_incident(one) for one in rows[: MOST["incidents"]]],
        "alarms": _alarms(),
        "plan": _plan(home),
        "left_out": _left_out(len(rows), len(work), len(started)),
        "sheets": [
            *(_order(one) for one in work[: MOST["orders"]]),
            *(_run(one, now) for one in started[: MOST["runs"]]),
            *(_blank(bundle, one) for one in bundle.sheets.all()),
        ],
        "words": _words(),
    }


def _incidents_of(situation: Situation) -> Any:
    """Return what a situation's paper speaks of: the organisation's open incidents; of an exercise, its own alone."""
    found = Incident.objects.filter(organisation=situation.organisation_id, state__in=Incident.OPEN)
    if situation.exercise:
        return found.filter(situation=situation)
    return found.exclude(situation__exercise=True)


def _facts(situation: Situation) -> list[list[str]]:
    facts = [
        (_("Situation"), situation.told),
        (_("Ce qui est dit au public"), situation.headline),
        (_("Ce qu'il faut faire"), situation.instruction),
        (_("Où"), situation.area_name),
        (_("Depuis"), moment(situation.since)),
        (_("Fin prévue"), moment(situation.until)),
        (_("Conduite par"), situation.organisation.name),
    ]
    return [[str(name), words.typo(value)] for name, value in facts if value]


def _floor(home: int) -> list[list[str]]:
    found = Presence.objects.filter(organisation=home, left=None).select_related("user")
    return [
        [
            one.user.name if one.user else _("compte effacé"),
            str(one.get_duty_display()),
            one.desk,
            moment(one.came),
        ]
        for one in found
    ]


def _lines(home: int) -> list[dict[str, Any]]:
    found = DutyLine.objects.filter(organisation=home, closed=None).select_related("chief")
    return [
        {
            "name": roster.line.name,
            "purpose": roster.line.purpose,
            "rows": [
                [str(rank.number), one.contact.name, words.phone(one.contact.phone) if one.contact.phone else "–",
                 _("jusqu'à %(at)s") % {"at": moment(one.end)}]
                for rank in roster.ranks
                for one in rank.now
            ],
        }
        for roster in duty.rosters(found)
    ]  # fmt: skip


def _incident(one: incidents.Told) -> dict[str, Any]:
    found = one.incident
    return {
        "number": found.number,
        "priority": str(found.get_priority_display()),
        "title": found.title,
        "place": found.address or "–",
        "point": f"{found.lat:.5f}, {found.lon:.5f}" if found.lon is not None else "",
        "state": str(found.get_state_display()),
        "who": found.taken_by.name if found.taken_by else "",
        "limit": _("avant %(at)s") % {"at": moment(one.due)},
        "exercise": _("EXERCICE") if found.exercise else "",
        "tasks": [
            f"{todo.text} ({todo.who})" if todo.who else todo.text
            for todo in found.todos.all()
            if todo.done is None and todo.dropped is None
        ],
    }


def _alarms() -> list[list[str]]:
    found = alarms.opened().filter(rule__shadow=False)[: MOST["alarms"]]
    return [
        [
            moment(one.raised),
            one.rule.name,
            one.device.code,
            str(one.get_severity_display()),
            str(one.get_state_display()),
        ]
        for one in found
    ]


def _plan(home: int) -> list[dict[str, Any]]:
    found = list(PlanEntry.objects.filter(organisation=home, withdrawn=None)[: MOST["plan"]])
    titles = {"person": _("Personnes"), "means": _("Moyens"), "place": _("Lieux")}
    return [
        {
            "title": title,
            "rows": [
                [
                    one.name,
                    " · ".join(part for part in (one.role, str(one.quantity or "")) if part),
                    ", ".join(words.phone(part) for part in (one.phone, one.other_phone) if part) or "–",
                    " · ".join(part for part in (one.address, one.note) if part),
                ]
                for one in found
                if one.kind == kind
            ],
        }
        for kind, title in titles.items()
        if any(one.kind == kind for one in found)
    ]


def _order(one: WorkOrder) -> dict[str, Any]:
    facts = [
        (_("Où"), one.address or "–"),
        (_("Équipement"), f"{one.asset.name} ({one.asset.code})" if one.asset else ""),
        (_("À faire avant"), moment(one.due)),
        (_("Priorité"), str(one.get_priority_display())),
        (_("Équipe"), one.who or "–"),
        (_("Où elle en est"), str(one.get_state_display())),
    ]
    return {
        "kind": "order",
        "number": one.number,
        "sheet": str(one.version),
        "name": one.title,
        "facts": [[str(name), words.typo(value)] for name, value in facts if value],
        "said": [line for line in (*one.instructions.split("\n"), *one.materials.split("\n")) if line],
        "link": _link("work_typed", one.number, query=f"?feuille={one.version}"),
    }


def _run(run: Run, now: datetime) -> dict[str, Any]:
    told = runs.told(run, run.incident, now)
    done = {shown.number: one for shown, one in told.done if one.taken_back is None}
    return {
        "kind": "run",
        "number": run.incident.number,
        "name": f"{run.playbook.name} (v{run.playbook.version})",
        "title": run.incident.title,
        "at": str((run.step or 0) + 1),
        "steps": [
            {
                "number": str(one.number),
                "kind": one.kind,
                "text": one.text,
                "ways": [f"{answer} → {leads}" for answer, leads in one.ways],
                "jump": f"→ {one.jump}" if one.jump else "",
                "done": _done(done[one.number]) if one.number in done else "",
            }
            for one in runs.drawn(run.playbook.procedure)
        ],
        "link": _link("incident", run.incident.number) + "#runs",
    }


def _done(one: StepDone) -> str:
    said = {"yes": _("vérifié"), "no": _("non"), "": ""}.get(one.answer, one.answer)
    return " · ".join(part for part in (moment(one.at), _("passée") if one.skipped else said) if part)


def _blank(bundle: Bundle, one: Any) -> dict[str, Any]:
    return {
        "kind": "blank",
        "number": f"{bundle.number}-{one.place:02}",
        "code": one.code,
        "link": _link("paper_sheet", one.code),
    }


def _left_out(found: int, work: int, started: int) -> list[str]:
    said = (
        (found - MOST["incidents"], _("incidents : %(n)d de plus ne sont pas imprimés")),
        (work - MOST["orders"], _("interventions : %(n)d de plus ne sont pas imprimées")),
        (started - MOST["runs"], _("procédures : %(n)d de plus ne sont pas imprimées")),
    )
    return [sentence % {"n": more} for more, sentence in said if more > 0]


def _words() -> dict[str, str]:
    return {
        "exercise": _("EXERCICE : rien ici n'est réel. Aucun équipement n'est commandé."),
        "qr": _("Code à scanner pour ouvrir cette situation"),
        "floor": _("En salle"), "no_floor": _("Personne n'a pris de poste."),
        "lines": _("Astreintes"), "no_lines": _("Aucune astreinte n'est tenue."), "nobody": _("Personne n'est de tour maintenant."),
        "incidents": _("Incidents ouverts"), "no_incidents": _("Aucun incident ouvert."), "tasks": _("Reste à faire"),
        "alarms": _("Alarmes"), "no_alarms": _("Aucune alarme."),
        "plan": _("Plan de sauvegarde"), "no_plan": _("Le plan de sauvegarde est vide."),
        "orders": _("Interventions confiées"), "runs": _("Procédures en cours"), "blanks": _("Fiches à remplir"),
        "how": _("Une fiche par fait : un nouvel incident, ou la suite d'un incident ouvert. Quand l'écran revient, scannez "
                 "le carré ou tapez le code : chaque fiche ne se saisit qu'une fois, qui que ce soit qui la tienne."),
        "sheet": _("Feuille"), "card": _("Fiche"), "step_at": _("Étape où elle en est"),
        "order_qr": _("Code à scanner pour saisir cette feuille"), "run_qr": _("Code à scanner pour continuer cette procédure"),
        "card_qr": _("Code à scanner pour saisir cette fiche"),
        "left": _("Départ"), "arrived": _("Arrivée"), "finished": _("Fin"), "done": _("C'est fait"), "failed": _("Impossible"),
        "what": _("Ce qui a été fait, ou pourquoi c'est impossible"), "hour": _("Heure"), "who": _("Par"),
        "new": _("Nouvel incident"), "more": _("Suite de l'incident n°"), "place": _("Lieu"), "happened": _("Ce qui s'est passé"),
        "vital": _("vitale"), "high": _("haute"), "normal": _("normale"), "low": _("basse"), "priority": _("Priorité"),
        "typed": _("Saisie le, par"),
    }  # fmt: skip
