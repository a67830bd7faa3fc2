"""Every event of the transport service, and how the timeline tells it."""

from ressort.core.journal import declare

declare(
    "transport.demand.offered",
    "Trajet demandé, propositions faites : {offers}.",
    "offers",
    "receipt",
    "origin",
    "ms",
)
declare("transport.demand.refused", "Trajet demandé : refus ({reason}).", "reason", "receipt", "origin", "ms")
declare(
    "transport.booking.accepted",
    "Réservation acceptée, voyageurs : {passengers}.",
    "promise", "demand", "tour", "passengers", "wheelchairs", "origin", "typed_by", "mandate", "pickup", "dropoff", "receipt", "replaces", "others",
)  # fmt: skip
declare("transport.booking.cancelled", "Réservation annulée.", "tour", "by", "late")
declare("transport.booking.forgotten", "Coordonnées d'un trajet effacées.")
declare("transport.receipt.sent", "Reçu envoyé à nouveau ({way}).", "way")
declare("transport.booking.agreed", "Nouvel horaire accepté par la personne.", "overrun_s")
declare("transport.booking.no_show", "Voyageur absent au point de montée.", "tour", "done_at")
declare(
    "transport.visit.departed", "Véhicule en route vers le prochain arrêt.", "tour", "place", "due", "done_at"
)
declare("transport.visit.arrived", "Véhicule à l'arrêt.", "tour", "place", "late_s", "done_at")
declare("transport.rider.boarded", "Montée à bord.", "tour", "place", "late_s", "done_at")
declare("transport.rider.alighted", "Descente : trajet terminé.", "tour", "place", "late_s", "done_at")
declare(
    "transport.tour.delayed",
    "Retard annoncé : {minutes} min.",
    "minutes",
    "kept",
    "moved",
    "broken",
    "concerns",
)
declare(
    "transport.tour.broken_down",
    "Panne : le véhicule s'arrête ; voyages confiés à d'autres : {moved}.",
    "kept",
    "moved",
    "broken",
    "concerns",
)
declare(
    "transport.deed.conflicted",
    "Geste du conducteur reçu après coup, contraire au plan ({code}).",
    "tour",
    "deed",
    "code",
    "done_at",
)
declare("transport.tour.let_go", "La conduite revient au jumeau.")
declare("transport.tour.ended", "Fin de service du véhicule.", "visits")
declare(
    "transport.plan.improved",
    "Plan amélioré, tournées : {tours} ; secondes gagnées : {saved_s} de route, {nearer_s} à bord.",
    "tours",
    "saved_s",
    "nearer_s",
)
declare(
    "transport.plan.repaired",
    "Plan revu ({why}), voyages déplacés : {moved}.",
    "why",
    "kept",
    "moved",
    "broken",
    "concerns",
)
declare("transport.offering.drafted", "Version suivante d'une offre préparée.", "version")
declare("transport.offering.changed", "Brouillon d'une offre modifié.", "fields")
declare("transport.offering.discarded", "Brouillon d'une offre abandonné.", "version")
declare("transport.offering.zoned", "Offre par zone : {places} arrêts virtuels.", "places")
declare("transport.offering.published", "Offre publiée.", "version", "places", "vehicles")
declare("transport.offering.withdrawn", "Offre retirée.", "version")

TOLD = (
    "transport.booking.accepted",
    "transport.booking.cancelled",
    "transport.booking.no_show",
    "transport.rider.alighted",
    "transport.tour.delayed",
    "transport.tour.broken_down",
    "transport.plan.repaired",
)
"""Kinds that riders hear of (``actions/writing.py``)."""

declare(
    "transport.pause.began",
    "Des heures sans nouveau trajet ou des arrêts fermés, tant qu'une situation dure.",
    "situation",
    "preset",
    "exercise",
    "concerns",
)
declare(
    "transport.pause.changed",
    "La fin des heures sans nouveau trajet ou des arrêts fermés a changé.",
    "situation",
    "preset",
    "exercise",
    "concerns",
)
declare(
    "transport.pause.ended",
    "Les trajets sont de nouveau proposés comme avant.",
    "situation",
    "preset",
    "exercise",
    "concerns",
)
