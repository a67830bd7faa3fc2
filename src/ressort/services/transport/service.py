"""What on-demand transport tells the house about itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.policy import ADMINISTRATOR, AGENT, DISPATCHER, DRIVER, PUBLIC, RIDER, STAFF
from ressort.core.registry import Door, MapLayer, MenuItem, Periodic, Reaction, Service, Start, Task
from ressort.services.transport.actions import erasing as erasing  # noqa: PLC0414 - follows contacts that go
from ressort.services.transport.algorithms import ALGORITHMS
from ressort.services.transport.events import TOLD  # also declares the kinds of events
from ressort.services.transport.messages import MESSAGES
from ressort.services.transport.tours import TOURS

POLICY: dict[str, dict[str, str]] = {
    # verb                        role: scope
    "transport.offering.see": {PUBLIC: "any"},
    "transport.offering.publish": {ADMINISTRATOR: "organisation"},
    "transport.trip.ask": {PUBLIC: "any"},
    "transport.trip.book": {PUBLIC: "any"},
    "transport.trip.book_for": {AGENT: "any", DISPATCHER: "any", ADMINISTRATOR: "any"},
    "transport.rider.search": {AGENT: "any", DISPATCHER: "any", ADMINISTRATOR: "any"},
    "transport.trip.follow": {PUBLIC: "any"},  # whoever has the code
    "transport.trip.erase": {PUBLIC: "any"},  # whoever has the code
    "transport.trip.list": {RIDER: "own"},
    "transport.tour.drive": {DRIVER: "own", DISPATCHER: "organisation", ADMINISTRATOR: "organisation"},
    "transport.tour.see": dict.fromkeys((DRIVER, *STAFF), "any"),
    "transport.board.see": dict.fromkeys(STAFF, "any"),
    "transport.demand.see": dict.fromkeys(STAFF, "any"),
}


def _follow(user: Any) -> list[dict[str, Any]]:
    from ressort.services.transport import glance

    return glance.mine(user)


def _find_by_code(code: str) -> str | None:
    from ressort.services.transport import pages

    return pages.find_by_code(code)


def _book_for_link(user: Any) -> str:
    """Return the page where this person books for somebody, '' when they may not."""
    from django.urls import reverse

    from ressort.core.accounts import policy

    return reverse("transport:book_for") if policy.allowed(user, "transport.trip.book_for").ok else ""


def _place_link(hit: Any) -> str:
    from ressort.services.transport import pages

    return pages.place_link(hit)


def _erase(pid: str) -> None:
    from ressort.services.transport.actions import erasing

    erasing.erase(pid)


def _now() -> list[dict[str, Any]]:
    from ressort.services.transport import glance

    return glance.facts()


def _matrix_landed(event: Any) -> None:
    from ressort.services.transport.actions.replanning import repair_all

    del event
    repair_all("matrix")


def _repair() -> None:
    from ressort.services.transport.actions.replanning import repair_all

    repair_all("clock")


def _speeds() -> None:
    from ressort.core.network.closures import apply_speeds

    apply_speeds()


def _positions() -> None:
    from ressort.services.transport.actions import positions

    positions.tidy()


def _export(pid: str) -> dict[str, list[dict[str, Any]]]:
    from ressort.services.transport import exporting

    return exporting.export(pid)


def _situation(event: Any) -> None:
    from ressort.services.transport import pausing

    pausing.react(event)


def _presets() -> Any:
    from ressort.services.transport import pausing

    return pausing.presets()


def _tell(event: Any) -> None:
    from ressort.services.transport.actions import writing

    writing.react(event)


def _approach() -> None:
    from ressort.services.transport.actions import writing

    writing.approach()


def _eve() -> None:
    from ressort.services.transport.actions import writing

    writing.eve()


def _improve() -> None:
    from ressort.services.transport.actions.replanning import improve

    improve()


def _started() -> bool:
    from ressort.services.transport.actions import starting

    return starting.ready()


def _tasks(user: Any) -> Iterable[Task]:
    from ressort.services.transport import tasks

    return tasks.waiting(user)


manifest = Service(
    name="transport",
    label=_("Transport à la demande"),
    icon="van",
    hue="transport",
    door=Door(
        _("Me déplacer"),
        _("Réserver un minibus, d'un arrêt à l'autre, quand j'en ai besoin."),
        "transport:home",
        "van",
    ),
    start=Start(
        _("Premier service"),
        _("Des arrêts, des véhicules, des heures : les premiers trajets."),
        "transport:start",
        _started,
    ),
    tours=TOURS,
    menu=(
        MenuItem(_("Carte en direct"), "transport:board", "transport.board.see", "map"),
        MenuItem(_("Tournées"), "transport:tours", "transport.board.see", "gantt"),
        MenuItem(_("Demandes"), "transport:demands", "transport.demand.see", "list"),
        MenuItem(_("Indicateurs"), "transport:indicators", "transport.board.see", "chart"),
        MenuItem(_("Offre de service"), "transport:offering", "transport.board.see", "calendar"),
        MenuItem(_("Réserver pour quelqu'un"), "transport:book_for", "transport.trip.book_for", "phone"),
        MenuItem(_("Ma tournée"), "transport:driver", "transport.tour.drive", "route"),
    ),
    layers=(
        MapLayer(
            "stops",
            _("Arrêts"),
            "/api/v1/transport/stops.geojson",
            "transport.offering.see",
            "circle",
            "stop",
        ),
        MapLayer(
            "vehicles",
            _("Véhicules"),
            "/api/v1/transport/vehicles.geojson",
            "transport.tour.see",
            "arrow",
            "transport",
            "latest:transport.vehicles",
            past=True,
        ),
    ),
    marks={"transport.tour.broken_down": "bad", "transport.tour.delayed": "warn"},
    topics={"latest:transport.vehicles": "transport.tour.see", "kind:transport": "transport.board.see"},
    policy=POLICY,
    messages=MESSAGES,
    reactions=(
        Reaction("transport.matrix", "network.matrix.rebuilt", _matrix_landed),
        Reaction("transport.messages", TOLD, _tell),
        Reaction("transport.situations", "controlroom.situation", _situation),
    ),
    periodic=(
        Periodic("transport.repair", 2.0, _repair),
        Periodic("transport.speeds", 30.0, _speeds),
        Periodic("transport.improve", 4.0, _improve),
        Periodic("transport.positions", 60.0, _positions),
        Periodic("transport.approach", 5.0, _approach),
        Periodic("transport.eve", 20.0, _eve),
    ),
    algorithms=ALGORITHMS,
    capabilities={
        "transport.find_by_code": _find_by_code,
        "transport.book_for_link": _book_for_link,
        "place.link": _place_link,
        "situation.presets": _presets,
    },
    erase=_erase,
    export=_export,
    follow=_follow,
    now=_now,
    tasks=_tasks,
)
