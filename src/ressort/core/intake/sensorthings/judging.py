"""What a filter means: which types go together, and its value on one entity. Pure.

``None`` is « not known »: a comparison with it is false (``eq null`` and ``ne`` excepted), and what is computed from it is
``None``. ``any`` is the type of a result, which only the observation at hand tells.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ressort.core.errors import translated as _
from ressort.core.intake.sensorthings.language import COMPARISONS, Call, Literal, Node, Path, Shape, wrong

type Get = Callable[[Path], Any]

_TEXTS = ("text", "text")
SIGNATURES: Mapping[str, Sequence[tuple[tuple[str, ...], str]]] = {
    "and": [(("truth", "truth"), "truth")],
    "or": [(("truth", "truth"), "truth")],
    "not": [(("truth",), "truth")],
    **{name: [((kind, kind), "truth") for kind in ("number", "text", "time", "span", "truth")] for name in COMPARISONS},
    "add": [(("number", "number"), "number"), (("time", "span"), "time"), (("span", "span"), "span")],
    "sub": [
        (("number", "number"), "number"), (("time", "span"), "time"), (("span", "span"), "span"), (("time", "time"), "span"),
    ],
    **{name: [(("number", "number"), "number")] for name in ("mul", "div", "mod")},
    **{name: [(("number",), "number")] for name in ("round", "floor", "ceiling")},
    **{name: [(_TEXTS, "truth")] for name in ("substringof", "contains", "startswith", "endswith")},
    "length": [(("text",), "number")],
    "indexof": [(_TEXTS, "number")],
    "substring": [(("text", "number"), "text"), (("text", "number", "number"), "text")],
    **{name: [(("text",), "text")] for name in ("tolower", "toupper", "trim")},
    "concat": [(_TEXTS, "text")],
    "now": [((), "time")],
    **{name: [(("time",), "number")] for name in ("year", "month", "day", "hour", "minute", "second")},
    "geo.distance": [(("shape", "shape"), "number")],
    **{name: [(("shape", "shape"), "truth")] for name in ("st_within", "st_intersects", "geo.intersects")},
}  # fmt: skip


def check(node: Node, types: Mapping[str, str]) -> str:
    """Return the type of a filter.

    Parameters
    ----------
    types : mapping of path -> type
        What this kind of entity can be asked for.

    Raises
    ------
    Refused
        400: a property or function that does not exist, or types that do not go together.
    """
    if isinstance(node, Literal):
        return node.type
    if isinstance(node, Path):
        if str(node) not in types:
            wrong(
                "unknown-property",
                _("« %(path)s » ne peut pas être filtré ni trié ici ; ce qui peut l'être : %(known)s."),
                path=str(node)[:60],
                known=", ".join(sorted(types)),
            )
        return types[str(node)]
    if node.name not in SIGNATURES:
        wrong("unknown-function", _("La fonction « %(name)s » n'existe pas ici."), name=node.name[:40])
    given = [check(one, types) for one in node.args]
    results = [
        result
        for wanted, result in SIGNATURES[node.name]
        if len(wanted) == len(given) and _fit(node.name, wanted, given)
    ]
    if not results:
        said = ", ".join(given) or "–"
        wrong("wrong-types", _("« %(name)s » ne va pas avec : %(types)s."), name=node.name, types=said)
    return results[0]


def _fit(name: str, wanted: Sequence[str], given: Sequence[str]) -> bool:
    loose = {"any", "null"} if name in {"eq", "ne"} else {"any"}
    return all(one == other or other in loose for one, other in zip(wanted, given, strict=True))


def must_be_truth(node: Node, types: Mapping[str, str]) -> Node:
    """Return a filter whose answer is yes or no."""
    if check(node, types) not in {"truth", "any"}:
        wrong("wrong-types", _("Le filtre doit répondre par oui ou par non : comparez avec eq, gt, lt…"))
    return node


# ------------------------------------------------------------------ values


def holds(node: Node, get: Get, now: int = 0) -> bool:
    """Say whether a filter is true of the entity whose properties ``get`` tells."""
    return value(node, get, now) is True


def value(node: Node, get: Get, now: int = 0) -> Any:  # noqa: PLR0911 - one line per case
    """Return the value of a node; ``now`` in milliseconds."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Path):
        return get(node)
    if node.name == "now":
        return now
    if node.name == "and":
        return all(value(one, get, now) is True for one in node.args)
    if node.name == "or":
        return any(value(one, get, now) is True for one in node.args)
    if node.name == "not":
        return value(node.args[0], get, now) is not True
    given = [value(one, get, now) for one in node.args]
    if node.name in COMPARISONS:
        return compared(node.name, given[0], given[1])
    return _called(node, given)


