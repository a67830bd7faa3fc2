"""What this part prints: the report of an incident, and a playbook for days without electricity."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.services.controlroom.incidents import after, queries, runs
from ressort.services.controlroom.incidents.actions import holding, playbooks, situations
from ressort.services.controlroom.incidents.models import Attachment, Incident, Todo
from ressort.web import printing, words
from ressort.web.doors import door


def _moment(at: Any) -> str:
    return f"{localtime(at):%d/%m/%Y %H:%M}" if at else "–"


@door("controlroom.incident.read")
@require_safe
def report(request: HttpRequest, number: str) -> HttpResponse:
    """Print an incident: what it was, its limits, its tasks and steps, its log."""
    found = queries.with_all(
        Incident.objects.filter(pk=queries.open_for(request.user, number).incident.pk)
    ).get()
    now = service_now()
    told = queries.told(found, now)
    family = holding.family(found)
    facts = [
        (_("État"), str(found.get_state_display())),
        (_("Priorité"), str(found.get_priority_display())),
        (_("Catégorie"), str(found.get_category_display())),
        (_("Lieu"), found.address or "–"),
        (_("Ouvert"), _moment(found.opened)),
        (_("Pris en charge"), f"{_moment(found.taken)} ({told.take_words})"),
        (_("Terminé"), f"{_moment(found.closed)} ({told.solve_words})"),
        (_("Conduit par"), found.organisation.name),
        (_("Avec"), ", ".join(row.name for row in found.involved.all()) or "–"),
    ]
    if found.situation:
        facts.append((_("Situation"), str(found.situation.told)))
    done = {True: _("fait"), False: _("à faire")}
    data = {
        "title": f"{found.number} · {found.title}",
        "exercise": _("EXERCICE") if found.exercise else "",
        "lead": (_("Compte rendu") if found.closed else _("Où l'on en est")) + f" · {_moment(now)}",
        "facts": [[str(name), words.typo(value)] for name, value in facts],
        "report": found.report.split("\n") if found.report else [],
        "outcome": str(found.get_outcome_display()) if found.outcome else "",
        "todos": [[one.text, one.who, _("abandonné") if one.dropped else done[one.done is not None]] for one in Todo.objects.filter(incident__in=family)],
        "runs": [_run(one) for one in runs.of(found, now)],
        "log": [_entry(one) for one in queries.history(found)],
        "files": [one.name for one in Attachment.objects.filter(incident__in=family, removed=None)],
        "link": request.build_absolute_uri(reverse("controlroom:incident", args=[found.number])),
        "qr_words": _("Code à scanner pour ouvrir cet incident"),
        "words": {"report": _("Compte rendu"), "todos": _("Tâches"), "runs": _("Procédures"), "log": _("Main courante"),
                  "files": _("Pièces jointes"), "at": _("Quand"), "what": _("Quoi"), "who": _("Qui")},
    }  # fmt: skip
    return printing.download(found.number, printing.pdf("incident", data))


def _run(told: runs.Told) -> dict[str, Any]:
    said = {"yes": _("vérifié"), "no": _("non"), "": _("fait")}
    rows = []
    for step, one in told.done:
        answer = _("passée") if one.skipped else said.get(one.answer, one.answer)
        note = f" : {one.note}" if one.note else ""
        back = f" ({_('reprise')})" if one.taken_back else ""
        rows.append(
            [
                _moment(one.at),
                f"{step.number}. {step.kind} : {step.text} — {answer}{note}{back}",
                one.by.name if one.by else "–",
            ]
        )
    return {"name": f"{told.run.playbook.name} (v{told.run.playbook.version})", "rows": rows}


def _entry(one: queries.Happened) -> list[str]:
    text = f"[{one.of}] {one.text}" if one.of else one.text
    for correction in one.corrections:
        text += f"\n{_('Correction')} ({_moment(correction.written)}) : {correction.text}"
    return [_moment(one.at), text, one.who or "–"]


@door("controlroom.situation.report")
@require_safe
def situation(request: HttpRequest, pid: str) -> HttpResponse:
    """Print the after-action report of a situation; while it lasts, what there is to tell so far."""
    found = situations.find(pid)
    authorise(request.user, "controlroom.situation.report", found)
    link = request.build_absolute_uri(reverse("controlroom:situation", args=[found.pid]))
    name = f"{_('EXERCICE')}-" if found.exercise else ""
    return printing.download(
        f"{name}retour-{localtime(found.since):%Y%m%d}-{found.kind}",
        printing.pdf("after", after.data(found, link)),
    )


@door("controlroom.playbook.see")
@require_safe
def playbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Print a playbook with a box to tick, an hour and a name to write beside each step."""
    found = playbooks.find(pk)
    authorise(request.user, "controlroom.playbook.see", found)
    state = "" if found.state == found.State.PUBLISHED else f" · {str(found.get_state_display()).upper()}"
    data = {
        "title": found.name,
        "lead": _("Version %(version)d") % {"version": found.version} + state,
        "purpose": found.purpose,
        "steps": [
            {
                "number": one.number,
                "kind": one.kind,
                "text": one.text + (f" ({one.step.asset} : {one.step.order})" if one.step.asset else ""),
                "ways": [f"{answer} → {leads}" for answer, leads in one.ways],
                "jump": f"→ {one.jump}" if one.jump else "",
            }
            for one in runs.drawn(found.procedure)
        ],
        "link": request.build_absolute_uri(reverse("controlroom:playbook", args=[found.pk])),
        "qr_words": _("Code à scanner pour ouvrir cette procédure"),
        "words": {
            "hour": _("Heure"),
            "who": _("Par"),
            "incident": _("Incident"),
            "started": _("Commencée à"),
        },
    }
    return printing.download(f"procedure-{found.pk}", printing.pdf("playbook", data))
