"""Find a place from what people type, and say where a point is: streets, addresses, stops and places of a version.

Everything is in memory, built at first use (a second for 6,000 streets and 25,000 addresses). Words are folded
(case, accents, « av. » = avenue, « st » = saint), looked up by exact word, prefix, then by resemblance (rapidfuzz), and the few
dozen best candidates are compared whole. Closeness to the person and weight of the place break ties.
"""

from __future__ import annotations

import bisect
import math
import re
import unicodedata
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rapidfuzz import fuzz, process
from shapely import STRtree, linestrings, points

from ressort.core.network.models import Address, Feature, NetworkVersion, Street
from ressort.core.territory.models import Place
from ressort.engines.geodesy import distance, distances

_SHORT = {
    "av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard", "boul": "boulevard", "r": "rue", "pl": "place",
    "all": "allee", "imp": "impasse", "ch": "chemin", "che": "chemin", "rte": "route", "sq": "square", "st": "saint",
    "ste": "sainte", "dr": "docteur", "gal": "general", "mal": "marechal", "pdt": "president", "zi": "zone", "hopital": "hopital",
}  # fmt: skip
_EMPTY = frozenset({"de", "du", "des", "la", "le", "les", "l", "d", "et", "a", "au", "aux", "en"})
_NUMBER = re.compile(r"^(\d{1,5})\s*(bis|ter|quater|[a-d])?\b[ ,]*", re.IGNORECASE)
_WEIGHT = {
    "city": 8.0, "town": 7.0, "village": 6.0, "suburb": 4.0, "hamlet": 3.0, "station": 6.0, "hospital": 6.0, "town_hall": 5.0,
    "stop": 3.0, "street": 2.5, "school": 2.0, "pharmacy": 2.0, "fire_station": 2.0, "police": 2.0, "market": 2.0,
}  # fmt: skip
_CANDIDATES = 60


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found.

    Attributes
    ----------
    label : str
        What people read: « 12 rue des Tilleuls, Dijon ».
    kind : str
        ``address``, ``street``, ``stop``, ``hospital``, ``city`` …
    score : float
        0 to 100; above 90 is what was typed.
    place : str
        Public id when it is one of the installation's own places, empty when only the street network knows it.
    """

    label: str
    kind: str
    lon: float
    lat: float
    score: float
    commune: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    label: str
    kind: str
    lon: float
    lat: float
    commune: str
    words: tuple[str, ...]
    text: str
    place: str = ""


def fold(text: str) -> str:
    """Return a text without accents, case nor punctuation, abbreviations spelled out."""
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe"))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    return " ".join(_SHORT.get(word, word) for word in re.findall(r"[a-z0-9]+", plain))


class Geocoder:
    """Search and reverse search over one network version. Immutable once built: safe between threads."""

    def __init__(
        self,
        features: Iterable[Feature],
        streets: Sequence[Street],
        addresses: Iterable[Address],
        places: Iterable[Place] = (),
    ) -> None:
        self._entries = [
            _entry(f.name, f.kind, f.lon, f.lat, f.commune) for f in features if f.name and f.kind in _WEIGHT
        ]
        self._entries += [_entry(p.name, p.kind, p.lon, p.lat, p.commune, str(p.public_id)) for p in places]
        self._entries += [_entry(s.name, "street", s.lon, s.lat, s.commune) for s in streets]
        self._postings: dict[str, list[int]] = defaultdict(list)
        for index, entry in enumerate(self._entries):
            for word in set(entry.words):
                self._postings[word].append(index)
        self._words = sorted(self._postings)
        self._numbers: dict[tuple[str, str], dict[str, Address]] = defaultdict(dict)
        self._addresses = list(addresses)
        for row in self._addresses:
            self._numbers[fold(row.street), fold(row.commune)][row.number.lower().replace(" ", "")] = row
        self._points = np.array([[a.lon, a.lat] for a in self._addresses]).reshape(-1, 2)
        self._address_tree = STRtree(points(self._points)) if len(self._points) else None
        self._lines = [(street, line) for street in streets for line in street.lines]
        self._street_tree = STRtree([linestrings(line) for _, line in self._lines]) if self._lines else None

    @staticmethod
    def of(version: NetworkVersion | str) -> Geocoder:
        """Return the geocoder of a version, built once."""
        return _built(str(getattr(version, "pk", version)))

    @staticmethod
    def active() -> Geocoder:
        """Return the geocoder of the network in service; raises ``NoNetwork`` when there is none."""
        from ressort.core.network.build import active_version
        from ressort.core.network.router import NoNetwork

        if (version := active_version()) is None:
            raise NoNetwork
        return Geocoder.of(version)

    def search(self, text: str, *, near: tuple[float, float] | None = None, limit: int = 8) -> list[Hit]:
        """Return the best matches of what was typed, best first.

        Parameters
        ----------
        text : str
            « 12 rue des tilleuls dijon », « gare », « CHU » … Typing errors and missing accents are forgiven.
        near : (lon, lat), optional
            Where the person is: closer things come first among equals.
        limit : int
            How many at most.
        """
        typed = text.strip()[:120]
        number, rest = _split_number(typed)
        wanted = fold(rest)
        if not wanted:
            return []
        words = [word for word in wanted.split() if word not in _EMPTY] or wanted.split()
        found: list[Hit] = []
        for index in self._candidates(words):
            entry = self._entries[index]
            score = self._score(entry, wanted, words, near)
            found.append(self._hit(entry, number, score))
        found.sort(key=lambda hit: (-hit.score, hit.label))
        seen: set[tuple[str, str]] = set()
        kept = []
        for hit in found:
            if hit.score < 55 or (hit.label, hit.kind) in seen:
                continue
            seen.add((hit.label, hit.kind))
            kept.append(hit)
        return kept[:limit]

    def _candidates(self, words: list[str]) -> list[int]:
        """Return the entries that hold the rarest words typed, exactly, by prefix or by resemblance."""
        weights: dict[int, float] = defaultdict(float)
        total = max(1, len(self._entries))
        for word in words:
            for known, likeness in self._like(word).items():
                rows = self._postings[known]
                worth = likeness * math.log(1 + total / len(rows))
                for row in rows:
                    weights[row] += worth
        best = sorted(
            weights, key=lambda row: (-weights[row] - 0.02 * _WEIGHT.get(self._entries[row].kind, 3.0), row)
        )
        return best[:_CANDIDATES]

    def _like(self, word: str) -> dict[str, float]:
        found: dict[str, float] = {}
        if word in self._postings:
            found[word] = 1.0
        start = bisect.bisect_left(self._words, word)
        for known in self._words[start : start + 40]:
            if not known.startswith(word):
                break
            found.setdefault(known, 0.85 if len(word) > 1 else 0.2)
        if word not in self._postings and len(word) >= 4:
            for known, score, _ in process.extract(
                word, self._words, scorer=fuzz.ratio, score_cutoff=72, limit=6
            ):
                found.setdefault(known, score / 125)
        return found

    def _score(self, entry: _Entry, wanted: str, words: list[str], near: tuple[float, float] | None) -> float:
        best = fuzz.WRatio(wanted, entry.text)
        whole = fuzz.token_set_ratio(wanted, f"{entry.text} {fold(entry.commune)}")
        held = sum(
            max(
                (
                    fuzz.ratio(word, other) if not other.startswith(word) else 96.0
                    for other in (*entry.words, *fold(entry.commune).split())
                ),
                default=0.0,
            )
            for word in words
        ) / len(words)
        score = 0.25 * best + 0.3 * whole + 0.45 * held
        score = 0.94 * score + 0.5 * _WEIGHT.get(entry.kind, 3.0)
        if near is not None:
            score -= min(6.0, distance(near[0], near[1], entry.lon, entry.lat) / 1_500)
        return max(0.0, min(100.0, score))

    def _hit(self, entry: _Entry, number: str, score: float) -> Hit:
        if number and entry.kind == "street":
            known = self._numbers.get((entry.text, fold(entry.commune)), {})
            if number in known:
                row = known[number]
                label = _label(f"{row.number} {row.street}", row.commune)
                return Hit(label, "address", row.lon, row.lat, min(100.0, score + 4), row.commune)
            if digits := [key for key in known if key.isdecimal()]:
                # No such number: the place of the nearest one, said as the street itself.
                value = int(re.match(r"\d+", number).group())  # type: ignore[union-attr]
                row = known[min(digits, key=lambda key: (abs(int(key) - value), key))]
                return Hit(entry.label, "street", row.lon, row.lat, score, entry.commune)
        return Hit(entry.label, entry.kind, entry.lon, entry.lat, score, entry.commune, entry.place)

    def reverse(self, lon: float, lat: float) -> str:
        """Return the words for a point: the nearest address within 40 m, else the street, else the commune, else ''."""
        here = points(lon, lat)
        if self._address_tree is not None:
            row = self._addresses[int(self._address_tree.nearest(here))]
            if distance(lon, lat, row.lon, row.lat) <= 40:
                return _label(f"{row.number} {row.street}", row.commune)
        if self._street_tree is not None:
            street = self._lines[int(self._street_tree.nearest(here))][0]
            index = int(np.argmin(distances(lon, lat, *np.array(_flat(street)).T)))
            if distance(lon, lat, *_flat(street)[index]) <= 400:
                return _label(street.name, street.commune)
        named = [entry for entry in self._entries if entry.kind in {"city", "town", "village", "hamlet"}]
        if not named:
            return ""
        return min(named, key=lambda entry: distance(lon, lat, entry.lon, entry.lat)).label


def _flat(street: Street) -> list[tuple[float, float]]:
    return [(point[0], point[1]) for line in street.lines for point in line]


def _split_number(typed: str) -> tuple[str, str]:
    match = _NUMBER.match(typed)
    if not match or not typed[match.end() :].strip():
        return "", typed
    return (match.group(1) + (match.group(2) or "")).lower(), typed[match.end() :]


def _label(name: str, commune: str) -> str:
    return f"{name}, {commune}" if commune and commune not in name else name


def _entry(name: str, kind: str, lon: float, lat: float, commune: str, place: str = "") -> _Entry:
    text = fold(name)
    words = tuple(word for word in text.split() if word not in _EMPTY)
    label = name if kind in {"city", "town", "village"} else _label(name, commune)
    return _Entry(label, kind, lon, lat, commune, words, text, place)


@lru_cache(maxsize=4)
def _built(version: str) -> Geocoder:
    key = uuid.UUID(version)
    return Geocoder(
        Feature.objects.filter(version=key).exclude(name="").order_by("number"),
        list(Street.objects.filter(version=key).order_by("pk")),
        Address.objects.filter(version=key).order_by("pk"),
    )
