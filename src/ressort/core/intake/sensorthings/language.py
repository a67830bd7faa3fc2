"""The small language of ``$filter``: text in, a tree out. Pure.

Three sorts of nodes are enough: a literal, a path (``Datastream/Thing/name``) and a call; operators are calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from ressort.core.errors import Refused
from ressort.core.errors import translated as _

LONGEST = 4_000
MOST_TOKENS = 400
DEEPEST = 40
MOST_CORNERS = 200
COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
_SUMS, _PRODUCTS = ("add", "sub"), ("mul", "div", "mod")
_WORDS = frozenset({"and", "or", "not", *COMPARISONS, *_SUMS, *_PRODUCTS})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

type Corner = tuple[float, float]
type Shape = tuple[tuple[Corner, ...], ...]
"""Rings; a point is one ring of one corner."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written as it is. ``type``: ``text``, ``number``, ``truth``, ``time`` and ``span`` (milliseconds), ``shape``, ``null``."""

    value: Any
    type: str


@dataclass(frozen=True, slots=True)
class Path:
    """A property, of the entity or of one that it leads to."""

    parts: tuple[str, ...]

    def __str__(self) -> str:
        return "/".join(self.parts)


@dataclass(frozen=True, slots=True)
class Call:
    """A function or an operator with what it is given."""

    name: str
    args: tuple[Node, ...]


type Node = Literal | Path | Call


def wrong(code: str, sentence: str, **given: object) -> NoReturn:
    """Refuse a question that cannot be read.

    Raises
    ------
    Refused
        Always, 400.
    """
    raise Refused(code, sentence % given if given else sentence, status=400)


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<span>duration'-?P[0-9DTHMS.]+')
    | (?P<shape>(?:geography|geometry)'[^']*')
    | (?P<text>'(?:[^']|'')*')
    | (?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|z|[-+ ]\d\d:\d\d))
    | (?P<number>-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?)
    | (?P<name>[A-Za-z_@][\w.@]*(?:/[A-Za-z_@][\w.@]*)*)
    | (?P<mark>[(),])
    )""",
    re.VERBOSE,
)


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield the sort and the text of each token.

    Raises
    ------
    Refused
        Where nothing can be read.
    """
    if len(text) > LONGEST:
        wrong("long-filter", _("Ce filtre est trop long : %(most)s signes au plus."), most=LONGEST)
    at, count = 0, 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found or found.lastgroup is None:
            wrong(
                "bad-filter",
                _("Le filtre ne se lit pas à partir de « %(rest)s »."),
                rest=text[at : at + 30].strip(),
            )
        yield found.lastgroup, found[found.lastgroup]
        at, count = found.end(), count + 1
        if count > MOST_TOKENS:
            wrong("long-filter", _("Ce filtre est trop long : %(most)s mots au plus."), most=MOST_TOKENS)


