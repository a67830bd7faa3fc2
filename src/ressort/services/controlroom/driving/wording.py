"""The lines by which an administrator tells a device's own words, read and written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from ressort.core.errors import Refused
from ressort.services.controlroom.equipment.kinds import Kind

_WORD = re.compile(r"([a-z_]+)\s*=\s*(\S(?:.{0,58}\S)?)")
_READING = re.compile(r"([a-z0-9_]+)\s*=\s*([A-Za-z0-9_.-]{1,120})(?:\s*\((.{1,400})\))?")


def words(text: str, kind: Kind) -> dict[str, str]:
    """Read « raise = MONTER », one order a line.

    Raises
    ------
    Refused
        With the line that cannot be read.
    """
    found = {}
    verbs = {one.verb for one in kind.can}
    for number, line in _lines(text):
        read = _WORD.fullmatch(line)
        if read is None or read[1] not in verbs:
            raise Refused(
                "bad-words",
                _("Ligne %(number)s : écrivez « commande = mot de l'équipement ». Commandes : %(verbs)s.")
                % {"number": number, "verbs": ", ".join(sorted(verbs))},
                field="words",
            )
        found[read[1]] = read[2]
    return found


def readings(text: str, kind: Kind) -> dict[str, list[Any]]:
    """Read « position = etat.pos (BAS: down, HAUT: up) », one property a line.

    Raises
    ------
    Refused
        With the line that cannot be read.
    """
    found: dict[str, list[Any]] = {}
    observed = {spec.observed: spec for spec in kind.observes}
    for number, line in _lines(text):
        read = _READING.fullmatch(line)
        if read is None or read[1] not in observed:
            raise Refused(
                "bad-readings",
                _(
                    "Ligne %(number)s : écrivez « grandeur = endroit.dans.la.réponse (mot: valeur) ». Grandeurs : %(names)s."
                )
                % {"number": number, "names": ", ".join(observed)},
                field="readings",
            )
        found[read[1]] = [read[2], _values(number, read[3] or "", observed[read[1]])]
    return found


def _values(number: int, text: str, spec: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in filter(None, (one.strip() for one in text.split(","))):
        theirs, __, ours = (part.strip() for part in pair.partition(":"))
        possible = (
            {"true": True, "false": False} if spec.kind == "flag" else {one: one for one in spec.choices}
        )
        if not theirs or (possible and ours not in possible):
            raise Refused(
                "bad-readings",
                _("Ligne %(number)s : « %(pair)s » ne se lit pas. Valeurs possibles : %(names)s.")
                % {"number": number, "pair": pair, "names": ", ".join(possible) or _("un nombre")},
                field="readings",
            )
        try:
            found[theirs] = possible[ours] if possible else float(ours)
        except ValueError:
            raise Refused(
                "bad-readings",
                _("Ligne %(number)s : écrivez un nombre.") % {"number": number},
                field="readings",
            ) from None
    return found


def _lines(text: str) -> list[tuple[int, str]]:
    return [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def written_words(kept: Mapping[str, str]) -> str:
    """Return words as they are typed."""
    return "\n".join(f"{verb} = {word}" for verb, word in kept.items())


def written_readings(kept: Mapping[str, Any]) -> str:
    """Return readings as they are typed."""
    lines = []
    for observed, (where, values) in kept.items():
        said = ", ".join(
            f"{theirs}: {str(ours).lower() if isinstance(ours, bool) else ours}"
            for theirs, ours in values.items()
        )
        lines.append(f"{observed} = {where}" + (f" ({said})" if said else ""))
    return "\n".join(lines)
