"""Events of corridors: ids and codes only. Their subject is the incident they serve, so that its log tells them."""

from ressort.core.journal import declare

_WHAT = ("corridor", "number", "concerns")
declare("controlroom.corridor.planned", "Couloir d'urgence calculé : {items} équipements, {seconds} s.",
        *_WHAT, "items", "seconds", "metres")  # fmt: skip
declare("controlroom.corridor.asked", "Couloir d'urgence demandé : une seconde personne doit approuver.",
        *_WHAT, "items")  # fmt: skip
declare("controlroom.corridor.opened", "Couloir d'urgence ouvert : {items} équipements.",
        *_WHAT, "items", "emergency", "approver", "vehicle")  # fmt: skip
declare("controlroom.corridor.moved", "Couloir d'urgence : véhicule vu à {metres} m du départ ({shift} s de décalage).",
        *_WHAT, "metres", "shift", "item", "vehicle", "back")  # fmt: skip
declare("controlroom.corridor.barred", "Couloir d'urgence : un équipement ne s'ouvre pas.",
        *_WHAT, "asset", "item", "why")  # fmt: skip
declare(
    "controlroom.corridor.released", "Couloir d'urgence relâché : la rue est rendue.", *_WHAT, "why", "items"
)
declare("controlroom.corridor.dropped", "Couloir d'urgence non ouvert.", *_WHAT, "why")
