"""The catalogue as rows of plain values: devices, their places, their series; each row with the keys that lead further."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, F, Min, OuterRef, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber

from ressort.core.intake.models import Block, Device, Sample, Series
from ressort.core.intake.sensorthings import selecting
from ressort.core.intake.sensorthings.options import INSIDE, Options
from ressort.core.intake.sensorthings.selecting import Places

type Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class World:
    """What is told, and to whom.

    Attributes
    ----------
    base : str
        Address of the service, without a slash at its end.
    places : queryset or None
        Where things stand (``selecting.Places``).
    only : Device, optional
        Whose key it was: nothing is told but of itself and those behind it.
    now : int
        Milliseconds, of the service clock.
    """

    base: str
    places: Places
    only: Device | None
    now: int


_KEYS: Mapping[str, Mapping[str, str]] = {
    "Things": {"device": "pk"},
    "Sensors": {"device": "pk"},
    "FeaturesOfInterest": {"device": "pk"},
    "Locations": {"device": "device"},
    "Datastreams": {"series": "pk", "device": "device", "observed": "observed"},
    "ObservedProperties": {"observed": "observed"},
}
"""Key of a relation -> the field by which rows of a kind have it."""
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "Things": ("pk", "code", "created", "first_seen", "retired", "gateway__code", "called"),
    "Sensors": ("pk", "code", "called"),
    "FeaturesOfInterest": ("pk", "code", "called", "at_lon", "at_lat"),
    "Locations": ("pk", "device", "device__code", "name", "lon", "lat"),
    "Datastreams": (
        "pk", "device", "device__code", "observed", "kind", "unit", "low", "high", "choices", "called", "at_lon", "at_lat",
        "began", "last",
    ),
    "ObservedProperties": ("pk", "observed"),
}  # fmt: skip


def every(kind: str, world: World) -> QuerySet[Any] | None:
    """Return the entities of a kind that may be told; none at all where nobody knows of any."""
    match kind:
        case "Things" | "Sensors" | "FeaturesOfInterest":
            found: QuerySet[Any] = Device.objects.all()
            return found.filter(pk__in=_own(world.only)) if world.only else found
        case "Locations":
            if world.places is None:
                return None
            placed = world.places.filter(device__isnull=False)
            return placed.filter(device__in=_own(world.only)) if world.only else placed
        case "Datastreams":
            return _series(world)
        case "ObservedProperties":
            firsts = _series(world).order_by().values("observed").annotate(first=Min("pk")).values("first")
            return Series.objects.filter(pk__in=firsts)
        case _:
            return None


def _own(device: Device) -> QuerySet[Any]:
    return (Device.objects.filter(pk=device.pk) | Device.objects.filter(gateway=device)).values("pk")


def _series(world: World) -> QuerySet[Any]:
    return Series.objects.filter(device__in=_own(world.only)) if world.only else Series.objects.all()


def _told(kind: str, found: QuerySet[Any], world: World) -> QuerySet[Any]:
    """Add what an answer says and no column holds."""
    if kind in {"Things", "Sensors", "FeaturesOfInterest"}:
        found = found.annotate(called=selecting.thing_name("", world.places))
    if kind == "Datastreams":
        found = found.annotate(called=selecting.thing_name("device__", world.places), **_span())
    if kind in {"FeaturesOfInterest", "Datastreams"}:
        device = "pk" if kind == "FeaturesOfInterest" else "device"
        found = found.annotate(at_lon=_place("lon", device, world), at_lat=_place("lat", device, world))
    return found


def _place(column: str, device: str, world: World) -> Any:
    from django.db.models import FloatField, Value

    if world.places is None:
        return Value(None, output_field=FloatField())
    return Subquery(
        world.places.filter(device=OuterRef(device)).values(column)[:1], output_field=FloatField()
    )


def _span() -> dict[str, Any]:
    """From when until when: one seek in each table."""
    packed = Block.objects.filter(series=OuterRef("pk")).order_by("hour").values("first")[:1]
    fresh = Sample.objects.filter(series=OuterRef("pk")).order_by("at").values("at")[:1]
    began = Coalesce(Subquery(packed), Subquery(fresh), output_field=BigIntegerField())
    return {"began": began, "last": F("latest__at")}


def wanted(kind: str, found: QuerySet[Any], options: Options, world: World) -> QuerySet[Any]:
    """Return the rows that a question asks for, in its order."""
    known = selecting.properties(kind, world.places)
    found = selecting.narrowed(found, options.filter, known, world.now)
    return found.order_by(*selecting.ordered(options.order, known))


def page(kind: str, found: QuerySet[Any], options: Options, world: World) -> tuple[list[Row], bool]:
    """Return a page, and whether there is more."""
    most = options.most()
    rows = _told(kind, found, world).values(*_COLUMNS[kind])[options.skip : options.skip + most + 1]
    made = [_keyed(kind, row) for row in rows]
    return made[:most], len(made) > most


def one(kind: str, found: QuerySet[Any] | None, key: str | int, world: World) -> Row | None:
    """Return an entity by its id."""
    if found is None or kind not in _COLUMNS:
        return None
    if kind == "Datastreams" and isinstance(key, str):
        code, _slash, observed = key.rpartition("/")  # the name that devices send
        found = found.filter(device__code=code, observed=observed)
    elif kind == "Datastreams":
        found = found.filter(pk=key)
    else:
        field = {"Locations": "device__code", "ObservedProperties": "observed"}.get(kind, "code")
        found = found.filter(**{field: str(key)})
    return first(kind, found, world)


def first(kind: str, found: QuerySet[Any], world: World) -> Row | None:
    """Return the one entity of a kind that some rows hold."""
    row = _told(kind, found, world).values(*_COLUMNS[kind]).first()
    return _keyed(kind, row) if row else None


def led_to(kind: str, found: QuerySet[Any] | None, key: str, value: Any) -> QuerySet[Any] | None:
    """Return the entities of a kind to which a key leads."""
    return None if found is None else found.filter(**{_KEYS[kind][key]: value})


def beneath(
    kind: str, key: str, values: Sequence[Any], options: Options, world: World, most: int | None
) -> tuple[list[Row], dict[Any, int]]:
    """Return the entities to which several keys lead, ``most`` of each and one more, and how many each has if asked."""
    found = every(kind, world)
    if found is None or not values:
        return [], {}
    field = _KEYS[kind][key]
    found = wanted(kind, found.filter(**{f"{field}__in": list(values)}), options, world)
    counts: dict[Any, int] = {}
    if options.count:
        from django.db.models import Count

        totals = found.order_by().values(field).annotate(total=Count("pk")).values_list(field, "total")
        counts = dict(totals)
    order: list[Any] = list(found.query.order_by)
    if most is not None:
        rank = Window(
            RowNumber(), partition_by=F(field), order_by=[F(o) if isinstance(o, str) else o for o in order]
        )
        found = found.annotate(rank=rank).filter(rank__gt=options.skip, rank__lte=options.skip + most + 1)
    rows = _told(kind, found, world).order_by(*order).values(*_COLUMNS[kind])
    return [_keyed(kind, row) for row in rows], counts


def inside(options: Options) -> int:
    """Return how many entities are told inside another."""
    return options.most(INSIDE)


def _keyed(kind: str, row: Row) -> Row:
    return {**row, **{key: row[field] for key, field in _KEYS[kind].items()}}
