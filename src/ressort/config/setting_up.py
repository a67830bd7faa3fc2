"""Setting up from the terminal: each part is asked for only where it is missing, and checked as it is typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import typer

from ressort.core.errors import Refused

type Say = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Given:
    """What was given on the command line; empty: ask, or leave as it is."""

    name: str
    epci: str
    admin_email: str
    admin_name: str
    network: Path | None
    url: str
    vehicles: int = 0


def run(given: Given, say: Say, asking: bool, progress: Any) -> None:  # noqa: FBT001
    """Set up what is missing, then say what to do next.

    Parameters
    ----------
    say : callable
        Prints a line.
    asking : bool
        Whether somebody is at the terminal to answer.
    progress : callable
        ``progress(step, share done)`` of the long part.

    Raises
    ------
    Refused
        For a demonstration's folder, a wrong answer given as an option, or one missing with nobody to ask.
    """
    from ressort.core.installation import reading

    reading.refuse_demo()
    user, link = _administrator(given, say, asking)
    _territory(given, say, asking, user)
    _name(given, say, asking, user)
    _network(given, say, asking, user, progress)
    _service(given, say, user)
    if not reading.is_finished():
        from ressort.core.installation import actions

        actions.finish(user)
    _next(given, say, link)


def _administrator(given: Given, say: Say, asking: bool) -> tuple[Any, str]:  # noqa: FBT001
    from ressort.core.accounts.models import Membership, Role, User
    from ressort.core.installation import beginning

    if beginning.has_administrator():
        held = Membership.objects.filter(role=Role.ADMINISTRATOR, until=None, user__is_active=True)
        user = User.objects.get(pk=held.order_by("pk").values_list("user", flat=True)[0])
        say(f"Administrateur : {user.name} <{user.email}>, déjà là.")
        return user, ""

    def create(email: str, name: str) -> tuple[Any, str]:
        return beginning.administrator(email, name)

    while True:
        email = given.admin_email or _ask("Adresse électronique de l'administrateur", "--admin-email", asking)
        name = given.admin_name or _ask("Son nom", "--admin-name", asking)
        try:
            user, link = create(email, name)
        except Refused as refused:
            _again(refused, say, asking and not (given.admin_email and given.admin_name))
            continue
        say(f"Administrateur : {user.name} <{user.email}>, créé.")
        return user, link


def _territory(given: Given, say: Say, asking: bool, user: Any) -> None:  # noqa: FBT001
    from ressort.core.installation import beginning
    from ressort.core.territory import loading
    from ressort.core.territory.models import Territory

    present = Territory.objects.filter(parent=None).order_by("pk").first()
    if present and given.epci in {"", present.code}:
        say(f"Territoire : {present.name}, {present.children.count()} communes, déjà là.")
        return
    while True:
        typed = given.epci or _ask("Intercommunalité (nom, commune ou SIREN)", "--epci", asking)
        hits = loading.search_epci(typed)
        siren = typed if loading.find_epci(typed) else hits[0].siren if len(hits) == 1 else ""
        if not siren and hits and asking:
            for hit in hits:
                say(f"  {hit.siren}  {hit.name}, {len(hit.communes)} communes")
            given = replace(given, epci="")
            continue
        try:
            made = beginning.territory(user, siren or typed)
        except Refused as refused:
            _again(refused, say, asking and not given.epci)
            continue
        say(f"Territoire : {made.name}, {made.children.count()} communes, chargé.")
        return


def _name(given: Given, say: Say, asking: bool, user: Any) -> None:  # noqa: FBT001
    from ressort.core.installation import actions, reading
    from ressort.core.territory.models import Territory

    if reading.current().name and given.name in {"", reading.current().name}:
        say(f"Nom : {reading.current().name}, déjà là.")
        return
    usual = Territory.objects.filter(parent=None).order_by("pk").values_list("name", flat=True).first() or ""
    while True:
        typed = given.name or (
            typer.prompt("Nom que les habitants liront", default=usual[:120]) if asking else usual
        )
        try:
            made = actions.change(user, name=typed)
        except Refused as refused:
            _again(refused, say, asking and not given.name)
            continue
        say(f"Nom : {made.name}.")
        return


def _network(given: Given, say: Say, asking: bool, user: Any, progress: Any) -> None:  # noqa: FBT001
    from ressort.core.network import build, osm
    from ressort.core.territory.models import Territory

    present = build.active_version()
    if present and given.network is None:
        say(f"Réseau de rues : « {present.name} », déjà en service.")
        return
    file = given.network
    while file is None and asking:
        typed = typer.prompt(
            "Extrait OpenStreetMap (vide : plus tard)", default="", show_default=False
        ).strip()
        if not typed:
            break
        try:
            osm.check_file(Path(typed))
        except Refused as refused:
            say(refused.sentence)
            continue
        file = Path(typed)
    if file is None:
        say("Réseau de rues : à charger plus tard, depuis l'administration ou avec « ressort load network ».")
        return
    territory = Territory.objects.filter(parent=None).order_by("pk").first()
    made = build.load(file, territory=territory, actor=user.pid, progress=progress)
    say(f"Réseau de rues : « {made.name} » en service, {made.counts['drivable']} rues ouvertes aux voitures.")


def _service(given: Given, say: Say, user: Any) -> None:
    """Publish a first offering with what is usual: the stops found in the network, every day of the year."""
    if not given.vehicles:
        return
    from ressort.core.accounts import people
    from ressort.core.territory.models import Place
    from ressort.services.transport.actions import offerings, starting
    from ressort.services.transport.models import Hours
    from ressort.web.administration.pages_stops import from_network

    if starting.ready():
        say("Première offre : déjà publiée.")
        return
    stops = Place.objects.filter(kind__in=offerings.STOPS, active=True).order_by("name")
    if not stops.exists():
        from_network(user)
    usual = starting.First(
        name="Transport à la demande",
        vehicles=given.vehicles,
        seats=8,
        wheelchairs=1,
        luggage=6,
        depot=stops[0],
        days=tuple(Hours.Day.values),
        opens=6 * 60 + 30,
        closes=19 * 60 + 30,
        price_cents=180,
    )
    made = starting.begin(user, people.managed(user)[0], usual)
    say(f"Première offre : « {made.name} » publiée, {stops.count()} arrêts, véhicules : {given.vehicles}.")


def _next(given: Given, say: Say, link: str) -> None:
    say("")
    if link:
        say("Lien de l'administrateur (il sert une fois, pendant sept jours) :")
        say(f"  {given.url}/connexion/lien/{link}/")
    say("Ensuite :")
    say("  ressort serve                 sert l'installation")
    say(f"  {given.url}/console/administration/   personnes, véhicules, arrêts, apparence")
    say(f"  {given.url}/console/transport/offre/  offre de service")


def _ask(question: str, option: str, asking: bool) -> str:  # noqa: FBT001
    if not asking:
        raise Refused(
            "missing-option", f"{question} : donnez {option}, ou lancez la commande dans un terminal."
        )
    return str(typer.prompt(question)).strip()


def _again(refused: Refused, say: Say, may_ask: bool) -> None:  # noqa: FBT001
    """Say what was wrong and let the question be asked again; what was given as an option is refused for good."""
    if not may_ask:
        raise refused
    say(refused.sentence)
