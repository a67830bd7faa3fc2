"""The service's decisions in plain French: refusals, offers, receipts."""

from __future__ import annotations

from ressort.engines.dispatch.insertion import Reason, Refusal

_REFUSALS: dict[Reason, tuple[str, str, str]] = {
    # what it means; the rule that bound; what would have changed it
    Reason.NO_VEHICLE: (
        "Aucun véhicule n'est en service à cette heure.",
        "Il faut un conducteur en service.",
        "Un autre horaire, pendant le service.",
    ),
    Reason.UNREACHABLE: (
        "Aucune route ouverte ne relie ces deux arrêts.",
        "Un véhicule doit pouvoir aller d'un arrêt à l'autre.",
        "Un autre arrêt, ou la réouverture de la rue.",
    ),
    Reason.TOO_LATE: (
        "Il est trop tard pour partir à cette heure.",
        "La montée doit avoir lieu après le délai de réservation.",
        "Un départ plus tard.",
    ),
    Reason.RIDE_TIME: (
        "Aucun véhicule ne peut vous prendre sans allonger trop un trajet, le vôtre ou celui d'un autre voyageur.",
        "Le temps passé à bord est limité pour chaque voyageur.",
        "Un autre horaire.",
    ),
    Reason.TIME_WINDOWS: (
        "Ce trajet ne peut pas arriver à l'heure demandée.",
        "L'arrivée demandée laisse moins de temps que le trajet direct.",
        "Partir plus tôt, ou arriver plus tard.",
    ),
    Reason.CAPACITY: (
        "Il ne reste pas assez de place dans les véhicules à cette heure.",
        "Chaque véhicule a un nombre fixe de sièges, de places pour fauteuil et de bagages.",
        "Un groupe plus petit, ou un autre horaire.",
    ),
    Reason.OUT_OF_SHIFT: (
        "Aucun conducteur n'est en service assez longtemps pour ce trajet.",
        "Un trajet doit commencer et finir pendant le service d'un conducteur.",
        "Un autre horaire, pendant le service.",
    ),
    Reason.NO_VEHICLE_FREE: (
        "Tous les véhicules sont promis à d'autres voyageurs à cette heure.",
        "Une promesse faite à un voyageur ne se reprend pas.",
        "Un autre horaire.",
    ),
}
REASONS = {
    "NO_VEHICLE": "Aucun véhicule en service",
    "UNREACHABLE": "Aucune route ouverte",
    "TOO_LATE": "Trop tard",
    "RIDE_TIME": "Trajet trop allongé",
    "TIME_WINDOWS": "Heure d'arrivée impossible",
    "CAPACITY": "Plus de place",
    "OUT_OF_SHIFT": "Hors service des conducteurs",
    "NO_VEHICLE_FREE": "Véhicules déjà promis",
}
"""Short words for lists and charts."""
_DIMENSIONS = (
    ("siège", "sièges"),
    ("place pour fauteuil", "places pour fauteuil"),
    ("place pour bagages", "places pour bagages"),
)


def refusal(found: Refusal) -> str:
    """Return the reason in one or two sentences."""
    sentence = _REFUSALS[found.reason][0]
    if found.reason == Reason.CAPACITY and found.amount and found.dimension is not None:
        one, several = _DIMENSIONS[found.dimension]
        return f"{sentence} Il manque {found.amount} {several if found.amount > 1 else one}."
    if found.reason == Reason.TIME_WINDOWS and found.amount:
        return f"{sentence} Il manque {found.amount // 60 + 1} min."
    return sentence


def receipt_of_refusal(found: Refusal) -> dict[str, str]:
    """Return the words of a refusal's receipt: decision, rule, what would have changed it."""
    _, rule, change = _REFUSALS[found.reason]
    return {"decision": refusal(found), "rule": rule, "change": change}


def receipt_of_offers(count: int) -> dict[str, str]:
    """Return the words of an offer's receipt."""
    said = "Une proposition faite" if count == 1 else f"{count} propositions faites"
    return {
        "decision": f"{said}, de la moins coûteuse en route et en marche à la plus coûteuse."
        if count > 1
        else f"{said}.",
        "rule": (
            "Toutes les insertions possibles dans toutes les tournées sont essayées ; sont gardées celles qui "
            "tiennent toutes les promesses déjà faites, classées par route ajoutée et temps de marche."
        ),
        "change": "Un autre horaire ou d'autres arrêts changeraient le classement.",
    }
