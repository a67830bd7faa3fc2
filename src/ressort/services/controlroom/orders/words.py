"""Work orders as people see them: pills of their states, words of their clock."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.services.controlroom.incidents import clocks
from ressort.services.controlroom.incidents import words as words_of_incidents  # declares the priorities too
from ressort.services.controlroom.orders.models import WorkOrder
from ressort.web import states, words
from ressort.web.states import State

PREFIX = words_of_incidents.PREFIX
_STATES = {
    f"{PREFIX}.work.drafted": State(gettext_lazy("À confier"), "warn", "ring-dashed", outline=True),
    f"{PREFIX}.work.assigned": State(gettext_lazy("Confiée"), "info", "ring", outline=True),
    f"{PREFIX}.work.accepted": State(gettext_lazy("Acceptée"), "info", "check"),
    f"{PREFIX}.work.declined": State(gettext_lazy("Refusée par l'équipe"), "bad", "cross"),
    f"{PREFIX}.work.on-way": State(gettext_lazy("En route"), "info", "van"),
    f"{PREFIX}.work.on-site": State(gettext_lazy("Sur place"), "info", "pin"),
    f"{PREFIX}.work.done": State(gettext_lazy("Faite"), "ok", "check-circle"),
    f"{PREFIX}.work.failed": State(gettext_lazy("Impossible"), "bad", "alert"),
    f"{PREFIX}.work.closed": State(gettext_lazy("Vérifiée, close"), "idle", "lock"),
    f"{PREFIX}.work.cancelled": State(gettext_lazy("Annulée"), "idle", "cross-circle"),
}
states.declare(_STATES)


def clock(order: WorkOrder, now: datetime) -> clocks.Clock:
    """Return how the delay of an order stands."""
    return clocks.read(now, order.created, order.due, order.finished or order.closed)


def due(found: clocks.Clock) -> str:
    """Return the words of a delay: « reste 3 h », « en retard de 20 min »."""
    time = words.duration(abs(found.seconds))
    return {
        "running": _("reste %(time)s"),
        "soon": _("plus que %(time)s"),
        "over": _("en retard de %(time)s"),
        "kept": _("faite dans les temps"),
        "missed": _("faite avec %(time)s de retard"),
    }[found.state] % {"time": time}


STEPS = {
    "draft": gettext_lazy("Préparée"),
    "change": gettext_lazy("Modifiée"),
    "assign": gettext_lazy("Confiée à %(crew)s"),
    "unassign": gettext_lazy("Reprise à l'équipe"),
    "accept": gettext_lazy("Acceptée"),
    "decline": gettext_lazy("Refusée par l'équipe"),
    "leave": gettext_lazy("En route"),
    "arrive": gettext_lazy("Arrivée sur place"),
    "finish": gettext_lazy("Faite"),
    "fail": gettext_lazy("Impossible à faire"),
    "take_back": gettext_lazy("Retour à l'étape d'avant"),
    "check": gettext_lazy("Vérifiée et close"),
    "return": gettext_lazy("Renvoyée à l'équipe"),
    "cancel": gettext_lazy("Annulée"),
    "restore": gettext_lazy("Reprise"),
    "note": gettext_lazy("Mot de l'équipe, arrivé trop tard pour changer l'état"),
    "picture": gettext_lazy("Photo jointe"),
    "unpicture": gettext_lazy("Photo retirée"),
    "type": gettext_lazy("Saisie d'après la feuille de papier"),
}


def step(deed: str, crew: str = "") -> str:
    """Return a step in words."""
    return str(STEPS[deed]) % {"crew": crew or _("quelqu'un")}
