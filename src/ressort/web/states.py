"""States as people see them: one word, one hue, one shape. Services declare theirs beside the house's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class State:
    """How a state looks: ``word``, ``hue`` (ok, warn, bad, info, idle, or a service's), ``icon``; ``outline`` = not yet."""

    word: str | Promise
    hue: str
    icon: str
    outline: bool = False


_STATES: dict[str, State] = {
    # answers to a request
    "offered": State(_("Proposé"), "info", "question", outline=True),
    "requested": State(_("Demandé"), "info", "ring-dashed", outline=True),
    "sent": State(_("Envoyé"), "info", "arrow-right", outline=True),
    "accepted": State(_("Accepté"), "ok", "check"),
    "confirmed": State(_("Confirmé"), "ok", "check-circle"),
    "refused": State(_("Refusé"), "bad", "cross"),
    "cancelled": State(_("Annulé"), "idle", "cross-circle"),
    "expired": State(_("Expiré"), "idle", "hourglass"),
    # life of a trip
    "planned": State(_("Prévu"), "info", "calendar"),
    "waiting": State(_("En attente"), "warn", "hourglass"),
    "arriving": State(_("Arrive"), "info", "van"),
    "aboard": State(_("À bord"), "ok", "seat"),
    "done": State(_("Terminé"), "idle", "check"),
    "no-show": State(_("Absent"), "bad", "person"),
    "late": State(_("En retard"), "warn", "clock"),
    "on-time": State(_("À l'heure"), "ok", "clock"),
    "broken-down": State(_("En panne"), "bad", "alert"),
    # a decision taken up again
    "received": State(_("Reçue"), "info", "ring-dashed", outline=True),
    "taken": State(_("Prise en charge"), "info", "half"),
    "answered": State(_("Répondue"), "ok", "check-circle"),
    "changed": State(_("Décision changée"), "ok", "swap"),
    "upheld": State(_("Décision maintenue"), "idle", "lock"),
    "explained": State(_("Décision expliquée"), "info", "info"),
    "overdue": State(_("Délai dépassé"), "bad", "alert"),
    # what waits for somebody
    "urgent": State(_("Maintenant"), "bad", "alert"),
    "soon": State(_("Bientôt"), "warn", "clock"),
    # work and things
    "queued": State(_("En file"), "idle", "hourglass", outline=True),
    "running": State(_("En cours"), "info", "half"),
    "failed": State(_("Échec"), "bad", "alert"),
    "active": State(_("En service"), "ok", "dot"),
    "idle": State(_("Au repos"), "idle", "ring"),
    "off": State(_("Hors service"), "idle", "minus"),
    "stale": State(_("Sans nouvelles"), "warn", "hourglass", outline=True),
    "draft": State(_("Brouillon"), "idle", "edit", outline=True),
    "open": State(_("Ouvert"), "ok", "ring"),
    "closed": State(_("Fermé"), "bad", "lock"),
}


def declare(states: Mapping[str, State]) -> None:
    """Add a service's states; the keys carry its name: ``transport.boarding``."""
    _STATES.update(states)


def state(code: str) -> State:
    """Return a state; an unknown code is shown as it is, neutral, rather than hidden."""
    return _STATES.get(code.replace("_", "-")) or State(
        code.replace("_", " ").replace("-", " ").capitalize(), "idle", "dot"
    )


def states() -> Mapping[str, State]:
    """Return every declared state, for the style page."""
    return _STATES
