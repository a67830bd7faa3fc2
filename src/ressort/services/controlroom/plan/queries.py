"""What pages read of the safeguard plan."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ressort.core.accounts import policy
from ressort.core.errors import Refused
from ressort.services.controlroom.plan.models import PlanEntry

SEE = "controlroom.plan.see"
OLD = timedelta(days=365)
"""An entry that nobody has confirmed for so long is told as such."""


def homes(user: Any, verb: str = SEE) -> set[int]:
    """Return the organisations in which a person holds a role that allows a verb."""
    held = policy.roles(user)
    return {one for role in policy.table()[verb] for one in held.get(role, ())}


def home(user: Any) -> int:
    """Return the organisation whose plan a person writes."""
    found = min(homes(user, "controlroom.plan.write"), default=None)
    if found is None:
        raise Refused("no-organisation", _("Aucune de vos organisations ne tient de plan."), status=403)
    return found


def entries(user: Any, kind: str = "", search: str = "") -> QuerySet[PlanEntry]:
    """Return what stands in the plans of a person's organisations."""
    found = PlanEntry.objects.filter(organisation__in=homes(user), withdrawn=None)
    if kind:
        found = found.filter(kind=kind)
    for word in search.split()[:6]:
        fields = ("name", "role", "address", "note")
        found = found.filter(Q(*((f"{field}__icontains", word) for field in fields), _connector=Q.OR))
    return found


def counts(user: Any) -> dict[str, int]:
    """Return how many stand on each list."""
    kinds = list(entries(user).values_list("kind", flat=True))
    return {kind: kinds.count(kind) for kind in PlanEntry.Kind.values}


def old(entry: PlanEntry, today: date) -> bool:
    """Tell whether nobody has confirmed an entry for a year."""
    return entry.checked + OLD < today


def geojson(user: Any) -> dict[str, Any]:
    """Return the places of the plan that have a point."""
    found = entries(user).filter(lon__isnull=False)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": one.pk,
                "geometry": {"type": "Point", "coordinates": [one.lon, one.lat]},
                "properties": {
                    "id": one.pid,
                    "name": one.name,
                    "label": f"{one.name} · {one.role}".strip(" ·"),
                },
            }
            for one in found
        ],
    }
