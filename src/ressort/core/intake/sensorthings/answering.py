"""An address and its options in, a document out: entities, collections, single properties, what is expanded inside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet

from ressort.core.errors import Unknown
from ressort.core.errors import translated as _
from ressort.core.intake import reading
from ressort.core.intake.sensorthings import asking, observed, rows, telling
from ressort.core.intake.sensorthings.language import wrong
from ressort.core.intake.sensorthings.model import (
    CONFORMANCE,
    KINDS,
    PROPERTIES,
    RELATIONS,
    Relation,
    Step,
    link,
    nowhere,
    steps,
)
from ressort.core.intake.sensorthings.options import MOST, Options, read
from ressort.core.intake.sensorthings.rows import Row, World

EXPANDED = 10_000
"""Entities expanded inside one page, at each level."""
WIDEST = 100
"""Entities of a page that expands."""

type Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address leads: to a collection of a kind, or to one entity of it.

    ``found`` holds the rows of the catalogue, or of series where ``kind`` is ``Observations``.
    """

    kind: str
    found: QuerySet[Any] | None
    row: Row | None = None
    single: bool = False


def answer(path: str, pairs: Iterable[tuple[str, str]], world: World) -> Any:
    """Return what is at an address: a document, or a plain value for ``…/$value``.

    Parameters
    ----------
    path : str
        After the version: ``Things('air-1')/Datastreams``.
    pairs : iterable of (name, value)
        The options, as in the address.

    Raises
    ------
    Refused
        404 where there is nothing, 400 for options that cannot be answered.
    """
    way = steps(path)
    if not way:
        return _root(world)
    tail = ""
    if way[-1].name in {"$ref", "$value", "$count"}:
        tail = way.pop().name
    if not way:
        raise nowhere(path)
    place, named = _walk(way, world)
    if named:
        return _property(place, named, tail, world)
    options = read(place.kind, pairs)
    if place.single:
        if tail or place.row is None:
            raise nowhere(path)
        return _entities(place.kind, [place.row], options, world)[0]
    if tail == "$value":
        raise nowhere(path)
    if tail == "$count":
        return _collection(place, replace(options, count=True, top=0), path, world)["@iot.count"]
    return _collection(place, options, path, world, links=tail == "$ref")


def _root(world: World) -> Document:
    listed = [{"name": kind, "url": f"{world.base}/{kind}"} for kind in KINDS]
    post = [f"{world.base}/Observations", f"{world.base}/CreateObservations"]
    array = "http://www.opengis.net/spec/iot_sensing/1.1/req/data-array/data-array"
    return {"value": listed, "serverSettings": {"conformance": list(CONFORMANCE), array: {"endpoints": post}}}


# ------------------------------------------------------------------ where an address leads


def _walk(way: Sequence[Step], world: World) -> tuple[Place, str]:
    """Follow an address; return where it leads, and the property named at its end."""
    first = way[0]
    if first.name not in KINDS:
        raise nowhere(first.name)
    place = _narrowed(Place(first.name, _every(first.name, world)), first, world)
    for rank, step in enumerate(way[1:], 2):
        if not place.single or place.row is None:
            raise nowhere(step.name)
        relation = RELATIONS[place.kind].get(step.name)
        if relation is None:
            if step.name in PROPERTIES[place.kind] and step.id is None and rank == len(way):
                return place, step.name
            raise nowhere(step.name)
        place = _narrowed(_follow(place.row, relation, world), step, world)
    return place, ""


def _every(kind: str, world: World) -> QuerySet[Any] | None:
    return rows.every("Datastreams" if kind == "Observations" else kind, world)


def _follow(row: Row, relation: Relation, world: World) -> Place:
    kind = "Datastreams" if relation.kind == "Observations" else relation.kind
    found = rows.every(kind, world)
    if found is not None:
        found = rows.led_to(kind, found, relation.key, row[relation.key])
    if relation.many:
        return Place(relation.kind, found)
    made = None if found is None else rows.first(kind, found, world)
    if made is None:
        raise nowhere(relation.kind)
    return Place(relation.kind, found, made, single=True)


