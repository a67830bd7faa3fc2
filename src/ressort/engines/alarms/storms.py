"""Storms: one thing broken upstream is one alarm, not three hundred."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ressort.engines.alarms.rules import Id


@dataclass(frozen=True, slots=True)
class Storm:
    """Alarms that one parent explains: ``members`` in the order they were raised."""

    parent: Id
    since: float
    members: tuple[Id, ...]


def storms(
    alarms: Iterable[tuple[Id, Id, float]],
    parents: Mapping[Id, Id],
    sizes: Mapping[Id, int],
    *,
    share: float = 0.5,
    fewest: int = 3,
    within: float = 120.0,
) -> list[Storm]:
    """Group open alarms by what they hang on.

    Parameters
    ----------
    alarms : iterable of (alarm, subject, raised)
        Open alarms; a subject may have several.
    parents : mapping of subject -> parent
        A subject without parent is never grouped.
    sizes : mapping of parent -> number of children
    share, fewest
        A storm has at least this share of the parent's children, and this many of them.
    within : float
        Seconds in which they must have been raised.

    Returns
    -------
    list of Storm
        By time of the first alarm. An alarm is in one storm at most.
    """
    by_parent: dict[Id, list[tuple[float, Id, Id]]] = defaultdict(list)
    for alarm, subject, raised in alarms:
        if (parent := parents.get(subject)) is not None:
            by_parent[parent].append((raised, subject, alarm))
    found = []
    for parent, group in by_parent.items():
        group.sort(key=lambda one: one[0])
        enough = max(fewest, share * sizes.get(parent, len(group)))
        start = 0
        best: tuple[int, int] | None = None
        for end in range(len(group)):
            while group[end][0] - group[start][0] > within:
                start += 1
            if len({subject for _t, subject, _a in group[start : end + 1]}) >= enough and (
                best is None or end + 1 - start > best[1] - best[0]
            ):
                best = (start, end + 1)
        if best:
            chosen = group[best[0] : best[1]]
            found.append(Storm(parent, chosen[0][0], tuple(alarm for _t, _s, alarm in chosen)))
    return sorted(found, key=lambda storm: storm.since)
