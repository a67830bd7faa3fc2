"""Streets closed and speeds of the moment: posed by people or equipment, obeyed by the next question.

A closure is a row; the router reads those in force at the time asked for. A live speed is a row too, written into
the traffic tile of the version in service by :func:`apply_speeds`, at once and each time one runs out.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import shapely
from django.db import models, transaction
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.journal import record
from ressort.core.network.edges import Edges, Speed
from ressort.core.network.events import CLOSED, LIFTED
from ressort.core.network.folders import folder_of
from ressort.core.network.models import Closure, LiveSpeed, NetworkVersion, Street
from ressort.core.network.profiles import PROFILES
from ressort.core.network.router import Block, Router

MOTOR = ("car", "van", "emergency")


@lru_cache(maxsize=8)
def router_of(version: str) -> Router:
    """Return the router of a version, with the closures of the database."""
    return Router(folder_of(version), closures=in_force)


def in_force(at: dt.datetime | None = None) -> list[Block]:
    """Return what is closed at a time (None = now, on the service clock), and to whom."""
    return [(shapely.from_geojson(row.geometry), frozenset(row.profiles)) for row in _rows(at)]


def _rows(at: dt.datetime | None) -> models.QuerySet[Closure]:
    moment = at or service_now()
    return Closure.objects.filter(
        models.Q(ends__isnull=True) | models.Q(ends__gt=moment), lifted=False, starts__lte=moment
    )


def close(
    where: str | dict[str, Any] | BaseGeometry,
    *,
    starts: dt.datetime,
    ends: dt.datetime | None = None,
    label: str = "",
    reason: str = "",
    profiles: Sequence[str] = MOTOR,
    commune: str = "",
    actor: str,
) -> Closure:
    """Close a street or an area for a time.

    Parameters
    ----------
    where : str, dict or geometry
        Name of a street of the network in service, GeoJSON geometry, or shapely geometry.
    starts, ends : datetime
        Half-open; no end = until :func:`reopen`.
    label, reason : str
        Words for people; the street's name by default.
    profiles : sequence of str
        Who may not pass; walkers and bicycles pass by default.
    commune : str
        Which street, when several communes have one of that name.
    actor : str
        Pseudonymous identifier, for the journal.

    Raises
    ------
    Refused
        ``closure-dates``, ``closure-geometry``, ``closure-profile`` or ``unknown-street``.
    """
    if ends is not None and ends <= starts:
        raise Refused("closure-dates", _("La fermeture se termine avant de commencer."), field="ends")
    if not profiles or set(profiles) - set(PROFILES):
        raise Refused(
            "closure-profile",
            _("Profils connus : %(profiles)s.") % {"profiles": ", ".join(PROFILES)},
            field="profiles",
        )
    geometry = _street(where, commune) if isinstance(where, str) else _geometry(where)
    with transaction.atomic():
        closure = Closure.objects.create(
            label=label or (where if isinstance(where, str) else "Zone fermée"),
            reason=reason,
            geometry=shapely.to_geojson(geometry),
            starts=starts,
            ends=ends,
            profiles=list(profiles),
        )
        payload = {
            "starts": starts.isoformat(),
            "ends": ends.isoformat() if ends else "",
            "profiles": list(profiles),
        }
        record(CLOSED.name, actor=actor, subject=str(closure.public_id), payload=payload)
    return closure


def reopen(closure: Closure, *, actor: str) -> None:
    """Lift a closure before its end; nothing happens if it was lifted already."""
    with transaction.atomic():
        if Closure.objects.filter(pk=closure.pk, lifted=False).update(lifted=True):
            record(LIFTED.name, actor=actor, subject=str(closure.public_id))
    closure.lifted = True


def _geometry(where: dict[str, Any] | BaseGeometry) -> BaseGeometry:
    try:
        found = where if isinstance(where, BaseGeometry) else shapely.geometry.shape(where)
    except (AttributeError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError) as error:
        raise Refused(
            "closure-geometry", _("Cette géométrie n'est pas du GeoJSON."), field="geometry"
        ) from error
    if found.is_empty or not found.is_valid or found.geom_type == "GeometryCollection":
        raise Refused(
            "closure-geometry", _("Cette géométrie est vide ou se croise elle-même."), field="geometry"
        )
    return found


def _street(name: str, commune: str) -> BaseGeometry:
    streets = Street.objects.filter(version__state=NetworkVersion.State.ACTIVE, name__iexact=name)
    if commune:
        streets = streets.filter(commune__iexact=commune)
    found = list(streets)
    if not found:
        raise Refused(
            "unknown-street",
            _("Aucune rue « %(name)s » dans le réseau en service.") % {"name": name},
            status=404,
            field="street",
        )
    if len(found) > 1:
        where = ", ".join(sorted({street.commune for street in found}))
        raise Refused(
            "unknown-street",
            _("« %(name)s » existe à plusieurs endroits : %(where)s. Précisez la commune.")
            % {"name": name, "where": where},
            field="commune",
        )
    return shapely.multilinestrings([shapely.linestrings(line) for line in found[0].lines])


def announce_speed(
    where: dict[str, Any] | BaseGeometry,
    *,
    until: dt.datetime,
    kmh: int | None = None,
    factor: float = 1.0,
    label: str = "",
) -> LiveSpeed:
    """Keep a speed of the moment and apply it to the network in service.

    Measures arrive by the thousand: no journal event; who announces one by hand records it there.

    Parameters
    ----------
    where : GeoJSON geometry or shapely geometry
    until : datetime
        Service time after which it no longer counts.
    kmh, factor
        A speed, or a factor of the usual one (0.5 = twice as slow).
    """
    if kmh is None and not 0.05 <= factor <= 3:
        raise Refused("speed-factor", _("Le facteur de vitesse va de 0,05 à 3."), field="factor")
    now = service_now()
    speed = LiveSpeed.objects.create(
        label=label,
        geometry=shapely.to_geojson(_geometry(where)),
        kmh=kmh,
        factor=factor,
        since=now,
        until=until,
    )
    apply_speeds(now)
    return speed


def apply_speeds(at: dt.datetime | None = None) -> int:
    """Write the speeds in force into the traffic tile of the network in service; return how many edges carry one.

    Call it when a speed comes or runs out (a periodic job is enough for the latter).
    """
    version = NetworkVersion.objects.filter(state=NetworkVersion.State.ACTIVE).first()
    if version is None:
        return 0
    moment = at or service_now()
    router = router_of(str(version.pk))
    rows = LiveSpeed.objects.filter(since__lte=moment, until__gt=moment).order_by("since", "pk")
    return router.edges.write_speeds(_speeds(router, router.edges, list(rows)))


def _speeds(router: Router, edges: Edges, rows: list[LiveSpeed]) -> list[Speed]:
    found: list[Speed] = []
    for row in rows:
        chosen = edges.along(shapely.from_geojson(row.geometry))
        if row.kmh is not None:
            found.append(Speed(chosen, float(row.kmh)))
            continue
        usual = router.usual_speeds(chosen)
        found += [Speed(chosen[i : i + 1], max(2.0, usual[i] * row.factor)) for i in range(len(chosen))]
    return found


def change_by(at: dt.datetime) -> bool:
    """Tell whether the streets closed at a moment to come may differ from those closed now."""
    now = service_now()
    if at <= now:
        return False
    begin = models.Q(starts__gt=now, starts__lte=at)
    end = models.Q(ends__gt=now, ends__lte=at)
    return Closure.objects.filter(begin | end, lifted=False).exists()


def revision(at: dt.datetime | None = None) -> str:
    """Return a digest of what is closed at a time: matrices computed under another one are out of date."""
    text = "\n".join(f"{row.geometry}|{sorted(row.profiles)}" for row in _rows(at).order_by("pk"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
