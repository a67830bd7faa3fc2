"""What somebody wishes: from, to, when, with whom. Everything typed is checked here, with a sentence."""

from __future__ import annotations

import math
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.network import places
from ressort.core.network.geocoder import Geocoder
from ressort.core.territory.models import Place
from ressort.services.transport.models import Offering


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a trip starts or ends: a place of the territory, or a point with a label."""

    lon: float
    lat: float
    label: str
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A trip as a person wishes it.

    Attributes
    ----------
    at : datetime
        Leave after, or with ``arrive_by`` be there before (UTC).
    passengers, wheelchairs, luggage : int
        ``passengers`` counts everybody, ``wheelchairs`` those of them who travel in one.
    """

    origin: Spot
    destination: Spot
    at: datetime
    arrive_by: bool = False
    passengers: int = 1
    wheelchairs: int = 0
    luggage: int = 0

    @property
    def load(self) -> tuple[int, int, int]:
        """Seats, wheelchair places, pieces of luggage: a rider in a wheelchair takes no seat."""
        return (self.passengers - self.wheelchairs, self.wheelchairs, self.luggage)

    def without_places(self) -> dict[str, Any]:
        """Return what may be kept with the demand: no address, only rounded points (about 100 m)."""
        return {
            "from": [round(self.origin.lon, 3), round(self.origin.lat, 3), self.origin.place],
            "to": [round(self.destination.lon, 3), round(self.destination.lat, 3), self.destination.place],
            "at": self.at.isoformat(),
            "arrive_by": self.arrive_by,
            "passengers": self.passengers,
            "wheelchairs": self.wheelchairs,
            "luggage": self.luggage,
        }

    def to_session(self) -> dict[str, Any]:
        """Return the whole wish, for the session of the person who made it."""
        return {**asdict(self), "at": self.at.isoformat()}

    @classmethod
    def from_session(cls, data: dict[str, Any]) -> Wish:
        """Read what :meth:`to_session` wrote."""
        return cls(
            **{
                **data,
                "origin": Spot(**data["origin"]),
                "destination": Spot(**data["destination"]),
                "at": datetime.fromisoformat(data["at"]),
            }
        )


SURE = 65.0
"""Score above which words alone are taken for a place, without the person having chosen it from a list."""
_FIELDS = {"origin": gettext_lazy("de départ"), "destination": gettext_lazy("d'arrivée")}


def spot(field: str, *, text: str = "", place: str = "", lon: Any = None, lat: Any = None) -> Spot:
    """Find where a person means, from a place's id, a point, or words.

    Raises
    ------
    Refused
        If nothing is found there, or the point is not one.
    """
    which = str(_FIELDS[field])
    if place:
        return _known(field, which, place)
    if lon not in {None, ""} and lat not in {None, ""}:
        return _point(field, which, text, lon, lat)
    words = " ".join(text.split())[:200]
    if not words:
        raise Refused(
            "no-place",
            _("Dites le lieu %(which)s : une adresse, un arrêt ou un point de la carte.") % {"which": which},
            field=field,
        )
    hits = places.search(words, limit=1)
    if not hits or hits[0].score < SURE:
        near = (
            _("Vouliez-vous dire « %(label)s » ?") % {"label": hits[0].label}
            if hits
            else _("Essayez le nom d'une rue et de la commune.")
        )
        raise Refused(
            "unknown-place",
            _("Le lieu %(which)s « %(words)s » n'a pas été trouvé. %(near)s")
            % {"which": which, "words": words[:60], "near": near},
            field=field,
        )
    found = hits[0]
    return _known(field, which, found.place) if found.place else Spot(found.lon, found.lat, found.label)


def _known(field: str, which: str, public_id: str) -> Spot:
    try:
        key = uuid.UUID(public_id)
    except ValueError:
        key = uuid.UUID(int=0)
    found = Place.objects.filter(public_id=key, active=True).first()
    if found is None:
        raise Refused(
            "unknown-place",
            _("Le lieu %(which)s n'existe pas ou n'est plus desservi.") % {"which": which},
            field=field,
        )
    return Spot(found.lon, found.lat, found.name, found.pk)


def _point(field: str, which: str, text: str, lon: Any, lat: Any) -> Spot:
    try:
        x, y = float(lon), float(lat)
    except (TypeError, ValueError):
        x = y = math.nan
    if not (-180 <= x <= 180 and -90 <= y <= 90):
        raise Refused(
            "bad-point",
            _("Le point %(which)s n'est pas une longitude et une latitude.") % {"which": which},
            field=field,
        )
    return Spot(x, y, " ".join(text.split())[:200] or Geocoder.active().reverse(x, y))


def check(wish: Wish, offering: Offering) -> None:
    """Refuse what can never be served, before any search.

    Raises
    ------
    Refused
        With the field concerned.
    """
    most = offering.passengers_max
    if not 1 <= wish.passengers <= most:
        raise Refused(
            "bad-passengers",
            _("De 1 à %(most)s voyageurs par réservation.") % {"most": most},
            field="passengers",
        )
    if not 0 <= wish.wheelchairs <= wish.passengers:
        raise Refused(
            "bad-wheelchairs",
            _("Il ne peut pas y avoir plus de fauteuils que de voyageurs."),
            field="wheelchairs",
        )
    if not 0 <= wish.luggage <= offering.luggage_max:
        raise Refused(
            "bad-luggage",
            _("De 0 à %(luggage_max)s bagages par réservation.") % {"luggage_max": offering.luggage_max},
            field="luggage",
        )
    now = service_now()
    if (wish.at - now).total_seconds() < -60:
        raise Refused(
            "past-time", _("Cette heure est déjà passée : choisissez un moment à venir."), field="at"
        )
    if (wish.at - now).days >= offering.book_days + 1:
        raise Refused(
            "too-early",
            _("Les réservations ouvrent %(book_days)s jours avant le trajet.")
            % {"book_days": offering.book_days},
            field="at",
        )