def _narrowed(place: Place, step: Step, world: World) -> Place:
    if step.id is None:
        return place
    if place.single:
        raise nowhere(step.name)
    row = (
        _observation(place, step.id, world)
        if place.kind == "Observations"
        else rows.one(place.kind, place.found, step.id, world)
    )
    if row is None:
        raise Unknown(
            "entity",
            _("Il n'y a pas ici de %(kind)s « %(key)s ».") % {"kind": place.kind, "key": str(step.id)[:60]},
        )
    return replace(place, row=row, single=True)


def _observation(place: Place, key: str | int, world: World) -> Row | None:
    series, mark, at = str(key).partition("-")
    if not mark or not series.isdecimal() or not at.isdecimal() or len(str(key)) > 34 or place.found is None:
        return None
    stream = rows.one("Datastreams", place.found, int(series), world)
    seen = observed.single(int(series), min(int(at), observed.LAST)) if stream else None
    return telling.observation_row(seen, stream) if seen and stream else None


def _property(place: Place, name: str, tail: str, world: World) -> Any:
    assert place.row is not None
    told = telling.properties(place.kind, place.row, world)
    if name not in told or tail in {"$ref", "$count"}:
        raise nowhere(name)
    return told[name] if tail == "$value" else {name: told[name]}


# ------------------------------------------------------------------ collections


def _collection(place: Place, options: Options, path: str, world: World, *, links: bool = False) -> Document:
    if options.expand:
        options = replace(options, top=min(options.most(), WIDEST))
    if options.array and place.kind != "Observations":
        wrong("bad-option", _("resultFormat=dataArray ne vaut que pour des Observations."))
    if place.found is None:
        return {**({"@iot.count": 0} if options.count else {}), "value": []}
    if place.kind == "Observations":
        return _observations(place.found, options, path, world, links=links)
    found = rows.wanted(place.kind, place.found, options, world)
    told: Document = {"@iot.count": found.count()} if options.count else {}
    page, more = rows.page(place.kind, found, options, world) if options.most() else ([], False)
    if more:
        told["@iot.nextLink"] = _next(path, options, world, {"$skip": str(options.skip + len(page))})
    return {**told, "value": _listed(place.kind, page, options, world, links=links)}


def _observations(
    series: QuerySet[Any], options: Options, path: str, world: World, *, links: bool
) -> Document:
    wanted, found = asking.asked(series, options, world)
    told: Document = {"@iot.count": asking.counted(wanted)} if options.count else {}
    seen, token = observed.page(wanted, options.most(), 0 if options.after else options.skip)
    if token:
        told["@iot.nextLink"] = _next(path, options, world, {"$skiptoken": token})
    streams = _streams({one.series for one in seen}, world) if seen else {}
    page = [telling.observation_row(one, streams[one.series]) for one in seen]
    del found
    if options.array:
        return {**told, "value": _arrays(page, options, world)}
    return {**told, "value": _listed("Observations", page, options, world, links=links)}


def _listed(kind: str, page: list[Row], options: Options, world: World, *, links: bool) -> list[Document]:
    if links:
        return [{"@iot.selfLink": link(world.base, kind, telling.key_of(kind, row))} for row in page]
    return _entities(kind, page, options, world)


def _streams(series: set[int], world: World) -> dict[int, Row]:
    found, _counts = rows.beneath("Datastreams", "series", sorted(series), Options(), world, None)
    return {row["pk"]: row for row in found}


_COMPONENTS = ("id", "phenomenonTime", "resultTime", "result", "resultQuality")


def _arrays(page: list[Row], options: Options, world: World) -> list[Document]:
    """Return observations as the data-array extension tells them: one table for each datastream."""
    asked = ["id" if name == "@iot.id" else name for name in options.select]
    components = [name for name in asked if name in _COMPONENTS] or list(_COMPONENTS)
    tables: dict[int, list[list[Any]]] = {}
    for row in page:
        told = {**telling.properties("Observations", row, world), "id": telling.key_of("Observations", row)}
        tables.setdefault(row["series"], []).append([told[name] for name in components])
    return [
        {
            "Datastream@iot.navigationLink": link(world.base, "Datastreams", series),
            "components": components,
            "dataArray@iot.count": len(table),
            "dataArray": table,
        }
        for series, table in tables.items()
    ]


