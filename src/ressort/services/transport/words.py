"""The service's decisions in plain words: refusals, offers, receipts.

They are kept in French with the decision (``core.retold`` says them again in the reader's language).
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as noop

from ressort.engines.dispatch.insertion import Reason, Refusal

_REFUSALS: dict[Reason, tuple[str, str, str]] = {
    # what it means; the rule that bound; what would have changed it
    Reason.NO_VEHICLE: (
        noop("Aucun véhicule n'est en service à cette heure."),
        noop("Il faut un conducteur en service."),
        noop("Un autre horaire, pendant le service."),
    ),
    Reason.UNREACHABLE: (
        noop("Aucune route ouverte ne relie ces deux arrêts."),
        noop("Un véhicule doit pouvoir aller d'un arrêt à l'autre."),
        noop("Un autre arrêt, ou la réouverture de la rue."),
    ),
    Reason.TOO_LATE: (
        noop("Il est trop tard pour partir à cette heure."),
        noop("La montée doit avoir lieu après le délai de réservation."),
        noop("Un départ plus tard."),
    ),
    Reason.RIDE_TIME: (
        noop(
            "Aucun véhicule ne peut vous prendre sans allonger trop un trajet, le vôtre ou celui d'un autre voyageur."
        ),
        noop("Le temps passé à bord est limité pour chaque voyageur."),
        noop("Un autre horaire."),
    ),
    Reason.TIME_WINDOWS: (
        noop("Ce trajet ne peut pas arriver à l'heure demandée."),
        noop("L'arrivée demandée laisse moins de temps que le trajet direct."),
        noop("Partir plus tôt, ou arriver plus tard."),
    ),
    Reason.CAPACITY: (
        noop("Il ne reste pas assez de place dans les véhicules à cette heure."),
        noop("Chaque véhicule a un nombre fixe de sièges, de places pour fauteuil et de bagages."),
        noop("Un groupe plus petit, ou un autre horaire."),
    ),
    Reason.OUT_OF_SHIFT: (
        noop("Aucun conducteur n'est en service assez longtemps pour ce trajet."),
        noop("Un trajet doit commencer et finir pendant le service d'un conducteur."),
        noop("Un autre horaire, pendant le service."),
    ),
    Reason.NO_VEHICLE_FREE: (
        noop("Tous les véhicules sont promis à d'autres voyageurs à cette heure."),
        noop("Une promesse faite à un voyageur ne se reprend pas."),
        noop("Un autre horaire."),
    ),
}
REASONS = {
    "NO_VEHICLE": gettext_lazy("Aucun véhicule en service"),
    "UNREACHABLE": gettext_lazy("Aucune route ouverte"),
    "TOO_LATE": gettext_lazy("Trop tard"),
    "RIDE_TIME": gettext_lazy("Trajet trop allongé"),
    "TIME_WINDOWS": gettext_lazy("Heure d'arrivée impossible"),
    "CAPACITY": gettext_lazy("Plus de place"),
    "OUT_OF_SHIFT": gettext_lazy("Hors service des conducteurs"),
    "NO_VEHICLE_FREE": gettext_lazy("Véhicules déjà promis"),
}
"""Short words for lists and charts."""
_MISSING = (
    (noop("Il manque %(n)s siège."), noop("Il manque %(n)s sièges.")),
    (noop("Il manque %(n)s place pour fauteuil."), noop("Il manque %(n)s places pour fauteuil.")),
    (noop("Il manque %(n)s place pour bagages."), noop("Il manque %(n)s places pour bagages.")),
)


def refusal(found: Refusal) -> str:
    """Return the reason in one or two sentences."""
    sentence = _REFUSALS[found.reason][0]
    if found.reason == Reason.CAPACITY and found.amount and found.dimension is not None:
        missing = _MISSING[found.dimension][found.amount > 1] % {"n": found.amount}
        return f"{sentence} {missing}"
    if found.reason == Reason.TIME_WINDOWS and found.amount:
        missing = noop("Il manque %(n)s min.") % {"n": found.amount // 60 + 1}
        return f"{sentence} {missing}"
    return sentence


def receipt_of_refusal(found: Refusal) -> dict[str, str]:
    """Return the words of a refusal's receipt: decision, rule, what would have changed it."""
    _, rule, change = _REFUSALS[found.reason]
    return {"decision": refusal(found), "rule": rule, "change": change}


def receipt_of_offers(count: int, *, squeezed: bool = False) -> dict[str, str]:
    """Return the words of an offer's receipt; ``squeezed`` when others had to move for it."""
    if squeezed:
        return {
            "decision": noop("Une proposition faite, en réorganisant d'autres passages."),
            "rule": noop(
                "Aucune insertion ne convenait au plan tel qu'il était : des voyageurs qui ne sont pas encore montés "
                "passent à un autre moment ou dans un autre véhicule, toujours dans le créneau qui leur a été promis."
            ),
            "change": noop("Un autre horaire, où aucun passage n'aurait à bouger."),
        }
    several = noop(
        "%(n)s propositions faites, de la moins coûteuse en route et en marche à la plus coûteuse."
    )
    return {
        "decision": several % {"n": count} if count > 1 else noop("Une proposition faite."),
        "rule": noop(
            "Toutes les insertions possibles dans toutes les tournées sont essayées ; sont gardées celles qui "
            "tiennent toutes les promesses déjà faites, classées par route ajoutée et temps de marche."
        ),
        "change": noop("Un autre horaire ou d'autres arrêts changeraient le classement."),
    }