def _called(node: Call, given: list[Any]) -> Any:
    nothing = False if SIGNATURES[node.name][0][1] == "truth" else None
    if any(one is None for one in given):
        return nothing
    try:
        return FUNCTIONS[node.name](*given)
    except (
        TypeError,
        ValueError,
        ArithmeticError,
        AttributeError,
    ):  # a result of another type, a division by nothing
        return nothing


def _family(one: Any) -> str:
    if isinstance(one, bool):
        return "truth"
    return "number" if isinstance(one, int | float) else type(one).__name__


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": lambda one, other: one > other,
    "ge": lambda one, other: one >= other,
    "lt": lambda one, other: one < other,
    "le": lambda one, other: one <= other,
}


def compared(name: str, one: Any, other: Any) -> bool:
    """Compare two values; those of different types are only different."""
    alike = _family(one) == _family(other)
    if name in {"eq", "ne"}:
        return (alike and one == other) == (name == "eq")
    return alike and one is not None and _COMPARE[name](one, other)


def _whole(number: float) -> float:
    return math.floor(number + 0.5) if number >= 0 else math.ceil(number - 0.5)


def _number(*given: Any) -> None:
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in given):
        raise TypeError


def _arithmetic(run: Callable[..., float]) -> Callable[..., Any]:
    def told(*given: Any) -> Any:
        _number(*given)
        return run(*given)

    return told


def _part(text: str, start: float, length: float | None = None) -> str:
    first = max(0, int(start))
    return text[first:] if length is None else text[first : first + max(0, int(length))]


def _of_day(name: str) -> Callable[[int], int]:
    def told(at: int) -> int:
        return int(getattr(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at), name))

    return told


def within(point: Shape, area: Shape) -> bool:
    """Say whether a point is inside a polygon: an edge to its right crosses an odd number of times."""
    ((lon, lat),) = point[0][:1]
    if len(area[0]) < 3:
        return area[0][0] == (lon, lat)
    return (
        sum(lon < x + (lat - y) * slope for low, high, x, y, slope in edges(area) if low <= lat < high) % 2
        == 1
    )


def edges(area: Shape) -> list[tuple[float, float, float, float, float]]:
    """Return the edges of a polygon that a parallel can cross: lowest and highest latitude, a corner, degrees of lon by lat."""
    found = []
    for ring in area:
        for (x, y), (other_x, other_y) in zip(ring, [*ring[1:], ring[0]], strict=True):
            if y != other_y:
                found.append((min(y, other_y), max(y, other_y), x, y, (other_x - x) / (other_y - y)))
    return found


def _distance(one: Shape, other: Shape) -> float:
    return math.dist(one[0][0], other[0][0])


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "add": _arithmetic(lambda one, other: one + other),
    "sub": _arithmetic(lambda one, other: one - other),
    "mul": _arithmetic(lambda one, other: one * other),
    "div": _arithmetic(lambda one, other: one / other),
    "mod": _arithmetic(math.fmod),
    "round": _arithmetic(_whole),
    "floor": _arithmetic(math.floor),
    "ceiling": _arithmetic(math.ceil),
    "substringof": lambda part, text: part in text,
    "contains": lambda text, part: part in text,
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
    "length": len,
    "indexof": lambda text, part: text.find(part),
    "substring": _part,
    "tolower": lambda text: text.lower(),
    "toupper": lambda text: text.upper(),
    "trim": lambda text: text.strip(" "),
    "concat": lambda one, other: one + other,
    **{name: _of_day(name) for name in ("year", "month", "day", "hour", "minute", "second")},
    "geo.distance": _distance,
    "st_within": within,
    "st_intersects": within,
    "geo.intersects": within,
}


# ------------------------------------------------------------------ parts


def conditions(node: Node | None) -> list[Node]:
    """Return what a filter asks for at once: the parts that its outer ``and`` joins."""
    if node is None:
        return []
    if isinstance(node, Call) and node.name == "and":
        return [part for one in node.args for part in conditions(one)]
    return [node]


def paths(node: Node) -> set[str]:
    """Return every property that a filter names."""
    if isinstance(node, Path):
        return {str(node)}
    return {path for one in node.args for path in paths(one)} if isinstance(node, Call) else set()