class _Reader:
    """Reads by precedence: or, and, not, comparison, sum, product."""

    def __init__(self, text: str) -> None:
        self.found = [*tokens(text), ("end", "")]
        self.at = 0
        self.depth = 0

    def here(self) -> tuple[str, str]:
        return self.found[self.at]

    def takes(self, kind: str, *words: str) -> str:
        """Take a token if it is one of these; names of operators count whatever their case."""
        sort, text = self.here()
        said = text.lower() if kind == "name" else text
        if sort == kind and said in words:
            self.at += 1
            return said
        return ""

    def must(self, mark: str) -> None:
        if not self.takes("mark", mark):
            self.lost(mark)

    def lost(self, wanted: str = "") -> NoReturn:
        sort, text = self.here()
        if sort == "end":
            wrong("bad-filter", _("Le filtre s'arrête trop tôt."))
        if wanted:
            wrong(
                "bad-filter",
                _("Le filtre attend « %(wanted)s » avant « %(text)s »."),
                wanted=wanted,
                text=text[:30],
            )
        wrong("bad-filter", _("Le filtre n'attend pas « %(text)s » ici."), text=text[:30])

    def whole(self) -> Node:
        found = self.either()
        if self.here()[0] != "end":
            self.lost()
        return found

    def either(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            wrong("deep-filter", _("Ce filtre est trop imbriqué."))
        found = self.both()
        while self.takes("name", "or"):
            found = Call("or", (found, self.both()))
        self.depth -= 1
        return found

    def both(self) -> Node:
        found = self.denied()
        while self.takes("name", "and"):
            found = Call("and", (found, self.denied()))
        return found

    def denied(self) -> Node:
        times = 0
        while self.takes("name", "not"):
            times += 1
        found = self.compared()
        for _time in range(times and 2 - times % 2):  # not not not x is not x
            found = Call("not", (found,))
        return found

    def compared(self) -> Node:
        found = self.sum()
        if sign := self.takes("name", *COMPARISONS):
            found = Call(sign, (found, self.sum()))
        return found

    def sum(self) -> Node:
        found = self.product()
        while sign := self.takes("name", *_SUMS):
            found = Call(sign, (found, self.product()))
        return found

    def product(self) -> Node:
        found = self.one()
        while sign := self.takes("name", *_PRODUCTS):
            found = Call(sign, (found, self.one()))
        return found

    def one(self) -> Node:
        if self.takes("mark", "("):
            inside = self.either()
            self.must(")")
            return inside
        sort, text = self.here()
        if sort in {"end", "mark"} or (sort == "name" and text.lower() in _WORDS):
            self.lost()
        self.at += 1
        if sort != "name":
            return literal(sort, text)
        if self.takes("mark", "("):
            return Call(text.lower(), self.given())
        if text in {"true", "false"}:
            return Literal(text == "true", "truth")
        return Literal(None, "null") if text == "null" else Path(tuple(text.split("/")))

    def given(self) -> tuple[Node, ...]:
        if self.takes("mark", ")"):
            return ()
        args = [self.either()]
        while self.takes("mark", ","):
            args.append(self.either())
        self.must(")")
        return tuple(args)


def parse(text: str) -> Node:
    """Return the tree of a filter.

    Raises
    ------
    Refused
        400, with the place where reading stopped.

    Examples
    --------
    >>> parse("result gt 3")
    Call(name='gt', args=(Path(parts=('result',)), Literal(value=3.0, type='number')))
    """
    return _Reader(text).whole()


def literal(sort: str, text: str) -> Literal:
    """Return the value of a token that is one."""
    if sort == "text":
        return Literal(text[1:-1].replace("''", "'"), "text")
    if sort == "number":
        return Literal(float(text), "number")
    if sort == "time":
        return Literal(instant(text), "time")
    if sort == "span":
        return Literal(_span(text.partition("'")[2].rstrip("'")), "span")
    return Literal(shape(text.partition("'")[2].rstrip("'")), "shape")


def instant(text: str) -> int:
    """Return an instant as milliseconds since 1970. In an address « + » is a space: an offset is often sent so."""
    try:
        return (
            datetime.fromisoformat(text.strip().replace(" ", "+").replace("z", "Z")) - _EPOCH
        ) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        wrong(
            "bad-time", _("« %(text)s » n'est pas un instant : écrivez 2026-09-15T07:30:00Z."), text=text[:40]
        )


_SPAN = re.compile(
    r"(?P<sign>-?)P(?:(?P<d>\d{1,6})D)?(?:T(?:(?P<h>\d{1,6})H)?(?:(?P<m>\d{1,6})M)?(?:(?P<s>\d{1,9}(?:\.\d+)?)S)?)?"
)


def _span(text: str) -> int:
    found = _SPAN.fullmatch(text)
    if not found or not any(found[name] for name in "dhms"):
        wrong("bad-span", _("« %(text)s » n'est pas une durée : écrivez duration'PT1H'."), text=text[:40])
    days, hours, minutes = (int(found[name] or 0) for name in "dhm")
    seconds = days * 86_400 + hours * 3_600 + minutes * 60 + float(found["s"] or 0)
    return round(seconds * 1000) * (-1 if found["sign"] else 1)


_SHAPE = re.compile(r"\s*(?:SRID=4326;)?\s*(POINT|POLYGON)\s*\((.*)\)\s*", re.IGNORECASE | re.DOTALL)


def shape(text: str) -> Shape:
    """Return the rings of a point or polygon written as well-known text."""
    try:
        made = _rings(text)
    except ValueError:
        wrong(
            "bad-shape", _("« %(text)s » n'est ni POINT (lon lat) ni POLYGON ((lon lat, …))."), text=text[:40]
        )
    if len(made[0]) == 1:
        return made
    if any(len(ring) < 3 for ring in made):
        wrong("bad-shape", _("Un polygone a au moins trois coins."))
    if sum(len(ring) for ring in made) > MOST_CORNERS:
        wrong("bad-shape", _("Un polygone a %(most)s coins au plus."), most=MOST_CORNERS)
    return made


def _rings(text: str) -> Shape:
    found = _SHAPE.fullmatch(text)
    if not found:
        raise ValueError(text)
    if found[1].upper() == "POINT":
        return ((_corner(found[2]),),)
    inside = found[2].strip()
    if not (inside.startswith("(") and inside.endswith(")")):
        raise ValueError(text)
    rings = re.split(r"\)\s*,\s*\(", inside[1:-1])
    return tuple(tuple(_corner(one) for one in ring.split(",")) for ring in rings)


def _corner(text: str) -> Corner:
    lon, lat = (float(part) for part in text.split()[:2])
    if not (-180 <= lon <= 180 and -90 <= lat <= 90) or len(text.split()) > 3:
        raise ValueError(text)
    return lon, lat