def _next(path: str, options: Options, world: World, change: Mapping[str, str]) -> str:
    said = {name: text for name, text in options.said.items() if name not in {"$skip", "$skiptoken"}}
    return f"{world.base}/{path.strip('/')}?{urlencode({**said, **change}, safe='$,()/@')}"


# ------------------------------------------------------------------ expansion


def _entities(kind: str, page: list[Row], options: Options, world: World) -> list[Document]:
    """Return the entities of some rows, with what is expanded inside: a bounded number of queries for each way."""
    wanted = options.select and (*options.select, *(name for name, _inner in options.expand))
    made = [telling.entity(kind, row, world, tuple(wanted)) for row in page]
    for name, inner in options.expand:
        relation = RELATIONS[kind][name]
        keys = list(dict.fromkeys(row[relation.key] for row in page if row.get(relation.key) is not None))
        groups = _groups(kind, relation, keys, inner, world)
        for row, document in zip(page, made, strict=True):
            document.pop(f"{name}@iot.navigationLink", None)
            inside, more, count = groups.get(row[relation.key], ([], False, 0))
            if not relation.many:
                document[name] = inside[0] if inside else None
                continue
            if inner.count:
                document[f"{name}@iot.count"] = count
            document[name] = inside
            if more:
                document[f"{name}@iot.nextLink"] = _further(kind, row, name, inner, len(inside), world)
    return made


type Groups = dict[Any, tuple[list[Document], bool, int]]


def _groups(kind: str, relation: Relation, keys: list[Any], inner: Options, world: World) -> Groups:
    if relation.kind == "Observations":
        if kind != "Datastreams":
            wrong("bad-expand", _("Les mesures se développent à partir de Datastreams."))
        return _observations_inside(keys, inner, world)
    if relation.kind == "HistoricalLocations":
        return {}
    most = _room(inner, len(keys)) if relation.many else None
    found, counts = rows.beneath(relation.kind, relation.key, keys, inner, world, most)
    groups: dict[Any, list[Row]] = {}
    for row in found:
        groups.setdefault(row[relation.key], []).append(row)
    cut = {key: group if most is None else group[:most] for key, group in groups.items()}
    told = iter(_entities(relation.kind, [row for group in cut.values() for row in group], inner, world))
    made: Groups = {key: ([], False, total) for key, total in counts.items()}
    for key, group in cut.items():
        made[key] = ([next(told) for _row in group], len(groups[key]) > len(group), counts.get(key, 0))
    return made


def _room(inner: Options, parents: int) -> int:
    return max(1, min(rows.inside(inner), EXPANDED // max(1, parents))) if rows.inside(inner) else 0


def _observations_inside(keys: list[int], inner: Options, world: World) -> Groups:
    if inner.count or inner.skip:
        wrong("bad-expand", _("Dans Observations(…), $count et $skip ne se demandent pas : suivez le lien."))
    streams = _streams(set(keys), world)
    every = rows.every("Datastreams", world)
    assert every is not None
    series, own = asking.narrowed(every.filter(pk__in=keys), inner, world)
    if inner.filter is not None:
        keep = set(series.values_list("pk", flat=True))
        keys = [key for key in keys if key in keep]
    low, high, rest = asking.bounds(own, world)
    most = _room(inner, len(keys))
    _timed, descending = asking.order(inner)
    asked = observed.Asked(keys, low, high, descending, asking.matcher(rest, streams, world))
    newest = most == 1 and descending and not own
    found = observed.newest(reading.latest(keys)) if newest else observed.of_each(asked, most)
    pages = {
        key: [telling.observation_row(one, streams[key]) for one in seen[:most]]
        for key, (seen, _more) in found.items()
    }
    told = iter(_entities("Observations", [row for page in pages.values() for row in page], inner, world))
    return {key: ([next(told) for _row in page], found[key][1], 0) for key, page in pages.items()}


def _further(kind: str, row: Row, name: str, inner: Options, shown: int, world: World) -> str:
    """Return the address of the rest of what is expanded: the collection itself, further on."""
    said = {**inner.said}
    said.setdefault("$top", str(min(max(shown, 1), MOST)))
    said["$skip"] = str(inner.skip + shown)
    here = link(world.base, kind, telling.key_of(kind, row))
    return f"{here}/{name}?{urlencode(said, safe='$,()/@')}"
