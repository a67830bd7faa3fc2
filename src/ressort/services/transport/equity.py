"""Equity: are people in wheelchairs and groups refused more often than others? Measured over weeks, and shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import exp, lgamma

from django.db.models import Count
from django.utils.functional import Promise as Words
from django.utils.translation import gettext_lazy as _

from ressort.services.transport import queries
from ressort.services.transport.models import Demand

DAYS = 28
"""Days looked at: one day has too few demands in wheelchairs to say anything."""
GROUP = 3
"""People from whom a booking is a group's."""
DOUBT = 0.05
"""A gap that chance alone makes more often than this is not called one."""


class Need(StrEnum):
    """What a demand needs that makes it harder to serve."""

    WHEELCHAIR = "wheelchair"
    GROUP = "group"
    OTHERS = "others"


NAMES: dict[Need, Words | str] = {
    Need.WHEELCHAIR: _("Avec un fauteuil roulant"),
    Need.GROUP: _("Groupes de trois personnes ou plus"),
    Need.OTHERS: _("Toutes les autres demandes"),
}


def need_of(passengers: int, wheelchairs: int) -> Need:
    """Return the need of a demand; a group with a wheelchair counts with the wheelchairs."""
    if wheelchairs:
        return Need.WHEELCHAIR
    return Need.GROUP if passengers >= GROUP else Need.OTHERS


@dataclass(frozen=True, slots=True)
class Served:
    """How the demands of one need were answered.

    Attributes
    ----------
    asked, offered : int
        Demands answered, and those with at least one proposal.
    verdict : str
        ``reference`` for the others; ``same``, ``worse`` (refused more often, and not by chance: one-sided exact test
        of Fisher) or ``unknown`` (nothing asked, or too little for any gap to be told from chance).
    """

    need: Need
    asked: int
    offered: int
    verdict: str

    @property
    def share(self) -> float | None:
        """Share that got a proposal."""
        return self.offered / self.asked if self.asked else None

    @property
    def percent(self) -> float:
        """The same as a length of bar."""
        return 100 * (self.share or 0.0)

    @property
    def name(self) -> str:
        """The need, in words."""
        return str(NAMES[self.need])


def compare(last: date, days: int = DAYS) -> list[Served]:
    """Compare the answers of the days that end with ``last``, one row per need, the others last."""
    start, end = queries.span_of(last - timedelta(days=days - 1))[0], queries.span_of(last)[1]
    asked, offered = Counter[Need](), Counter[Need]()
    rows = (
        Demand.objects.filter(at__gte=start, at__lt=end)
        .values_list("wish__passengers", "wish__wheelchairs", "answer")
        .annotate(n=Count("pk"))
        .order_by()
    )
    for passengers, wheelchairs, answer, n in rows:
        need = need_of(passengers or 1, wheelchairs or 0)
        asked[need] += n
        offered[need] += n if answer == Demand.Answer.OFFERED else 0
    return [Served(need, asked[need], offered[need], _verdict(need, asked, offered)) for need in Need]


def _verdict(need: Need, asked: Counter[Need], offered: Counter[Need]) -> str:
    if need is Need.OTHERS:
        return "reference"
    counts = asked[need], offered[need], asked[Need.OTHERS], offered[Need.OTHERS]
    if not asked[need] or not asked[Need.OTHERS]:
        return "unknown"
    if chance_of_fewer(*counts) < DOUBT:
        return "worse"
    return "same" if offered[need] == asked[need] or _could_tell(*counts) else "unknown"


def _could_tell(asked: int, offered: int, other_asked: int, other_offered: int) -> bool:
    """Tell whether there are enough demands for the worst gap to be seen as one."""
    good = offered + other_offered
    least = max(0, good - other_asked)
    return chance_of_fewer(asked, least, other_asked, good - least) < DOUBT


def chance_of_fewer(asked: int, offered: int, other_asked: int, other_offered: int) -> float:
    """Return how likely so few proposals would be if needs changed nothing: Fisher's exact test, one-sided.

    Close to 1 for no gap, to 0 for one that chance does not make.
    """
    total, good = asked + other_asked, offered + other_offered
    every = _log_choices(total, good)
    fewer = range(max(0, good - other_asked), offered + 1)
    return sum(exp(_log_choices(asked, k) + _log_choices(other_asked, good - k) - every) for k in fewer)


def _log_choices(whole: int, part: int) -> float:
    return lgamma(whole + 1) - lgamma(part + 1) - lgamma(whole - part + 1)
