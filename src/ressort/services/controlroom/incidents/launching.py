"""Playbooks that begin with a situation: each is a preset of its kind, and runs on an incident opened for it.

Ended, the situation takes nothing back: what people do is finished or stopped by people.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.models import User
from ressort.core.presets import Preset
from ressort.services.controlroom.incidents.actions import opening, running
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.incidents.playbook_models import Playbook, Run
from ressort.services.controlroom.incidents.situation_models import Situation

KEY = "controlroom.playbook."
PRIORITY = {
    "watch": Incident.Priority.NORMAL,
    "alert": Incident.Priority.HIGH,
    "crisis": Incident.Priority.VITAL,
}
"""Level of a situation -> priority of the incident on which its playbooks run."""


def presets() -> tuple[Preset, ...]:
    """Return a preset for each playbook in force that begins with a kind of situation."""
    found = Playbook.objects.filter(state=Playbook.State.PUBLISHED).exclude(situation="")
    return tuple(
        Preset(
            f"{KEY}{one.pk}",
            (one.situation,),
            _("Procédure : %(name)s") % {"name": one.name},
            one.purpose.rstrip(".") + "." if one.purpose else _("Un incident est ouvert, elle y commence."),
            _standing(one.pk),
            owner=one.organisation.pid,
        )
        for one in found.select_related("organisation")
    )


def _standing(playbook: int) -> Callable[[str], str]:
    def told(situation: str) -> str:
        run = (
            Run.objects.filter(playbook=playbook, incident__situation__pid=situation)
            .select_related("incident")
            .last()
        )
        if run is None:
            return ""
        said = {
            Run.State.RUNNING: _("en cours sur l'incident %(number)s"),
            Run.State.DONE: _("terminée sur l'incident %(number)s"),
            Run.State.STOPPED: _("arrêtée sur l'incident %(number)s"),
        }
        return said[Run.State(run.state)] % {"number": run.incident.number}

    return told


def react(event: Any) -> None:
    """Begin the playbooks that a situation names, on one incident opened for them. Twice is once."""
    said = json.loads(event.payload)
    keys = [key for key in said.get("presets", ()) if key.startswith(KEY)]
    situation = Situation.objects.filter(pid=event.subject, closed=None).first() if keys else None
    user = User.objects.filter(pid=event.actor, is_active=True).first() if situation else None
    if situation is None or user is None:
        return  # over already, or nobody in whose name to begin: the page says that nothing runs
    with transaction.atomic():
        begun = Run.objects.filter(incident__situation=situation).values_list("playbook", flat=True)
        todo = Playbook.objects.filter(
            pk__in=[int(key.removeprefix(KEY)) for key in keys], state=Playbook.State.PUBLISHED
        ).exclude(pk__in=list(begun))
        incident = None
        for playbook in todo.order_by("name"):
            incident = incident or _incident(user, situation, playbook)
            running.start(user, incident.number, playbook.pk)


def _incident(user: User, situation: Situation, playbook: Playbook) -> Incident:
    return opening.open_incident(
        user,
        opening.Draft(
            title=situation.headline[:120].strip(),
            category=playbook.category or Incident.Category.OTHER,
            priority=PRIORITY[situation.level],
            situation=situation.pid,
            organisation=situation.organisation.pid,
        ),
    )
