"""What the guided tour shows of on-demand transport, to each role."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ressort.core.registry import TourStep

_BOARD = TourStep(
    _("La carte en direct"),
    _(
        "Les véhicules avancent sur la carte ; à droite, les chiffres du jour et ce qui demande votre attention."
    ),
    "transport:board",
    "transport.board.see",
    "panel",
)
_TOURS = TourStep(
    _("Les tournées"),
    _(
        "Une ligne par véhicule, avec ses arrêts et sa marge. Ouvrez-en une pour confier, retarder ou réparer."
    ),
    "transport:tours",
    "transport.board.see",
    "plan",
)
_DEMANDS = TourStep(
    _("Les demandes et leurs raisons"),
    _("Chaque réponse donnée, avec son motif. Le numéro de reçu que cite une personne se cherche ici."),
    "transport:demands",
    "transport.demand.see",
    "receipt",
)

TOURS = {
    "rider": (
        TourStep(
            _("Demander un trajet"),
            _(
                "Écrivez d'où vous partez et où vous allez : une adresse, un arrêt, un lieu. La réponse est immédiate."
            ),
            "transport:home",
            "transport.trip.ask",
            "id_origin",
        ),
        TourStep(
            _("Trouver un arrêt"),
            _("La carte et la liste disent la même chose : tous les arrêts où le minibus peut vous prendre."),
            "transport:stops",
            "transport.offering.see",
            "liste",
        ),
        TourStep(
            _("Retrouver mes trajets"),
            _(
                "Vos trajets à venir et passés. Ouvrez-en un pour voir où est le minibus, le changer ou l'annuler."
            ),
            "transport:trips",
            "transport.trip.list",
        ),
    ),
    "driver": (
        TourStep(
            _("Ma tournée"),
            _(
                "Le prochain arrêt, qui monte et qui descend : un seul gros bouton à la fois, même sans réseau."
            ),
            "transport:driver",
            "transport.tour.drive",
            "sheet",
        ),
        TourStep(
            _("Un imprévu"),
            _(
                "En bas de votre tournée : annoncez un retard ou une panne, vos voyageurs sont prévenus ou confiés à d'autres."
            ),
            "transport:driver",
            "transport.tour.drive",
            "trouble",
        ),
    ),
    "agent": (
        TourStep(
            _("Réserver pour quelqu'un"),
            _("Une personne au téléphone ou au guichet : demandez pour elle, elle reçoit sa confirmation."),
            "transport:book_for",
            "transport.trip.book_for",
        ),
        _DEMANDS,
    ),
    "dispatcher": (_BOARD, _TOURS, _DEMANDS),
    "administrator": (
        TourStep(
            _("L'offre de service"),
            _(
                "Heures, arrêts, véhicules, prix : une version se prépare, se relit, puis remplace la précédente à sa date."
            ),
            "transport:offering",
            "transport.board.see",
        ),
        _BOARD,
    ),
}
