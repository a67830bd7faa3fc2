"""Observations said in the words of SensorThings, handed to the one path by which observations come in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from ressort.core.clock import wall_now
from ressort.core.errors import Refused
from ressort.core.intake.models import Device, Quarantine, Series
from ressort.core.intake.observing import MOST, Outcome, observe
from ressort.core.intake.sensorthings import observed, rows, telling
from ressort.core.intake.sensorthings.language import wrong
from ressort.core.intake.sensorthings.model import Step, link, nowhere, steps
from ressort.core.intake.sensorthings.rows import Row, World


def create(path: str, body: Any, speaker: Device, world: World) -> tuple[Any, str]:
    """Take in what is posted; return the answer, and the address of what was made when it is one observation.

    Raises
    ------
    Refused
        404 and 405 for an address where nothing is made, 400 for an observation that could not be believed: it is in
        quarantine then.
    """
    way = steps(path)
    if way == [Step("CreateObservations")]:
        return _many(body, speaker, world), ""
    if not way or way[-1] != Step("Observations"):
        raise Refused(
            "read-only",
            _("Ici, seules des Observations se créent : les capteurs s'inscrivent dans la console."),
            status=405,
        )
    item = dict(body) if isinstance(body, Mapping) else body
    if len(way) > 1:
        stream, *between = way[:-1]
        known = stream.name == "Datastreams" and stream.id is not None and not between
        if (
            not known
            or rows.one("Datastreams", rows.every("Datastreams", world), stream.id or 0, world) is None
        ):
            raise nowhere(path)
        if isinstance(item, dict):
            item["Datastream"] = {"@iot.id": stream.id}
    outcome = observe(_named([item]), speaker=speaker, wall=True)
    if outcome.faults:
        reason = outcome.faults[0][1]
        words = {str(code): str(label) for code, label in Quarantine.Reason.choices}
        raise Refused(reason, _("Mesure mise à l'écart : %(why)s.") % {"why": words[reason]}, status=400)
    made = _made(outcome, world)
    return made, made["@iot.selfLink"]


def _made(outcome: Outcome, world: World) -> Row:
    """Return the observation that is kept: the first one, when its instant was told before."""
    ((series, at, value, quality),) = outcome.believed
    stream = rows.one("Datastreams", rows.every("Datastreams", world), series, world)
    assert stream is not None
    seen = observed.single(series, at) or observed.Seen(series, at, value, quality)
    return telling.entity("Observations", telling.observation_row(seen, stream), world)


def _many(body: Any, speaker: Device, world: World) -> list[str]:
    """Return, for each observation of some data arrays, its address or ``error``."""
    items: list[Any] = []
    if not isinstance(body, list):
        wrong(
            "bad-array",
            _("CreateObservations prend une liste de tableaux : Datastream, components, dataArray."),
        )
    for table in body:
        items.extend(_rows(table))
        if len(items) > MOST:
            raise Refused(
                "too-many",
                _("Un lot compte %(most)s mesures au plus : envoyez-en plusieurs.") % {"most": MOST},
                status=400,
            )
    outcome = observe(_named(items), speaker=speaker, wall=True)
    wrong_ranks = {rank for rank, _reason in outcome.faults}
    kept = iter(outcome.believed)
    told = []
    for rank in range(len(items)):
        if rank in wrong_ranks:
            told.append("error")
        else:
            series, at, *_rest = next(kept)
            told.append(link(world.base, "Observations", f"{series}-{at}"))
    return told


def _rows(table: Any) -> list[Any]:
    if not isinstance(table, Mapping) or not isinstance(table.get("components"), list):
        wrong("bad-array", _("Chaque tableau a un Datastream, des components et un dataArray."))
    data, names = table.get("dataArray"), table["components"]
    if not isinstance(data, list):
        wrong("bad-array", _("Chaque tableau a un Datastream, des components et un dataArray."))
    made = []
    for row in data:
        if isinstance(row, list) and len(row) == len(names) and all(isinstance(name, str) for name in names):
            made.append({**dict(zip(names, row, strict=True)), "Datastream": table.get("Datastream")})
        else:
            made.append(row)  # put apart as it was sent
    return made


def _named(items: list[Any]) -> list[Any]:
    """Return observations whose datastream is named as devices name it, and which have an instant: now, if none is said."""
    numbers = {key for item in items if isinstance(key := _number(item), int)}
    names: dict[int, str] = {}
    wanted = sorted(numbers)
    for start in range(0, len(wanted), 500):
        some = Series.objects.filter(pk__in=wanted[start : start + 500])
        names |= {
            pk: f"{code}/{name}" for pk, code, name in some.values_list("pk", "device__code", "observed")
        }
    now = wall_now()
    return [_whole(item, names, now) for item in items]


def _number(item: Any) -> Any:
    stream = item.get("Datastream") if isinstance(item, Mapping) else None
    key = stream.get("@iot.id") if isinstance(stream, Mapping) else None
    return key if isinstance(key, int) and not isinstance(key, bool) and 0 <= key < 2**53 else None


def _whole(item: Any, names: Mapping[int, str], now: Any) -> Any:
    if not isinstance(item, Mapping):
        return item
    made = dict(item)
    if (key := _number(item)) in names:
        made["Datastream"] = {"@iot.id": names[key]}
    if made.get("phenomenonTime") is None and made.get("resultTime") is None and "result" in made:
        made["phenomenonTime"] = now.isoformat()
    return made
