"""Hours of the school holidays: the same, others, or closed; the edges of a period; what riders are told. Dates are made up."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ressort.core.errors import Refused
from ressort.core.territory.models import SchoolHoliday
from ressort.services.transport import access
from ressort.services.transport.actions import offerings
from ressort.services.transport.models import Hours, Offering
from tests import worlds
from tests.services.transport.test_pages_offering import LIST, adele, draft, filled, text  # noqa: F401
from tests.web.test_pages import check

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
FIRST, LAST = date(2026, 9, 21), date(2026, 9, 27)  # Monday to Sunday, after the Tuesday of the tests


@pytest.fixture
def offering(settings, still_clock):
    settings.SCHOOL_ZONE = "B"
    SchoolHoliday.objects.create(zone="B", name="Vacances d'essai", first=FIRST, last=LAST)
    SchoolHoliday.objects.create(zone="A", name="Ailleurs", first=date(2026, 9, 16), last=date(2026, 9, 18))
    return Offering.objects.get()


def ruled(offering, school, *spans):
    Offering.objects.filter(pk=offering.pk).update(school=school)
    Hours.objects.bulk_create(
        Hours(offering=offering, day=day, school=True, opens=opens, closes=closes)
        for day, opens, closes in spans
    )
    return Offering.objects.get(pk=offering.pk)


def at(day, hour=10, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=PARIS)


def refusal(offering, moment):
    with pytest.raises(Refused) as caught:
        access.check_open(offering, moment)
    return caught.value.code, caught.value.sentence.replace("\u00a0", " ")


def test_the_same_hours_ask_nothing_of_the_calendar(offering, django_assert_num_queries):
    with django_assert_num_queries(2):  # its hours, and what pauses it
        access.check_open(offering, at(FIRST))


def test_closed_says_the_holidays_and_the_nearest_days(offering):
    closed = ruled(offering, "closed")
    code, said = refusal(closed, at(date(2026, 9, 23)))
    assert code == "school-holiday"
    assert "Vacances d'essai" in said
    assert "23/09/2026" in said
    assert "vendredi 18 septembre et le lundi 28 septembre" in said


def test_the_edges_of_a_period_are_in_it_and_their_neighbours_are_not(offering):
    closed = ruled(offering, "closed")
    before, after = FIRST - timedelta(days=3), LAST + timedelta(days=1)  # Friday and Monday
    assert [access.is_open(closed, at(day)) for day in (before, FIRST, date(2026, 9, 25), after)] == [
        True,
        False,
        False,
        True,
    ]


def test_the_days_of_another_zone_change_nothing(offering, settings):
    closed = ruled(offering, "closed")
    assert access.is_open(closed, at(date(2026, 9, 17)))
    settings.SCHOOL_ZONE = "A"
    other = Offering.objects.get(pk=closed.pk)
    assert not access.is_open(other, at(date(2026, 9, 17)))
    assert access.is_open(other, at(FIRST))


def test_other_hours_hold_and_are_told(offering):
    other = ruled(offering, "other", (0, 540, 720), (5, 540, 720))
    assert access.is_open(other, at(FIRST, 9))
    assert access.is_open(other, at(date(2026, 9, 26), 9)), "open on a Saturday of the holidays only"
    assert not access.is_open(other, at(date(2026, 9, 19), 9))
    code, said = refusal(other, at(FIRST, 15))
    assert code == "school-holiday"
    assert "de 09:00 à 12:00" in said
    assert "vendredi 18 septembre et le lundi 28 septembre" in said


def test_a_day_closed_all_year_is_not_blamed_on_the_holidays(offering):
    assert refusal(ruled(offering, "closed"), at(LAST))[0] == "closed"


def test_an_evening_begun_before_the_holidays_ends_as_promised(offering):
    Hours.objects.create(offering=offering, day=6, opens=1200, closes=1500)  # Sunday 20:00 to 01:00
    closed = ruled(offering, "closed")
    assert access.is_open(closed, at(FIRST, 0, 30))
    assert not access.is_open(closed, at(FIRST, 1, 30))


def test_a_public_holiday_of_the_holidays_keeps_its_own_hours(offering):
    SchoolHoliday.objects.create(zone="B", name="Toussaint", first=date(2026, 10, 17), last=date(2026, 11, 1))
    Hours.objects.create(offering=offering, day=Hours.Day.HOLIDAY, opens=600, closes=720)
    assert access.is_open(ruled(offering, "closed"), at(date(2026, 11, 1), 11))


def test_hours_hold_and_the_nearest_day_keeps_its_hour_over_a_clock_change(offering):
    """The night of 25 October 2026 has an hour more; the holidays end with it."""
    SchoolHoliday.objects.create(
        zone="B", name="Toussaint", first=date(2026, 10, 19), last=date(2026, 10, 25)
    )
    other = ruled(offering, "other", (6, 420, 480))
    ((start, end),) = access.openings(other, date(2026, 10, 25))
    assert (start.hour, end.hour, start.utcoffset()) == (7, 8, timedelta(hours=1))
    near = access.nearest_days(other, at(date(2026, 10, 21), 7))
    assert [(one.day, one.hour) for one in near] == [(16, 7), (25, 7)]


def test_days_gone_or_out_of_the_offering_are_not_proposed(offering):
    SchoolHoliday.objects.create(zone="B", name="Longues", first=date(2026, 9, 15), last=date(2026, 9, 20))
    Offering.objects.filter(pk=offering.pk).update(valid_to=LAST)
    _code, said = refusal(ruled(offering, "closed"), at(date(2026, 9, 23)))
    assert said.endswith("le 23/09/2026.")


def test_nothing_loaded_or_no_zone_changes_nothing(offering, settings):
    settings.SCHOOL_ZONE = ""
    assert access.is_open(ruled(offering, "closed"), at(FIRST))


def test_the_rule_is_typed_compared_kept_and_published(client, offering, draft):  # noqa: F811
    page = f"{LIST}{draft.pk}/"
    assert "Vacances d'essai" in text(client.get(page))
    client.post(page, filled(draft, school="other"))
    assert client.post(f"{LIST}{draft.pk}/publier/").status_code == 409, "other hours, and none was given"
    assert client.post(page, filled(draft, school="other", school_day_0="9:00-12:00")).status_code == 302
    shown = client.get(page)
    check(shown)
    assert "Lundi, en vacances" in text(shown)
    assert "09:00-12:00" in text(shown)
    assert client.post(f"{LIST}{draft.pk}/publier/").status_code == 302
    after = offerings.next_version(worlds.person("adele"), draft.pk)
    assert (after.school, after.hours.filter(school=True).count(), after.hours.count()) == ("other", 1, 6)
    listed = client.get(LIST)
    check(listed)
    assert "autres heures" in text(listed)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"school": "sometimes"}, "sometimes"),
        ({"school": "other", "school_day_2": "le matin"}, "Écrivez les heures ainsi"),
        ({"school": "other", "school_day_2": "6:00-12:00, 11:00-14:00"}, "se chevauchent"),
    ],
)
def test_a_wrong_rule_is_refused(client, draft, change, words):  # noqa: F811
    answer = client.post(f"{LIST}{draft.pk}/", filled(draft, **change))
    check(answer, 422)
    assert words in text(answer)


def test_where_nothing_is_loaded_the_draft_says_what_to_do(client, draft):  # noqa: F811
    page = text(client.get(f"{LIST}{draft.pk}/"))
    assert "La zone scolaire de ce territoire n'est pas connue" in page
    assert "/console/administration/vacances/" in page
