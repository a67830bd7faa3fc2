"""Duty as people see it: the states of calls and answers, and what the log of an incident says of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.web import states
from ressort.web.states import State

STATES = {
    "cascade.calling": State(gettext_lazy("On appelle"), "warn", "phone"),
    "cascade.answered": State(gettext_lazy("Quelqu'un s'en charge"), "ok", "check-circle"),
    "cascade.exhausted": State(gettext_lazy("Personne n'a répondu"), "bad", "alert"),
    "cascade.stopped": State(gettext_lazy("Appel arrêté"), "idle", "cross-circle"),
    "answer.waiting": State(gettext_lazy("Réponse attendue"), "warn", "hourglass", outline=True),
    "answer.yes": State(gettext_lazy("S'en charge"), "ok", "check"),
    "answer.no": State(gettext_lazy("Ne peut pas"), "idle", "cross"),
    "answer.silent": State(gettext_lazy("Sans réponse"), "bad", "question", outline=True),
    "answer.freed": State(gettext_lazy("N'a plus à répondre"), "idle", "minus"),
    "duty.hole": State(gettext_lazy("Personne"), "bad", "alert", outline=True),
    "duty.overlap": State(gettext_lazy("Deux à la fois"), "warn", "layers"),
    "duty.on": State(gettext_lazy("D'astreinte"), "ok", "dot"),
    "duty.replaced": State(gettext_lazy("Remplacement"), "info", "swap"),
}
states.declare(STATES)


def history(events: Iterable[Any]) -> dict[int, str]:
    """Return the sentences of the events of calls with the names that the journal does not hold, by number of event."""
    from ressort.services.controlroom.duty.cascade_models import CascadeStep
    from ressort.services.controlroom.duty.models import DutyLine

    ours = {one.seq: one for one in events if one.kind.startswith("controlroom.cascade.")}
    if not ours:
        return {}
    told = {seq: json.loads(one.payload) for seq, one in ours.items()}
    wanted = {pk for one in told.values() for pk in [*one.get("steps", ()), one.get("step")] if pk}
    steps = CascadeStep.objects.filter(pk__in=wanted).select_related("contact")
    names = {one.pk: one.contact.name or _("nom effacé") for one in steps}
    lines = dict(
        DutyLine.objects.filter(pid__in={one["line"] for one in told.values()}).values_list("pid", "name")
    )
    return {seq: _sentence(one.kind.rsplit(".", 1)[1], told[seq], names, lines) for seq, one in ours.items()}


def _sentence(deed: str, payload: dict[str, Any], names: dict[int, str], lines: dict[str, str]) -> str:
    called = [names[pk] for pk in payload.get("steps", ()) if pk in names]
    given = {
        "line": lines.get(payload["line"], "–"),
        "who": ", ".join(called) or names.get(payload.get("step", 0), "–"),
        "rank": payload.get("rank"),
    }
    if deed == "started" and not called:
        deed = "nobody"
    if deed in {"answered", "declined"} and payload.get("voice"):
        deed = f"{deed}_aloud"
    if deed == "moved" and payload.get("because") == "no":
        deed = "moved_on"
    return {
        "started": _("%(line)s appelée : %(who)s (rang %(rank)s)."),
        "nobody": _("%(line)s appelée : personne n'est d'astreinte."),
        "moved": _("%(line)s, sans réponse : %(who)s appelé à son tour (rang %(rank)s)."),
        "moved_on": _("%(line)s : %(who)s appelé à son tour (rang %(rank)s)."),
        "answered": _("%(line)s : %(who)s s'en charge."),
        "answered_aloud": _("%(line)s : %(who)s s'en charge (dit de vive voix)."),
        "declined": _("%(line)s : %(who)s ne peut pas."),
        "declined_aloud": _("%(line)s : %(who)s ne peut pas (dit de vive voix)."),
        "exhausted": _("%(line)s : personne n'a répondu. Qui a appelé et le responsable sont prévenus."),
        "stopped": _("%(line)s : appel arrêté."),
    }[deed] % given
