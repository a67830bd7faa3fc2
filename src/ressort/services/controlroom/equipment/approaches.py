"""The approaches of junctions: by which headings vehicles arrive at each branch, among the parameters of the equipment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ressort.services.controlroom.equipment.models import Asset

KIND = "signal_junction"


def declared(asset: Asset) -> Iterator[tuple[int, float]]:
    """Yield what a junction declares: ``{"approaches": {"1": [12, 192], "2": [102, 282]}}``."""
    given = asset.parameters.get("approaches")
    for number, headings in (given if isinstance(given, dict) else {}).items():
        if str(number).isascii() and str(number).isdigit() and isinstance(headings, list):
            for one in headings:
                if isinstance(one, int | float) and not isinstance(one, bool):
                    yield int(number), float(one)


def put(parameters: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a junction with its approaches; none leaves the others as they were."""
    kept = {name: value for name, value in parameters.items() if name != "approaches"}
    return kept | ({"approaches": dict(wanted)} if wanted else {})
