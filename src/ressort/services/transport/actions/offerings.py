"""Offerings: a draft is prepared, checked, published; a published version is never edited, the next one follows it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from ressort.core.accounts.models import Organisation
from ressort.core.accounts.people import Within
from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.fleet.models import Vehicle
from ressort.core.journal import record
from ressort.core.network.models import NetworkVersion, Street
from ressort.core.territory.models import Area, Place
from ressort.engines import geodesy
from ressort.services.transport.models import Hours, Offering

SPACING = 250  # metres between two virtual stops
STOPS = (Place.Kind.STOP, Place.Kind.VIRTUAL_STOP)
LIMITS: dict[str, tuple[int, int]] = {
    "book_days": (0, 90),
    "book_minutes": (0, 2880),
    "cancel_minutes": (0, 2880),
    "walk_m": (0, 5_000),
    "wait_s": (60, 7_200),
    "promise_s": (60, 3_600),
    "ride_extra_s": (0, 7_200),
    "ride_floor_s": (0, 7_200),
    "passengers_max": (1, 30),
    "luggage_max": (0, 30),
    "price_cents": (0, 20_000),
    "pickup_s": (0, 600),
    "dropoff_s": (0, 600),
    "wheelchair_s": (0, 900),
}
"""Least and most of each rule of an offering."""

type Week = Mapping[int, Sequence[tuple[int, int]]]
"""Openings of each kind of day, in minutes after midnight."""


def find(pk: int) -> Offering:
    """Return an offering."""
    found = Offering.objects.filter(pk=pk).first()
    if found is None:
        raise Unknown("offering", _("Cette offre n'existe pas."))
    return found


def draft(user: Any, home: Organisation, name: str) -> Offering:
    """Prepare the first version of an offering."""
    authorise(user, "transport.offering.publish", Within(home.pk))
    name = " ".join(name.split())
    if not name or len(name) > 80 or not name.isprintable():
        raise Refused("bad-name", _("Donnez à l'offre un nom de 80 caractères au plus."), field="name")
    if Offering.objects.filter(name__iexact=name).exists():
        raise Refused(
            "name-taken",
            _("Une offre s'appelle déjà « %(name)s » : préparez sa version suivante.") % {"name": name},
            status=409,
            field="name",
        )
    with transaction.atomic():
        today = service_now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()
        made = Offering.objects.create(name=name, organisation=home, valid_from=today)
        record("transport.offering.drafted", actor=user.pid, subject=f"of_{made.pk}", payload={"version": 1})
    return made


def _own_draft(user: Any, pk: int) -> Offering:
    found = find(pk)
    authorise(user, "transport.offering.publish", found)
    if found.state != Offering.State.DRAFT:
        raise Refused(
            "not-a-draft",
            _("Une offre publiée ne se modifie pas : préparez sa version suivante."),
            status=409,
        )
    return found


def change(
    user: Any,
    pk: int,
    *,
    hours: Week | None = None,
    school_hours: Week | None = None,
    places: Sequence[Place] | None = None,
    vehicles: Sequence[Vehicle] | None = None,
    **rules: Any,
) -> Offering:
    """Change a draft: its rules, its hours and those of the school holidays, its stops, its vehicles.

    Raises
    ------
    Refused
        If it is published already, or a rule is out of bounds.
    """
    found = _own_draft(user, pk)
    for key, value in rules.items():
        _check_rule(key, value)
    weeks = [(week, school) for week, school in ((hours, False), (school_hours, True)) if week is not None]
    for week, school in weeks:
        _check_week(week, "school_day" if school else "day")
    with transaction.atomic():
        Offering.objects.filter(pk=pk).update(**rules)
        for week, school in weeks:
            found.hours.filter(school=school).delete()
            Hours.objects.bulk_create(
                Hours(offering=found, day=day, school=school, opens=opens, closes=closes)
                for day, spans in week.items()
                for opens, closes in spans
            )
        if places is not None:
            found.places.set(places)
        if vehicles is not None:
            found.vehicles.set(vehicles)
        touched = (
            ("hours", hours),
            ("school_hours", school_hours),
            ("places", places),
            ("vehicles", vehicles),
        )
        fields = sorted([*rules, *(name for name, value in touched if value is not None)])
        record("transport.offering.changed", actor=user.pid, subject=f"of_{pk}", payload={"fields": fields})
    found.refresh_from_db()
    return found


def _check_rule(key: str, value: Any) -> None:
    if key in LIMITS:
        low, high = LIMITS[key]
        if not isinstance(value, int) or not low <= value <= high:
            raise Refused("bad-rule", _("De %(low)s à %(high)s.") % {"low": low, "high": high}, field=key)
    elif key == "ride_factor":
        if not isinstance(value, int | float) or not 1 <= value <= 5:
            raise Refused("bad-rule", _("De 1 à 5."), field=key)
    elif key == "riders" and value not in Offering.Riders.values:
        raise Refused("bad-rule", _("Choisissez qui peut voyager dans la liste."), field=key)
    elif key == "school" and value not in Offering.School.values:
        raise Refused(
            "bad-rule", _("Choisissez ce que changent les vacances scolaires dans la liste."), field=key
        )


def _check_week(hours: Week, prefix: str) -> None:
    for day, spans in hours.items():
        word = Hours.Day(day).label
        for opens, closes in spans:
            if not 0 <= opens < closes <= 1800 or opens >= 1440:
                raise Refused(
                    "bad-hours",
                    _("Le %(word)s : la fermeture vient après l'ouverture.") % {"word": word},
                    field=f"{prefix}_{day}",
                )
        ordered = sorted(spans)
        if any(before[1] > after[0] for before, after in pairwise(ordered)):
            raise Refused(
                "bad-hours",
                _("Le %(word)s : deux ouvertures se chevauchent.") % {"word": word},
                field=f"{prefix}_{day}",
            )


def discard(user: Any, pk: int) -> None:
    """Throw a draft away."""
    found = _own_draft(user, pk)
    with transaction.atomic():
        version = found.version
        found.delete()
        record(
            "transport.offering.discarded", actor=user.pid, subject=f"of_{pk}", payload={"version": version}
        )


def next_version(user: Any, pk: int) -> Offering:
    """Copy an offering, with its hours, stops and vehicles, as the draft of its next version."""
    source = find(pk)
    authorise(user, "transport.offering.publish", source)
    with transaction.atomic():
        last = Offering.objects.filter(name=source.name).aggregate(n=Max("version"))["n"]
        draft = Offering.objects.get(pk=source.pk)
        draft.pk, draft.version, draft.state = None, last + 1, Offering.State.DRAFT
        draft.save(force_insert=True)
        draft.places.set(source.places.all())
        draft.vehicles.set(source.vehicles.all())
        Hours.objects.bulk_create(
            Hours(offering=draft, day=h.day, school=h.school, opens=h.opens, closes=h.closes)
            for h in source.hours.all()
        )
        record(
            "transport.offering.drafted",
            actor=user.pid,
            subject=f"of_{draft.pk}",
            payload={"version": draft.version},
        )
    return draft


def publish(user: Any, pk: int) -> Offering:
    """Publish a draft: from its first day on, new trips are asked for under it; those promised keep their rules.

    Raises
    ------
    Refused
        With what is missing.
    """
    draft = find(pk)
    authorise(user, "transport.offering.publish", draft)
    for missing, what in (
        (draft.state != Offering.State.DRAFT, _("elle n'est pas un brouillon")),
        (draft.places.filter(active=True).count() < 2, _("il lui faut au moins deux arrêts")),
        (not draft.vehicles.filter(active=True).exists(), _("il lui faut au moins un véhicule")),
        (not draft.hours.filter(school=False).exists(), _("il lui faut des horaires")),
        (
            draft.school == Offering.School.OTHER and not draft.hours.filter(school=True).exists(),
            _("il lui faut les horaires des vacances scolaires, ou « fermé » pendant les vacances"),
        ),
        (bool(draft.valid_to and draft.valid_to < draft.valid_from), _("elle finit avant de commencer")),
    ):
        if missing:
            raise Refused(
                "not-publishable",
                _("Cette offre ne peut pas être publiée : %(what)s.") % {"what": what},
                status=409,
            )
    with transaction.atomic():
        Offering.objects.filter(pk=draft.pk).update(state=Offering.State.PUBLISHED)
        payload = {
            "version": draft.version,
            "places": draft.places.count(),
            "vehicles": draft.vehicles.count(),
        }
        record("transport.offering.published", actor=user.pid, subject=f"of_{draft.pk}", payload=payload)
    draft.refresh_from_db()
    return draft


def withdraw(user: Any, pk: int) -> Offering:
    """Withdraw a published offering: nothing new is asked for under it, what was promised is kept."""
    found = find(pk)
    authorise(user, "transport.offering.publish", found)
    with transaction.atomic():
        taken = Offering.objects.filter(pk=pk, state=Offering.State.PUBLISHED).update(
            state=Offering.State.WITHDRAWN
        )
        if not taken:
            raise Refused("not-published", _("Cette offre n'est pas publiée."), status=409)
        record(
            "transport.offering.withdrawn",
            actor=user.pid,
            subject=f"of_{pk}",
            payload={"version": found.version},
        )
    found.refresh_from_db()
    return found


def virtual_stops(user: Any, pk: int, area: Area) -> list[Place]:
    """Turn a draft into a zone: put virtual stops on the named streets of an area, :data:`SPACING` metres apart.

    Raises
    ------
    Refused
        If the draft is published already, or the area has no street.
    """
    draft = _own_draft(user, pk)
    zone = shapely.from_geojson(json.dumps(json.loads(area.geometry)))
    kept: list[tuple[str, str, float, float]] = []
    for street in Street.objects.filter(version__state=NetworkVersion.State.ACTIVE).order_by(
        "name", "commune"
    ):
        for line in street.lines:
            for lon, lat in line:
                if zone.covers(shapely.Point(lon, lat)) and all(
                    geodesy.distance(lon, lat, x, y) >= SPACING for __, __, x, y in kept
                ):
                    kept.append((street.name, street.commune, lon, lat))
    if not kept:
        raise Refused(
            "empty-zone",
            _("La zone « %(name)s » ne contient aucune rue du réseau en service.") % {"name": area.name},
        )
    with transaction.atomic():
        made = [
            Place.objects.create(
                kind=Place.Kind.VIRTUAL_STOP,
                name=name,
                commune=commune,
                lon=lon,
                lat=lat,
                source=f"area:{area.public_id}",
            )
            for name, commune, lon, lat in kept
        ]
        draft.places.set(made)
        Offering.objects.filter(pk=draft.pk).update(kind=Offering.Kind.ZONE)
        payload = {"places": len(made)}
        record("transport.offering.zoned", actor=user.pid, subject=f"of_{draft.pk}", payload=payload)
    return made
