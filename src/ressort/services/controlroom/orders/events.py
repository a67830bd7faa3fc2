"""Every event of work orders and crews, and how the timeline tells it."""

from ressort.core.journal import declare

_ALL = ("number", "crew", "executor", "concerns")


declare(
    "controlroom.work.drafted",
    "Intervention {number} préparée.",
    *_ALL,
    "trade",
    "priority",
    "source",
    "source_id",
)
declare("controlroom.work.changed", "Intervention {number} modifiée.", *_ALL, "fields")
declare("controlroom.work.assigned", "Intervention {number} confiée.", *_ALL, "before")
declare("controlroom.work.unassigned", "Intervention {number} reprise à l'équipe.", *_ALL)
declare("controlroom.work.accepted", "Intervention {number} acceptée.", *_ALL)
declare("controlroom.work.declined", "Intervention {number} refusée par l'équipe.", *_ALL)
declare("controlroom.work.left", "Intervention {number} : l'équipe est en route.", *_ALL)
declare("controlroom.work.arrived", "Intervention {number} : l'équipe est sur place.", *_ALL)
declare("controlroom.work.done", "Intervention {number} faite.", *_ALL, "minutes")
declare("controlroom.work.failed", "Intervention {number} impossible.", *_ALL)
declare("controlroom.work.taken_back", "Intervention {number} : retour à l'étape d'avant.", *_ALL, "before")
declare("controlroom.work.checked", "Intervention {number} vérifiée et close.", *_ALL, "result")
declare("controlroom.work.returned", "Intervention {number} renvoyée à l'équipe.", *_ALL)
declare("controlroom.work.cancelled", "Intervention {number} annulée.", *_ALL)
declare("controlroom.work.restored", "Intervention {number} reprise.", *_ALL)
declare("controlroom.work.noted", "Intervention {number} : mot de l'équipe, gardé.", *_ALL, "state")
declare("controlroom.work.pictured", "Intervention {number} : photo jointe.", *_ALL, "photo")
declare("controlroom.work.unpictured", "Intervention {number} : photo retirée.", *_ALL, "photo")
declare(
    "controlroom.work.typed",
    "Intervention {number} saisie d'après la feuille.",
    *_ALL,
    "result",
    "minutes",
    "sheet",
)
declare("controlroom.crew.made", "Équipe créée.", "trade", "organisation")
declare("controlroom.crew.changed", "Équipe modifiée.", "fields")
declare("controlroom.crew.joined", "Une personne rejoint une équipe.", "person")
declare("controlroom.crew.left", "Une personne quitte une équipe.", "person")

TOLD = tuple(
    f"controlroom.work.{what}"
    for what in ("assigned", "unassigned", "changed", "returned", "cancelled", "declined", "failed", "noted")
)
"""Kinds of which somebody is told (``actions/telling.py``)."""
FOLLOWED = tuple(
    f"controlroom.work.{what}"
    for what in ("assigned", "declined", "arrived", "done", "failed", "taken_back", "returned", "typed", "cancelled")
)  # fmt: skip
"""Kinds that move what an order was made from (``actions/following.py``)."""
