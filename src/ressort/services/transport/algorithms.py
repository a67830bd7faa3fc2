"""The uses of engines that decide for riders: entries of the public register, and each decision told in words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ressort.core.clock import service_now
from ressort.core.registry import Algorithm, Parameter, Telling
from ressort.web.words import distance, duration, euros, hour, number


def _offering() -> Any:
    """Return the offering in force, else the last published, else None."""
    from ressort.services.transport.models import Offering

    today = service_now().date()
    published = Offering.objects.filter(state=Offering.State.PUBLISHED).select_related("organisation")
    return (
        published.filter(valid_from__lte=today).order_by("-valid_from", "-version").first()
        or published.first()
    )


def _responsible() -> str:
    found = _offering()
    return found.organisation.name if found else _("la collectivité")


def _since() -> date | None:
    from ressort.services.transport.models import Offering

    first = Offering.objects.exclude(state=Offering.State.DRAFT).order_by("valid_from").first()
    return first.valid_from if first else None


def _version() -> str:
    from ressort.engines import ENGINE_VERSION

    return ENGINE_VERSION


def _offer_parameters() -> list[Parameter]:
    from ressort.engines.dispatch.problem import Objective
    from ressort.services.transport.actions import asking

    moves = asking.EFFORT.moves
    rules = [
        Parameter(_("Route ajoutée"), _("poids 1"), _("chaque seconde de route en plus pour le minibus compte une seconde")),
        Parameter(_("Temps de marche"), _("poids 1"), _("chaque seconde à pied, avant et après, compte une seconde")),
        Parameter(
            _("Attente"),
            _("poids %(weight)s") % {"weight": str(asking.WAIT_WEIGHT).replace(".", ",")},
            _("chaque seconde d'attente en plus compte une demi-seconde, quand on demande à partir après une heure"),
        ),
        Parameter(
            _("Véhicule équipé"),
            _("%(time)s au plus") % {"time": duration(int(Objective().reserve))},
            _("ce que coûte, en temps de route, un véhicule qui a ce que peu d'autres ont (place pour fauteuil, coffre) à qui n'en a pas besoin : rien si tous l'ont, davantage s'il est rare"),
        ),
        Parameter(
            _("Faire de la place"),
            ngettext("%(n)d essai", "%(n)d essais", moves) % {"n": moves},
            _("si rien ne convient, des voyageurs pas encore montés sont replacés dans leur créneau promis ; sans effet sur leur promesse"),
        ),
        Parameter(
            _("Propositions"), str(asking.LIMIT), _("les moins coûteuses d'abord, au plus ce nombre")
        ),
    ]  # fmt: skip
    found = _offering()
    return rules + (_limits(found) if found else [])


def _limits(rules: Any) -> list[Parameter]:
    return [
        Parameter(_("Marche la plus longue"), distance(rules.walk_m), _("un arrêt plus loin n'est pas proposé")),
        Parameter(_("Attente la plus longue"), duration(rules.wait_s), _("la montée a lieu au plus tard après ce temps")),
        Parameter(
            _("Trajet allongé"),
            _("%(more)s au plus, ou × %(factor)s")
            % {"more": duration(rules.ride_extra_s), "factor": str(rules.ride_factor).replace(".", ",")},
            _("le plus court des deux ; ni le vôtre, ni celui de quelqu'un d'autre ne dépasse cette limite"),
        ),
        Parameter(_("Créneau promis"), duration(rules.promise_s), _("largeur du créneau de montée, qui ne bouge plus")),
        Parameter(_("Réserver au plus tard"), duration(rules.book_minutes * 60), _("avant la montée")),
        Parameter(
            _("Place pour fauteuil"),
            _("%(time)s de plus à l'arrêt") % {"time": duration(rules.wheelchair_s)},
            _("temps de montée compté, sans rien retirer au classement"),
        ),
        Parameter(_("Prix"), euros(rules.price_cents), _("le même pour tous : il n'entre pas dans le classement")),
    ]  # fmt: skip


def _offers_made(since: datetime) -> dict[str, int]:
    from django.db.models import Count, Q

    from ressort.services.transport.models import Demand

    refused = Q(answer=Demand.Answer.REFUSED)
    return Demand.objects.filter(at__gte=since).aggregate(
        decisions=Count("id"), refused=Count("id", filter=refused)
    )


def _replans_made(since: datetime) -> dict[str, int]:
    from ressort.core.journal.models import Event

    kinds = ("transport.plan.improved", "transport.plan.repaired")
    return {"decisions": Event.objects.filter(kind__in=kinds, at__gte=since).count()}


def _replan_parameters() -> list[Parameter]:
    from ressort.engines.dispatch.problem import Objective
    from ressort.services.transport.actions import replanning

    return [
        Parameter(_("Promesses"), _("aucune ne bouge"), _("créneau de montée et arrivée au plus tard restent ceux promis")),
        Parameter(
            _("Temps de route"), _("poids 1"), _("à promesses égales, le plan qui fait rouler le moins longtemps")
        ),
        Parameter(
            _("Véhicule équipé"),
            _("%(time)s au plus") % {"time": duration(int(Objective().reserve))},
            _("rouler un peu plus est permis pour le rendre à qui en a besoin"),
        ),
        Parameter(
            _("Horizon"),
            duration(replanning.LOOK_AHEAD.total_seconds()),
            _("seules les tournées de ces heures-là sont revues"),
        ),
        Parameter(
            _("Retard toléré sans prévenir"),
            duration(replanning.TOLERANCE),
            _("au-delà, la personne est prévenue et choisit ; tout est mesuré"),
        ),
    ]  # fmt: skip


def _time(seconds: int) -> str:
    from ressort.services.transport.access import local

    return hour(local(datetime.fromtimestamp(seconds, UTC)))


def _places(seats: int, wheelchairs: int, luggage: int) -> str:
    said = [
        ngettext("%(n)d assise", "%(n)d assises", seats) % {"n": seats} if seats else "",
        ngettext("%(n)d pour fauteuil", "%(n)d pour fauteuil", wheelchairs) % {"n": wheelchairs}
        if wheelchairs
        else "",
        ngettext("%(n)d bagage", "%(n)d bagages", luggage) % {"n": luggage} if luggage else "",
    ]
    return ", ".join(filter(None, said))


def tell_offer(inputs: dict[str, Any], answer: dict[str, Any]) -> Telling:
    """Tell one answer to a demand: what was compared, by which rules and weights, in which order."""
    requests = inputs["alternatives"]
    tours = inputs["plan"]["tours"]
    promised = len(inputs["problem"]["requests"])
    first = requests[0]
    seats, wheelchairs, luggage = (*first[5], 0, 0, 0)[:3]
    ways = sum((len(tour[2]) - tour[3] + 1) * (len(tour[2]) - tour[3] + 2) // 2 for tour in tours) * len(
        requests
    )
    pairs = {(request[1], request[2]) for request in requests}
    penalties = {request[0]: request[10] for request in (*inputs.get("whole", ()), *requests)}
    squeezed = any("squeezed" in offer for offer in answer["offers"])
    data = [
        (_("Heure de la demande"), _time(inputs["now"])),
        (
            _("Montée souhaitée"),
            _("entre %(first)s et %(last)s")
            % {
                "first": _time(min(request[3][0] for request in requests)),
                "last": _time(max(request[3][1] for request in requests)),
            },
        ),
        (
            _("Places demandées"),
            _places(seats, wheelchairs, luggage),
        ),
        (
            _("Arrêts à portée de marche"),
            ngettext("%(n)d couple d'arrêts", "%(n)d couples d'arrêts", len(pairs)) % {"n": len(pairs)},
        ),
        (
            _("Tournées du moment"),
            _("%(tours)d tournées, %(promised)d voyages déjà promis")
            % {"tours": len(tours), "promised": promised},
        ),
        (_("Temps de parcours entre arrêts"), _("calculés sur le réseau de rues du moment (OpenStreetMap)")),
    ]
    parameters = [
        Parameter(_("Temps à bord le plus long"), duration(max(request[6] for request in requests)), _("pour ce trajet")),
        Parameter(_("Temps de montée"), duration(first[7]), _("fauteuil compris")),
        Parameter(_("Temps de descente"), duration(first[8])),
        *[
            Parameter(
                _("Proposition %(rank)d : coût %(cost)s") % {"rank": rank, "cost": duration(offer[5])},
                _cost(offer, penalties[offer[0]]),
                _("montée %(up)s, descente %(off)s") % {"up": _time(offer[2]), "off": _time(offer[3])},
            )
            for rank, offer in enumerate(answer["offers"], 1)
        ],
    ]  # fmt: skip
    operations = [
        _("Chaque couple d'arrêts a été essayé à chaque place de chaque tournée : %(ways)s façons de faire.")
        % {"ways": number(ways)},
        _(
            "Ont été écartées celles qui rompaient une promesse faite, dépassaient les places, ou sortaient d'un service."
        ),
        _(
            "Aucune n'est restée. Des voyageurs pas encore montés ont alors été replacés, dans leur créneau promis, jusqu'à ce qu'une place se trouve ; refaite, cette recherche donne la même réponse."
        )
        if squeezed
        else _(
            "Les autres ont été classées par route ajoutée, marche, attente et rareté du véhicule, de la moins coûteuse à la plus coûteuse."
        )
        if answer["offers"]
        else _(
            "Aucune n'est restée : la règle qui, levée seule, en aurait permis une est celle dite plus haut."
        ),
        _("Rien d'autre n'a compté : ni qui vous êtes, ni vos trajets passés."),
    ]
    return Telling(data, parameters, operations)


def _cost(offer: list[Any], penalty: float) -> str:
    """Return what the cost of an offer is made of."""
    road, rare = offer[4], offer[5] - offer[4] - penalty
    said = (
        _("%(road)s de route") % {"road": duration(road)}
        if road >= 0
        else _("%(road)s de route en moins") % {"road": duration(-road)}
    )
    said += " + " + _("%(rest)s de marche et d'attente") % {"rest": duration(penalty)}
    if rare >= 1:
        said += " + " + _("%(rare)s pour la rareté du véhicule") % {"rare": duration(rare)}
    return said


_CONTEST = gettext_lazy(
    "Ouvrez le reçu de la décision et choisissez « Demander qu'une personne reprenne cette décision ». Sans numéro, appelez-nous."
)
_BASIS = gettext_lazy(
    "Code des transports, article L1231-1 (service public de mobilité) ; RGPD, article 6, 1, e. "
    "Aucune donnée sensible : un besoin de place pour fauteuil n'est lu que pour la prévoir."
)
ALGORITHMS = (
    Algorithm(
        key="transport.offers",
        name=gettext_lazy("Propositions de trajet"),
        role="decides",
        purpose=gettext_lazy("Répondre aussitôt à chaque demande de minibus, de la même façon pour tous."),
        decides=gettext_lazy(
            "Décide seul de proposer jusqu'à trois trajets, ou de refuser en disant pourquoi. "
            "La personne choisit ; un agent peut toujours réserver autrement."
        ),
        people=gettext_lazy("Toute personne qui demande un trajet"),
        responsible=_responsible,
        basis=_BASIS,
        since=_since,
        data=(
            (gettext_lazy("Départ, arrivée, heure, voyageurs, fauteuils, bagages"), gettext_lazy("la personne qui demande")),
            (gettext_lazy("Tournées et promesses du moment, sans aucun nom"), gettext_lazy("le service lui-même")),
            (gettext_lazy("Temps de parcours et de marche"), gettext_lazy("OpenStreetMap (ODbL), fermetures saisies par les agents")),
        ),
        parameters=_offer_parameters,
        measure=_offers_made,
        human=gettext_lazy("Un agent peut réserver pour quelqu'un, et reprend toute décision contestée."),
        contest=_CONTEST,
        engine="src/ressort/engines/dispatch/insertion.py",
        version=_version,
        kinds=("transport.offer",),
        tell=tell_offer,
    ),
    Algorithm(
        key="transport.replanning",
        name=gettext_lazy("Révision des tournées"),
        role="decides",
        purpose=gettext_lazy("Garder toutes les promesses quand un minibus tarde ou tombe en panne, et rouler moins."),
        decides=gettext_lazy(
            "Décide seul quel minibus tient une promesse, et dans quel ordre. Ne change ni créneau, ni arrêt, ni prix. "
            "Si une promesse ne peut plus être tenue, la personne est prévenue et choisit."
        ),
        people=gettext_lazy("Les voyageurs qui ont une réservation, et les conducteurs"),
        responsible=_responsible,
        basis=_BASIS,
        since=_since,
        data=(
            (gettext_lazy("Tournées, promesses, retards et pannes annoncés"), gettext_lazy("le service et les conducteurs")),
            (gettext_lazy("Temps de parcours, fermetures de rues"), gettext_lazy("OpenStreetMap (ODbL), agents")),
        ),
        parameters=_replan_parameters,
        measure=_replans_made,
        human=gettext_lazy("Les régulateurs voient chaque révision et gardent la main sur les tournées."),
        contest=gettext_lazy(
            "Chaque révision est écrite au journal. Ouvrez le reçu de votre trajet pour demander qu'une personne la reprenne."
        ),
        engine="src/ressort/engines/dispatch/improve.py",
        version=_version,
    ),
)  # fmt: skip
