"""Equity: whether people in wheelchairs and groups are refused more often than others."""

from __future__ import annotations

from datetime import timedelta
from math import comb

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from ressort.services.transport import equity, queries
from ressort.services.transport.actions import asking
from ressort.services.transport.equity import Need
from ressort.services.transport.models import Demand
from tests import worlds
from tests.services.transport.test_booking import NOBODY, wish
from tests.services.transport.test_pages_board import BACKEND, text_of


def answered(offered: int, refused: int, **fields: int) -> None:
    """Keep as many demands of a kind, answered so, a week ago."""
    asked = {"passengers": 1, "wheelchairs": 0, **fields}
    at = queries.span_of(queries.today() - timedelta(days=7))[0]
    Demand.objects.bulk_create(
        Demand(at=at, expires=at, actor="public", origin="twin", wish=asked, answer=answer)
        for answer, count in (("offered", offered), ("refused", refused))
        for _ in range(count)
    )


def found() -> dict[Need, tuple[int, int, str]]:
    return {one.need: (one.asked, one.offered, one.verdict) for one in equity.compare(queries.today())}


@pytest.mark.django_db
def test_who_is_refused_more_often_is_named(still_clock):
    answered(900, 100)
    answered(20, 20, wheelchairs=1)
    answered(36, 4, passengers=3)
    assert found() == {
        Need.WHEELCHAIR: (40, 20, "worse"),
        Need.GROUP: (40, 36, "same"),
        Need.OTHERS: (1000, 900, "reference"),
    }


@pytest.mark.django_db
def test_a_gap_that_chance_explains_is_none(still_clock):
    answered(90, 10)
    answered(2, 1, wheelchairs=1, passengers=4)  # a group with a wheelchair counts with the wheelchairs
    assert found()[Need.WHEELCHAIR] == (3, 2, "same")
    assert found()[Need.GROUP] == (0, 0, "unknown")


@pytest.mark.django_db
def test_too_few_demands_say_nothing(still_clock):
    answered(90, 10)
    answered(0, 1, wheelchairs=1)
    assert found()[Need.WHEELCHAIR] == (1, 0, "unknown"), "one refusal of ten is no proof"
    answered(0, 1, wheelchairs=1)
    assert found()[Need.WHEELCHAIR] == (2, 0, "worse")


@pytest.mark.django_db
def test_only_the_last_weeks_count(still_clock):
    answered(1, 0, wheelchairs=1)
    later = queries.today() + timedelta(days=21)
    assert equity.compare(later - timedelta(days=1))[0].asked == 1
    assert equity.compare(later)[0].asked == 0


@pytest.mark.django_db
def test_the_page_of_indicators_says_it(client, still_clock):
    asking.ask(NOBODY, wish())
    answered(900, 100)
    answered(20, 20, wheelchairs=1)
    client.force_login(worlds.person("diane"), backend=BACKEND)
    said = text_of(client.get(reverse("transport:indicators")))
    assert "Avec un fauteuil roulant 40 demandes Refusées plus souvent 50,0 %" in said
    assert "Groupes de trois personnes ou plus aucune demande Trop peu de demandes –" in said


@given(st.integers(1, 12), st.data())
def test_the_chance_is_that_of_every_way_to_share_out_the_proposals(asked, data):
    other = data.draw(st.integers(1, 12))
    offered, other_offered = data.draw(st.integers(0, asked)), data.draw(st.integers(0, other))
    good = offered + other_offered
    ways = sum(comb(asked, k) * comb(other, good - k) for k in range(offered + 1) if k <= good)
    chance = equity.chance_of_fewer(asked, offered, other, other_offered)
    assert chance == pytest.approx(ways / comb(asked + other, good))
