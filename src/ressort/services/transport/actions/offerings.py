"""Offerings: a draft is prepared, checked, published; a published version is never edited, the next one follows it."""

from __future__ import annotations

import json
from typing import Any

import shapely
from django.db import transaction
from django.db.models import Max

from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.core.network.models import NetworkVersion, Street
from ressort.core.territory.models import Area, Place
from ressort.engines import geodesy
from ressort.services.transport.models import Hours, Offering

SPACING = 250  # metres between two virtual stops


def find(pk: int) -> Offering:
    """Return an offering."""
    found = Offering.objects.filter(pk=pk).first()
    if found is None:
        raise Unknown("offering", "Cette offre n'existe pas.")
    return found


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
            Hours(offering=draft, day=h.day, opens=h.opens, closes=h.closes) for h in source.hours.all()
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
        (draft.state != Offering.State.DRAFT, "elle n'est pas un brouillon"),
        (draft.places.filter(active=True).count() < 2, "il lui faut au moins deux arrêts"),
        (not draft.vehicles.filter(active=True).exists(), "il lui faut au moins un véhicule"),
        (not draft.hours.exists(), "il lui faut des horaires"),
        (bool(draft.valid_to and draft.valid_to < draft.valid_from), "elle finit avant de commencer"),
    ):
        if missing:
            raise Refused("not-publishable", f"Cette offre ne peut pas être publiée : {what}.", status=409)
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
            raise Refused("not-published", "Cette offre n'est pas publiée.", status=409)
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
    draft = find(pk)
    authorise(user, "transport.offering.publish", draft)
    if draft.state != Offering.State.DRAFT:
        raise Refused(
            "not-a-draft", "Une offre publiée ne se modifie pas : préparez sa version suivante.", status=409
        )
    zone = shapely.from_geojson(json.dumps(json.loads(area.geometry)))
    kept: list[tuple[str, str, float, float]] = []
    for street in Street.objects.filter(version__state=NetworkVersion.State.ACTIVE).order_by(
        "name", "commune"
    ):
        for line in street.lines:
            for lon, lat in line:
                if zone.covers(shapely.Point(lon, lat)) and all(
                    geodesy.distance(lon, lat, x, y) >= SPACING for _, _, x, y in kept
                ):
                    kept.append((street.name, street.commune, lon, lat))
    if not kept:
        raise Refused("empty-zone", f"La zone « {area.name} » ne contient aucune rue du réseau en service.")
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
