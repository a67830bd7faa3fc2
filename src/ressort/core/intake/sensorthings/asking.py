"""Questions about observations: what of a filter narrows the series, what bounds the time, what is tried on each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ressort.core.errors import translated as _
from ressort.core.intake.readings import spoken
from ressort.core.intake.sensorthings import judging, observed, selecting
from ressort.core.intake.sensorthings.language import Call, Node, Path, wrong
from ressort.core.intake.sensorthings.observed import FEW, FIRST, LAST, Asked, Seen
from ressort.core.intake.sensorthings.options import Options
from ressort.core.intake.sensorthings.rows import World
from ressort.core.intake.sensorthings.telling import QUALITIES

TYPES = {
    "phenomenonTime": "time",
    "resultTime": "time",
    "result": "any",
    "resultQuality": "text",
    "id": "text",
    "@iot.id": "text",
}
_TIMES = ("phenomenonTime", "resultTime")
_WAYS = ("Datastream/", "FeatureOfInterest/")
COUNTED = 20_000
"""Observations counted one by one, when a condition must be tried on each."""
_SWAPPED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge", "eq": "eq"}


def narrowed(series: Any, options: Options, world: World) -> tuple[Any, list[Node]]:
    """Return the series that the conditions on ``Datastream/…`` leave, and the conditions on observations themselves."""
    own: list[Node] = []
    theirs: list[Node] = []
    for one in judging.conditions(options.filter):
        ways = {path.startswith(_WAYS) for path in judging.paths(one)}
        if ways == {True, False}:
            wrong(
                "mixed-filter",
                _("Joignez par and les conditions sur Datastream/… et celles sur result ou phenomenonTime."),
            )
        (theirs if ways == {True} else own).append(one)
    known = _known(world)
    for one in theirs:
        series = selecting.narrowed(series, one, known, world.now)
    for one in own:
        judging.must_be_truth(one, {**TYPES, **{path: prop.type for path, prop in known.items()}})
    return series, own


def _known(world: World) -> dict[str, selecting.Property]:
    streams = selecting.properties("Datastreams", world.places)
    found = {f"Datastream/{path}": one for path, one in streams.items()}
    for name in ("id", "@iot.id", "name"):
        found[f"FeatureOfInterest/{name}"] = streams[f"Thing/{name}"]
    return found


def bounds(own: list[Node], world: World) -> tuple[int, int, list[Node]]:
    """Return between which instants, and the conditions that remain."""
    low, high, rest = FIRST, LAST, []
    for one in own:
        found = _bound(one, world)
        if found is None:
            rest.append(one)
            continue
        sign, at = found
        at = max(FIRST, min(at, LAST))
        if sign in {"gt", "ge", "eq"}:
            low = max(low, at + (sign == "gt"))
        if sign in {"lt", "le", "eq"}:
            high = min(high, at + (sign != "lt"))
    return low, high, rest


def _bound(node: Node, world: World) -> tuple[str, int] | None:
    if not isinstance(node, Call) or node.name not in _SWAPPED:
        return None
    one, other = node.args
    sign = node.name
    if not (isinstance(one, Path) and str(one) in _TIMES):
        one, other, sign = other, one, _SWAPPED[sign]
    if not (isinstance(one, Path) and str(one) in _TIMES) or judging.paths(other):
        return None
    at = judging.value(other, lambda _path: None, world.now)
    return (sign, int(at)) if isinstance(at, int | float) and not isinstance(at, bool) else None


def order(options: Options) -> tuple[bool, bool]:
    """Return whether an order was asked for, and whether it is descending."""
    for path, _descending in options.order[1:]:
        if str(path) not in {*_TIMES, "id", "@iot.id"}:
            wrong("bad-order", _("Les mesures se trient par phenomenonTime, dans un sens ou dans l'autre."))
    if not options.order:
        return False, False
    path, descending = options.order[0]
    if str(path) not in _TIMES:
        wrong("bad-order", _("Les mesures se trient par phenomenonTime, dans un sens ou dans l'autre."))
    return True, descending


def matcher(rest: list[Node], series: Mapping[int, Any], world: World) -> Any:
    """Return what must be true of an observation; ``series`` tells what kind of values each has."""
    if not rest:
        return None

    def fits(seen: Seen) -> bool:
        stream = series[seen.series]

        def get(path: Path) -> Any:
            match str(path):
                case "phenomenonTime" | "resultTime":
                    return seen.at
                case "result":
                    return spoken(stream["kind"], stream["choices"], seen.value)
                case "resultQuality":
                    return QUALITIES.get(seen.quality, "bad")
                case _:
                    return f"{seen.series}-{seen.at}"

        return all(judging.holds(one, get, world.now) for one in rest)

    return fits


class _Kinds(dict[int, Any]):
    """Kinds of values by series, read once when a condition needs them."""

    def __init__(self, series: Any) -> None:
        super().__init__()
        self.rows = series

    def __missing__(self, key: int) -> Any:
        if not self:
            self.update({row["pk"]: row for row in self.rows.values("pk", "kind", "choices")})
        return self[key]


def asked(series: Any, options: Options, world: World) -> tuple[Asked, Any]:
    """Return which observations are asked for, and the series that they may be of."""
    series, own = narrowed(series, options, world)
    low, high, rest = bounds(own, world)
    timed, descending = order(options)
    few = list(series.order_by("pk").values_list("pk", flat=True)[: FEW + 1])
    if timed and len(few) > FEW:
        wrong(
            "many-series",
            _(
                "Trier par le temps se fait sur %(few)s Datastreams au plus : précisez Datastream/id ou "
                "Datastream/Thing/id dans $filter."
            ),
            few=FEW,
        )
    after = observed.position_of(options.after)
    which: Any = few if len(few) <= FEW else series.order_by().values("pk")
    return Asked(which, low, high, descending, matcher(rest, _Kinds(series), world), after), series


def counted(wanted: Asked) -> int:
    """Return how many observations there are.

    Raises
    ------
    Refused
        400, when that would mean reading too many of them.
    """
    if wanted.matches is None and wanted.by_time:
        return observed.count(wanted)
    if not wanted.by_time:
        wrong(
            "far-count", _("$count compte les mesures de %(few)s Datastreams au plus : précisez-en."), few=FEW
        )
    if observed.count(wanted) > COUNTED:
        wrong("far-count", _("$count lirait ici trop de mesures : bornez phenomenonTime."))
    total, start = 0, replace(wanted, after=None)
    while True:
        found, token = observed.page(start, COUNTED)
        total += len(found)
        if not token:
            return total
        start = replace(start, after=observed.position_of(token))
