"""Runs of playbooks as pages show them: what was done, what is to do, what may come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ressort.core.registry import capability
from ressort.engines.procedures import Procedure, Step
from ressort.services.controlroom.incidents import clocks, faults
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.incidents.playbook_models import Playbook, Run, StepDone
from ressort.web import words


@dataclass(frozen=True, slots=True)
class Shown:
    """A step of a procedure, drawn: number, kind in words, pictogram, and where it leads."""

    number: int
    step: Step
    kind: str
    icon: str
    ways: tuple[tuple[str, str], ...]
    jump: str

    @property
    def text(self) -> str:
        """What to do; of a wait, how long and for what."""
        if self.step.kind != "wait":
            return self.step.text
        time = words.duration(self.step.seconds)
        return f"{time}, {self.step.text}" if self.step.text else time


def drawn(procedure: Procedure) -> list[Shown]:
    """Return the steps of a procedure, drawn. Where a step is simply followed by the next, nothing is said."""
    return [
        Shown(
            at + 1,
            step,
            faults.words(step),
            faults.icon(step),
            tuple((answer, faults.leads(to)) for answer, to in step.answers),
            faults.leads(step.after) if step.kind != "decide" and step.after != at + 1 else "",
        )
        for at, step in enumerate(procedure.steps)
    ]


@dataclass(frozen=True, slots=True)
class Told:
    """A run, with the step at hand, its clock if it waits, and the link of its command if there is one."""

    run: Run
    shown: Shown | None
    done: tuple[tuple[Shown, StepDone], ...]
    clock: clocks.Clock | None
    link: str
    by_hand: str

    @property
    def waiting(self) -> bool:
        """Whether its wait still runs."""
        return self.clock is not None and self.clock.state != "over"

    @property
    def clock_words(self) -> str:
        """The clock of the wait in words."""
        if self.clock is None:
            return ""
        time = words.duration(abs(self.clock.seconds))
        return (_("reste %(time)s") if self.waiting else _("finie depuis %(time)s")) % {"time": time}


def of(incident: Incident, now: datetime) -> list[Told]:
    """Return the runs of an incident, those under way first."""
    rows = Run.objects.filter(incident=incident).select_related("playbook").prefetch_related("done__by")
    return sorted(
        (told(run, incident, now) for run in rows), key=lambda one: one.run.state != Run.State.RUNNING
    )


def told(run: Run, incident: Incident, now: datetime) -> Told:
    """Return one run as it is shown."""
    steps = drawn(run.playbook.procedure)
    shown = steps[run.step] if run.state == Run.State.RUNNING and run.step is not None else None
    clock = clocks.read(now, run.since, run.wait_until) if run.wait_until else None
    link = by_hand = ""
    if shown and shown.step.kind == "command":
        link, by_hand = command_link(shown.step, incident)
    elif shown and shown.step.kind == "call":
        from ressort.services.controlroom.duty import queries as duty  # it reads incidents: not at the head

        link = duty.call_link(shown.step.text, incident)
    done = tuple((steps[one.step], one) for one in run.done.all())
    return Told(run, shown, done, clock, link, by_hand)


def command_link(step: Step, incident: Incident) -> tuple[str, str]:
    """Return the address of the form that gives an order to an equipment, or why it is done by hand.

    The equipment part offers it as the capability ``equipment.command_link``:
    ``link(asset, order, reason=number, back=address)`` returns an address, or nothing when it knows no such equipment.
    """
    if incident.exercise:
        return "", _("EXERCICE : ne commandez rien. Dites ce que vous auriez fait.")
    if not step.asset:
        return "", _("Cette étape ne nomme pas d'équipement : faites-la à la main, puis notez-la faite.")
    try:
        link: Any = capability("equipment.command_link")
    except LookupError:
        return "", _("Aucun équipement n'est commandé d'ici : faites-la à la main, puis notez-la faite.")
    back = reverse("controlroom:incident", args=[incident.number]) + "#runs"
    address = link(step.asset, step.order, reason=incident.number, back=back)
    if not address:
        return "", _(
            "L'équipement « %(asset)s » n'est pas connu : faites-la à la main, puis notez-la faite."
        ) % {"asset": step.asset}
    return str(address), ""


def startable(incident: Incident) -> list[Playbook]:
    """Return the playbooks in force, those of the incident's category first."""
    found = Playbook.objects.filter(organisation=incident.organisation_id, state=Playbook.State.PUBLISHED)
    return sorted(found, key=lambda one: (one.category != incident.category, one.name))
