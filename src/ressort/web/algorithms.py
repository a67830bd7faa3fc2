"""The public register of algorithms: every declared use of an engine, with the values in force and what was measured."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from ressort.core import registry
from ressort.core.appeals import queries as appeals
from ressort.core.clock import service_now
from ressort.core.registry import Algorithm, Service

DAYS = 30
LICENCE = "EUPL-1.2"


def register() -> list[dict[str, Any]]:
    """Return the whole register, in the order of the services."""
    return [entry(service, algorithm) for service, algorithm in registry.algorithms()]


def entry(service: Service, algorithm: Algorithm) -> dict[str, Any]:
    """Return one entry as programs and pages read it; words are in the language of the moment."""
    return {
        "key": algorithm.key,
        "name": str(algorithm.name),
        "service": str(service.label),
        "hue": service.hue,
        "icon": service.icon,
        "role": algorithm.role,
        "role_words": role_words(algorithm),
        "purpose": str(algorithm.purpose),
        "decides": str(algorithm.decides),
        "people": str(algorithm.people),
        "responsible": str(algorithm.responsible()),
        "basis": str(algorithm.basis),
        "since": algorithm.since(),
        "data": [{"what": str(what), "source": str(source)} for what, source in algorithm.data],
        "parameters": [
            {"name": str(one.name), "value": str(one.value), "meaning": str(one.meaning)}
            for one in algorithm.parameters()
        ],
        "results": results(algorithm),
        "human": str(algorithm.human),
        "contest": str(algorithm.contest),
        "receipts": list(algorithm.kinds),
        "source": algorithm.engine,
        "version": algorithm.version(),
        "licence": LICENCE,
    }


def role_words(algorithm: Algorithm) -> str:
    """Return how much the algorithm weighs, in a few words."""
    if algorithm.role == "decides":
        return _("décide seul ; une personne peut revenir dessus")
    return _("propose ; une personne décide")


def results(algorithm: Algorithm) -> dict[str, Any]:
    """Return what was measured over the last thirty days; a share is None when there is nothing to divide."""
    since = service_now() - timedelta(days=DAYS)
    found = algorithm.measure(since)
    decisions, refused = found["decisions"], found.get("refused")
    tally = appeals.tally(algorithm.kinds, since) if algorithm.kinds else None
    return {
        "days": DAYS,
        "decisions": decisions,
        "refused": refused,
        "refused_share": _share(refused, decisions),
        "contested": tally.contested if tally else None,
        "contested_share": _share(tally.contested, decisions) if tally else None,
        "answered": tally.answered if tally else None,
        "changed": tally.changed if tally else None,
        "changed_share": _share(tally.changed, tally.answered) if tally else None,
    }


def _share(part: int | None, whole: int) -> float | None:
    return None if part is None or not whole else round(part / whole, 4)


def as_csv() -> str:
    """Return the register as a table, one line per use: lists are joined with « ; »."""
    file = io.StringIO()
    lines = [_flat(one) for one in register()]
    if lines:
        writer = csv.DictWriter(file, list(lines[0]), delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(lines)
    return f"\ufeff{file.getvalue()}"


def _flat(one: dict[str, Any]) -> dict[str, Any]:
    line = {key: value for key, value in one.items() if key not in {"hue", "icon", "role_words", "results"}}
    line["data"] = " ; ".join(f"{item['what']} ({item['source']})" for item in one["data"])
    line["parameters"] = " ; ".join(f"{item['name']} = {item['value']}" for item in one["parameters"])
    line["receipts"] = " ; ".join(one["receipts"])
    return line | {f"results_{key}": value for key, value in one["results"].items()}
