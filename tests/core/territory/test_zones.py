"""The zone of a territory follows its communes; every mainland département is in exactly one."""

import pytest

from ressort.core.territory import zones
from ressort.core.territory.models import Territory

pytestmark = pytest.mark.django_db


def test_every_departement_of_the_mainland_is_in_one_zone_and_corsica_in_none():
    said = [code for one in zones.ACADEMIES.values() for codes in one.values() for code in codes.split()]
    mainland = {f"{number:02}" for number in range(1, 96)} - {"20"}
    assert sorted(said) == sorted(mainland)
    assert [zones.of_commune(code) for code in ("21231", "35238", "75056", "2A004", "97411", "")] == [
        "A", "B", "C", "", "", "",
    ]  # fmt: skip


def test_the_zone_is_the_one_where_most_people_live(settings):
    assert zones.of_territory() == ""
    for code, population in (("35238", 10), ("21231", 900), ("35001", 20)):
        Territory.objects.create(code=code, name=code, scale="commune", population=population)
    assert zones.of_territory() == "A"
    settings.SCHOOL_ZONE = "C"
    assert zones.of_territory() == "C"
