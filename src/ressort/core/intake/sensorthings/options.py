"""Query options: ``$top``, ``$skip``, ``$count``, ``$orderby``, ``$select``, ``$filter`` and ``$expand``, nested. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ressort.core.errors import translated as _
from ressort.core.intake.sensorthings.language import Node, Path, parse, wrong
from ressort.core.intake.sensorthings.model import RELATIONS

MOST = 1_000
USUAL = 100
INSIDE = 20
"""Entities of a page: at most, by default, by default inside another entity."""
FURTHEST = 100_000
DEEPEST = 3
_PATH = re.compile(r"[A-Za-z_@][\w.@]*(/[A-Za-z_@][\w.@]*)*")


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked of one collection or entity. ``after`` is where a page before ended (``$skiptoken``)."""

    top: int | None = None
    skip: int = 0
    count: bool = False
    order: tuple[tuple[Path, bool], ...] = ()
    select: tuple[str, ...] = ()
    filter: Node | None = None
    expand: tuple[tuple[str, Options], ...] = ()
    after: str = ""
    array: bool = False
    said: dict[str, str] = field(default_factory=dict, compare=False)

    def most(self, usual: int = USUAL) -> int:
        """Return how many entities a page may hold."""
        return min(usual if self.top is None else self.top, MOST)


def read(kind: str, pairs: Iterable[tuple[str, str]], *, depth: int = 0) -> Options:
    """Return the options of a question about entities of a kind.

    Parameters
    ----------
    pairs : iterable of (name, value)
        As in the address; the last of a name counts. Names without ``$`` are not ours, ``resultFormat`` excepted.

    Raises
    ------
    Refused
        400, with what is wrong.
    """
    said = {name: text for name, text in pairs if name.startswith("$") or name == "resultFormat"}
    found: dict[str, Any] = {}
    for name, text in ((name, text.strip()) for name, text in said.items()):
        if name == "$expand":
            found["expand"] = _expand(kind, text, depth)
        elif name in _READERS and not (depth and name in _OUTER):
            field_name, reader = _READERS[name]
            found[field_name] = reader(text)
        else:
            wrong("unknown-option", _("L'option « %(name)s » n'existe pas ici."), name=name[:40])
    return Options(said=said, **found)


def _whole(name: str, text: str, most: int | None = None) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        wrong("bad-option", _("%(name)s est un nombre entier, positif ou nul."), name=name)
    if most is not None and int(text) > most:
        wrong(
            "far-skip", _("%(name)s va jusqu'à %(most)s : suivez plutôt @iot.nextLink."), name=name, most=most
        )
    return int(text)


def _flag(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        wrong("bad-option", _("$count vaut true ou false."))
    return text.lower() == "true"


def _array(text: str) -> bool:
    if text.lower() not in {"", "dataarray", "default"}:
        wrong("bad-option", _("resultFormat vaut dataArray, ou rien."))
    return text.lower() == "dataarray"


def _order(text: str) -> tuple[tuple[Path, bool], ...]:
    found = []
    for one in filter(None, (part.strip() for part in text.split(","))):
        name, _space, way = one.partition(" ")
        if not _PATH.fullmatch(name) or way.strip().lower() not in {"", "asc", "desc"}:
            wrong("bad-order", _("$orderby s'écrit ainsi : phenomenonTime desc."))
        found.append((Path(tuple(name.split("/"))), way.strip().lower() == "desc"))
    if len(found) > 5:
        wrong("bad-order", _("$orderby prend cinq propriétés au plus."))
    return tuple(found)


def _select(text: str) -> tuple[str, ...]:
    found = [part.strip() for part in text.split(",") if part.strip()]
    if any(not _PATH.fullmatch(one) for one in found) or len(found) > 40:
        wrong("bad-select", _("$select est une liste de propriétés : name,description."))
    return tuple("@iot.id" if one == "id" else one.split("/")[0] for one in found)


def _expand(kind: str, text: str, depth: int) -> tuple[tuple[str, Options], ...]:
    if depth >= DEEPEST:
        wrong("deep-expand", _("$expand descend de %(most)s niveaux au plus."), most=DEEPEST)
    found: dict[str, Options] = {}
    for part in split(text, ","):
        path, inside = part, ""
        if part.endswith(")"):
            path, _mark, inside = part[:-1].partition("(")
        name, _slash, rest = path.strip().partition("/")
        if name not in RELATIONS[kind]:
            wrong(
                "bad-expand",
                _("On ne développe pas « %(name)s » ici ; ce qui peut l'être : %(known)s."),
                name=name[:40],
                known=", ".join(RELATIONS[kind]),
            )
        child = RELATIONS[kind][name].kind
        if rest:  # Datastreams/Thing, the form of version 1.0
            pairs = [("$expand", f"{rest}({inside})" if inside else rest)]
        else:
            pairs = [_pair(one) for one in split(inside, ";")]
        made = read(child, pairs, depth=depth + 1)
        if name in found:
            made = replace(found[name], expand=(*found[name].expand, *made.expand))
        found[name] = made
    return tuple(found.items())


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark or not name.strip().startswith("$"):
        wrong(
            "bad-expand", _("Dans $expand, les options s'écrivent ainsi : Datastreams($top=1;$select=name).")
        )
    return name.strip(), value


def split(text: str, mark: str) -> list[str]:
    """Return the parts of a text between marks, those inside parentheses or quotes left alone."""
    parts, start, depth, quoted = [], 0, 0, False
    for at, sign in enumerate(text):
        if sign == "'":
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
            if depth < 0:
                break
        elif sign == mark and not quoted and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    if depth or quoted:
        wrong("bad-expand", _("Une parenthèse ou une apostrophe n'est pas refermée."))
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


_READERS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "$top": ("top", lambda text: _whole("$top", text)),
    "$skip": ("skip", lambda text: _whole("$skip", text, FURTHEST)),
    "$count": ("count", _flag),
    "$orderby": ("order", _order),
    "$select": ("select", _select),
    "$filter": ("filter", lambda text: parse(text) if text else None),
    "$skiptoken": ("after", lambda text: text[:60]),
    "resultFormat": ("array", _array),
}
_OUTER = {"$skiptoken", "resultFormat"}
