"""Filters and orders as the database's own expressions: the catalogue is filtered where it lies.

What is not known is ``None`` here as in ``judging``: a comparison with it is false, so that ``not`` is its contrary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    F,
    FloatField,
    IntegerField,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models import functions as sql
from django.db.models.expressions import Combinable
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, IsNull, LessThan, LessThanOrEqual

from ressort.core.errors import translated as _
from ressort.core.intake.models import Series
from ressort.core.intake.sensorthings import judging
from ressort.core.intake.sensorthings.language import COMPARISONS, Call, Literal, Node, Path, Shape, wrong

TRUE = Q(pk__isnull=False)
OBSERVATION_TYPES = {
    Series.Kind.NUMBER: "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
    Series.Kind.FLAG: "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_TruthObservation",
    Series.Kind.CHOICE: "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_CategoryObservation",
}


@dataclass(frozen=True, slots=True)
class Property:
    """What can be filtered on: its type, and its expression. ``many``: one of several, it is enough that one fits."""

    type: str
    column: Any
    many: bool = False


type Properties = Mapping[str, Property]
type Places = QuerySet[Any] | None
"""Rows with ``device`` (a relation), ``name``, ``lon`` and ``lat``: where things stand, told by whoever knows."""


def properties(kind: str, places: Places) -> Properties:
    """Return what entities of a kind can be filtered and ordered by."""
    match kind:
        case "Things" | "Sensors" | "FeaturesOfInterest":
            more = (
                {}
                if kind == "FeaturesOfInterest"
                else _under("Datastreams", _series("series__", places), many=True)
            )
            return {**_device("", places), **more}
        case "Locations":
            return {
                **_named(F("device__code"), F("name")),
                "location": Property("shape", (F("lon"), F("lat"))),
            }
        case "ObservedProperties":
            return _named(F("observed"), F("observed"))
        case "Datastreams":
            return {
                **_series("", places),
                **_under("Thing", _device("device__", places)),
                **_under("Sensor", _device("device__", places)),
                **_under("ObservedProperty", _named(F("observed"), F("observed"))),
            }
        case _:
            return {}


def _named(key: Any, name: Any) -> dict[str, Property]:
    return {"id": Property("text", key), "@iot.id": Property("text", key), "name": Property("text", name)}


def _under(way: str, found: Properties, *, many: bool = False) -> dict[str, Property]:
    return {f"{way}/{path}": Property(one.type, one.column, many) for path, one in found.items()}


def _device(prefix: str, places: Places) -> dict[str, Property]:
    return _named(F(f"{prefix}code"), thing_name(prefix, places))


def thing_name(prefix: str, places: Places) -> Any:
    """Return the name of a thing: that of the place it stands at, or its code."""
    code = F(f"{prefix}code")
    if places is None:
        return code
    from django.db.models import OuterRef

    named = places.filter(device=OuterRef(f"{prefix}pk")).values("name")[:1]
    return sql.Coalesce(Subquery(named, output_field=CharField()), code)


def _series(prefix: str, places: Places) -> dict[str, Property]:
    del places
    key, name = F(f"{prefix}pk"), stream_name(prefix)
    kinds = [
        When(**{f"{prefix}kind": kind}, then=Value(address)) for kind, address in OBSERVATION_TYPES.items()
    ]
    found = {
        "id": Property("number", key),
        "@iot.id": Property("number", key),
        "name": Property("text", name),
        "observationType": Property("text", Case(*kinds, output_field=CharField())),
        "unitOfMeasurement/symbol": Property("text", F(f"{prefix}unit")),
        "properties/property": Property("text", F(f"{prefix}observed")),
        "properties/kind": Property("text", F(f"{prefix}kind")),
        "properties/low": Property("number", F(f"{prefix}low")),
        "properties/high": Property("number", F(f"{prefix}high")),
    }
    if prefix:
        observed = F(f"{prefix}observed")
        found |= _under("ObservedProperty", _named(observed, observed))
    return found


def stream_name(prefix: str = "") -> Any:
    """Return the name of a datastream: ``device/property``."""
    return sql.Concat(
        F(f"{prefix}device__code"), Value("/"), F(f"{prefix}observed"), output_field=CharField()
    )


# ------------------------------------------------------------------ expressions


def narrowed(rows: QuerySet[Any], node: Node | None, known: Properties, now: int) -> QuerySet[Any]:
    """Return the rows for which a filter holds.

    Raises
    ------
    Refused
        400, when the filter asks for what is not there.
    """
    if node is None:
        return rows
    judging.must_be_truth(node, {path: one.type for path, one in known.items()})
    wanted = _truth(node, known, now)
    if any(known[path].many for path in judging.paths(node)):
        return rows.filter(pk__in=rows.model._default_manager.filter(wanted).values("pk"))  # noqa: SLF001
    return rows.filter(wanted)


def ordered(order: Sequence[tuple[Path, bool]], known: Properties) -> list[Any]:
    """Return what rows are ordered by, their key last."""
    found: list[Any] = []
    for path, descending in order:
        judging.check(path, {name: one.type for name, one in known.items()})
        one = known[str(path)]
        if one.many or one.type == "shape":
            wrong("bad-order", _("On ne trie pas par « %(path)s »."), path=str(path))
        column: Any = one.column
        found.append(column.desc(nulls_last=True) if descending else column.asc(nulls_last=True))
    return [*found, "pk"]


def _truth(node: Node, known: Properties, now: int) -> Q:  # noqa: PLR0911 - one line per case
    """Return a filter as a condition that is true or false, never neither."""
    if isinstance(node, Literal):
        return TRUE if node.value is True else ~TRUE
    if isinstance(node, Call) and node.name in {"and", "or"}:
        parts = [_truth(one, known, now) for one in node.args]
        return reduce(lambda one, other: one & other if node.name == "and" else one | other, parts)
    if isinstance(node, Call) and node.name == "not":
        return ~_truth(node.args[0], known, now)
    if isinstance(node, Call) and node.name in COMPARISONS:
        return _compared(node, known, now)
    if isinstance(node, Call) and node.name in _TESTS:
        return _sure(_TESTS[node.name](*[_value(one, known, now) for one in node.args]))
    if isinstance(node, Call):
        return _inside(node, known)
    return _sure(Exact(_value(node, known, now), Value(True)))


def _sure(condition: Any) -> Q:
    return Q(Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField()))


def _compared(node: Call, known: Properties, now: int) -> Q:
    one, other = node.args
    if "truth" in {_type(one, known), _type(other, known)} and node.name in {"eq", "ne"}:
        same = _alike(one, other, known, now)
        return same if node.name == "eq" else ~same
    if node.name in {"eq", "ne"}:
        same = _equal(one, other, known, now)
        return same if node.name == "eq" else ~same
    if "truth" in {_type(one, known), _type(other, known)}:
        wrong("wrong-types", _("« %(name)s » ne va pas avec : %(types)s."), name=node.name, types="truth")
    return _sure(_ORDERS[node.name](_value(one, known, now), _value(other, known, now)))


def _alike(one: Node, other: Node, known: Properties, now: int) -> Q:
    if "null" in {_type(one, known), _type(other, known)}:
        return ~TRUE  # yes or no is never unknown
    first, second = _truth(one, known, now), _truth(other, known, now)
    return (first & second) | (~first & ~second)


def _equal(one: Node, other: Node, known: Properties, now: int) -> Q:
    nothing = [isinstance(node, Literal) and node.value is None for node in (one, other)]
    if all(nothing):
        return TRUE
    if any(nothing):
        return _null(_value(other if nothing[0] else one, known, now))
    first, second = _value(one, known, now), _value(other, known, now)
    same = _sure(Exact(first, second))
    if isinstance(one, Literal) or isinstance(other, Literal):
        return same
    return same | (_null(first) & _null(second))


def _null(column: Any) -> Q:
    return Q(IsNull(column, True))


def _type(node: Node, known: Properties) -> str:
    return judging.check(node, {path: one.type for path, one in known.items()})


def _value(node: Node, known: Properties, now: int) -> Any:
    if isinstance(node, Literal):
        if node.type == "shape":
            wrong("wrong-types", _("Une forme ne se compare pas : utilisez st_within ou geo.distance."))
        return Value(node.value, output_field=_FIELDS.get(node.type, CharField)())
    if isinstance(node, Path):
        if known[str(node)].type == "shape":
            wrong("wrong-types", _("Une forme ne se compare pas : utilisez st_within ou geo.distance."))
        return known[str(node)].column
    if node.name == "now":
        return Value(now, output_field=FloatField())
    if node.name == "geo.distance":
        return _distance(node, known)
    if node.name not in _COMPUTED:
        wrong("unknown-function", _("La fonction « %(name)s » n'existe pas ici."), name=node.name[:40])
    given = [_value(one, known, now) for one in node.args]
    return _COMPUTED[node.name](*given)


def _real(column: Any) -> Any:
    return sql.Cast(column, FloatField())


def _sum(name: str) -> Callable[[Any, Any], Any]:
    def told(one: Any, other: Any) -> Any:
        first, second = _real(one), _real(other)
        made: Any = first + second if name == "add" else first - second if name == "sub" else first * second
        return made

    return told


def _rounded(one: Any) -> Any:
    one = _real(one)
    up, down = sql.Floor(one + Value(0.5)), sql.Ceil(one - Value(0.5))
    return Case(When(GreaterThanOrEqual(one, Value(0.0)), then=up), default=down, output_field=FloatField())


def _not_zero(one: Any) -> Any:
    return sql.NullIf(_real(one), Value(0.0, output_field=FloatField()))


def _part(text: Any, start: Any, length: Any = None) -> Any:
    first = sql.Greatest(sql.Cast(start, IntegerField()), Value(0)) + Value(1)
    if length is None:
        return sql.Substr(text, first)
    return sql.Substr(text, first, sql.Greatest(sql.Cast(length, IntegerField()), Value(0)))


def _index(text: Any, part: Any) -> Any:
    return sql.StrIndex(text, part) - Value(1)


def _ends(text: Any, part: Any) -> Any:
    whole, end = sql.Length(text), sql.Length(part)
    cut = sql.Substr(text, whole - end + Value(1), end)
    return Q(GreaterThanOrEqual(whole, end)) & Q(Exact(cut, part))


_FIELDS: Mapping[str, Any] = {"text": CharField, "number": FloatField, "time": FloatField, "span": FloatField}
_ORDERS: Mapping[str, Any] = {
    "gt": GreaterThan,
    "ge": GreaterThanOrEqual,
    "lt": LessThan,
    "le": LessThanOrEqual,
}
_TESTS: Mapping[str, Callable[..., Any]] = {
    "substringof": lambda part, text: GreaterThan(sql.StrIndex(text, part), Value(0)),
    "contains": lambda text, part: GreaterThan(sql.StrIndex(text, part), Value(0)),
    "startswith": lambda text, part: Exact(sql.Substr(text, Value(1), sql.Length(part)), part),
    "endswith": _ends,
}
_COMPUTED: Mapping[str, Callable[..., Any]] = {
    "add": _sum("add"),
    "sub": _sum("sub"),
    "mul": _sum("mul"),
    "div": lambda one, other: _real(one) / _not_zero(other),
    "mod": lambda one, other: sql.Mod(_real(one), _not_zero(other)),
    "round": _rounded,
    "floor": lambda one: sql.Floor(_real(one)),
    "ceiling": lambda one: sql.Ceil(_real(one)),
    "length": sql.Length,
    "indexof": _index,
    "substring": _part,
    "tolower": sql.Lower,
    "toupper": sql.Upper,
    "trim": sql.Trim,
    "concat": lambda one, other: sql.Concat(one, other, output_field=CharField()),
}


# ------------------------------------------------------------------ shapes


def _point_and_shape(node: Call, known: Properties) -> tuple[tuple[Any, Any], Shape]:
    one, other = node.args
    if isinstance(one, Literal):
        one, other = other, one
    if not isinstance(one, Path) or not isinstance(other, Literal):
        wrong("wrong-types", _("%(name)s compare « location » à une forme écrite."), name=node.name)
    return known[str(one)].column, other.value


def _inside(node: Call, known: Properties) -> Q:
    (lon, lat), area = _point_and_shape(node, known)
    if len(area[0]) < 3:
        x, y = area[0][0]
        return Q(Exact(lon, Value(x))) & Q(Exact(lat, Value(y)))
    crossed = [
        Case(
            When(
                Q(GreaterThanOrEqual(lat, Value(low)))
                & Q(LessThan(lat, Value(high)))
                & Q(LessThan(lon, Value(x) + (lat - Value(y)) * Value(slope))),
                then=Value(1),
            ),
            default=Value(0),
            output_field=IntegerField(),
        )
        for low, high, x, y, slope in judging.edges(area)
    ]
    odd: Combinable = _balanced(crossed) % Value(2) if crossed else Value(0)
    return Q(Exact(odd, Value(1)))


def _balanced(parts: list[Any]) -> Any:
    """Add them two by two: as a chain they would nest too deep for the database."""
    while len(parts) > 1:
        parts = [
            parts[at] + parts[at + 1] if at + 1 < len(parts) else parts[at] for at in range(0, len(parts), 2)
        ]
    return parts[0]


def _distance(node: Call, known: Properties) -> Any:
    (lon, lat), area = _point_and_shape(node, known)
    x, y = area[0][0]
    return sql.Sqrt(sql.Power(lon - Value(x), Value(2.0)) + sql.Power(lat - Value(y), Value(2.0)))
